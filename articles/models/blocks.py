"""The kinds of blocks that a topic page is put together from."""

import uuid

from content_editor.models import create_plugin_base
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django_json_schema_editor.fields import JSONField

from evidence.models import Outcome

from ..richtext import RichTextField, ShortTextField
from .image import Image
from .topic import Topic


class Block(create_plugin_base(Topic)):
    """A piece of a page with an identity that editions, anchors and comparisons hang on."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["ordering"]

    def __str__(self):
        return (
            f"{self._meta.verbose_name.capitalize()}: {self.excerpt}"
            if self.excerpt
            else self._meta.verbose_name
        )

    def save(self, *args, **kwargs):
        # The content editor clones a block by emptying its primary key: the copy is another block.
        if self._state.adding is False and self.pk is None:
            self.uid = uuid.uuid4()
        super().save(*args, **kwargs)

    @property
    def excerpt(self):
        return ""


class Heading(Block):
    """Opens a section of the page and an entry in its contents."""

    text = models.CharField(max_length=120)
    short_text = models.CharField(max_length=40, blank=True, help_text="For the contents beside the text.")
    anchor = models.SlugField(
        max_length=60,
        help_text="Part of the address after #. Keep it, since others may link to it.",
    )

    class Meta(Block.Meta):
        verbose_name = "heading"

    @property
    def excerpt(self):
        return self.text


class RichText(Block):
    """Paragraphs, lists and small headings."""

    text = RichTextField()

    class Meta(Block.Meta):
        verbose_name = "text"
        verbose_name_plural = "texts"

    @property
    def excerpt(self):
        return Truncator(strip_tags(self.text.replace("<", " <"))).words(8)


VARIABLES_SCHEMA = {
    "type": "array",
    "format": "table",
    "title": "Rows",
    "minItems": 1,
    "items": {
        "type": "object",
        "title": "Variable",
        "required": ["variable", "why"],
        "additionalProperties": False,
        "properties": {
            "variable": {"type": "string", "title": "Variable", "minLength": 1, "maxLength": 80},
            "why": {
                "type": "string",
                "format": "textarea",
                "title": "Why it matters",
                "minLength": 1,
                "maxLength": 400,
            },
            "evidence": {
                "type": "string",
                "format": "textarea",
                "title": "What this rests on",
                "maxLength": 300,
                "default": "",
            },
        },
    },
}


class KeyVariables(Block):
    """A table of the things that shape what happens: each with why it matters and what that rests on."""

    caption = models.CharField(
        max_length=160, help_text="Read out before the table, for example “Key variables”."
    )
    rows = JSONField(schema=VARIABLES_SCHEMA, default=list)

    class Meta(Block.Meta):
        verbose_name = "key variables"
        verbose_name_plural = "key variables"

    @property
    def excerpt(self):
        return self.caption


class EvidenceTable(Block):
    """The studies of this topic for one outcome, with their numbers on the day the page is published."""

    title = models.CharField(max_length=120, help_text="For example “Walking and gait”.")
    outcome = models.ForeignKey(
        Outcome,
        on_delete=models.PROTECT,
        related_name="evidence_tables",
        help_text="With everything below it in the tree of outcomes.",
    )
    introduction = ShortTextField(
        blank=True,
        help_text="What the studies add up to, in one or two sentences, hedged as they deserve.",
    )

    class Meta(Block.Meta):
        verbose_name = "evidence table"

    @classmethod
    def get_queryset(cls):
        """What the content editor reads blocks with: the outcome comes along."""
        return cls.objects.select_related("outcome")

    @property
    def excerpt(self):
        return self.title


class Callout(Block):
    """A box that asks the reader to stop, above all: when to get advice first."""

    class Kind(models.TextChoices):
        CARE = "care", "Get advice first"
        NOTE = "note", "Note"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CARE)
    title = models.CharField(max_length=120, default="When to get advice first")
    text = ShortTextField()

    class Meta(Block.Meta):
        verbose_name = "callout"

    @property
    def excerpt(self):
        return self.title


class Figure(Block):
    """An image of the library with its text alternative, or the explicit word that it is decoration."""

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="figures")
    alt = models.CharField(
        "text alternative",
        max_length=300,
        blank=True,
        help_text="What the image says here, for people who do not see it. Empty: as in the library.",
    )
    is_decorative = models.BooleanField(
        "decorative", default=False, help_text="It says nothing that the text does not."
    )
    caption = models.CharField(max_length=300, blank=True, help_text="Empty: as in the library.")
    credit = models.CharField(max_length=160, blank=True, help_text="Empty: as in the library.")

    class Meta(Block.Meta):
        verbose_name = "figure"
        constraints = [
            models.CheckConstraint(
                name="figure_decorative_without_alt",
                condition=models.Q(is_decorative=False) | models.Q(alt=""),
                violation_error_message="A decorative image has no text alternative.",
            )
        ]

    @classmethod
    def get_queryset(cls):
        """What blocks are read with: the image and its sizes come along."""
        return cls.objects.select_related("image").prefetch_related("image__renditions")

    @property
    def excerpt(self):
        return self.alt or self.caption

    @property
    def text_alternative(self):
        """What people hear who do not see it: its own words, else those of the image."""
        return "" if self.is_decorative else self.alt or self.image.alt

    def clean(self):
        super().clean()
        self.alt = self.alt.strip()
        if self.is_decorative and self.alt:
            raise ValidationError({"alt": "A decorative image has no text alternative."})
        if self.image_id is not None and not self.is_decorative and not self.text_alternative:
            raise ValidationError(
                {
                    "alt": "The library has no text alternative for this image: give one, or say that the "
                    "image is decorative."
                }
            )
