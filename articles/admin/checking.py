"""What the checks say about a topic: a page of its own, a count on the form, a list before publishing."""

from django.urls import path, reverse
from django.utils import timezone

from .. import checks, freezing
from ..models import BLOCK_MODELS, Topic
from .of_topic import OfTopicMixin

# The name of the rows of each kind of block in the form: kind -> prefix.
_PREFIXES = {
    model._meta.verbose_name: model._meta.get_field("parent").remote_field.get_accessor_name()
    for model in BLOCK_MODELS
}
# The editors of rich text hide the field itself, so that one can only jump to the line below it.
_RICH_FIELDS = ("key_points", "not_known")


class CheckingMixin(OfTopicMixin):
    """Adds the page “checks” to the admin of topics, and their count to its form."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.checks_view)
        return [path("<path:object_id>/checks/", view, name="articles_topic_checks"), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["checks"] = self.checks_for(obj, content=context.get("frozen"))
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def checks_view(self, request, object_id):
        topic = self._topic(request, object_id, "view")
        return self._page(request, topic, "checks", {"title": "Checks", "checks": self.checks_for(topic)})

    def checks_for(self, topic, *, content=None, findings=None):
        """What `_checks.html` shows about a frozen content of the topic, else about what was last saved.

        `findings` spares asking the checks about that content once more.
        """
        if content is None:
            # A form with errors leaves half-filled fields behind: read the topic again.
            content = freezing.freeze(
                Topic.objects.select_related("category", "intervention").get(pk=topic.pk)
            )
        if findings is None:
            findings = checks.run(content, checks.Facts.read(content, at=timezone.now()))
        return {
            "count": checks.count(findings),
            "groups": _groups(findings, places_in_form(topic, content)),
            "reading": checks.reading(content),
        }


def _groups(findings, places):
    """The findings by place, those with a stop first, else in the order of the page."""
    groups = {}
    for finding in findings:
        key = (finding.uid, finding.field)
        group = groups.setdefault(
            key, {"place": finding.place, "url": places.get(finding.uid or finding.field, ""), "findings": []}
        )
        group["findings"].append(finding)
    for group in groups.values():
        group["findings"].sort(key=lambda finding: finding.level.rank)
    return sorted(groups.values(), key=lambda group: group["findings"][0].level.rank)


def places_in_form(topic, content):
    """Where each block (by uid) and each field (by name) stands in the form."""
    form = reverse("admin:articles_topic_change", args=[topic.pk])
    places = {}
    numbers = dict.fromkeys(_PREFIXES, 0)
    for block in content["blocks"]:
        kind = block["kind"]
        places[block["uid"]] = f"{form}#{_PREFIXES[kind]}-{numbers[kind]}"
        numbers[kind] += 1
    for field in checks.FIELD_ORDER:
        places[field] = f"{form}#id_{field}{'_helptext' if field in _RICH_FIELDS else ''}"
    return places
