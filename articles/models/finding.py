"""Findings: what one conclusion says, on a page."""

from django.db import models
from django.utils.html import strip_tags

from evidence.models import Conclusion

from ..richtext import RichTextField
from .blocks import Block


class Finding(Block):
    """One conclusion as readers meet it: a name, a sentence as sure as its evidence, and a few words more.

    For each group of the topic it shows the conclusion that asks the same of that group alone.
    """

    name = models.CharField(max_length=60, help_text="For example “Walking and gait”.")
    anchor = models.SlugField(
        max_length=60,
        help_text="Part of the address after #. Keep it, since others may link to it.",
    )
    conclusion = models.ForeignKey(
        Conclusion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        help_text="What it rests on. Without one it cannot be published.",
    )
    statement = models.CharField(
        max_length=400,
        blank=True,
        help_text="What readers are told, in one sentence. Empty means the sentence of the assessment. It is "
        "compared with the certainty: a sentence that claims too much stops the page.",
    )
    glance = models.CharField(
        "at a glance",
        max_length=200,
        blank=True,
        help_text="The same, shorter, for the top of the page. Empty means the statement.",
    )
    text = RichTextField(blank=True, help_text="What was done and found, in one or two short paragraphs.")

    class Meta(Block.Meta):
        verbose_name = "finding"

    @classmethod
    def get_queryset(cls):
        """What the content editor reads blocks with: the conclusion comes along."""
        return cls.objects.select_related(
            "conclusion__population", "conclusion__intervention", "conclusion__outcome"
        )

    @property
    def excerpt(self):
        return self.name or strip_tags(self.text)
