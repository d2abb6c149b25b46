"""What stands around an edition on its page: the parts that are of today."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Q

from .models import Edition, Topic


@dataclass(frozen=True)
class Surroundings:
    """The broader topic, the subtopics and the history of a page, as live editions."""

    parent: Edition | None = None
    subtopics: list[Edition] = field(default_factory=list)
    history: list[Edition] = field(default_factory=list)


def surroundings(topic: Topic, *, at: datetime.datetime) -> Surroundings:
    """What stands around the page of `topic`. One query."""
    own = Q(topic=topic, go_live_at__lte=at)
    related = Q(topic__parent=topic) | Q(topic=topic.parent_id)
    editions = list(
        Edition.objects.filter(own | Q(pk__in=Edition.objects.live(at).filter(related).values("pk")))
        .for_list()
        .select_related("topic")
        .order_by("topic__position", "short_title", "-number")
    )
    return Surroundings(
        parent=next((edition for edition in editions if edition.topic_id == topic.parent_id), None),
        subtopics=[edition for edition in editions if edition.topic.parent_id == topic.pk],
        history=[edition for edition in editions if edition.topic_id == topic.pk],
    )
