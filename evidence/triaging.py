"""Triaging: what a drift could do to a conclusion, said by people until somebody assesses it again.

A triage rates nothing and changes no text. It counts for exactly the drift that it saw: whatever moves
afterwards asks again.
"""

import datetime
import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator

from . import drift
from .drift import Drift
from .impact import Impact
from .models import AssessedResult, Assessment, Conclusion, Result, Touch, Triage

TO_ASSESS = datetime.timedelta(days=60)
"""How long an assessment after a drift may take, unless whoever triages it says otherwise."""


class Outlook(enum.StrEnum):
    """What a drift could do to a conclusion, the gravest first."""

    COULD = "could change"
    NOT_ASSESSED = "not assessed"
    UNLIKELY = "unlikely to change"


@dataclass(frozen=True)
class Standing:
    """How a drift stands: what it could do, and the triage that says so, if anybody has looked at it yet.

    A retraction could always change a conclusion, whatever was said of it.
    """

    outlook: Outlook
    triage: Triage | None = None

    def is_late(self, on: datetime.date) -> bool:
        """Whether the day has passed by which it was to be assessed."""
        return self.triage is not None and self.triage.assess_by < on


@dataclass(frozen=True)
class Moved:
    """A conclusion that drifted from its assessment in force, how that stands, and what touched it last."""

    conclusion: Conclusion
    assessment: Assessment
    drift: Drift
    standing: Standing
    touch: Touch | None = None

    def is_waiting(self, on: datetime.date) -> bool:
        """Whether somebody has something to do: not if it was put aside as unlikely to change it."""
        return self.standing.outlook != Outlook.UNLIKELY or self.standing.is_late(on)


class NotTriaged(Exception):
    """A drift cannot be triaged so; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@transaction.atomic
def triage(
    *,
    assessment: Assessment,
    verdict: str,
    reason: str,
    assess_by: datetime.date,
    by: User,
    at: datetime.datetime,
    seen: str,
) -> Triage:
    """Keep what `by` thinks that the drift with the digest `seen` could do. Raises NotTriaged."""
    conclusion = Conclusion.objects.select_for_update().get(pk=assessment.conclusion_id)
    today = timezone.localdate(at)
    _, moved = drift.in_force(on=today, conclusions=[conclusion]).get(conclusion.pk, (None, Drift()))
    is_in_force = assessment in Assessment.objects.in_force().filter(conclusion=conclusion)
    problems = []
    if not is_in_force:
        problems.append("Somebody assessed this conclusion again: there is nothing to triage here any more.")
    elif moved.is_empty:
        problems.append("The evidence is what was assessed: there is nothing to triage.")
    elif moved.digest != seen:
        problems.append("The evidence moved on while you were reading. Look at it again.")
    if moved.retracted and verdict == Triage.Verdict.UNLIKELY:
        problems.append("A study that this rests on was retracted: that could always change it.")
    if assess_by < today:
        problems.append("The day by which it will be assessed has passed already.")
    made = Triage(
        assessment=assessment,
        drift=moved.digest,
        saw=_in_words(assessment, moved),
        verdict=verdict,
        reason=reason.strip(),
        assess_by=assess_by,
        by=by,
        at=at,
    )
    if not problems:
        try:
            made.full_clean()
        except ValidationError as error:
            problems += error.messages
    if problems:
        raise NotTriaged(problems)
    made.save()
    return made


def standing(moved: Mapping[int, Drift]) -> dict[int, Standing]:
    """How each drift that is not empty stands, by the primary key of its assessment. One query."""
    drifted = {pk: found for pk, found in moved.items() if not found.is_empty}
    if not drifted:
        return {}
    said: dict[int, Triage] = {}
    for made in Triage.objects.filter(assessment__in=drifted).select_related("by").order_by("at", "pk"):
        if made.drift == drifted[made.assessment_id].digest:
            said[made.assessment_id] = made
    return {pk: _standing(found, said.get(pk)) for pk, found in drifted.items()}


def _standing(moved: Drift, made: Triage | None) -> Standing:
    if moved.retracted:
        return Standing(Outlook.COULD, made)
    return Standing(Outlook.NOT_ASSESSED if made is None else Outlook(made.verdict), made)


def moved_conclusions(*, on: datetime.date, conclusions: Iterable[Conclusion] | None = None) -> list[Moved]:
    """What drifted of these conclusions (all if None), the most urgent first.

    The number of queries is constant.
    """
    found = drift.drifted(on=on, conclusions=conclusions)
    stands = standing({assessment.pk: moved for assessment, moved in found.values()})
    touches = {
        touch.assessment_id: touch
        for touch in Touch.objects.filter(assessment__in=stands).select_related("by").order_by("at", "pk")
    }
    rows = [
        Moved(assessment.conclusion, assessment, moved, stands[assessment.pk], touches.get(assessment.pk))
        for assessment, moved in found.values()
        if assessment.pk in stands
    ]
    return sorted(rows, key=lambda row: _urgency(row, on))


def _urgency(row: Moved, on: datetime.date) -> tuple[object, ...]:
    said = row.standing.triage
    return (
        not row.drift.retracted,
        not row.standing.is_late(on),
        # What nobody has looked at yet comes before what somebody promised.
        said is not None,
        datetime.date.max if said is None else said.assess_by,
        -row.drift.n_results,
        row.conclusion.pk,
    )


def touch(*, impacts: Iterable[Impact], by: User, at: datetime.datetime) -> list[Touch]:
    """Keep who touched the rated ones of these conclusions, and what that did."""
    return Touch.objects.bulk_create(
        Touch(
            assessment=impact.assessment,
            says=Truncator("; ".join(f"{kind}: {', '.join(labels)}" for kind, labels in impact.kinds)).chars(
                400
            ),
            by=by,
            at=at,
        )
        for impact in impacts
        if impact.assessment is not None
    )


def _in_words(assessment: Assessment, moved: Drift) -> dict[str, list[str]]:
    """The results of each kind as people know them, also of those whose rows are gone."""
    keys = {key for results in moved.kinds.values() for key in results}
    remembered = AssessedResult.objects.filter(assessment=assessment, result__in=keys).order_by()
    labels: dict[int, str] = defaultdict(str, remembered.values_list("result_id", "label"))
    today = Result.objects.filter(pk__in=keys).order_by()
    for key, study, outcome in today.values_list("pk", "study__label", "outcome__name"):
        labels[key] = f"{study}: {outcome}"
    return {kind: sorted(labels[key] for key in results) for kind, results in moved.kinds.items()}
