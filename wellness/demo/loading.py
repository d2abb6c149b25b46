"""Loading the demo: vocabularies, studies, shelves, words, conclusions and pages, each only where missing."""

import datetime
import re
import tomllib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.core.files import File
from django.db import connection, transaction
from django.utils.text import slugify
from pydantic import ValidationError as FormError

from articles import images
from articles.models import (
    Block,
    Callout,
    Category,
    EvidenceTable,
    Figure,
    Finding,
    Heading,
    KeyVariables,
    RichText,
    SignOff,
    Term,
    Topic,
    TopicPopulation,
)
from articles.publishing import NotPublishable, publish
from articles.workflow import REQUIRED_SIGN_OFFS, Action, NotAllowed, perform
from evidence import vocabulary
from evidence.importing import Summary, UnreadableFile, import_studies, read_studies
from evidence.importing.form import Form, sentence
from evidence.importing.places import Path as Place
from evidence.importing.reading import flaws
from evidence.models import Conclusion, Intervention, Outcome, Population, Study

from . import findings
from . import form as forms
from .files import DemoFile, InvalidDemo
from .logins import Cast

FOLDER = Path(__file__).parent
# Topics and blocks have the same identity wherever the demo is loaded.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "demo.wellness.invalid")
STEP = 10
STUDIES = "evidence.json"
NOTE = "Demonstration: nobody has reviewed this page outside the demo."

F = TypeVar("F", bound=Form)

_TOPIC_LINK = re.compile(r'href="topic:([^"]*)"')


@dataclass
class Loaded:
    """What was new this time."""

    vocabularies: list[vocabulary.Count]
    studies: Summary
    categories: int = 0
    terms: int = 0
    topics: int = 0
    conclusions: int = 0
    published: int = 0
    arrived: int = 0
    """Studies that were entered once the pages were out."""
    without_findings: tuple[str, ...] = ()
    """Slugs of topics that were there before their findings were, and were left as they are."""


@transaction.atomic
def load(*, at: datetime.datetime, cast: Cast, folder: Path = FOLDER) -> Loaded:
    """Create what is missing of the demo in `folder` and publish its topics that were never published.

    What is there already is left as editors made it: a second run changes nothing. The `cast` takes each page
    through the workflow as people would, and says that it is a demonstration. Findings and what they rest on
    come with their topic; a topic that is there already gets none. Studies that arrive later are entered once
    the pages are out, so that a page shows what nobody has assessed yet. Raises InvalidDemo.
    """
    loader = _Loader(folder, cast=cast, at=at)
    try:
        counts = vocabulary.load(keep_existing=True)
    except vocabulary.InvalidVocabulary as error:
        raise InvalidDemo(error.problems) from error
    records = _records(folder / STUDIES)
    loader.look_for({_slug(record) for record in records})
    loader.stop_at_problems()
    first = [record for record in records if _slug(record) not in loader.arriving_later]
    loaded = Loaded(counts, _import(first, at=at, by=cast.editor))
    loaded.categories = loader.categories()
    loaded.terms = loader.terms()
    loader.stop_at_problems()
    topics = loader.topics()
    loader.stop_at_problems()
    loaded.topics = loader.new_topics
    loaded.conclusions = loader.new_conclusions
    loaded.without_findings = loader.without_findings()
    loaded.published = _publish(topics, at=at, cast=cast)
    later = [record for record in records if _slug(record) in loader.arriving_later]
    loaded.arrived = _import(later, at=at, by=cast.editor).created
    return loaded


def _records(path: Path) -> list[Any]:
    """What the file of studies says."""
    try:
        return [*read_studies(path.read_bytes())]
    except OSError as error:
        raise InvalidDemo([(path.name, f"It cannot be read: {error.strerror}.")]) from error
    except UnreadableFile as error:
        raise InvalidDemo([(path.name, str(error))]) from error


def _slug(record: Any) -> Any:
    return record.get("slug") if isinstance(record, dict) else None


def _import(records: list[Any], *, at: datetime.datetime, by: User | None) -> Summary:
    """Import the studies that the database does not have."""
    known = set(Study.objects.values_list("slug", flat=True))
    new = [record for record in records if _slug(record) not in known]
    summary = import_studies(records=new, at=at, by=by, reason="Demo")
    if summary.rejections:
        raise InvalidDemo(
            [
                (f"{STUDIES} > {where}", message)
                for rejection in summary.rejections
                for where, message in rejection.reasons
            ]
        )
    if summary.created and connection.vendor == "postgresql":
        # In one transaction nobody else takes statistics, and without them one query may take minutes.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return summary


def _publish(topics: dict[str, tuple[Topic, str]], *, at: datetime.datetime, cast: Cast) -> int:
    """Bring the drafts that were never published all the way out, all together, and say how many."""
    drafts = {
        slug: topic
        for slug, (topic, _) in topics.items()
        if topic.state == Topic.State.DRAFTING and not topic.editions.exists()
    }
    for slug, topic in drafts.items():
        try:
            for action, by in _way_out(topic, cast):
                # The demo starts with a clean desk: its own making is no news to those who try it.
                perform(
                    topic=topic,
                    action=action,
                    by=by,
                    at=at,
                    comment=NOTE,
                    together_with=drafts.values(),
                    tell=False,
                )
            publish(
                topic=topic,
                by=cast.publisher,
                at=at,
                change_note="First edition.",
                together_with=drafts.values(),
                tell=False,
            )
        except NotAllowed as error:
            raise InvalidDemo([(topics[slug][1], str(error))]) from error
        except NotPublishable as error:
            name = topics[slug][1]
            raise InvalidDemo([(name, problem) for problem in error.problems]) from error
    return len(drafts)


def _way_out(topic: Topic, cast: Cast) -> Iterator[tuple[Action, User]]:
    """The moves that a page needs until it may be published, and who makes them."""
    yield Action.HAND_IN, cast.writer
    yield Action.SUBMIT, cast.editor
    yield Action.SIGN_EDITORIAL, cast.editor
    if SignOff.Kind.SCIENTIFIC in REQUIRED_SIGN_OFFS[Topic.Risk(topic.risk)]:
        yield Action.SIGN_SCIENTIFIC, cast.reviewer


class _Loader:
    """The content of one folder on its way into the database."""

    def __init__(self, folder: Path, *, cast: Cast, at: datetime.datetime) -> None:
        self.folder = folder
        self.owner, self.reviewer = cast.writer, cast.reviewer
        self.at = at
        self.files: list[DemoFile] = []
        self.new_topics = 0
        self.new_conclusions = 0
        self.category_files = [*self._read(["categories.toml"], forms.CategoryFile)]
        names = sorted(path.name for path in folder.glob("glossary*.toml"))
        self.term_files = [*self._read(names, forms.TermFile)]
        names = sorted(f"topics/{path.name}" for path in folder.glob("topics/*.toml"))
        self.topic_files = {form.slug: (file, form) for file, form in self._read(names, forms.TopicForm)}
        names = sorted(f"findings/{path.name}" for path in folder.glob("findings/*.toml"))
        self.finding_files = {
            Path(file.name).stem: (file, form) for file, form in self._read(names, forms.FindingFile)
        }
        self.stop_at_problems()
        self.arriving_later = {form.arrives_later for _, form in self.finding_files.values()} - {""}
        self.shelves: dict[str, Category] = {}
        self.known: dict[str, Topic] = {}

    def stop_at_problems(self) -> None:
        problems = [problem for file in self.files for problem in file.problems]
        if problems:
            raise InvalidDemo(problems)

    def _read(self, names: list[str], form: type[F]) -> Iterator[tuple[DemoFile, F]]:
        slugs: set[str] = set()
        for name in names:
            file = DemoFile(name)
            self.files.append(file)
            try:
                file.value = tomllib.loads((self.folder / name).read_text(encoding="utf-8-sig"))
                for path, message in flaws(file.value):
                    file.report(path, message)
                found = form.model_validate(file.value)
            except OSError as error:
                file.report((), f"It cannot be read: {error.strerror}.")
            except UnicodeDecodeError as error:
                file.report((), f"It is not UTF-8: byte {error.start}.")
            except (tomllib.TOMLDecodeError, RecursionError) as error:
                file.report((), f"It is not TOML: {error}.")
            except FormError as error:
                for entry in error.errors(include_url=False):
                    file.report(entry["loc"], sentence(entry))
            else:
                slug = getattr(found, "slug", name)
                if slug in slugs:
                    file.report(("slug",), "Another file has this slug.")
                slugs.add(slug)
                yield file, found

    def look_for(self, studies: Collection[Any]) -> None:
        """Note what the files of findings name and the demo does not have: a topic, a study of `studies`."""
        for slug, (file, form) in self.finding_files.items():
            if slug not in self.topic_files:
                file.report((), f"There is no topic “{slug}”.")
            if form.arrives_later and form.arrives_later not in studies:
                file.report(("arrives_later",), f"There is no study “{form.arrives_later}” in {STUDIES}.")

    # Shelves and words

    def categories(self) -> int:
        """Create the shelves that are missing by slug and by name; say how many."""
        stored = list(Category.objects.order_by("pk"))
        created = 0
        for file, content in self.category_files:
            for number, form in enumerate(content.categories):
                row = next((row for row in stored if form.slug == row.slug or form.name == row.name), None)
                if row is None:
                    row = Category(**form.model_dump())
                    if not file.save(row, ("categories", number)):
                        continue
                    stored.append(row)
                    created += 1
                self.shelves[form.slug] = row
        return created

    def terms(self) -> int:
        """Create the words that are missing by slug and by name; say how many."""
        stored = {key for term in Term.objects.order_by("pk") for key in (term.slug, term.name)}
        created = 0
        for file, content in self.term_files:
            for number, form in enumerate(content.terms):
                if form.slug in stored or form.name in stored:
                    continue
                if file.save(Term(**form.model_dump()), ("terms", number)):
                    stored |= {form.slug, form.name}
                    created += 1
        return created

    # Topics

    def topics(self) -> dict[str, tuple[Topic, str]]:
        """Create the topics that are missing by slug and by uid; all of the demo, with their files' names."""
        by_uid = {topic.uid: topic for topic in Topic.objects.select_related("category")}
        by_slug = {topic.slug: topic for topic in by_uid.values()}
        self.known = {
            slug: by_slug.get(slug) or by_uid[_topic_uid(slug)]
            for slug in {*by_slug, *self.topic_files}
            if slug in by_slug or _topic_uid(slug) in by_uid
        }
        done: dict[str, tuple[Topic, str]] = {}
        for slug in self._parents_first():
            file, form = self.topic_files[slug]
            topic = self.known.get(slug)
            if topic is None:
                topic = self._topic(form, file)
            if topic is not None:
                self.known[slug] = topic
                done[slug] = (topic, file.name)
        return done

    def _parents_first(self) -> list[str]:
        order: list[str] = []
        waiting = sorted(self.topic_files, key=lambda slug: (self.topic_files[slug][1].position, slug))
        while waiting:
            ready = [
                slug for slug in waiting if self.topic_files[slug][1].parent not in set(waiting) - {slug}
            ]
            for slug in ready or waiting:
                file, form = self.topic_files[slug]
                if form.parent == slug or not ready:
                    file.report(("parent",), "A topic cannot stand below itself.")
                elif form.parent and form.parent not in self.topic_files and form.parent not in self.known:
                    file.report(("parent",), f"There is no topic “{form.parent}”.")
                else:
                    order.append(slug)
            waiting = [slug for slug in waiting if ready and slug not in ready]
        return order

    def _topic(self, form: forms.TopicForm, file: DemoFile) -> Topic | None:
        """Create one topic with its blocks, or note why not."""
        category = self.shelves.get(form.category) or Category.objects.filter(slug=form.category).first()
        if category is None:
            file.report(("category",), f"There is no category “{form.category}”.")
            return None
        parent = self.known.get(form.parent)
        if form.parent and parent is None:
            # Reported where the parent failed.
            return None
        intervention = None
        if form.intervention is not None:
            intervention = file.node(Intervention, form.intervention, ("intervention",))
        links_to = ("category", "parent", "intervention", "populations", "tags", "blocks")
        values = {name: getattr(form, name) for name in type(form).model_fields if name not in links_to}
        for name in ("key_points", "not_known"):
            values[name] = self._with_uids(values[name], file, (name,))
        topic = Topic(
            uid=_topic_uid(form.slug),
            category=category,
            parent=parent,
            intervention=intervention,
            owner=self.owner,
            **values,
        )
        if not file.save(topic, ()):
            return None
        self.new_topics += 1
        topic.tags.add(*form.tags)
        for number, slug in enumerate(form.populations):
            population = file.node(Population, slug, ("populations", number))
            if population is not None:
                lens = TopicPopulation(topic=topic, population=population, position=number)
                file.save(lens, ("populations", number))
        self._blocks(topic, form, file)
        return topic

    def _blocks(self, topic: Topic, form: forms.TopicForm, file: DemoFile) -> None:
        """Create the blocks of a topic with its findings among them, or note why not."""
        findings_file, content = self.finding_files.get(form.slug, (file, forms.FindingFile()))
        conclusions, n_new = findings.conclude(
            file=findings_file, content=content, by=self.reviewer, at=self.at
        )
        self.new_conclusions += n_new
        for position, (path, block) in enumerate(findings.placed(form.blocks, content, findings_file)):
            source = findings_file if isinstance(block, forms.FindingForm) else file
            if isinstance(block, forms.FindingForm):
                row = self._finding(block, content, conclusions, source, path)
            else:
                row = self._block(block, source, path)
            if row is not None:
                row.parent, row.region, row.ordering = topic, "main", STEP * (position + 1)
                # What has no anchor is known by its place in its file.
                name = row.anchor if isinstance(row, Heading | Finding) else str(path[-1])
                row.uid = uuid.uuid5(topic.uid, f"{block.kind}:{name}")
                source.save(row, path)

    def _finding(
        self,
        form: forms.FindingForm,
        content: forms.FindingFile,
        conclusions: dict[str, Conclusion],
        file: DemoFile,
        path: Place,
    ) -> Finding | None:
        """A finding, not saved yet, or a note that its conclusion is missing."""
        if form.conclusion not in {entry.slug for entry in content.conclusion}:
            message = f"There is no conclusion “{form.conclusion}” in this file."
            file.report((*path, "conclusion"), message)
        if form.conclusion not in conclusions:
            return None
        return Finding(
            name=form.name,
            anchor=slugify(form.name),
            conclusion=conclusions[form.conclusion],
            glance=form.glance,
            text=self._with_uids(form.text, file, (*path, "text")),
        )

    def without_findings(self) -> tuple[str, ...]:
        """The topics, by slug, that are to have findings and have none: they were there before."""
        has_any = set(Finding.objects.values_list("parent_id", flat=True))
        return tuple(sorted(slug for slug in self.finding_files if self.known[slug].pk not in has_any))

    def _block(self, form: Any, file: DemoFile, path: Place) -> Block | None:
        """The block that a form asks for, not saved yet."""
        match form:
            case forms.HeadingForm():
                return Heading(text=form.text, short_text=form.short_text, anchor=form.anchor)
            case forms.TextForm():
                return RichText(text=self._with_uids(form.text, file, (*path, "text")))
            case forms.KeyVariablesForm():
                return KeyVariables(caption=form.caption, rows=[row.model_dump() for row in form.rows])
            case forms.EvidenceTableForm():
                outcome = file.node(Outcome, form.outcome, (*path, "outcome"))
                introduction = self._with_uids(form.introduction, file, (*path, "introduction"))
                return outcome and EvidenceTable(title=form.title, outcome=outcome, introduction=introduction)
            case forms.CalloutForm():
                text = self._with_uids(form.text, file, (*path, "text"))
                return Callout(kind=form.callout, title=form.title, text=text)
            case _:
                return self._figure(form, file, path)

    def _figure(self, form: forms.FigureForm, file: DemoFile, path: Place) -> Figure | None:
        source = self.folder / "figures" / form.file
        if Path(form.file).name != form.file or not source.is_file():
            file.report((*path, "file"), f"There is no file “{form.file}” among the figures.")
            return None
        try:
            with source.open("rb") as opened:
                image = images.keep(file=File(opened, name=form.file), by=self.owner, at=self.at)
        except images.KnownImage as error:
            image = error.image
        except images.NotAnImage as error:
            file.report((*path, "file"), str(error))
            return None
        else:
            # What the page says of it is what the library knows of it.
            image.alt, image.caption, image.credit = form.alt, form.caption, form.credit
            image.save()
        return Figure(image=image, **form.model_dump(exclude={"kind", "file"}))

    def _with_uids(self, html: str, file: DemoFile, path: Place) -> str:
        """The text with links to topics by uid, which stays when a topic moves, instead of by slug."""

        def replace(link: re.Match[str]) -> str:
            slug = link[1]
            if slug in self.known:
                return f'href="topic:{self.known[slug].uid}"'
            if slug not in self.topic_files:
                file.report(path, f"A link names the topic “{slug}”, which there is not.")
            return f'href="topic:{_topic_uid(slug)}"'

        return _TOPIC_LINK.sub(replace, html)


def _topic_uid(slug: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, slug)
