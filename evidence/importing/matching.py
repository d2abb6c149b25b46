"""One study of a file beside what the database has of it: which rows are new, which change, which stay."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from ..models import (
    Appraisal,
    Arm,
    DomainJudgement,
    Intervention,
    PopulationShare,
    Report,
    Result,
    Sample,
    Study,
)
from . import constraints
from .form import AppraisalForm, ReportForm, ResultForm, SampleForm, StudyForm
from .places import Path
from .vocabularies import UnknownTerm, Vocabularies

Problem = tuple[Path, str]

IDENTIFIERS = ("doi", "pmid", "pmcid", "nct")
# Not from the file: set when a row is written, or by the row's own clean().
NOT_COMPARED = frozenset({"added_at", "changed_at"})
DERIVED = frozenset({"level"})


@dataclass
class Row:
    """A row as it will be: new, or the one of the database with the fields in `changed` set anew."""

    row: models.Model
    is_new: bool
    changed: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """Everything to be written for one study; rows stand after those that they point to."""

    rows: list[Row] = field(default_factory=list)
    interventions: list[tuple[Arm, list[Intervention]]] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.rows[0].is_new

    @property
    def changes(self) -> bool:
        return bool(self.interventions) or any(row.is_new or row.changed for row in self.rows)


class Identifiers:
    """Whose the identifiers of publications are: in the database, and so far in the file."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str, str], str] = {}

    def read(self, forms: Iterable[StudyForm]) -> None:
        """Look up which studies of the database have the identifiers of these forms. Up to four queries."""
        wanted: dict[str, set[str]] = {name: set() for name in IDENTIFIERS}
        for form in forms:
            for report in form.reports:
                for name in IDENTIFIERS:
                    value = normal(name, getattr(report, name))
                    if value is not None:
                        wanted[name].add(value)
        for name, values in wanted.items():
            if values:
                owners = Report.objects.filter(**{f"{name}__in": values}).order_by()
                for value, slug in owners.values_list(name, "study__slug"):
                    self._owners[name, value] = slug

    def claim(self, name: str, value: str, *, slug: str, place: str) -> str | None:
        """Note that the report at `place` of the study `slug` has this identifier; says who else has it."""
        owner = self._owners.get((name, value), slug)
        if owner != slug:
            return f"“{value}” belongs already to the study “{owner}”."
        earlier = self._places.setdefault((name, value), place)
        return f"“{value}” is given already at {earlier}." if earlier != place else None


def normal(name: str, value: str | None) -> str | None:
    """The stored form of an identifier; None for none."""
    field: Any = Report._meta.get_field(name)
    normalised: str | None = field.to_python(value)
    return normalised


class Matching:
    """The work of matching one study; afterwards `plan` holds if there are no `problems`."""

    def __init__(
        self,
        form: StudyForm,
        *,
        found: Study | None,
        vocabularies: Vocabularies,
        identifiers: Identifiers,
        place: str,
    ) -> None:
        self.vocabularies = vocabularies
        self.identifiers = identifiers
        self.place = place
        self.problems: list[Problem] = []
        self.plan = Plan()
        # The models' own clean() compares keys of rows that belong together: new rows get provisional ones.
        self._keys = count(-1, -1)

        # A row that is refused is told about once, not again by every row that points to it.
        self._named = {
            "sample": {sample.label for sample in form.samples},
            "result": {result.key for result in form.results},
        }

        links = ("reports", "samples", "arms", "results", "appraisals")
        self.study: Study = self._settle(Study(**form.given(*links)), found, ())
        self.reports = self._reports(form.reports, list(found.reports.all()) if found else [])
        self.samples = self._samples(form.samples, list(found.samples.all()) if found else [])
        self.arms = self._arms(form, list(found.arms.all()) if found else [])
        self.results = self._results(form.results, list(found.results.all()) if found else [])
        self._appraisals(form.appraisals, list(found.appraisals.all()) if found else [])

    # Rows

    def _settle(self, wanted: Any, found: Any | None, path: Path) -> Any:
        """The row that will be in the database: `found` with the values of `wanted`, or `wanted` itself."""
        wanted.pk = next(self._keys) if found is None else found.pk
        self._check(wanted, path)
        if found is None:
            self.plan.rows.append(Row(wanted, is_new=True))
            return wanted
        changed = [
            field.name
            for field in wanted._meta.concrete_fields
            if not field.primary_key
            and field.name not in NOT_COMPARED
            and getattr(wanted, field.attname) != getattr(found, field.attname)
        ]
        for name in changed:
            setattr(found, name, getattr(wanted, name))
        self.plan.rows.append(Row(found, is_new=False, changed=changed))
        return found

    def _check(self, wanted: Any, path: Path) -> None:
        """Everything that the model asks of a row by itself. Links were looked up already."""
        links = {field.name for field in wanted._meta.fields if field.is_relation}
        try:
            wanted.clean_fields(exclude=links | DERIVED)
            wanted.clean()
        except ValidationError as error:
            self._report(error, wanted, path)
            return
        self.problems.extend((path, message) for message in constraints.violations(wanted))

    def _report(self, error: ValidationError, wanted: Any, path: Path) -> None:
        for name, errors in error.update_error_dict({}).items():
            for entry in errors:
                where = path if name == NON_FIELD_ERRORS else (*path, name)
                if entry.code == "invalid_choice" and name != NON_FIELD_ERRORS:
                    choices = (str(value) for value, _ in wanted._meta.get_field(name).flatchoices if value)
                    self._add(where, f"“{getattr(wanted, name)}” is not one of: {', '.join(choices)}.")
                else:
                    self.problems.extend((where, message) for message in entry.messages)

    def _add(self, path: Path, message: str) -> None:
        self.problems.append((path, message))

    def _unique(self, forms: list[Any], key: str, path: str) -> Iterator[tuple[Path, Any]]:
        """The forms with their paths, without those that repeat the `key` of an earlier one."""
        first: dict[Any, int] = {}
        for number, form in enumerate(forms):
            value = getattr(form, key)
            if first.setdefault(value, number) != number:
                self._add((path, number, key), f"“{value}” is given already at {path}[{first[value]}].")
            else:
                yield (path, number), form

    # Reports

    def _reports(self, forms: list[ReportForm], stored: list[Report]) -> list[Report]:
        wanted = [Report(study=self.study, **form.given()) for form in forms]
        for report in wanted:
            for name in IDENTIFIERS:
                setattr(report, name, normal(name, getattr(report, name)))
        self._claim(wanted)
        found = self._match_reports(wanted, stored)
        kept = [report for report in stored if report not in found.values()]
        mains = [number for number, report in enumerate(wanted) if report.is_primary]
        for number in mains[1:]:
            self._add(("reports", number, "is_primary"), "A study has one main report.")
        rows = [
            self._settle(report, found.get(number), ("reports", number))
            for number, report in enumerate(wanted)
        ]
        for report in kept:
            if mains and report.is_primary:
                self._add(
                    ("reports", mains[0], "is_primary"),
                    f"The study has the main report “{report}” already, which this file does not name.",
                )
        return rows + kept

    def _claim(self, wanted: list[Report]) -> None:
        bare: dict[tuple[str, str, int | None], int] = {}
        for number, report in enumerate(wanted):
            path = ("reports", number)
            for name in IDENTIFIERS:
                value = getattr(report, name)
                if value is not None:
                    place = f"{self.place} > reports[{number}]"
                    taken = self.identifiers.claim(name, value, slug=self.study.slug, place=place)
                    if taken:
                        self._add((*path, name), taken)
            if not _has_identifier(report) and not report.is_primary:
                first = bare.setdefault((report.kind, report.title, report.year), number)
                if first != number:
                    self._add(
                        path, f"A report of this kind, title and year is given already at reports[{first}]."
                    )

    def _match_reports(self, wanted: list[Report], stored: list[Report]) -> dict[int, Report]:
        """Which stored report each one is: by identifier, else the main one, else by kind, title and year."""
        by_identifier = {
            (name, getattr(report, name)): report
            for report in stored
            for name in IDENTIFIERS
            if getattr(report, name) is not None
        }
        found: dict[int, Report] = {}
        for number, report in enumerate(wanted):
            same = {
                by_identifier[name, getattr(report, name)]
                for name in IDENTIFIERS
                if (name, getattr(report, name)) in by_identifier
            }
            if len(same) > 1:
                self._add(("reports", number), "The identifiers belong to several reports of this study.")
            for match in same:
                if match in found.values():
                    self._add(("reports", number), f"Another report of this record is “{match}” as well.")
                found[number] = match
        for number, report in enumerate(wanted):
            if number in found:
                continue
            free = [other for other in stored if other not in found.values()]
            main = [other for other in free if report.is_primary and other.is_primary]
            alike = [
                other
                for other in free
                if (other.kind, other.title, other.year) == (report.kind, report.title, report.year)
                and not any(None not in (getattr(report, name), getattr(other, name)) for name in IDENTIFIERS)
            ]
            for match in (main or alike)[:1]:
                found[number] = match
        return found

    # Samples

    def _samples(self, forms: list[SampleForm], stored: list[Sample]) -> dict[str, Sample]:
        by_label = {sample.label: sample for sample in stored}
        whole_stored = next((sample.label for sample in stored if sample.parent_id is None), None)
        samples = dict(by_label)
        settled: set[str] = set()
        unique = list(self._unique(forms, "label", "samples"))
        named = {form.label for _, form in unique}
        # The whole sample first, since subgroups point to it.
        for path, form in sorted(unique, key=lambda entry: entry[1].parent is not None):
            parent = None
            if form.parent is None:
                whole = whole_stored if whole_stored is not None else next(iter(settled), None)
                if whole is not None and whole != form.label:
                    self._add(path, f"A study has one whole sample, and this one has “{whole}” already.")
            elif form.parent == form.label:
                self._add((*path, "parent"), "A sample is not a subgroup of itself.")
                continue
            elif form.parent not in samples or (form.parent in named and form.parent not in settled):
                known = form.parent in samples or form.parent in named
                self._add(
                    (*path, "parent"),
                    f"“{form.parent}” is itself a subgroup."
                    if known
                    else _no("sample", form.parent, samples),
                )
                continue
            else:
                parent = samples[form.parent]
            wanted = Sample(study=self.study, parent=parent, **form.given("parent", "populations"))
            sample = self._settle(wanted, by_label.get(form.label), path)
            samples[form.label] = sample
            if parent is None:
                settled.add(form.label)
            self._shares(form, sample, is_stored=form.label in by_label, path=path)
        return samples

    def _shares(self, form: SampleForm, sample: Sample, *, is_stored: bool, path: Path) -> None:
        stored = {share.population_id: share for share in sample.shares.all()} if is_stored else {}
        for inner, entry in self._unique_in(form.populations, "population", (*path, "populations")):
            population = self._term(self.vocabularies.population, entry.population, (*inner, "population"))
            if population is not None:
                wanted = PopulationShare(sample=sample, population=population, **entry.given("population"))
                self._settle(wanted, stored.get(population.pk), inner)

    # Arms

    def _arms(self, study: StudyForm, stored: list[Arm]) -> dict[str, Arm]:
        arms = {arm.label: arm for arm in stored}
        for path, form in self._unique(study.arms, "label", "arms"):
            found = arms.get(form.label)
            before = {entry.pk for entry in found.interventions.all()} if found else set()
            arm = self._settle(Arm(study=self.study, **form.given("interventions")), found, path)
            arms[form.label] = arm
            terms = {
                term.pk: term
                for number, slug in enumerate(form.interventions)
                if (
                    term := self._term(self.vocabularies.intervention, slug, (*path, "interventions", number))
                )
            }
            if terms.keys() != before:
                self.plan.interventions.append((arm, list(terms.values())))
        return arms

    # Results

    def _results(self, forms: list[ResultForm], stored: list[Result]) -> dict[str, Result]:
        results = {result.key: result for result in stored}
        for path, form in self._unique(forms, "key", "results"):
            sample = self._lookup(self.samples, form.sample, "sample", path)
            arm = self._lookup(self.arms, form.arm, "arm", path)
            comparator = (
                self._lookup(self.arms, form.comparator, "comparator", path) if form.comparator else None
            )
            outcome = self._term(self.vocabularies.outcome, form.outcome, (*path, "outcome"))
            report = self._report_of(form, path)
            if sample is None or arm is None or outcome is None or (form.comparator and comparator is None):
                continue
            wanted = Result(
                study=self.study,
                sample=sample,
                arm=arm,
                comparator=comparator,
                outcome=outcome,
                report=report,
                **form.given("sample", "arm", "comparator", "outcome", "report"),
            )
            results[form.key] = self._settle(wanted, results.get(form.key), path)
        return results

    def _report_of(self, form: ResultForm, path: Path) -> Report | None:
        """The report that the file names by identifier or title; the main one if it names none."""
        if "report" not in form.model_fields_set:
            return next((report for report in self.reports if report.is_primary), None)
        if form.report is None:
            return None
        names = {form.report, *(normal(name, form.report) for name in IDENTIFIERS)}
        for report in self.reports:
            if names & {report.title or None, *(getattr(report, name) for name in IDENTIFIERS)} - {None}:
                return report
        self._add((*path, "report"), f"No report of this study has the identifier or title “{form.report}”.")
        return None

    # Appraisals

    def _appraisals(self, forms: list[AppraisalForm], stored: list[Appraisal]) -> None:
        by_key = {(appraisal.tool_id, appraisal.result_id): appraisal for appraisal in stored}
        seen: dict[tuple[str, str | None], int] = {}
        for number, form in enumerate(forms):
            path: Path = ("appraisals", number)
            first = seen.setdefault((form.tool, form.result), number)
            if first != number:
                self._add(path, f"The same is appraised with the same tool already at appraisals[{first}].")
                continue
            tool = self._term(self.vocabularies.tool, form.tool, (*path, "tool"))
            result = self._lookup(self.results, form.result, "result", path) if form.result else None
            if tool is None or (form.result and result is None):
                continue
            found = by_key.get((tool.pk, result.pk if result else None))
            wanted = Appraisal(
                study=self.study, tool=tool, result=result, **form.given("tool", "result", "domains")
            )
            before = {entry.domain_id: entry for entry in found.domain_judgements.all()} if found else {}
            appraisal = self._settle(wanted, found, path)
            for inner, entry in self._unique_in(form.domains, "domain", (*path, "domains")):
                try:
                    domain = self.vocabularies.domain(tool, entry.domain)
                except UnknownTerm as error:
                    self._add((*inner, "domain"), str(error))
                    continue
                judgement = DomainJudgement(appraisal=appraisal, domain=domain, **entry.given("domain"))
                self._settle(judgement, before.get(domain.pk), inner)

    # Looking up

    def _unique_in(self, forms: list[Any], key: str, path: Path) -> Iterator[tuple[Path, Any]]:
        seen = set()
        for number, form in enumerate(forms):
            value = getattr(form, key)
            if value in seen:
                self._add((*path, number, key), f"“{value}” is given already.")
            else:
                seen.add(value)
                yield (*path, number), form

    def _lookup(self, rows: dict[str, Any], name: str, kind: str, path: Path) -> Any | None:
        if name not in rows and name not in self._named.get(kind, ()):
            self._add((*path, kind), _no(kind if kind != "comparator" else "arm", name, rows))
        return rows.get(name)

    def _term(self, find: Any, slug: str, path: Path) -> Any | None:
        try:
            return find(slug)
        except UnknownTerm as error:
            self._add(path, str(error))
            return None


def _no(kind: str, name: str, rows: Iterable[str]) -> str:
    return f"This study has no {kind} “{name}”; it has: {', '.join(f'“{row}”' for row in rows) or 'none'}."


def _has_identifier(report: Report) -> bool:
    return any(getattr(report, name) is not None for name in IDENTIFIERS)
