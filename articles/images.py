"""The image library: files are decoded, made anew from their pixels, and kept in several sizes."""

import contextlib
import datetime
import hashlib
import io
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from django.contrib.auth.models import User
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from .models import Folder, Image, Rendition
from .models.image import SHARE_HEIGHT, SHARE_WIDTH

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""Decoded, an image of this size takes about 160 MB of memory."""

LONGEST_SIDE = 2400
"""Pixels of the longer side of what is kept; larger images are made smaller."""

WIDTHS = (480, 800, 1200, 1600)
"""For a phone, for the measure of a page (672 pixels), and for both on dense screens."""

# What is read, and as what it is kept. Whoever can show AVIF can show WebP, so nobody would ever fetch it.
_KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP", "AVIF": "JPEG"}
_READ = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_MAY_MOVE = {"PNG", "GIF", "WEBP", "AVIF"}
_TYPES = {"JPEG": Rendition.Type.JPEG, "PNG": Rendition.Type.PNG, "WEBP": Rendition.Type.WEBP}
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class NotAnImage(Exception):
    """The file cannot be taken into the library; the message says why."""


class KnownImage(Exception):
    """The same file is in the library already, as `image`."""

    def __init__(self, image: Image) -> None:
        self.image = image
        super().__init__(f"This image is in the library already: “{image}”.")


@dataclass(frozen=True)
class _Made:
    """A file of an image before it is written."""

    data: bytes
    width: int
    height: int
    format: str

    @property
    def type(self) -> Rendition.Type:
        return _TYPES[self.format]


def keep(
    *,
    file: File[bytes],
    by: User | None,
    at: datetime.datetime,
    folder: Folder | None = None,
    title: str = "",
) -> Image:
    """Take a file into the library and return its image, saved with all its sizes.

    What it is, is found out by decoding it: its name counts for nothing but the title, if that is empty.
    Every file that is kept is made anew from the pixels, upright and in sRGB; place, camera, previews and
    comments of the upload are gone. Raises NotAnImage, or KnownImage if exactly these bytes came before.
    """
    if file.size > MAX_BYTES:
        raise NotAnImage(
            f"It has {filesizeformat(file.size)}; at most {filesizeformat(MAX_BYTES)} can be taken."
        )
    file.seek(0)
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    known = Image.objects.filter(digest=digest).order_by("pk").first()
    if known is not None:
        raise KnownImage(known)
    picture, kept_as = _decoded(data)
    master = _encoded(picture, kept_as)
    with _written() as write, transaction.atomic():
        image = Image.objects.create(
            folder=folder,
            title=(title or PurePath(file.name or "").stem or "Image")[:120],
            file=write(master),
            width=master.width,
            height=master.height,
            size=len(master.data),
            digest=digest,
            added_by=by,
            added_at=at,
        )
        sizes = list(_sizes(picture, kept_as))
        Rendition.objects.bulk_create(_rendition(image, made, write(made)) for made in sizes)
        if image.can_be_shared:
            _share(image, picture, write)
    return image


def refocus(image: Image) -> None:
    """Save the image, and see that it has a crop for shared links about the focal point that it has now.

    Crops about earlier points stay: editions may show them.
    """
    with _written() as write, transaction.atomic():
        image.save()
        if not image.can_be_shared:
            return
        if shared(image) is not None:
            return
        # Of a file from before there was a library, or one that is lost, no crop can be made.
        with contextlib.suppress(NotAnImage, FileNotFoundError):
            with image.file.open("rb") as file:
                picture, _ = _decoded(file.read())
            _share(image, picture, write)


@transaction.atomic
def remove(*, images: Collection[Image]) -> None:
    """Delete images that nothing names; their files go once that is certain.

    Raises ProtectedError, with nothing deleted, if a working copy or an edition names one of them.
    """
    keys = [image.pk for image in images]
    names = list(Image.objects.filter(pk__in=keys).values_list("file", flat=True))
    names += Rendition.objects.filter(image__in=keys).values_list("file", flat=True)
    Image.objects.filter(pk__in=keys).delete()
    transaction.on_commit(lambda: _delete(names))


def shared(image: Image) -> Rendition | None:
    """The crop of an image about its focal point, if it is large enough for one. No query if prefetched."""
    return next(
        (
            rendition
            for rendition in image.renditions.all()
            if rendition.purpose == Rendition.Purpose.SHARE and rendition.focal_point == image.focal_point
        ),
        None,
    )


def on_pages(image: Image) -> list[Rendition]:
    """The sizes of an image for pages, by type and width. No query if they are prefetched."""
    return sorted(
        (found for found in image.renditions.all() if found.purpose == Rendition.Purpose.PAGE),
        key=lambda found: (found.type, found.width),
    )


# Decoding


def _decoded(data: bytes) -> tuple[Pillow.Image, str]:
    """The pixels of a file, upright and in sRGB, and the format to keep it in."""
    too_large = f"It has too many pixels: at most {MAX_PIXELS // 1_000_000} million can be taken."
    try:
        opened = Pillow.open(io.BytesIO(data), formats=_READ)
        # Its head says how large it is, before any memory is asked for.
        if opened.width * opened.height > MAX_PIXELS:
            raise NotAnImage(too_large)
        kind = opened.format or ""
        if kind in _MAY_MOVE and getattr(opened, "is_animated", False):
            raise NotAnImage("It moves, and readers could not stop it: take a still image.")
        opened.load()
        picture = _upright_in_srgb(opened)
    except NotAnImage:
        raise
    except Pillow.UnidentifiedImageError as error:
        raise NotAnImage("It is not a JPEG, PNG, WebP, AVIF or GIF image.") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise NotAnImage(too_large) from error
    # The decoders raise whatever they meet in a damaged file.
    except Exception as error:
        raise NotAnImage("It is damaged, and cannot be read to its end.") from error
    kept_as = _KEPT_AS[kind]
    if kept_as == "JPEG" and picture.mode == "RGBA":
        kept_as = "PNG"
    return picture, kept_as


def _upright_in_srgb(picture: Pillow.Image) -> Pillow.Image:
    """The picture as it is meant to be seen, in RGB or RGBA, with nothing but its pixels."""
    profile = picture.info.get("icc_profile")
    has_alpha = picture.has_transparency_data
    picture = ImageOps.exif_transpose(picture)
    if has_alpha or picture.mode not in ("RGB", "CMYK", "L"):
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    if profile:
        # A profile that does not fit the pixels says nothing about them.
        with contextlib.suppress(ImageCms.PyCMSError, OSError):
            picture = (
                ImageCms.profileToProfile(
                    picture,
                    ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                    _SRGB,
                    outputMode="RGBA" if has_alpha else "RGB",
                )
                or picture
            )
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.info = {}
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pillow.Resampling.LANCZOS)
    return picture


# Making files


def _encoded(picture: Pillow.Image, kind: str, *, is_drawing: bool = False) -> _Made:
    buffer = io.BytesIO()
    if kind == "JPEG":
        picture.convert("RGB").save(buffer, "JPEG", quality=84, optimize=True, progressive=True)
    elif kind == "PNG":
        picture.save(buffer, "PNG", optimize=True)
    else:
        picture.save(buffer, "WEBP", quality=82, method=4, lossless=is_drawing)
    return _Made(buffer.getvalue(), picture.width, picture.height, kind)


def _sizes(picture: Pillow.Image, kept_as: str) -> Iterator[_Made]:
    """Each width below that of the picture, as WebP and in its own format; its own width as WebP."""
    # What came without loss, a drawing most often, keeps its sharp edges.
    is_drawing = kept_as == "PNG"
    for width in WIDTHS:
        if width < picture.width:
            size = (width, max(1, round(picture.height * width / picture.width)))
            smaller = picture.resize(size, Pillow.Resampling.LANCZOS)
            yield _encoded(smaller, "WEBP", is_drawing=is_drawing)
            if kept_as != "WEBP":
                yield _encoded(smaller, kept_as)
    if picture.width <= WIDTHS[-1] and kept_as != "WEBP":
        yield _encoded(picture, "WEBP", is_drawing=is_drawing)


def crop_box(
    width: int, height: int, *, focal_x: int, focal_y: int, ratio: float
) -> tuple[int, int, int, int]:
    """The largest box of a ratio (width by height) inside an image, as near to its focal point as it can be.

    Sizes in pixels, the focal point in percent; the answer is left, top, right, bottom.
    """
    box_width = min(width, max(1, round(height * ratio)))
    box_height = min(height, max(1, round(width / ratio)))
    left = min(max(round(width * focal_x / 100 - box_width / 2), 0), width - box_width)
    top = min(max(round(height * focal_y / 100 - box_height / 2), 0), height - box_height)
    return left, top, left + box_width, top + box_height


def _share(image: Image, picture: Pillow.Image, write: "_Write") -> None:
    box = crop_box(
        *picture.size, focal_x=image.focal_x, focal_y=image.focal_y, ratio=SHARE_WIDTH / SHARE_HEIGHT
    )
    cropped = picture.crop(box)
    width = min(cropped.width, SHARE_WIDTH)
    cropped = cropped.resize((width, round(width * SHARE_HEIGHT / SHARE_WIDTH)), Pillow.Resampling.LANCZOS)
    if cropped.mode == "RGBA":
        paper = Pillow.new("RGBA", cropped.size, "white")
        cropped = Pillow.alpha_composite(paper, cropped)
    made = _encoded(cropped, "JPEG")
    rendition = _rendition(image, made, write(made))
    rendition.purpose, rendition.focal_point = Rendition.Purpose.SHARE, image.focal_point
    rendition.save()


def _rendition(image: Image, made: _Made, file: str) -> Rendition:
    return Rendition(
        image=image, type=made.type, width=made.width, height=made.height, size=len(made.data), file=file
    )


# Writing files


class _Write:
    """Writes files under names that were never used before, and knows them."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, made: _Made) -> str:
        name = f"images/{uuid.uuid4().hex}.{_ENDINGS[made.format]}"
        self.names.append(default_storage.save(name, ContentFile(made.data)))
        return self.names[-1]


@contextlib.contextmanager
def _written() -> Iterator[_Write]:
    """Files that go again if their rows could not be written."""
    write = _Write()
    try:
        yield write
    except BaseException:
        _delete(write.names)
        raise


def _delete(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
