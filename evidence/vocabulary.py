"""Loading the vocabularies: terms of the three trees and tools for risk of bias, from their files."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from pydantic import ValidationError as FormError

from .importing import constraints
from .importing.form import Form, Name, Number, Small, sentence
from .importing.places import Path as Place
from .importing.places import place, printable
from .importing.reading import UnreadableFile, flaws, read_json
from .models import Intervention, Node, Outcome, Population, Tool, ToolDomain
from .models.appraisal import Level

FOLDER = Path(__file__).parent / "vocabularies"
# Places between brothers and sisters, wide enough to put a term between two others by hand.
STEP = 10


class InvalidVocabulary(Exception):
    """Files that cannot be loaded; `problems` are pairs of place and reason. Nothing was written."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{where}: {why}" for where, why in problems))


@dataclass
class Count:
    """What became of the entries of one vocabulary."""

    vocabulary: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0


# What the files say


class NodeForm(Form):
    """A term; one that is left out of `is_active` or `replaced_by` keeps what the database says there."""

    slug: Name
    name: Name
    short_name: str = ""
    definition: str = ""
    synonyms: list[Name] = []
    identifiers: dict[str, Name] = {}
    is_active: bool = True
    replaced_by: Name | None = None


class PopulationForm(NodeForm):
    """A population; those below a root are on its axis."""

    axis: str = ""
    age_min: Small | None = None
    age_max: Small | None = None
    children: list["PopulationForm"] = []


class InterventionForm(NodeForm):
    """An intervention."""

    kind: str
    children: list["InterventionForm"] = []


class OutcomeForm(NodeForm):
    """An outcome."""

    better: str = "depends"
    kind: str = "benefit"
    unit: str = ""
    important_difference: Number | None = None
    important_difference_source: str = ""
    comet_domain: Small | None = None
    children: list["OutcomeForm"] = []


class JudgementForm(Form):
    """A judgement that a tool allows."""

    code: Name
    label: Name
    level: str
    symbol: str


class DomainForm(Form):
    """A domain or item of a tool."""

    code: Name
    name: Name
    is_critical: bool = False


class ToolForm(Form):
    """A tool with its judgements and domains."""

    slug: Name
    name: Name
    version: str = ""
    variant: str = ""
    citation: str = ""
    judgements: list[JudgementForm]
    domains: list[DomainForm] = []
    is_active: bool = True


class PopulationFile(Form):
    vocabulary: str
    version: Name
    nodes: list[PopulationForm]


class InterventionFile(Form):
    vocabulary: str
    version: Name
    nodes: list[InterventionForm]


class OutcomeFile(Form):
    vocabulary: str
    version: Name
    nodes: list[OutcomeForm]


class ToolFile(Form):
    vocabulary: str
    version: Name
    tools: list[ToolForm]


TREES: dict[str, tuple[type[Node], type[Form]]] = {
    "populations": (Population, PopulationFile),
    "interventions": (Intervention, InterventionFile),
    "outcomes": (Outcome, OutcomeFile),
}


# Loading


@transaction.atomic
def load(*, folder: Path = FOLDER, keep_existing: bool = False) -> list[Count]:
    """Create and update terms and tools by slug as the files say; the order in a file is the position.

    Entries of the database that are in no file stay as they are; with `keep_existing` so do those that are.
    A second run changes nothing. Raises InvalidVocabulary.
    """
    loaders = [
        _Trees(folder, vocabulary, model, form, keep_existing=keep_existing)
        for vocabulary, (model, form) in TREES.items()
    ]
    tools = _Tools(folder, "tools", ToolFile, keep_existing=keep_existing)
    problems: list[tuple[str, str]] = []
    for loader in (*loaders, tools):
        loader.load()
        problems.extend(loader.located())
    if problems:
        raise InvalidVocabulary(problems)
    return [loader.count for loader in (*loaders, tools)]


class _Loader:
    """One file on its way into the database."""

    def __init__(self, folder: Path, vocabulary: str, form: type[Form], *, keep_existing: bool) -> None:
        self.path = folder / f"{vocabulary}.json"
        self.vocabulary = vocabulary
        self.form = form
        self.keep_existing = keep_existing
        self.count = Count(vocabulary)
        self.problems: list[tuple[Place, str]] = []
        self.value: Any = None

    def located(self) -> Iterator[tuple[str, str]]:
        """The problems with the words for their places."""
        for path, message in self.problems:
            yield f"{self.path.name}: {place(path, self.value)}", message

    def read(self) -> Any | None:
        """The file as its form, or None with a problem noted."""
        try:
            self.value = read_json(self.path.read_bytes())
        except OSError as error:
            self.problems.append(((), f"It cannot be read: {error.strerror}."))
            return None
        except UnreadableFile as error:
            self.problems.append(((), str(error)))
            return None
        self.problems.extend(flaws(self.value))
        if self.problems:
            return None
        try:
            form: Any = self.form.model_validate(self.value)
        except FormError as error:
            self.problems.extend((entry["loc"], sentence(entry)) for entry in error.errors(include_url=False))
            return None
        if form.vocabulary != self.vocabulary:
            self.problems.append((("vocabulary",), f"Expected “{self.vocabulary}”."))
            return None
        return form

    def load(self) -> None:
        raise NotImplementedError

    def put(self, wanted: Any, found: Any | None, names: list[str], path: Place) -> bool | None:
        """Bring `wanted` into the database in place of `found`: True if it wrote, None if it may not."""
        if not self._check(wanted, found, path):
            return None
        if found is None:
            wanted.save()
            return True
        changed = [name for name in names if _stored(wanted, name) != _stored(found, name)]
        if not changed or self.keep_existing:
            return False
        for name in changed:
            setattr(found, name, getattr(wanted, name))
        found.save(update_fields=changed)
        return True

    def tally(self, *, is_new: bool, wrote: bool) -> None:
        """Count one entry."""
        if is_new:
            self.count.created += 1
        elif wrote:
            self.count.updated += 1
        else:
            self.count.unchanged += 1

    def _check(self, wanted: Any, found: Any | None, path: Place) -> bool:
        if found is not None:
            wanted.pk, wanted._state.adding = found.pk, False
        before = len(self.problems)
        links = {field.name for field in wanted._meta.fields if field.is_relation}
        try:
            wanted.clean_fields(exclude=links)
            wanted.clean()
        except ValidationError as error:
            for name, errors in error.update_error_dict({}).items():
                where = path if name == NON_FIELD_ERRORS else (*path, name)
                self.problems.extend((where, message) for entry in errors for message in entry.messages)
        else:
            self.problems.extend((path, message) for message in constraints.violations(wanted))
        return len(self.problems) == before


class _Trees(_Loader):
    """A file of terms."""

    def __init__(
        self, folder: Path, vocabulary: str, model: type[Node], form: type[Form], *, keep_existing: bool
    ) -> None:
        super().__init__(folder, vocabulary, form, keep_existing=keep_existing)
        self.model = model
        self.nodes: dict[str, Any] = {}
        self.seen: set[str] = set()
        self.replaced: list[tuple[Any, str, Place]] = []

    def load(self) -> None:
        form = self.read()
        if form is None:
            return
        self.nodes = {node.slug: node for node in self.model._default_manager.order_by("pk")}
        self._branch(form.nodes, parent=None, path=("nodes",))
        self._replace()

    def _branch(self, forms: list[Any], *, parent: Any | None, path: Place) -> None:
        for number, form in enumerate(forms):
            node = self._node(form, parent=parent, position=STEP * (number + 1), path=(*path, number))
            if node is not None:
                self._branch(form.children, parent=node, path=(*path, number, "children"))

    def _node(self, form: Any, *, parent: Any | None, position: int, path: Place) -> Any | None:
        if form.slug in self.seen:
            self.problems.append(
                ((*path, "slug"), f"“{printable(form.slug)}” is given already in this file.")
            )
            return None
        self.seen.add(form.slug)
        left_out = {"children", "replaced_by"}
        if "is_active" not in form.model_fields_set:
            left_out.add("is_active")
        values = {name: getattr(form, name) for name in type(form).model_fields if name not in left_out}
        if "axis" in values and not values["axis"] and parent is not None:
            values["axis"] = parent.axis
        if values.get("important_difference") is not None:
            values["important_difference"] = Decimal(repr(values["important_difference"]))
        values |= {"parent": parent, "position": position}
        found = self.nodes.get(form.slug)
        wanted = self.model(**values)
        wrote = self.put(wanted, found, list(values), path)
        if wrote is None:
            return None
        node = wanted if found is None else found
        self.nodes[form.slug] = node
        if form.replaced_by is not None and not (self.keep_existing and found is not None):
            self.replaced.append((node, form.replaced_by, (*path, "replaced_by")))
        self.tally(is_new=found is None, wrote=wrote)
        return node

    def _replace(self) -> None:
        """Point to the successors, which may stand further down in the file."""
        for node, slug, path in self.replaced:
            successor = self.nodes.get(slug)
            if successor is None or successor.pk == node.pk:
                self.problems.append((path, f"There is no other term “{printable(slug)}”."))
            elif node.replaced_by_id != successor.pk:
                node.replaced_by = successor
                node.save(update_fields=["replaced_by"])


class _Tools(_Loader):
    """The file of tools."""

    def load(self) -> None:
        form = self.read()
        if form is None:
            return
        stored = {tool.slug: tool for tool in Tool.objects.prefetch_related("domains")}
        seen: set[str] = set()
        for number, entry in enumerate(form.tools):
            path: Place = ("tools", number)
            if entry.slug in seen:
                self.problems.append(((*path, "slug"), "This slug is given already in this file."))
                continue
            seen.add(entry.slug)
            self._tool(entry, stored.get(entry.slug), path)

    def _tool(self, form: ToolForm, found: Tool | None, path: Place) -> None:
        self._judgements(form, path)
        values: dict[str, Any] = {
            name: getattr(form, name) for name in ("slug", "name", "version", "variant", "citation")
        }
        values["judgements"] = [judgement.model_dump() for judgement in form.judgements]
        if "is_active" in form.model_fields_set:
            values["is_active"] = form.is_active
        wanted = Tool(**values)
        same = Tool.objects.filter(name=form.name, version=form.version, variant=form.variant)
        for other in same.exclude(slug=form.slug):
            self.problems.append((path, f"“{other.slug}” has the same name, version and variant."))
        if self.problems:
            return
        wrote = self.put(wanted, found, list(values), path)
        if wrote is None:
            return
        tool = wanted if found is None else found
        wrote |= self._domains(form, tool, is_stored=found is not None, path=path)
        self.tally(is_new=found is None, wrote=wrote)

    def _judgements(self, form: ToolForm, path: Place) -> None:
        codes = [judgement.code for judgement in form.judgements]
        if not codes:
            self.problems.append(((*path, "judgements"), "A tool has at least one judgement."))
        for number, judgement in enumerate(form.judgements):
            where: Place = (*path, "judgements", number)
            if judgement.code in codes[:number]:
                self.problems.append(((*where, "code"), f"“{judgement.code}” is given already."))
            if judgement.level not in Level.values:
                self.problems.append(
                    ((*where, "level"), f"“{judgement.level}” is not one of: {', '.join(Level.values)}.")
                )

    def _domains(self, form: ToolForm, tool: Tool, *, is_stored: bool, path: Place) -> bool:
        """Bring the domains into the database; says whether any was written."""
        stored = {domain.code: domain for domain in tool.domains.all()} if is_stored else {}
        seen: set[str] = set()
        wrote = False
        for number, entry in enumerate(form.domains):
            where: Place = (*path, "domains", number)
            if entry.code in seen:
                self.problems.append(((*where, "code"), f"“{entry.code}” is given already."))
                continue
            seen.add(entry.code)
            values = {**entry.model_dump(), "tool": tool, "position": number + 1}
            wrote |= bool(self.put(ToolDomain(**values), stored.get(entry.code), list(values), where))
        return wrote


def _stored(row: Any, name: str) -> Any:
    return getattr(row, row._meta.get_field(name).attname)
