"""Conclusions as readers see them: the numbers of a pool in words, and what has moved since an assessment."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate

from . import effects
from .bodies import digest_of
from .drift import Drift
from .models import AssessedResult, Assessment, Result, Study
from .stating import said_in_picture
from .synthesis import (
    FEWEST_FOR_EGGER,
    Egger,
    Method,
    Model,
    NotPoolable,
    Pool,
    Reason,
    Settings,
    Summary,
    cumulative,
    egger,
    leave_one_out,
)
from .weighing import reading_order

MOST_IN_SENSITIVITY = 60
"""Each study more is another pool; beyond this the tables take too long to calculate and to read."""

NOT_PUBLIC = "A study that is not public any more"

Fact = tuple[str, str]


def amount(value: float) -> str:
    """A number with three digits that say something: 0.0213, 12.3, 1.2e−07."""
    return format(value, ".3g").replace("-", "−")


def p_words(p: float) -> str:
    """A p-value as it is printed."""
    return "below 0.001" if p < 0.001 else effects.number(p, 3)


def facts(pooled: Mapping[str, Any], pool: Pool | None = None) -> list[Fact]:
    """The numbers of a pool as rows of a table: `pooled` as `assessing.in_numbers` wrote it.

    `pool` adds what is calculated today and was not kept: the interval of I², the common effect.
    """
    level = f"{float(pooled['level']):g}%"
    i2 = f"{float(pooled['i2']):.0f}%"
    if pool is not None:
        low, high = pool.heterogeneity.i2_interval
        i2 += f" ({low:.0f}% to {high:.0f}%)"
    is_hartung_knapp = pooled["interval_kind"] == "Hartung-Knapp"
    found = [
        ("Model", Model(pooled["model"]).words),
        ("Variance between studies estimated by", Method(pooled["method"]).words),
        (
            f"Interval ({level})",
            "Hartung-Knapp-Sidik-Jonkman, never narrower than the ordinary one"
            if is_hartung_knapp
            else "Ordinary (normal distribution)",
        ),
        ("Variance between studies, τ²", amount(float(pooled["tau2"]))),
        ("Share of it in all variance, I²", i2),
        (
            "Test of heterogeneity",
            f"Q = {amount(float(pooled['q']))} with {pooled['df']} degrees of freedom, "
            f"p {p_with_sign(float(pooled['p']))}",
        ),
        (
            "Prediction interval",
            f"{pooled['prediction_display']}; t with k − 1 degrees of freedom"
            if pooled["prediction_display"]
            else "None below three studies",
        ),
    ]
    if pool is not None and is_hartung_knapp:
        ordinary = pool.in_words(pool.estimate.value, pool.estimate.interval)
        found.insert(3, ("With the ordinary interval", ordinary))
    if pool is not None:
        found.append(
            (
                "If the effect were the same in all studies",
                pool.in_words(pool.common.value, pool.common.interval),
            )
        )
    return found


def p_with_sign(p: float) -> str:
    """The same after the letter: “= 0.042”, “below 0.001”."""
    return p_words(p) if p < 0.001 else f"= {p_words(p)}"


@dataclass(frozen=True)
class Sensitivity:
    """Whether a pool hangs on one study or on when studies were done: (label, the pool in words) each."""

    without: tuple[tuple[str, str], ...] = ()
    up_to: tuple[tuple[str, str], ...] = ()
    is_too_large: bool = False


def sensitivity(summary: Summary, settings: Settings | None = None) -> Sensitivity:
    """The pool without each study in turn, and after each in the order of years; empty below three."""
    kept = summary.selection.kept
    if summary.pool is None or len(kept) < 3:
        return Sensitivity()
    if len(kept) > MOST_IN_SENSITIVITY:
        return Sensitivity(is_too_large=True)
    return Sensitivity(
        without=tuple((each.effect.label, each.pool.display) for each in leave_one_out(kept, settings)),
        up_to=tuple((each.effect.label, each.pool.display) for each in cumulative(kept, settings)),
    )


def asymmetry(summary: Summary) -> Egger | None:
    """The test of Egger from ten pooled studies on; None where it says nothing."""
    kept = summary.selection.kept
    if summary.pool is None or len(kept) < FEWEST_FOR_EGGER:
        return None
    try:
        return egger(kept)
    except NotPoolable:
        return None


@dataclass(frozen=True)
class Named:
    """A result by the name of its study and its outcome; `study` is its slug, empty where it has no page."""

    label: str
    study: str = ""


@dataclass(frozen=True)
class Moved:
    """One way in which the evidence has moved, in words, and which results did."""

    words: str
    results: tuple[Named, ...]


def moved(drift: Drift, results: Iterable[Result], gone: Iterable[Named]) -> list[Moved]:
    """What has moved, in words. `results` are those of today, `gone` names what is gone. Pure."""
    today = {result.pk: result for result in results}
    studies = len(drift.new_studies)
    found = [
        Moved(
            f"{_count(len(drift.new), 'new result')} from {_count(studies, 'study', 'studies')}, "
            "not assessed yet",
            _named(drift.new, today),
        )
        if drift.new
        else None,
        Moved(f"{_count(len(drift.changed), 'result')} changed", _named(drift.changed, today))
        if drift.changed
        else None,
        Moved(
            f"{_count(len(drift.retracted), 'result')} of a study retracted since",
            _named(drift.retracted, today),
        )
        if drift.retracted
        else None,
        Moved(
            f"{_count(len(drift.restored), 'result')} of a study that is no longer marked as retracted",
            _named(drift.restored, today),
        )
        if drift.restored
        else None,
        Moved(f"{_count(len(drift.gone), 'result')} no longer part of this question", tuple(gone))
        if drift.gone
        else None,
    ]
    return [entry for entry in found if entry is not None]


def _named(keys: Iterable[int], today: Mapping[int, Result]) -> tuple[Named, ...]:
    return tuple(
        Named(f"{today[key].study.label}: {today[key].outcome.name}", today[key].study.slug)
        for key in keys
        if key in today
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or f'{one}s'}"


@dataclass(frozen=True)
class LookedAt:
    """A result that an assessment looked at, as it may be shown today."""

    name: Named
    is_pooled: bool
    why_not_pooled: str
    is_direct: bool
    was_retracted: bool


def looked_at(assessment: Assessment, *, only: Collection[int] | None = None) -> list[LookedAt]:
    """What an assessment looked at, or of that the results `only`. Two queries.

    A study that is not public any more is not named; one that was deleted keeps the name on record.
    """
    rows = AssessedResult.objects.filter(assessment=assessment).order_by("label", "result_id")
    if only is not None:
        rows = rows.filter(result__in=list(only))
    entries = list(rows)
    studies = {
        pk: (slug, state)
        for pk, slug, state in Study.objects.filter(pk__in={entry.study_id for entry in entries})
        .order_by()
        .values_list("pk", "slug", "state")
    }
    hidden = {pk for pk, (_, state) in studies.items() if state != Study.State.PUBLISHED}
    # A refusal stands on every row and may name the study that it is about.
    refusal = (assessment.pool or {}).get("refusal")
    untold = refusal["message"][:300] if refusal and hidden else None
    found = []
    for entry in entries:
        slug, _ = studies.get(entry.study_id, ("", ""))
        is_hidden = entry.study_id in hidden
        found.append(
            LookedAt(
                Named(NOT_PUBLIC) if is_hidden else Named(entry.label, slug),
                entry.is_pooled,
                "" if is_hidden or entry.why_not_pooled == untold else entry.why_not_pooled,
                entry.is_direct,
                entry.was_retracted,
            )
        )
    return found


def as_signed(assessment: Assessment) -> list[dict[str, Any]] | None:
    """What an assessment looked at, each result as it says itself, to be drawn; None if it cannot be.

    Only digests were kept of what the results said. It can where all of them are public and say today what
    they said then: no picture shows other numbers than those that were signed. Two queries.
    """
    entries = {entry.result_id: entry for entry in AssessedResult.objects.filter(assessment=assessment)}
    results = sorted(
        Result.objects.published()
        .for_display()
        .select_related("sample__parent")
        .filter(pk__in=entries)
        .order_by(),
        key=reading_order,
    )
    pooled = (assessment.pool or {}).get("pooled") or {"weights": {}}
    names = {name for together in pooled["weights"] for name in together.split("+")}
    has_names = names <= {f"{result.study.slug}/{result.key}" for result in results}
    is_as_then = has_names and len(results) == len(entries)
    is_as_then = is_as_then and all(
        digest_of(result) == entries[result.pk].digest
        and result.study.is_retracted == entries[result.pk].was_retracted
        for result in results
    )
    if not is_as_then:
        return None
    return [
        {**said_in_picture(result), "why_not_pooled": entries[result.pk].why_not_pooled} for result in results
    ]


def as_data(assessment: Assessment) -> dict[str, Any]:
    """What a signed assessment says, as data."""
    return {
        "number": assessment.number,
        "sentence": assessment.sentence,
        "certainty": assessment.certainty.value,
        "start": assessment.start,
        "start_reason": assessment.start_reason,
        "reasons": [
            {"reason": reason.value, "levels": steps, "why": why} for reason, steps, why in assessment.reasons
        ],
        "size": assessment.size,
        "threshold": assessment.threshold,
        "direction": assessment.direction,
        "seen": assessment.seen,
        "not_known": assessment.not_known,
        "signed_on": localdate(assessment.signed_at).isoformat(),
        "next_due": assessment.next_due.isoformat(),
        "is_demonstration": assessment.is_demonstration,
    }


def refusal_then(pool: Mapping[str, Any] | None, seen: Iterable[LookedAt]) -> str:
    """Why nothing was pooled in an assessment; in general words where a study is not public any more."""
    refusal = None if pool is None else pool["refusal"]
    if refusal is None:
        return ""
    if any(entry.name.label == NOT_PUBLIC for entry in seen):
        return f"{Reason(refusal['reason']).words}."
    return str(refusal["message"])


def n_studies(assessment: Assessment) -> int:
    """How many studies the list behind an assessment shows. One query."""
    rows = AssessedResult.objects.filter(assessment=assessment, result__study__state="published")
    return rows.values("study").order_by().distinct().count()
