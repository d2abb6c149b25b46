"""What is taken into the library, what becomes of it, and that it stays."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageCms, ImageDraw

from articles import freezing, images, rendering
from articles.models import EditionImage, Image, Rendition, Topic
from articles.publishing import publish
from tests.factories import FigureFactory, FolderFactory, ImageFactory, TopicFactory
from tests.signing import sign

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(1400, 900), mode="RGB", colour="teal", **options):
    """A file of one colour, as somebody uploads it."""
    buffer = io.BytesIO()
    Pillow.new(mode, size, colour).save(buffer, kind, **options)
    return buffer.getvalue()


def keep(data, now, name="leg.png", **more):
    return images.keep(file=SimpleUploadedFile(name, data), by=None, at=now, **more)


def stored():
    """The names of all files in the storage."""
    if not default_storage.exists("images"):
        return set()
    return {f"images/{name}" for name in default_storage.listdir("images")[1]}


def opened(file):
    with default_storage.open(file.name) as content:
        found = Pillow.open(io.BytesIO(content.read()))
        found.load()
        return found


def named(image):
    return {image.file.name, *image.renditions.values_list("file", flat=True)}


# Taking files in


@pytest.mark.parametrize(
    ("kind", "kept_as"), [("JPEG", "jpg"), ("PNG", "png"), ("GIF", "png"), ("WEBP", "webp"), ("AVIF", "jpg")]
)
def test_image_is_kept_in_a_format_that_all_browsers_read(kind, kept_as, now):
    image = keep(picture(kind), now, name="leg.exe")

    assert image.file.name.endswith(f".{kept_as}")
    assert (image.width, image.height, image.title) == (1400, 900, "leg")
    assert named(image) == stored()
    for rendition in image.renditions.all():
        found = opened(rendition.file)
        assert Pillow.MIME[found.format] == rendition.type
        assert found.size == (rendition.width, rendition.height)


def test_image_has_the_widths_below_its_own_and_a_crop_to_share(now):
    image = keep(picture("JPEG"), now)

    sizes = image.renditions.values_list("purpose", "type", "width", "height").order_by("id")
    assert list(sizes) == [
        ("page", "image/webp", 480, 309),
        ("page", "image/jpeg", 480, 309),
        ("page", "image/webp", 800, 514),
        ("page", "image/jpeg", 800, 514),
        ("page", "image/webp", 1200, 771),
        ("page", "image/jpeg", 1200, 771),
        ("page", "image/webp", 1400, 900),
        ("share", "image/jpeg", 1200, 630),
    ]


def test_small_image_is_never_made_larger(now):
    image = keep(picture(size=(4, 3)), now)

    assert list(image.renditions.values_list("purpose", "width")) == [("page", 4)]


def test_large_image_is_kept_smaller(now):
    image = keep(picture("JPEG", size=(5000, 2500)), now)

    assert (image.width, image.height) == (2400, 1200)
    assert opened(image.file).size == (2400, 1200)


def test_extreme_shape_keeps_at_least_one_pixel(now):
    image = keep(picture(size=(9000, 2)), now)

    assert (image.width, image.height) == (2400, 1)


def test_nothing_that_a_camera_writes_is_kept(now):
    exif = Pillow.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    data = picture("JPEG", exif=exif, comment=b"SecretComment", xmp=b"<x:xmpmeta>SecretXmp</x:xmpmeta>")
    assert b"SecretCamera" in data

    keep(data, now, name="holiday.jpg")

    for name in stored():
        with default_storage.open(name) as file:
            content = file.read()
        assert b"Secret" not in content
        assert dict(Pillow.open(io.BytesIO(content)).getexif()) == {}


def test_image_stands_upright_without_its_note_of_orientation(now):
    drawn = Pillow.new("RGB", (300, 200), "white")
    ImageDraw.Draw(drawn).rectangle((0, 0, 99, 199), fill="black")
    exif = Pillow.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG", exif=exif)

    image = keep(buffer.getvalue(), now)

    assert (image.width, image.height) == (200, 300)
    found = opened(image.file)
    assert found.getpixel((100, 20)) == (0, 0, 0)
    assert found.getpixel((100, 280)) == (255, 255, 255)


def test_colours_are_those_of_srgb(now):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    image = keep(picture("PNG", colour=(10, 120, 200), icc_profile=profile), now)

    found = opened(image.file)
    assert "icc_profile" not in found.info
    assert found.getpixel((5, 5)) == (10, 120, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_any_kind_of_pixels_is_read(mode, now):
    image = keep(picture(mode=mode, colour=0), now)

    assert opened(image.file).mode in ("RGB", "RGBA")


def test_transparent_avif_stays_transparent(now):
    image = keep(picture("AVIF", size=(40, 40), mode="RGBA", colour=(0, 0, 0, 0)), now)

    assert image.file.name.endswith(".png")
    assert opened(image.file).getpixel((5, 5))[3] == 0


def _bomb(width, height):
    """A few bytes that say they are a huge picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def _moving(kind):
    buffer = io.BytesIO()
    frames = [Pillow.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: b"", "It is not a JPEG, PNG, WebP, AVIF or GIF image."),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "It is not a"),
        (lambda: b"GIF89a<script>alert(1)</script>", "It is"),
        (lambda: picture("TIFF"), "It is not a"),
        (lambda: picture("BMP"), "It is not a"),
        (lambda: picture("PDF"), "It is not a"),
        (lambda: picture("JPEG")[:2000], "It is damaged"),
        (lambda: picture("PNG")[:300], "It is damaged"),
        (lambda: _bomb(8000, 5001), "It has too many pixels: at most 40 million can be taken."),
        (lambda: _bomb(60_000, 60_000), "It has too many pixels"),
        (lambda: _moving("GIF"), "It moves"),
        (lambda: _moving("WEBP"), "It moves"),
        (lambda: _moving("PNG"), "It moves"),
    ],
)
def test_file_that_is_no_still_image_is_refused(data, why, now):
    with pytest.raises(images.NotAnImage, match=why):
        keep(data(), now)

    assert not Image.objects.exists()
    assert stored() == set()


def test_file_that_is_too_long_is_refused_before_it_is_read(now):
    class Endless(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError("It was read.")

    file = Endless("long.png", b"")
    file.size = images.MAX_BYTES + 1

    with pytest.raises(images.NotAnImage, match=r"It has 20\.0\xa0MB; at most 20\.0\xa0MB can be taken."):
        images.keep(file=file, by=None, at=now)


def test_same_file_is_noticed_whatever_its_name(now):
    first = keep(picture(), now)
    before = stored()

    with pytest.raises(images.KnownImage) as error:
        keep(picture(), now, name="other.png")

    assert error.value.image == first
    assert stored() == before


def test_files_go_again_if_the_rows_cannot_be_written():
    with pytest.raises(IntegrityError), transaction.atomic():
        keep(picture(), None)

    assert not Image.objects.exists()
    assert stored() == set()


def test_names_are_new_for_each_upload(now):
    first = keep(picture(), now)
    names = named(first)
    images.remove(images=[first])

    again = keep(picture(), now)

    assert not names & named(again)


# Crops


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    focal_x=st.integers(0, 100),
    focal_y=st.integers(0, 100),
    ratio=st.floats(0.2, 5),
)
def test_crop_is_inside_the_image_and_holds_its_focal_point(width, height, focal_x, focal_y, ratio):
    left, top, right, bottom = images.crop_box(width, height, focal_x=focal_x, focal_y=focal_y, ratio=ratio)

    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert left - 1 <= width * focal_x / 100 <= right + 1
    assert top - 1 <= height * focal_y / 100 <= bottom + 1
    assert right - left == width or bottom - top == height


def test_focal_point_decides_what_is_shared(now):
    drawn = Pillow.new("RGB", (1300, 2000), "white")
    ImageDraw.Draw(drawn).rectangle((0, 1800, 1300, 2000), fill="black")
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG")
    image = keep(buffer.getvalue(), now)
    middle = images.shared(image)

    image.focal_y = 100
    images.refocus(image)

    bottom = images.shared(Image.objects.get())
    assert opened(middle.file).getpixel((600, 620)) == (255, 255, 255)
    assert opened(bottom.file).getpixel((600, 620)) == (0, 0, 0)
    # Editions may show the one from before.
    assert default_storage.exists(middle.file.name)

    image.focal_y = 50
    images.refocus(image)
    assert images.shared(Image.objects.get()) == middle
    assert image.renditions.filter(purpose=Rendition.Purpose.SHARE).count() == 2


def test_refocusing_an_image_whose_file_is_lost_saves_its_words(now):
    image = keep(picture(), now)
    default_storage.delete(image.file.name)
    image.focal_x, image.alt = 10, "A leg"

    images.refocus(image)

    assert Image.objects.get().alt == "A leg"
    assert images.shared(Image.objects.get()) is None


# Staying


def test_files_of_an_image_never_change(now):
    image = keep(picture(), now)
    rendition = image.renditions.first()

    for change in (
        lambda: Image.objects.update(file="images/other.png"),
        lambda: Image.objects.update(width=1),
        lambda: Rendition.objects.update(file="images/other.png"),
        lambda: Rendition.objects.filter(pk=rendition.pk).update(image=ImageFactory()),
    ):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            change()
    image.file = "images/other.png"
    with pytest.raises(IntegrityError, match="An image never changes"), transaction.atomic():
        image.save()

    kept = Image.objects.get(pk=image.pk)
    kept.alt = "What is said about it may."
    kept.save()
    kept.renditions.first().save()


@pytest.fixture
def published(now):
    """A topic that shows one image in a figure and shares another, with its edition."""
    shown = keep(picture(), now)
    shared = keep(picture(colour="red"), now)
    topic = TopicFactory(image=shared)
    figure = FigureFactory(parent=topic, image=shown)
    sign(topic, at=now)
    edition = publish(topic=topic, by=None, at=now)
    # Nothing but the edition names them any more.
    figure.delete()
    topic.image = None
    topic.save()
    return edition, shown, shared


def delete_past_django(image):
    Rendition.objects.filter(image=image)._raw_delete("default")
    Image.objects.filter(pk=image.pk)._raw_delete("default")
    connection.check_constraints()


def test_image_of_an_edition_is_never_deleted(published):
    edition, shown, shared = published
    before = stored()

    assert set(edition.images.all()) == {shown, shared}
    for image in (shown, shared):
        for way in (
            image.delete,
            Image.objects.filter(pk=image.pk).delete,
            lambda image=image: images.remove(images=[image]),
        ):
            with pytest.raises(ProtectedError), transaction.atomic():
                way()
        with pytest.raises(IntegrityError), transaction.atomic():
            delete_past_django(image)
    for way in (
        EditionImage.objects.all().delete,
        edition.images.clear,
        lambda: EditionImage.objects.update(image=ImageFactory()),
    ):
        with pytest.raises(IntegrityError, match="An image of an edition"), transaction.atomic():
            way()

    assert stored() == before


def test_words_that_change_later_do_not_change_an_edition(published):
    edition, shown, _ = published
    body = edition.body_html

    Image.objects.filter(pk=shown.pk).update(alt="Other words", credit="Somebody else")

    edition.refresh_from_db()
    assert edition.body_html == body


def test_folder_with_images_or_folders_is_not_deleted(now):
    outer = FolderFactory()
    inner = FolderFactory(parent=outer)
    keep(picture(), now, folder=inner)

    for folder in (outer, inner):
        with pytest.raises(ProtectedError):
            folder.delete()

    assert list(Image.objects.in_folder(outer)) == list(Image.objects.all())


def test_files_of_a_removed_image_go_once_that_is_certain(now, django_capture_on_commit_callbacks):
    image, other = keep(picture(), now), keep(picture(colour="red"), now)
    gone = named(image)

    with django_capture_on_commit_callbacks(execute=True):
        images.remove(images=[image])
        assert gone <= stored()

    assert stored() == named(other)
    assert list(Image.objects.all()) == [other]


def test_one_image_in_use_keeps_all_that_were_to_go(now, django_capture_on_commit_callbacks):
    used, unused = keep(picture(), now), keep(picture(colour="red"), now)
    FigureFactory(image=used)

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ProtectedError):
        images.remove(images=[used, unused])

    assert stored() == named(used) | named(unused)
    assert (list(Image.objects.used()), list(Image.objects.unused())) == ([used], [unused])


# On pages


def test_figure_says_what_the_library_says_unless_it_has_words_of_its_own(now):
    image = ImageFactory(alt="A leg", caption="The lever", credit="R. Ito")
    topic = TopicFactory()
    FigureFactory(parent=topic, image=image, alt="", ordering=1)
    FigureFactory(parent=topic, image=image, alt="One leg", caption="A lever", credit="S. Ito", ordering=2)
    FigureFactory(parent=topic, image=image, alt="", is_decorative=True, ordering=3)

    blocks = freezing.freeze(topic)["blocks"]

    assert [(block["alt"], block["caption"], block["credit"]) for block in blocks] == [
        ("A leg", "The lever", "R. Ito"),
        ("One leg", "A lever", "S. Ito"),
        ("", "The lever", "R. Ito"),
    ]


def test_figure_without_other_sizes_freezes_as_it_did_before_there_were_any():
    topic = TopicFactory()
    figure = FigureFactory(parent=topic)

    (block,) = freezing.freeze(topic)["blocks"]

    assert block == {
        "uid": str(figure.uid),
        "kind": "figure",
        "image": figure.image.file.name,
        "width": 4,
        "height": 3,
        "alt": "A leg as a lever",
        "is_decorative": False,
        "caption": "",
        "credit": "",
    }
    assert "image" not in freezing.freeze(topic)["topic"]


def test_page_offers_each_size_and_only_the_first_figure_does_not_wait(now):
    image = keep(picture("JPEG", size=(1000, 500)), now)
    topic = TopicFactory()
    FigureFactory(parent=topic, image=image, ordering=1)
    FigureFactory(parent=topic, image=image, ordering=2)
    urls = {
        (type_, width): default_storage.url(name)
        for type_, width, name in image.renditions.filter(purpose="page").values_list("type", "width", "file")
    }

    body = rendering.render(freezing.freeze(topic)).body

    webp = ", ".join(f"{urls['image/webp', width]} {width}w" for width in (480, 800, 1000))
    jpeg = ", ".join(f"{urls['image/jpeg', width]} {width}w" for width in (480, 800))
    assert body.count(f'<source type="image/webp" srcset="{webp}"') == 2
    assert body.count(f'src="{image.file.url}" srcset="{jpeg}, {image.file.url} 1000w"') == 2
    assert body.count('width="1000" height="500"') == 2
    assert body.count('loading="lazy"') == 1


def test_freezing_more_figures_takes_no_more_queries(now, django_assert_num_queries):
    few, many = TopicFactory(), TopicFactory()
    image = keep(picture(size=(600, 300)), now)
    FigureFactory(parent=few, image=image)
    for number in range(10):
        FigureFactory(parent=many, image=keep(picture(colour=(number, 0, 0), size=(600, 300)), now))
    topics = Topic.objects.select_related("category", "intervention")
    few, many = topics.get(pk=few.pk), topics.get(pk=many.pk)

    with CaptureQueriesContext(connection) as queries:
        freezing.freeze(few)

    with django_assert_num_queries(len(queries)):
        freezing.freeze(many)
