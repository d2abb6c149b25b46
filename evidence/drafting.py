"""Drafting: the unsigned assessment that people work on, one for each conclusion."""

import datetime
import hashlib
import json

from . import assessing
from .certainty import LOWERING, RAISING
from .models import Assessment, Conclusion

TO_NEXT = datetime.timedelta(days=365)
"""How long a judgement holds before it is looked at again, unless its assessor says otherwise."""

_REASONS = (*LOWERING, *RAISING)
JUDGED = (
    *("start", "start_reason"),
    *(name for reason in _REASONS for name in (reason.value, f"{reason.value}_reason")),
    *("size", "threshold", "direction", "sentence", "seen", "not_known", "differs", "differs_reason"),
    "is_demonstration",
)
"""The fields that a person fills in, but for the date."""


def draft_of(conclusion: Conclusion, *, on: datetime.date) -> Assessment:
    """The draft of this conclusion; else a new one that is not saved, with the last judgements and texts."""
    draft = conclusion.assessments.drafts().select_related("by").first()
    if draft is None:
        draft = Assessment(conclusion=conclusion, next_due=on + TO_NEXT)
        last = last_of(conclusion)
        if last is not None:
            for name in JUDGED:
                setattr(draft, name, getattr(last, name))
            if last.sentence == _as_it_follows(last):
                draft.sentence = ""
    return draft


def last_of(conclusion: Conclusion) -> Assessment | None:
    """The newest signed assessment: the one in force."""
    return conclusion.assessments.signed().select_related("by").newest_first().first()


def version(draft: Assessment) -> str:
    """What a saved draft says, as one value; empty for one that is not saved. For people who meet in one."""
    if draft.pk is None:
        return ""
    said = [str(getattr(draft, name)) for name in (*JUDGED, "next_due")]
    return hashlib.sha256(json.dumps([draft.pk, *said]).encode()).hexdigest()


def _as_it_follows(assessment: Assessment) -> str:
    blank = Assessment(
        **{name: getattr(assessment, name) for name in JUDGED if name != "sentence"},
        conclusion=assessment.conclusion,
    )
    return assessing.sentence(blank)
