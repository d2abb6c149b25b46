"""A published topic with everything on it."""

import datetime

import pytest
from django.utils import timezone

from tests.articles.test_publishing import full_topic
from tests.signing import publish_signed


@pytest.fixture
def edition(publisher):
    """The live edition of a full topic, published a day ago."""
    topic = full_topic(
        title="Ankle weights: benefits and limits",
        short_title="Ankle weights",
        slug="ankle-weights",
        key_points="<ul><li>They <strong>may</strong> help.</li></ul>",
        not_known="<ul><li>Whether it lasts.</li></ul>",
    )
    return publish_signed(
        topic=topic,
        by=publisher,
        at=timezone.now() - datetime.timedelta(days=1),
        change_note="First edition.",
    )
