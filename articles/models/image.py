"""Images of the library, and the sizes that pages show them in."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import get_text_list

from .folder import Folder

SHARE_WIDTH, SHARE_HEIGHT = 1200, 630
"""What sites that show a link ask for, in pixels."""

SMALLEST_SHARE_WIDTH = 600
"""Below it they show a small square instead."""


class ImageQuerySet(models.QuerySet):
    def in_folder(self, folder):
        """In this folder, or in one inside it."""
        return self.filter(folder__in=Folder.objects.descendants(folder, include_self=True).values("pk"))

    def unused(self):
        """That no working copy and no edition names."""
        return self.filter(figures=None, topics=None, in_editions=None)

    def used(self):
        return self.exclude(pk__in=self.unused().values("pk"))

    def named_by(self, files):
        """Whose own files these are."""
        return self.filter(file__in=files)


class Image(models.Model):
    """A picture of the library. Its files never change; what is said about it may."""

    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, null=True, blank=True, related_name="images")
    title = models.CharField(max_length=120, help_text="By which editors find it. Readers do not see it.")
    file = models.FileField(max_length=100, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="Bytes.")
    digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        db_index=True,
        help_text="SHA-256 of the file as it was uploaded, to notice it when it comes again.",
    )
    alt = models.CharField(
        "text alternative",
        max_length=300,
        blank=True,
        help_text="What the image says, for people who do not see it. A figure may have its own words.",
    )
    caption = models.CharField(
        max_length=300, blank=True, help_text="For figures that have none of their own."
    )
    credit = models.CharField(max_length=160, blank=True, help_text="Who made it, as readers see it.")
    licence = models.CharField(
        max_length=120, blank=True, help_text="By which right we show it, for example “CC BY 4.0”."
    )
    source = models.URLField(max_length=500, blank=True, help_text="Where it comes from.")
    focal_x = models.PositiveSmallIntegerField(
        "focal point from the left", default=50, help_text="In percent. Crops keep this point in sight."
    )
    focal_y = models.PositiveSmallIntegerField(
        "focal point from the top", default=50, help_text="In percent."
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="images",
    )
    added_at = models.DateTimeField(editable=False)

    objects = ImageQuerySet.as_manager()

    # The only columns that may change once an image exists: what is said about it.
    CHANGEABLE = frozenset(
        {"folder", "title", "alt", "caption", "credit", "licence", "source", "focal_x", "focal_y"}
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file"], name="image_file_unique"),
            models.CheckConstraint(
                name="image_focal_point_inside",
                condition=models.Q(focal_x__lte=100, focal_y__lte=100),
                violation_error_message="The focal point is inside the image: 0 to 100 percent.",
            ),
        ]
        indexes = [models.Index(fields=["-added_at"], name="image_added_at")]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        for name in ("focal_x", "focal_y"):
            value = getattr(self, name)
            if value is not None and value > 100:
                raise ValidationError({name: "The focal point is inside the image: 0 to 100 percent."})
        self.alt = self.alt.strip()
        if not self.alt and self.pk is not None:
            relying = list(
                self.figures.filter(alt="", is_decorative=False)
                .order_by("parent__short_title")
                .values_list("parent__short_title", flat=True)
                .distinct()[:5]
            )
            if relying:
                names = get_text_list([f"“{name}”" for name in relying], "and")
                raise ValidationError({"alt": f"Figures rely on it: {names}."})

    @property
    def focal_point(self):
        """As renditions keep it: “50x50”, percent from the left and from the top."""
        return f"{self.focal_x}x{self.focal_y}"

    @property
    def can_be_shared(self):
        """Whether it is large enough to be cropped for sites that show a link to a page."""
        return min(self.width, self.height * SHARE_WIDTH / SHARE_HEIGHT) >= SMALLEST_SHARE_WIDTH


class Rendition(models.Model):
    """One file made of an image: a width for pages, or the crop for sites that show a link."""

    class Purpose(models.TextChoices):
        PAGE = "page", "On pages"
        SHARE = "share", "Where links are shown"

    class Type(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        WEBP = "image/webp", "WebP"

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="renditions")
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.PAGE)
    type = models.CharField(max_length=12, choices=Type)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="Bytes.")
    file = models.FileField(max_length=100)
    focal_point = models.CharField(
        max_length=8, blank=True, help_text="About which it was cropped, if it was: “50x50”."
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file"], name="rendition_file_unique"),
            models.UniqueConstraint(
                fields=["image", "purpose", "type", "width", "focal_point"], name="rendition_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_purpose_display()}, {self.get_type_display()}, {self.width} pixels wide"
