"""Checks: what keeps a page from going out, and what its editors should look at first.

Each check is a pure function of a frozen content and of a few facts of today, so that what was checked is
what goes out. Its identifier is its name with hyphens.
"""

import datetime
import enum
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localdate

from evidence.certainty import Certainty, flaws
from evidence.drift import in_force
from evidence.models import Conclusion, Report, Result, Study

from . import freezing, links, outside_links, rendering, wording
from .freezing import Content
from .freezing.findings import shown
from .models import Edition, OutsideLink, Topic

HARD_TO_READ = 10
"""Grade from which editors are told that the text is hard: what people of about fifteen read at school."""

WORDS_A_MINUTE = 238
"""Silent reading of English non-fiction by adults: Brysbaert 2019, doi:10.1016/j.jml.2019.104047."""


class Level(enum.StrEnum):
    """What a finding means for publishing."""

    STOP = "stop"
    WARNING = "warning"
    HINT = "hint"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Remark:
    """What one check has to say about one place of a page."""

    check: str
    level: Level
    message: str
    place: str
    """In words: “Text “It may help””, “At a glance”."""
    uid: str | None = None
    """Of the block; None where the page as a whole, or one of its fields, is meant."""
    field: str = ""
    """Of the topic, where one is meant."""


class PageState(enum.StrEnum):
    """What readers get at the address of a topic."""

    LIVE = "live"
    SCHEDULED = "scheduled"
    WITHDRAWN = "withdrawn"
    DRAFT = "draft"


@dataclass(frozen=True)
class Facts:
    """What a content cannot know by itself: today, other pages, and what became of its studies."""

    today: datetime.date
    topics: Mapping[str, tuple[str, PageState]] = field(default_factory=dict)
    """By uid of each topic that is linked to: its short title and its state."""
    integrity: Mapping[str, str] = field(default_factory=dict)
    """By slug of each study of the content: ok, concern or retracted, the worst of study and reports."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """By address of each link to another site that is known to be broken: what that site said."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """By slug of each assessed conclusion of the content whose evidence moved since: how, in words."""

    @classmethod
    def read(
        cls, content: Content, *, at: datetime.datetime, together_with: Collection[Topic] = ()
    ) -> "Facts":
        """The facts about `content` at `at`, in at most four queries; a page with findings takes a few more.

        Topics that go out at the same moment count as live.
        """
        return cls(
            today=localdate(at),
            topics=_topics(content, at=at, together_with=together_with),
            integrity=integrity(content["studies"]),
            broken=_broken(content),
            moved=_moved(content, at=at),
        )

    def of_study(self, slug: str, content: Content) -> str:
        """The integrity of a study now; as frozen, where it is not known any more."""
        frozen: str = content["studies"][slug]["integrity"]
        return self.integrity.get(slug, frozen)


Check = Callable[[Content, Facts], Iterator[Remark]]


@dataclass(frozen=True)
class Reading:
    """How long the page is: words, minutes of reading (at least one), and its grade if it can be told."""

    words: int
    minutes: int
    grade: float | None


def run(content: Content, facts: Facts) -> list[Remark]:
    """Everything that the checks find, in the order of the page."""
    order = {block["uid"]: place for place, block in enumerate(content["blocks"])}

    def place(finding: Remark) -> tuple[int, int, int]:
        if finding.uid is not None:
            return 1, order[finding.uid], finding.level.rank
        if finding.field == "not_known":
            return 2, 0, finding.level.rank
        if finding.field:
            return 0, FIELD_ORDER.index(finding.field), finding.level.rank
        return 3, 0, finding.level.rank

    return sorted((finding for check in CHECKS for finding in check(content, facts)), key=place)


def stops(content: Content, facts: Facts) -> list[Remark]:
    """What keeps this content from going out."""
    return [finding for finding in run(content, facts) if finding.level is Level.STOP]


def count(findings: Collection[Remark]) -> str:
    """How many of each level, the gravest first: “1 stop, 3 hints”. Empty if there is none."""
    numbers = [(sum(finding.level is level for finding in findings), level.value) for level in Level]
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in numbers if n)


def reading(content: Content) -> Reading:
    """How long the page is and how hard to read."""
    words = len(freezing.words(content).split())
    return Reading(words=words, minutes=max(1, round(words / WORDS_A_MINUTE)), grade=_grade(content))


def _grade(content: Content) -> float | None:
    return wording.grade(
        paragraph for part in parts(content) if part.is_prose for paragraph in part.paragraphs
    )


# Places and their words


@dataclass(frozen=True)
class Part:
    """One stretch of words of a page with its place."""

    place: str
    uid: str | None
    field: str
    html: str
    """Empty where it is plain text."""
    paragraphs: list[str]
    is_prose: bool
    """Running text, whose sentences may be counted."""

    def finding(self, check: str, level: Level, message: str) -> Remark:
        return Remark(check, level, message, self.place, self.uid, self.field)


_FIELDS = {
    "title": "Title",
    "subtitle": "Subtitle",
    "short_title": "Short title",
    "standfirst": "Standfirst",
    "teaser": "Teaser",
    "description": "Meta description",
}
_FIELD_NAMES = {"description": "meta_description"}
FIELD_ORDER = [
    "title",
    "subtitle",
    "short_title",
    "standfirst",
    "teaser",
    "meta_description",
    "next_review",
    "key_points",
    "not_known",
]
"""The fields that findings may name, as they follow each other on the page; blocks stand before the last."""


def place_of(block: Content) -> str:
    """How a block is called in lists of findings: its kind and its first words."""
    says = {
        "heading": "text",
        "key variables": "caption",
        "callout": "title",
        "evidence table": "title",
        "figure": "alt",
        "finding": "name",
    }
    if block["kind"] == "text":
        words = " ".join(wording.paragraphs(block["text"]))
    else:
        words = block[says[block["kind"]]]
    kind = block["kind"].capitalize()
    return f"{kind} “{Truncator(words).words(7)}”" if words else kind


def parts(content: Content) -> Iterator[Part]:
    """The words that editors write, in the order of the page; what studies found is not theirs to word."""
    topic = content["topic"]
    for name, place in _FIELDS.items():
        # Without a description of its own the page gives its teaser.
        if topic[name] and not (name == "description" and topic[name] == topic["teaser"]):
            yield Part(
                place, None, _FIELD_NAMES.get(name, name), "", [topic[name]], is_prose=name == "standfirst"
            )
    yield _rich("At a glance", None, "key_points", content["key_points"])
    for block in content["blocks"]:
        place, uid, kind = place_of(block), block["uid"], block["kind"]
        plain: list[str] = []
        if kind == "heading":
            plain = [block["text"]]
        elif kind == "key variables":
            plain = [block["caption"]]
            plain += [
                part for row in block["rows"] for part in (row["variable"], row["why"], row["evidence"])
            ]
        elif kind in ("callout", "evidence table"):
            plain = [block["title"]]
        elif kind == "finding":
            plain = [block["name"], block["statement"]]
        elif kind == "figure":
            plain = [block["alt"], block["caption"]]
        if any(plain):
            yield Part(place, uid, "", "", [words for words in plain if words], is_prose=False)
        html = block.get("introduction" if kind == "evidence table" else "text")
        if kind != "heading" and html:
            yield _rich(place, uid, "", html)
    yield _rich("What is not known", None, "not_known", content["not_known"])


def _rich(place: str, uid: str | None, field_name: str, html: str) -> Part:
    return Part(place, uid, field_name, html, wording.paragraphs(html), is_prose=True)


def _about(block: Content, check: str, level: Level, message: str) -> Remark:
    return Remark(check, level, message, place_of(block), block["uid"])


def _of_page(check: str, level: Level, message: str) -> Remark:
    return Remark(check, level, message, "Page")


# Structure


def empty_page(content: Content, facts: Facts) -> Iterator[Remark]:
    if freezing.is_empty(content):
        yield _of_page("empty-page", Level.STOP, "The page has no text yet.")


def doubled_anchor(content: Content, facts: Facts) -> Iterator[Remark]:
    seen = set()
    for block in (block for block in content["blocks"] if block["kind"] in ("heading", "finding")):
        if block["anchor"] in seen:
            message = f"Two headings have the anchor “{block['anchor']}”."
            yield _about(block, "doubled-anchor", Level.STOP, message)
        seen.add(block["anchor"])


def reserved_anchor(content: Content, facts: Facts) -> Iterator[Remark]:
    for block in (block for block in content["blocks"] if block["kind"] in ("heading", "finding")):
        if rendering.is_reserved(block["anchor"]):
            message = f"The anchor “{block['anchor']}” belongs to a standing part of the page."
            yield _about(block, "reserved-anchor", Level.STOP, message)


def doubled_heading(content: Content, facts: Facts) -> Iterator[Remark]:
    seen = set()
    for block in _of_kind(content, "heading"):
        title = _bare(block["text"])
        if title in seen:
            message = "An earlier section has this title: readers cannot tell them apart in the contents."
            yield _about(block, "doubled-heading", Level.WARNING, message)
        seen.add(title)


_SMALL_HEADING = re.compile(r"<h(?P<level>[34])[^>]*>(?P<inner>.*?)</h(?P=level)>", re.DOTALL)


def heading_order(content: Content, facts: Facts) -> Iterator[Remark]:
    """No level of headings is skipped on the way down; the title of the page is level 1."""
    tables = _of_kind(content, "evidence table")
    level = 2 if content["key_points"] or (content["populations"] and any(tables)) else 1
    for block in content["blocks"]:
        if block["kind"] == "heading":
            level = 2
        elif block["kind"] in ("evidence table", "callout", "finding"):
            if level < 2:
                message = "It has a title of its own and no section above it: put a heading before it."
                yield _about(block, "heading-order", Level.WARNING, message)
            level = 3
        elif block["kind"] == "text":
            for small in _SMALL_HEADING.finditer(block["text"]):
                depth = int(small["level"])
                if depth > level + 1:
                    words = " ".join(wording.paragraphs(small["inner"]))
                    missing = "a section heading" if level < 2 else "a small heading of level 3"
                    message = f"“{words}” is a heading of level {depth} without {missing} above it."
                    yield _about(block, "heading-order", Level.WARNING, message)
                level = depth


def empty_block(content: Content, facts: Facts) -> Iterator[Remark]:
    for block in content["blocks"]:
        if block["kind"] in ("text", "callout") and not wording.paragraphs(block["text"]):
            yield _about(block, "empty-block", Level.WARNING, "There are no words in it.")
        elif block["kind"] == "key variables" and not block["rows"]:
            yield _about(block, "empty-block", Level.WARNING, "The table has no rows.")


def empty_section(content: Content, facts: Facts) -> Iterator[Remark]:
    for block, following in itertools.pairwise([*content["blocks"], {"kind": "heading"}]):
        if block["kind"] == "heading" and following["kind"] == "heading":
            yield _about(block, "empty-section", Level.WARNING, "Nothing stands under this heading.")


def text_alternative(content: Content, facts: Facts) -> Iterator[Remark]:
    for block in _of_kind(content, "figure"):
        if block["is_decorative"]:
            continue
        if not block["alt"].strip():
            message = "The image has no text alternative: say what it shows, or that it is decoration."
            yield _about(block, "text-alternative", Level.STOP, message)
        elif _bare(block["alt"]) == _bare(block["caption"]):
            message = "The text alternative repeats the caption: people who listen hear it twice."
            yield _about(block, "text-alternative", Level.WARNING, message)


# Links


def broken_link(content: Content, facts: Facts) -> Iterator[Remark]:
    known: dict[str, tuple[Collection[str], str]] = {
        "study": (content["studies"], "no published study"),
        "term": (content["terms"], "no glossary term"),
        "topic": (facts.topics, "no topic"),
    }
    for part in parts(content):
        for scheme, target in dict.fromkeys(links.targets(part.html)):
            things, none = known[scheme]
            if target not in things:
                message = f"A link names “{scheme}:{target}”, but there is {none} of that name."
                yield part.finding("broken-link", Level.STOP, message)


_NO_PAGE = {
    PageState.SCHEDULED: "is not public yet",
    PageState.WITHDRAWN: "is not public any more",
    PageState.DRAFT: "was never published",
}


def link_without_page(content: Content, facts: Facts) -> Iterator[Remark]:
    for part in parts(content):
        for scheme, target in dict.fromkeys(links.targets(part.html)):
            title, state = facts.topics.get(target, ("", PageState.LIVE))
            if scheme == "topic" and state in _NO_PAGE:
                message = f"A link leads to “{title}”, which {_NO_PAGE[state]}."
                yield part.finding("link-without-page", Level.WARNING, message)


def broken_outside_link(content: Content, facts: Facts) -> Iterator[Remark]:
    for part in parts(content):
        for url in dict.fromkeys(outside_links.outside(part.html)):
            if url in facts.broken:
                message = f"A link leads to {url}, where nothing is any more ({facts.broken[url]})."
                yield part.finding("broken-outside-link", Level.WARNING, message)
    for slug in content["references"]:
        study = content["studies"][slug]
        for url in sorted(outside_links.of_reference(study["report"]) & facts.broken.keys()):
            message = (
                f"The reference {study['label']} leads to {url}, where nothing is any more "
                f"({facts.broken[url]})."
            )
            yield _of_page("broken-outside-link", Level.WARNING, message)


# Evidence


def table_without_result(content: Content, facts: Facts) -> Iterator[Remark]:
    for block in _of_kind(content, "evidence table"):
        if not block["rows"]:
            message = f"No study of {block['outcome']['name']} is known here: readers are told of the gap."
            yield _about(block, "table-without-result", Level.WARNING, message)
        elif all(row["state"] != Result.State.REPORTED for row in block["rows"]):
            message = "None of its studies has a result yet."
            yield _about(block, "table-without-result", Level.WARNING, message)


def retracted_study(content: Content, facts: Facts) -> Iterator[Remark]:
    """No text rests on a retracted study; one that says “retracted” speaks about the retraction.

    A table lists such a study all the same and marks it; it only stops the page if the mark is missing.
    """
    for part in parts(content):
        speaks_of_it = any("retract" in paragraph.casefold() for paragraph in part.paragraphs)
        for study in _cited(part, content):
            if facts.of_study(study, content) == Study.Integrity.RETRACTED:
                label = content["studies"][study]["label"]
                message = f"It cites {label}, which was retracted, and does not say so."
                level = Level.STOP
                if speaks_of_it:
                    message = f"It cites {label}, which was retracted. See that nothing rests on it."
                    level = Level.WARNING
                yield part.finding("retracted-study", level, message)
    for block in _of_kind(content, "evidence table"):
        for study in dict.fromkeys(row["study"] for row in block["rows"]):
            if facts.of_study(study, content) == Study.Integrity.RETRACTED:
                label = content["studies"][study]["label"]
                message = f"{label} was retracted. It is listed with that mark; see that nothing rests on it."
                level = Level.WARNING
                if content["studies"][study]["integrity"] != Study.Integrity.RETRACTED:
                    message = (
                        f"{label} was retracted, but its record does not say so, hence nor does the page."
                    )
                    level = Level.STOP
                yield _about(block, "retracted-study", level, message)


def study_of_concern(content: Content, facts: Facts) -> Iterator[Remark]:
    named: dict[tuple[str, str | None, str], set[str]] = {}
    for part in parts(content):
        named.setdefault((part.place, part.uid, part.field), set()).update(_cited(part, content))
    for block in _of_kind(content, "evidence table"):
        place = named.setdefault((place_of(block), block["uid"], ""), set())
        place.update(row["study"] for row in block["rows"])
    for (words, uid, field_name), studies in named.items():
        for study in sorted(studies):
            if facts.of_study(study, content) == Study.Integrity.CONCERN:
                label = content["studies"][study]["label"]
                message = f"An expression of concern was published about {label}."
                yield Remark("study-of-concern", Level.WARNING, message, words, uid, field_name)


def unverified_bibliography(content: Content, facts: Facts) -> Iterator[Remark]:
    reports = [content["studies"][slug]["report"] for slug in content["references"]]
    n = sum(report is None or report["bibliography"] != Report.Bibliography.VERIFIED for report in reports)
    if n:
        message = f"{n} of {len(reports)} references have details that nobody has compared with the source."
        yield _of_page("unverified-bibliography", Level.HINT, message)


# About the page


def meta_description(content: Content, facts: Facts) -> Iterator[Remark]:
    topic = content["topic"]
    if topic["description"] in ("", topic["teaser"]):
        message = "It is missing, so that search engines show the teaser instead."
        yield Remark("meta-description", Level.WARNING, message, "Meta description", field="meta_description")


def review_passed(content: Content, facts: Facts) -> Iterator[Remark]:
    due = content["topic"]["next_review"]
    if due is not None and datetime.date.fromisoformat(due) < facts.today:
        day = date_format(datetime.date.fromisoformat(due), "j F Y")
        message = f"It was due on {day}, and readers see that date."
        yield Remark("review-passed", Level.WARNING, message, "Next review", field="next_review")


# Wording


def promise(content: Content, facts: Facts) -> Iterator[Remark]:
    titles = [study["name"] for study in content["studies"].values()]
    titles += [study["report"]["title"] for study in content["studies"].values() if study["report"]]
    for part in parts(content):
        said: dict[str, wording.Promised] = {}
        for paragraph in part.paragraphs:
            for promised in wording.promises(paragraph, titles=titles):
                earlier = said.get(promised.word.casefold())
                if earlier is None or (promised.is_stop and not earlier.is_stop):
                    said[promised.word.casefold()] = promised
        for promised in said.values():
            level = Level.STOP if promised.is_stop else Level.WARNING
            yield part.finding("promise", level, f"“{promised.word}” may promise too much. {promised.advice}")


def long_sentence(content: Content, facts: Facts) -> Iterator[Remark]:
    for part in parts(content):
        if not part.is_prose:
            continue
        counted = [
            (wording.count_words(sentence), sentence)
            for paragraph in part.paragraphs
            for sentence in wording.sentences(paragraph)
        ]
        long = [(n, sentence) for n, sentence in counted if n > wording.LONGEST_SENTENCE]
        if long:
            n, sentence = max(long, key=lambda entry: entry[0])
            beginning = Truncator(sentence).words(6)
            message = f"A sentence of {n} words: “{beginning}”."
            if len(long) > 1:
                message = (
                    f"{len(long)} sentences of more than {wording.LONGEST_SENTENCE} words; "
                    f"the longest has {n}: “{beginning}”."
                )
            yield part.finding("long-sentence", Level.HINT, message)


def hard_to_read(content: Content, facts: Facts) -> Iterator[Remark]:
    grade = _grade(content)
    if grade is not None and grade >= HARD_TO_READ:
        message = (
            f"The text asks for about {grade:.0f} years of schooling. "
            "Shorter sentences and everyday words reach more people."
        )
        yield _of_page("hard-to-read", Level.HINT, message)


# Findings


def unassessed_finding(content: Content, facts: Facts) -> Iterator[Remark]:
    for block in _of_kind(content, "finding"):
        if block["conclusion"] is None:
            yield _about(block, "unassessed-finding", Level.STOP, "Choose the conclusion that it rests on.")
        elif block["assessment"] is None:
            message = f"The conclusion “{block['conclusion']['slug']}” has no signed assessment."
            yield _about(block, "unassessed-finding", Level.STOP, message)


def unhedged_finding(content: Content, facts: Facts) -> Iterator[Remark]:
    """A sentence says as much as its certainty allows: no more, and no less."""
    for block in _of_kind(content, "finding"):
        if block["assessment"] is None:
            continue
        level = Certainty(block["assessment"]["certainty"])
        for words in dict.fromkeys((block["statement"], block["glance"])):
            for flaw in flaws(words, certainty=level):
                stop = Level.STOP if flaw.is_stop else Level.WARNING
                yield _about(block, "unhedged-finding", stop, flaw.message)


def unrated_group(content: Content, facts: Facts) -> Iterator[Remark]:
    """Where the studies included a group, readers of that group are told how certain it is for them."""
    for block in _of_kind(content, "finding"):
        if block["assessment"] is None:
            continue
        labels = {group["slug"]: group["label"] for group in content["populations"]}
        for slug, said in block["lenses"].items():
            if said["state"] in ("direct", "part") and said["assessment"] is None:
                message = f"The studies included the group “{labels[slug]}”: assess the conclusion for it."
                yield _about(block, "unrated-group", Level.STOP, message)


def moved_evidence(content: Content, facts: Facts) -> Iterator[Remark]:
    """Publishing a full edition asks for an assessment of what there is today (see `publishing`)."""
    for block in _of_kind(content, "finding"):
        for conclusion, _ in shown(block):
            slug = conclusion["slug"]
            if slug in facts.moved:
                message = f"The evidence moved since “{slug}” was assessed: {facts.moved[slug]}."
                yield _about(block, "moved-evidence", Level.WARNING, message)


CHECKS: tuple[Check, ...] = (
    empty_page,
    doubled_anchor,
    reserved_anchor,
    doubled_heading,
    heading_order,
    empty_block,
    empty_section,
    text_alternative,
    broken_link,
    link_without_page,
    broken_outside_link,
    table_without_result,
    unassessed_finding,
    unhedged_finding,
    unrated_group,
    moved_evidence,
    retracted_study,
    study_of_concern,
    unverified_bibliography,
    meta_description,
    review_passed,
    promise,
    long_sentence,
    hard_to_read,
)


def _of_kind(content: Content, kind: str) -> Iterator[Content]:
    return (block for block in content["blocks"] if block["kind"] == kind)


def _bare(words: str) -> str:
    """Words without case, punctuation and spare space, to compare them."""
    return " ".join(re.findall(r"\w+", words.casefold()))


def _cited(part: Part, content: Content) -> Iterable[str]:
    """The studies that a text names and the content knows, each once."""
    return dict.fromkeys(
        target
        for scheme, target in links.targets(part.html)
        if scheme == "study" and target in content["studies"]
    )


# Reading the facts


def _topics(
    content: Content, *, at: datetime.datetime, together_with: Collection[Topic]
) -> dict[str, tuple[str, PageState]]:
    uids = {
        target
        for text in freezing.texts(content)
        for scheme, target in links.targets(text)
        if scheme == "topic" and links.is_uid(target)
    }
    if not uids:
        return {}
    editions = Edition.objects.filter(topic=OuterRef("pk")).order_by()
    going_out = {topic.pk for topic in together_with}
    topics = (
        Topic.objects.filter(uid__in=uids)
        .annotate(
            is_live=Exists(editions.in_force(at)),
            is_coming=Exists(editions.waiting(at)),
            was_published=Exists(editions),
        )
        .order_by("pk")
    )
    states = {}
    for topic in topics:
        if topic.is_live or topic.pk in going_out:
            state = PageState.LIVE
        elif topic.is_coming:
            state = PageState.SCHEDULED
        else:
            state = PageState.WITHDRAWN if topic.was_published else PageState.DRAFT
        states[str(topic.uid)] = (topic.short_title, state)
    return states


def integrity(slugs: Collection[str]) -> dict[str, str]:
    """By slug of each of these studies, if known: ok, concern or retracted, the worst of it and its reports.

    Two queries; none for no study.
    """
    slugs = list(slugs)
    if not slugs:
        return {}
    worst = dict(Study.objects.filter(slug__in=slugs).order_by().values_list("slug", "integrity"))
    reports = (
        Report.objects.filter(study__slug__in=slugs)
        .exclude(retraction=Report.Retraction.NONE)
        .order_by()
        .values_list("study__slug", "retraction")
    )
    for slug, retraction in reports:
        if worst[slug] != Study.Integrity.RETRACTED:
            worst[slug] = retraction
    return worst


def _broken(content: Content) -> dict[str, str]:
    urls = outside_links.addresses(content)
    if not urls:
        return {}
    found = OutsideLink.objects.broken().filter(url__in=urls).order_by()
    return dict(found.values_list("url", "answer"))


def _moved(content: Content, *, at: datetime.datetime) -> dict[str, str]:
    slugs = {conclusion["slug"] for block in _of_kind(content, "finding") for conclusion, _ in shown(block)}
    if not slugs:
        return {}
    found = in_force(on=localdate(at), conclusions=Conclusion.objects.filter(slug__in=slugs))
    return {
        assessment.conclusion.slug: drift.says for assessment, drift in found.values() if not drift.is_empty
    }
