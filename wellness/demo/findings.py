"""Findings of the demo: the conclusions that they rest on, assessed and signed, and their places on pages."""

import calendar
import datetime
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User

from evidence import assessing
from evidence.importing.places import Path as Place
from evidence.models import (
    Assessment,
    Conclusion,
    Exclusion,
    Intervention,
    Outcome,
    Population,
    Result,
    Study,
)

from . import form as forms
from .files import DemoFile

HEADING = forms.HeadingForm(kind="heading", text="What the research shows", anchor="research-shows")
"""Over findings that name no section."""

Placed = tuple[Place, Any]
"""A block as its file says it, with its place there; the place is empty for a heading of no file."""


# Conclusions


def conclude(
    *, file: DemoFile, content: forms.FindingFile, by: User, at: datetime.datetime
) -> tuple[dict[str, Conclusion], int]:
    """The conclusions of a file by slug, and how many of them were missing.

    Those without any assessment get theirs, signed by `by`; what is there already is left as it is. What is
    wrong is noted in the file.
    """
    found: dict[str, Conclusion] = {}
    n_new = 0
    for number, form in enumerate(content.conclusion):
        path: Place = ("conclusion", number)
        conclusion = Conclusion.objects.filter(slug=form.slug).first()
        if conclusion is None:
            conclusion = _conclusion(form, file, path)
            n_new += 1
        if conclusion is not None:
            found[form.slug] = conclusion
            if not conclusion.assessments.exists():
                _assess(conclusion, form.assessment, file, (*path, "assessment"), by=by, at=at)
    return found, n_new


def _conclusion(form: forms.ConclusionForm, file: DemoFile, path: Place) -> Conclusion | None:
    """A new conclusion with what it leaves out, or a note why not."""
    population = file.node(Population, form.population, (*path, "population")) if form.population else None
    intervention = file.node(Intervention, form.intervention, (*path, "intervention"))
    outcome = file.node(Outcome, form.outcome, (*path, "outcome"))
    if intervention is None or outcome is None or (form.population and population is None):
        return None
    links = {"population", "intervention", "outcome", "exclusion", "assessment"}
    conclusion = Conclusion(
        population=population,
        intervention=intervention,
        outcome=outcome,
        **form.model_dump(exclude=links),
    )
    if not file.save(conclusion, path):
        return None
    for number, left_out in enumerate(form.exclusion):
        _leave_out(conclusion, left_out, file, (*path, "exclusion", number))
    return conclusion


def _leave_out(conclusion: Conclusion, form: forms.ExclusionForm, file: DemoFile, path: Place) -> None:
    study = Study.objects.filter(slug=form.study).first()
    if study is None:
        file.report((*path, "study"), f"There is no study “{form.study}”.")
        return
    result = Result.objects.filter(study=study, key=form.result).first() if form.result else None
    if form.result and result is None:
        file.report((*path, "result"), f"The study “{form.study}” has no result “{form.result}”.")
        return
    file.save(Exclusion(conclusion=conclusion, study=study, result=result, reason=form.reason), path)


def _assess(
    conclusion: Conclusion,
    form: forms.AssessmentForm,
    file: DemoFile,
    path: Place,
    *,
    by: User,
    at: datetime.datetime,
) -> None:
    """Draft the assessment and sign it, or note why not."""
    draft = Assessment(
        conclusion=conclusion,
        by=by,
        is_demonstration=True,
        next_due=_months_after(at.date(), form.next_due_months),
        **form.model_dump(exclude={"next_due_months"}),
    )
    if not file.save(draft, path):
        return
    try:
        assessing.sign(assessment=draft, by=by, at=at)
    except assessing.NotSigned as error:
        for problem in error.problems:
            file.report(path, problem)


def _months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or the last one that the month has."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


# Places


def placed(blocks: Sequence[Any], content: forms.FindingFile, file: DemoFile) -> list[Placed]:
    """The blocks of a page with its findings among them.

    A finding takes the place of its table. One without a table follows the finding before it in its section
    and the text about that; one without a section stands at the end of the page under a heading for such.
    """
    page: list[Placed] = [(("blocks", number), block) for number, block in enumerate(blocks)]
    for number, form in enumerate(content.finding):
        path: Place = ("finding", number)
        start = _section(page, form.after)
        if start is None:
            file.report((*path, "after"), f"There is no heading with the anchor “{form.after}”.")
        elif not form.replaces_table:
            page.insert(_free(page, start), (path, form))
        else:
            table = _table(page, start, form.replaces_table)
            if table is None:
                message = f"There is no evidence table “{form.replaces_table}” in its section."
                file.report((*path, "replaces_table"), message)
            else:
                page[table] = (path, form)
    return page


def _section(page: list[Placed], anchor: str) -> int | None:
    """Where the heading of a section stands; that over findings without a section is made where needed."""
    for position, (_, block) in enumerate(page):
        if block.kind == "heading" and block.anchor == (anchor or HEADING.anchor):
            return position
    if anchor:
        return None
    page.append(((), HEADING))
    return len(page) - 1


def _end(page: list[Placed], start: int) -> int:
    """Where the section that begins at `start` is over."""
    later = range(start + 1, len(page))
    return next((position for position in later if page[position][1].kind == "heading"), len(page))


def _table(page: list[Placed], start: int, title: str) -> int | None:
    for position in range(start + 1, _end(page, start)):
        block = page[position][1]
        if block.kind == "evidence table" and block.title == title:
            return position
    return None


def _free(page: list[Placed], start: int) -> int:
    """Where the next finding without a table stands in the section that begins at `start`."""
    end = _end(page, start)
    last = max((n for n in range(start, end) if page[n][1].kind == "finding"), default=start)
    later = range(last + 1, end)
    return next((n for n in later if page[n][1].kind == "evidence table"), end)
