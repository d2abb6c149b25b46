"""Making editions: a content with everything that lists and pages need of it, drawn once."""

import datetime

from . import freezing, rendering
from .freezing import Content
from .models import Edition, Topic


def drawn(
    *,
    topic: Topic,
    content: Content,
    number: int,
    at: datetime.datetime,
    marked: bool = False,
    lens: str = "",
) -> Edition:
    """The edition of `topic` that says `content`, live from `at` on. It is not saved: a preview never is.

    For `marked` and `lens` see `rendering.render`.
    """
    drawn_once = rendering.render(content, marked=marked, lens=lens)
    return Edition(
        topic=topic,
        number=number,
        schema=freezing.SCHEMA,
        content=content,
        digest=freezing.digest(content),
        body_html=drawn_once.body,
        references_html=drawn_once.references,
        page=drawn_once.page,
        category=topic.category,
        path=content["topic"]["path"],
        title=content["topic"]["title"],
        short_title=content["topic"]["short_title"],
        teaser=content["topic"]["teaser"],
        search_words=" ".join(content["topic"]["search_words"]),
        text=freezing.words(content),
        published_at=at,
        go_live_at=at,
    )
