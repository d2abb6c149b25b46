"""The history of a topic: what it said when, what changed between, and the way back."""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Value
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from .. import checkpoints, comparing, freezing, permissions, restoring
from ..models import Checkpoint, Edition
from .of_topic import OfTopicMixin

PER_PAGE = 50
WORKING = "working"
BASELINE = "As it was before the first save here"

# A version in an address: the working copy, a checkpoint by its key, an edition by its number.
_REF = re.compile(r"(?P<kind>[ce])(?P<number>[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True)
class Version:
    """Something that a topic said, says, or goes on saying."""

    ref: str
    name: str
    by: object
    at: object
    note: str = ""
    content: dict | None = None
    edition: Edition | None = None
    is_live: bool = False
    is_withdrawn: bool = False
    goes_live_at: object = None
    goes_off_at: object = None
    is_expired: bool = False

    @property
    def is_working(self):
        return self.ref == WORKING


class HistoryMixin(OfTopicMixin):
    """Keeps a checkpoint at each save, and adds the pages “history”, “compare” and “restore”."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/compare/", view(self.compare_view), name="articles_topic_compare"),
            path(
                "<path:object_id>/restore/<str:ref>/", view(self.restore_view), name="articles_topic_restore"
            ),
            *super().get_urls(),
        ]

    # Saving

    def save_model(self, request, obj, form, change):
        if change and not Checkpoint.objects.filter(topic=obj).exists():
            # What stands in the database is still what was there: nobody here wrote it.
            checkpoints.keep(topic=obj, by=None, at=timezone.now(), note=BASELINE)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        checkpoints.keep(topic=form.instance, by=request.user, at=timezone.now())

    # Pages

    def history_view(self, request, object_id, extra_context=None):
        """All checkpoints and editions of the topic, newest first."""
        topic = self._topic(request, object_id, "view")
        at = timezone.now()
        rows = Paginator(_rows(topic), PER_PAGE).get_page(request.GET.get("p"))
        versions = _versions(topic, rows.object_list, at)
        # Most often asked: what will change for readers.
        likely = sorted(versions, key=lambda version: not version.is_live)
        context = {
            "title": f"History of {topic}",
            "versions": versions,
            "rows": rows,
            "working": Version(ref=WORKING, name="Working copy", by=None, at=topic.changed_at),
            "chosen": likely[0].ref if likely else WORKING,
            "may_restore": permissions.may(request.user, "change", topic),
            **(extra_context or {}),
        }
        return self._page(request, topic, "history", context)

    def compare_view(self, request, object_id):
        """What changed between two versions, named by `from` and `to`."""
        topic = self._topic(request, object_id, "view")
        at = timezone.now()
        before = _version(topic, request.GET.get("from", ""), at)
        after = _version(topic, request.GET.get("to", ""), at)
        unreadable = [version for version in (before, after) if not restoring.is_readable(version.content)]
        if unreadable:
            return self._refused(request, topic, unreadable[0])
        comparison = comparing.compare(before.content, after.content)
        context = {
            "title": f"Compare versions of {topic}",
            "before": before,
            "after": after,
            "versions": [(before, "From"), (after, "To")],
            "comparison": comparison,
            "stretches": list(_stretches(comparison.blocks)),
            "may_restore": permissions.may(request.user, "change", topic),
        }
        return self._page(request, topic, "compare", context)

    def restore_view(self, request, object_id, ref):
        """Asks, and on POST makes a version the working copy again."""
        topic = self._topic(request, object_id, "change")
        at = timezone.now()
        version = _version(topic, ref, at)
        if version.is_working:
            raise Http404("The working copy is what it is.")
        if not restoring.is_readable(version.content):
            return self._refused(request, topic, version)
        problems = []
        if request.method == "POST":
            try:
                reports = restoring.restore(
                    topic=topic,
                    content=version.content,
                    by=request.user,
                    at=at,
                    note=f"Restored: {version.name}",
                )
            except restoring.NotRestorable as error:
                problems = error.problems
            else:
                self._tell(request, topic, version, reports)
                return self._back(topic)
        working = _version(topic, WORKING, at)
        context = {
            "title": "Restore a version",
            "version": version,
            "problems": problems,
            "summary": comparing.compare(working.content, version.content).summary,
        }
        return self._page(request, topic, "restore", context)

    # What they share

    def _tell(self, request, topic, version, reports):
        self.log_change(request, topic, f"Restored: {version.name}.")
        link = reverse("admin:articles_topic_compare", args=[topic.pk])
        messages.success(
            request,
            format_html(
                '{} is the working copy again. <a href="{}?from={}&amp;to={}">See what differs</a>.',
                version.name,
                link,
                version.ref,
                WORKING,
            ),
        )
        for report in reports:
            messages.warning(request, report)

    def _refused(self, request, topic, version):
        messages.error(request, f"{version.name} is written in a form that cannot be read any more.")
        return HttpResponseRedirect(reverse("admin:articles_topic_history", args=[topic.pk]))


def _rows(topic):
    """(kind, key, at) of everything that is kept of the topic, newest first."""
    kept = topic.checkpoints.order_by().annotate(kind=Value("c")).values_list("kind", "pk", "at")
    editions = (
        topic.editions.order_by()
        .annotate(kind=Value("e"), at=F("published_at"))
        .values_list("kind", "pk", "at")
    )
    # Of the same moment the edition is the newer: it was made from what was saved.
    return kept.union(editions, all=True).order_by("-at", "-kind", "-pk")


def _versions(topic, rows, at):
    """The checkpoints and editions of one page, without their contents."""
    keys = {kind: [key for found, key, _ in rows if found == kind] for kind in "ce"}
    kept = Checkpoint.objects.for_list().select_related("by").in_bulk(keys["c"])
    editions = Edition.objects.for_list().select_related("published_by").in_bulk(keys["e"])
    live = set(Edition.objects.live(at).filter(topic=topic).values_list("pk", flat=True))
    return [
        _of_checkpoint(kept[key]) if kind == "c" else _of_edition(editions[key], at, live)
        for kind, key, _ in rows
    ]


def _of_checkpoint(checkpoint, **parts):
    moment = timezone.localtime(checkpoint.at)
    return Version(
        ref=f"c{checkpoint.pk}",
        name=f"Checkpoint of {moment:%-d %B %Y, %H:%M}",
        by=checkpoint.by,
        at=checkpoint.at,
        note=checkpoint.note,
        **parts,
    )


def _of_edition(edition, at, live, **parts):
    return Version(
        ref=f"e{edition.number}",
        name=f"Edition {edition.number}",
        by=edition.published_by,
        at=edition.published_at,
        note=edition.change_note or edition.minor_reason,
        edition=edition,
        is_live=edition.pk in live,
        is_withdrawn=edition.is_withdrawn(at),
        goes_live_at=edition.go_live_at if edition.go_live_at > at else None,
        goes_off_at=_goes_off_at(edition, at, live),
        is_expired=edition.is_expired(at),
        **parts,
    )


def _goes_off_at(edition, at, live):
    """When its page goes off by itself; an edition that was replaced says nothing about that any more."""
    is_coming = edition.go_live_at > at and edition.withdrawn_at is None
    return edition.expires_at if edition.pk in live or is_coming else None


def _version(topic, ref, at):
    """The version of this topic that `ref` names, with its content; of any other topic none is found."""
    if ref == WORKING:
        content = freezing.freeze(topic)
        return Version(ref=WORKING, name="Working copy", by=None, at=topic.changed_at, content=content)
    named = _REF.fullmatch(ref)
    if named is None:
        raise Http404("There is no such version.")
    if named["kind"] == "c":
        checkpoint = topic.checkpoints.select_related("by").filter(pk=named["number"]).first()
        if checkpoint is not None:
            return _of_checkpoint(checkpoint, content=checkpoint.content)
    else:
        editions = topic.editions.select_related("published_by")
        edition = editions.filter(number=named["number"]).first()
        if edition is not None:
            live = set(Edition.objects.live(at).filter(topic=topic).values_list("pk", flat=True))
            return _of_edition(edition, at, live, content=edition.content)
    raise Http404("There is no such version.")


def _stretches(blocks):
    """Runs of blocks that stayed, to fold, between single ones that did not."""
    same = []
    for block in blocks:
        if block.is_same:
            same.append(block)
            continue
        if same:
            yield {"same": same}
            same = []
        yield {"block": block}
    if same:
        yield {"same": same}
