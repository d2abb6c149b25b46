"""What a page is about: the editors' working copy."""

import uuid

from content_editor.models import Region
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from taggit.managers import TaggableManager
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import OrderableTreeNode
from tree_queries.query import TreeQuerySet

from evidence.models import Intervention, Population
from search.stored import is_list_of_texts

from ..richtext import ShortTextField
from .category import Category
from .image import SMALLEST_SHARE_WIDTH, Image


class TopicQuerySet(TreeQuerySet):
    def locked(self):
        """Held until the transaction ends: nobody else saves, moves or publishes these meanwhile.

        Rows that only point to them are written without waiting.
        """
        return self.select_for_update(of=("self",), no_key=True)

    def in_tree_order(self):
        return self.with_tree_fields()

    def about(self, branch):
        """About an intervention in `branch` (see `evidence.trees`)."""
        return self.filter(intervention__in=branch)


class Topic(OrderableTreeNode):
    """A subject with a page of its own; readers see its editions, editors this working copy."""

    class State(models.TextChoices):
        """Of the working copy. Whether something is live is answered by editions alone."""

        DRAFTING = "drafting", "Drafting"
        EDITING = "editing", "Editing"
        IN_REVIEW = "in review", "In review"
        APPROVED = "approved", "Approved"
        ON_HOLD = "on hold", "On hold"
        RETIRED = "retired", "Retired"

    class Risk(models.TextChoices):
        """What harm a wrong page could do. It decides which sign-offs the page needs."""

        GENERAL = "general", "General lifestyle"
        SUPPLEMENT = "supplement", "Herbs and supplements"
        MEDICINE = "medicine", "Medicines and interactions"
        PREGNANCY = "pregnancy", "Pregnancy"
        CHILDREN = "children", "Children"
        CRISIS = "crisis", "Mental-health crisis"

    class Priority(models.TextChoices):
        LOW = "low", "Low"
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"

    regions = [Region(key="main", title="Page")]

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # What was public is never deleted with something else.
    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="subtopic of",
        help_text="The broader topic that lists this one under its subtopics.",
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(max_length=120, help_text="For example “Ankle weights: benefits and limits”.")
    subtitle = models.CharField(max_length=160, blank=True, help_text="Second line of the heading.")
    short_title = models.CharField(
        max_length=60, help_text="In lists, menus and breadcrumbs: “Ankle weights”."
    )
    slug = models.SlugField(max_length=80, unique=True, help_text="Last part of the address.")
    standfirst = models.TextField(
        max_length=500, help_text="One to three sentences under the heading: what the page answers."
    )
    teaser = models.CharField(
        max_length=220, help_text="One sentence for lists and for the subtopics of the broader topic."
    )
    meta_description = models.CharField(
        max_length=170,
        blank=True,
        help_text="For search engines: about 150 characters. Empty means the teaser.",
    )
    image = models.ForeignKey(
        Image,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        help_text="For shared links, cropped about its focal point. The page itself shows figures.",
    )
    key_points = ShortTextField(
        blank=True, help_text="At a glance: a list of three to six points, hedged as the evidence deserves."
    )
    not_known = ShortTextField(blank=True, help_text="What is not known: a list of open questions.")
    intervention = models.ForeignKey(
        Intervention,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        help_text="What the page is about. Its evidence tables take their studies from here.",
    )
    populations = models.ManyToManyField(
        Population,
        through="articles.TopicPopulation",
        related_name="topics",
        blank=True,
        help_text="The groups that readers may ask about on this page.",
    )
    search_words = models.JSONField(
        default=list, blank=True, help_text="Other words under which readers look for this, as a JSON list."
    )
    research_to = models.DateField(
        "research to",
        null=True,
        blank=True,
        help_text="Until when studies were looked for. Shown on the page.",
    )
    next_review = models.DateField(null=True, blank=True, help_text="By when the page is looked at again.")
    state = models.CharField(
        max_length=12, choices=State, default=State.DRAFTING, editable=False, help_text="Of the working copy."
    )
    risk = models.CharField(
        "risk class",
        max_length=12,
        choices=Risk,
        default=Risk.GENERAL,
        help_text="What a mistake could do decides who has to sign off.",
    )
    reviewed_on = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="Day of the last full review. A minor change does not move it.",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="topics_to_review",
        help_text="Who is asked to review the working copy.",
    )
    review_due_on = models.DateField(null=True, blank=True)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.NORMAL)
    is_featured = models.BooleanField(
        "on the home page", default=False, help_text="Its coverage is shown at the top of the home page."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="topics"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="topics_as_deputy",
        help_text="A second person who hears when a review is due.",
    )
    takes_outside_sign_off = models.BooleanField(
        "outside sign-off",
        default=False,
        help_text="People without an account may sign the preview by a link made for them. That adds to the "
        "sign-offs that the topic needs and never replaces one.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    tags = TaggableManager(blank=True)
    objects = TopicQuerySet.as_manager(with_tree_fields=False)

    class Meta(OrderableTreeNode.Meta):
        permissions = [
            ("edit_topic", "Can edit topics handed in by writers"),
            ("review_topic", "Can review topics scientifically"),
            ("publish_topic", "Can publish and withdraw topics"),
        ]

    def __str__(self):
        return self.short_title

    def clean(self):
        super().clean()
        if self.parent_id is not None and self.category_id != self.parent.category_id:
            raise ValidationError({"category": "A subtopic stands in the category of its broader topic."})
        if self.image_id is not None and not self.image.can_be_shared:
            raise ValidationError(
                {
                    "image": "The image is too small for shared links: its crop must be "
                    f"{SMALLEST_SHARE_WIDTH} pixels wide."
                }
            )
        if not is_list_of_texts(self.search_words):
            raise ValidationError({"search_words": "Give a JSON list of texts."})

    @property
    def path(self):
        """The address of the page without slashes at its ends; an edition keeps its own."""
        return f"{self.category.slug}/{self.slug}"

    @property
    def description(self):
        return self.meta_description or self.teaser


class TopicPopulation(models.Model):
    """A group that readers of a topic may ask about, in its place."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="lenses")
    population = models.ForeignKey(Population, on_delete=models.PROTECT, related_name="lenses")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "population"],
                name="topic_population_unique",
                violation_error_message="This group is listed already.",
            )
        ]

    def __str__(self):
        return str(self.population)
