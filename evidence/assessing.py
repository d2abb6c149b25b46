"""Assessing: from a draft to a signed judgement on exactly the results of a conclusion."""

import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from . import certainty, weighing
from .bodies import digest_of
from .certainty import Flaw
from .models import AssessedResult, Assessment, Conclusion
from .stating import number
from .synthesis import RULE, Pool, Summary


class NotSigned(Exception):
    """The assessment cannot be signed; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


@transaction.atomic
def sign(*, assessment: Assessment, by: User, at: datetime.datetime, seen: str = "") -> Assessment:
    """Sign a draft on the body of its conclusion as it is now, and return it; it never changes again.

    An empty sentence becomes the one that follows from the rating. `seen` is the digest of the body that `by`
    looked at: if the body is another by now, nothing is signed. Raises NotSigned.
    """
    conclusion = (
        Conclusion.objects.for_display().select_for_update(of=("self",)).get(pk=assessment.conclusion_id)
    )
    draft = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if draft.is_signed:
        raise NotSigned(["This assessment is signed already."])
    draft.conclusion = conclusion
    body = weighing.body(conclusion)
    found = problems(draft, body)
    if seen and seen != body.digest:
        found.append("The results changed while you were rating them. Look at them again, then sign.")
    if found:
        raise NotSigned(found)
    last = Assessment.objects.filter(conclusion=conclusion).aggregate(last=Max("number"))["last"]
    draft.number = 1 if last is None else last + 1
    draft.sentence = sentence(draft)
    draft.pool = in_numbers(body.summary)
    draft.by, draft.signed_at = by, at
    # Before it is signed: nothing is added to what was looked at afterwards.
    _look_at(draft, body)
    draft.save()
    return draft


def sentence(assessment: Assessment) -> str:
    """What readers are told: the assessor's own words, or the sentence that follows from the rating."""
    return assessment.sentence.strip() or certainty.sentence(
        assessment.conclusion.saying,
        certainty=assessment.computed_certainty,
        size=certainty.Size(assessment.size),
        direction=certainty.Direction(assessment.direction),
    )


def flaws(assessment: Assessment) -> list[Flaw]:
    """What is wrong with the sentence over this rating."""
    return certainty.flaws(sentence(assessment), certainty=assessment.computed_certainty)


def problems(draft: Assessment, body: weighing.Body) -> list[str]:
    """Why a draft must not be signed on this body, one sentence each; empty if it may."""
    found = []
    if not body.results:
        found.append("No result answers this conclusion: there is nothing to assess.")
    try:
        draft.full_clean(exclude=["number", "signed_at"])
    except ValidationError as error:
        found += error.messages
    if body.results and body.start != draft.start and not draft.start_reason.strip():
        found.append(
            "Say why it starts there: the studies are of both kinds, or of another one."
            if body.start is None
            else f"Say why it starts {draft.start}: the studies start {body.start.value}."
        )
    is_sized = draft.size not in (certainty.Size.UNCLEAR, certainty.Size.TRIVIAL)
    if is_sized and body.summary.pool is None and not draft.threshold.strip():
        found.append("Nothing is pooled: say against what the size was judged.")
    found += [flaw.message for flaw in flaws(draft) if flaw.is_stop]
    return list(dict.fromkeys(found))


def _look_at(assessment: Assessment, body: weighing.Body) -> None:
    """Keep what was looked at, result by result."""
    selection = body.summary.selection
    pooled = {key for effect in selection.kept for key in effect.key.split("+")}
    why = {dropped.effect.key: dropped.words for dropped in selection.dropped}
    refused = "" if body.summary.refusal is None else str(body.summary.refusal)
    AssessedResult.objects.bulk_create(
        AssessedResult(
            assessment=assessment,
            result=result,
            study=result.study,
            label=f"{result.study.label}: {result.outcome.name}"[:220],
            digest=digest_of(result),
            is_direct=result.pk not in body.partly,
            was_retracted=result.study.is_retracted,
            is_pooled=not refused and key in pooled,
            why_not_pooled=(why.get(key) or refused)[:300],
        )
        for key, result in body.effects.items()
    )


def in_numbers(summary: Summary) -> dict[str, Any]:
    """The pool, or why there is none, as JSON values: what was signed, to be shown and compared later."""
    pool = summary.pool
    return {
        "rule": RULE,
        "pooled": None if pool is None else _of_pool(pool),
        "refusal": None
        if summary.refusal is None
        else {"reason": summary.refusal.reason.value, "message": str(summary.refusal)},
        "dropped": [
            {"key": dropped.effect.key, "label": dropped.effect.label, "why": dropped.words}
            for dropped in summary.selection.dropped
        ],
        "combined": [
            {"key": combined.effect.key, "parts": [part.key for part in combined.parts]}
            for combined in summary.selection.combined
        ],
    }


def _of_pool(pool: Pool) -> dict[str, Any]:
    spread = pool.heterogeneity
    return {
        "measure": pool.measure.code,
        "unit": pool.unit,
        "k": pool.k,
        "people": pool.people,
        "model": pool.settings.model.value,
        "method": pool.settings.method.value,
        "level": _written(pool.settings.level),
        "estimate": _written(pool.estimate.value),
        "se": _written(pool.estimate.se),
        "interval": _written(pool.interval),
        "interval_kind": "Hartung-Knapp" if pool.is_hartung_knapp_headline else "ordinary",
        "ordinary_interval": _written(pool.estimate.interval),
        "prediction": _written(pool.prediction),
        "prediction_display": ""
        if pool.prediction is None
        else pool.in_words(pool.estimate.value, pool.prediction),
        "display": pool.display,
        "tau2": _written(spread.tau2),
        "i2": _written(spread.i2),
        "q": _written(spread.q),
        "df": spread.df,
        "p": _written(spread.p),
        "weights": {weight.effect.key: _written(weight.random) for weight in pool.weights},
        "cautions": list(pool.cautions),
    }


def _written(value: Any) -> Any:
    """Numbers as text with 12 digits, so that no database can round them differently."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return [_written(entry) for entry in value]
    return number(value)
