"""What the three trees (populations, interventions, outcomes) have in common."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.urls import reverse
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import OrderableTreeNode
from tree_queries.query import TreeQuerySet


class NodeQuerySet(TreeQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def in_tree_order(self):
        return self.with_tree_fields()


class Node(OrderableTreeNode):
    """A term of a tree: it stands for itself and everything below it."""

    # A node that studies are tagged with is replaced or made inactive, never deleted under them.
    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The broader term. A study of this term counts as a study of the broader one.",
    )
    name = models.CharField(
        max_length=120, help_text="As readers see it, for example “Older adults (65 and over)”."
    )
    short_name = models.CharField(
        max_length=40, blank=True, help_text="For narrow columns, for example “Older adults”."
    )
    slug = models.SlugField(
        max_length=80,
        unique=True,
        validators=[validate_slug],
        help_text="In addresses and import files. Keep it once it is in use.",
    )
    definition = models.TextField(
        blank=True, help_text="One or two sentences: who or what belongs here, and what does not."
    )
    synonyms = models.JSONField(
        default=list, blank=True, help_text="Other words for the same, as a JSON list. Search finds them too."
    )
    identifiers = models.JSONField(
        default=dict,
        blank=True,
        help_text="Codes in outside vocabularies, as JSON: {&quot;mesh&quot;: &quot;D000368&quot;}.",
    )
    is_active = models.BooleanField(
        default=True, help_text="An inactive term can no longer be chosen for new entries."
    )
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        help_text="The term to use instead of an inactive one.",
    )

    objects = NodeQuerySet.as_manager(with_tree_fields=False)

    class Meta(OrderableTreeNode.Meta):
        # The one place with an ordering: brothers and sisters in a tree stand by position.
        abstract = True

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse(f"evidence:{self._meta.model_name}_detail", args=[self.slug])

    def clean(self):
        super().clean()
        for field, kind in (("synonyms", list), ("identifiers", dict)):
            value = getattr(self, field)
            entries = list(value.values()) if isinstance(value, dict) else value
            if not isinstance(value, kind) or not all(isinstance(entry, str) for entry in entries):
                raise ValidationError(
                    {field: f"Give a JSON {'list' if kind is list else 'object'} of texts."}
                )
        if self.replaced_by_id is not None and self.replaced_by_id == self.pk:
            raise ValidationError({"replaced_by": "A term cannot be replaced by itself."})

    @property
    def label(self):
        """The short name where there is one."""
        return self.short_name or self.name
