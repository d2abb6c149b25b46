"""The short way to an edition, for tests that are not about the workflow."""

from articles import freezing, publishing, workflow
from articles.models import Edition, Topic
from tests import factories


def sign(topic, *, at):
    """Bring the working copy where the workflow brings it: approved, signed off as it stands."""
    stored = Topic.objects.select_related("category", "intervention").get(pk=topic.pk)
    digest = freezing.digest(freezing.freeze(stored))
    for kind in sorted(workflow.missing_sign_offs(stored, digest)):
        factories.SignOffFactory(topic=stored, kind=kind, digest=digest, at=at)
    Topic.objects.filter(pk=topic.pk).update(state=Topic.State.APPROVED)


def publish_signed(*, topic, by, at, change_note=""):
    """`publishing.publish` with all that it asks for; a later edition gets a note if the test gives none."""
    sign(topic, at=at)
    if not change_note and Edition.objects.filter(topic=topic).exists():
        change_note = "Something changed."
    return publishing.publish(topic=topic, by=by, at=at, change_note=change_note)
