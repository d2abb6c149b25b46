"""Freezing findings: each with its signed assessment, the results behind it, and every group of its topic."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from evidence.coverage import Coverage
from evidence.models import AssessedResult, Assessment, Conclusion, Population, Result
from evidence.models.study import Design
from evidence.stating import said_in_picture
from evidence.weighing import people_in, reading_order

from .. import richtext
from ..models import Finding
from .results import Content, Groups, history_ids, listed_results


class Findings:
    """What the findings of a topic rest on, read together: the number of queries does not grow with them.

    A finding shows the newest signed assessment of its conclusion, and the results that this looked at as
    they are today. What matches by now and was not assessed is drift, which never changes a page.
    """

    def __init__(self, blocks: Iterable[Finding], groups: Groups) -> None:
        self.groups = groups
        conclusions = [block.conclusion for block in blocks if block.conclusion is not None]
        self._narrow: dict[tuple[int | str | None, ...], Conclusion] = {}
        self._assessments: dict[int, Assessment] = {}
        self._looked_at: dict[int, list[tuple[AssessedResult, Result]]] = defaultdict(list)
        self._history: dict[int, int] = {}
        if not conclusions:
            return
        narrow = Conclusion.objects.for_display().filter(
            population__in=groups.populations,
            intervention__in={conclusion.intervention_id for conclusion in conclusions},
            outcome__in={conclusion.outcome_id for conclusion in conclusions},
        )
        self._narrow = {(entry.population_id, *_question(entry)): entry for entry in narrow.order_by()}
        wanted = {entry.pk for entry in (*conclusions, *self._narrow.values())}
        in_force = Assessment.objects.in_force().filter(conclusion__in=wanted).order_by()
        self._assessments = {assessment.conclusion_id: assessment for assessment in in_force}
        self._read_results()

    def _read_results(self) -> None:
        signed = {assessment.pk: key for key, assessment in self._assessments.items()}
        looked_at = list(AssessedResult.objects.filter(assessment__in=signed).order_by("pk"))
        keys = {entry.result_id for entry in looked_at}
        results = {result.pk: result for result in listed_results().filter(pk__in=keys)}
        self._history = history_ids(Result, results)
        for entry in looked_at:
            # A result that is gone or not public any more cannot be shown; drift says so.
            if entry.result_id in results:
                found = self._looked_at[signed[entry.assessment_id]]
                found.append((entry, results[entry.result_id]))
        for found in self._looked_at.values():
            found.sort(key=lambda pair: reading_order(pair[1]))

    def freeze(self, block: Finding) -> Content:
        """What a finding says. No query."""
        conclusion = block.conclusion
        assessment = None if conclusion is None else self._assessments.get(conclusion.pk)
        looked_at = [] if conclusion is None else self._looked_at[conclusion.pk]
        statement = block.statement.strip() or (assessment.sentence if assessment is not None else "")
        covered = self.groups.coverage(result for _, result in looked_at)
        return {
            "kind": "finding",
            "name": block.name,
            "anchor": block.anchor,
            "statement": statement,
            "glance": block.glance.strip() or statement,
            "text": richtext.clean(block.text),
            "conclusion": None if conclusion is None else _freeze_conclusion(conclusion),
            "assessment": None if assessment is None else _freeze_assessment(assessment),
            "rows": [self._freeze_row(entry, result) for entry, result in looked_at],
            **_counts([result for _, result in looked_at]),
            "coverage": covered,
            "lenses": {
                group.slug: self._freeze_lens(group, block, covered[group.slug])
                for group in self.groups.populations
            },
        }

    def _freeze_row(self, entry: AssessedResult, result: Result) -> Content:
        return {
            **said_in_picture(result, self._history.get(result.pk)),
            "is_pooled": entry.is_pooled,
            "why_not_pooled": entry.why_not_pooled,
            # Only where it is so: what was signed before this was frozen stays signed.
            **({} if entry.is_direct else {"is_direct": False}),
        }

    def _freeze_lens(self, group: Population, block: Finding, state: str) -> Content:
        """What a finding says to those who read for one group."""
        conclusion = block.conclusion
        narrow = None if conclusion is None else self._narrow.get((group.pk, *_question(conclusion)))
        assessment = None if narrow is None else self._assessments.get(narrow.pk)
        if narrow is None or assessment is None or state not in (Coverage.DIRECT, Coverage.PART):
            return {"state": state, "conclusion": None, "assessment": None, "studies": []}
        looked_at = self._looked_at[narrow.pk]
        return {
            "state": state,
            "conclusion": _freeze_conclusion(narrow),
            "assessment": _freeze_assessment(assessment),
            "studies": list(dict.fromkeys(result.study.slug for _, result in looked_at)),
            "results": self._freeze_results(looked_at, block),
        }

    def _freeze_results(
        self, looked_at: list[tuple[AssessedResult, Result]], block: Finding
    ) -> list[Content]:
        """What a group's assessment looked at: whole only where the rows of the finding do not hold it."""
        rows = self._looked_at[block.conclusion_id] if block.conclusion_id is not None else []
        held = {result.pk for _, result in rows}
        return [
            {
                **({} if result.pk in held else self._freeze_row(entry, result)),
                "study": result.study.slug,
                "key": result.key,
                "is_direct": entry.is_direct,
                "is_pooled": entry.is_pooled,
                "why_not_pooled": entry.why_not_pooled,
            }
            for entry, result in looked_at
        ]


def _question(conclusion: Conclusion) -> tuple[int | str, ...]:
    """What a conclusion asks, of whomever."""
    return conclusion.intervention_id, conclusion.comparator, conclusion.outcome_id


def shown(block: Content) -> Iterator[tuple[Content, Content]]:
    """The conclusions that a frozen finding shows, for everyone and for groups, each with its assessment."""
    for said in (block, *block["lenses"].values()):
        if said["conclusion"] is not None and said["assessment"] is not None:
            yield said["conclusion"], said["assessment"]


def _counts(results: list[Result]) -> Content:
    studies = {result.study.slug: Design(result.study.design).is_synthesis for result in results}
    return {
        "studies": list(studies),
        "n_studies": len(studies),
        "n_reviews": sum(studies.values()),
        "n_people": people_in(results),
    }


def _freeze_conclusion(conclusion: Conclusion) -> Content:
    return {
        "slug": conclusion.slug,
        "population": None if conclusion.population is None else conclusion.population.slug,
        "intervention": conclusion.intervention.name,
        "comparator": conclusion.get_comparator_display(),
        "outcome": conclusion.outcome.name,
        "better": conclusion.outcome.better,
    }


def _freeze_assessment(assessment: Assessment) -> Content:
    """A signed judgement with everything that a page says of it."""
    return {
        "number": assessment.number,
        "certainty": assessment.certainty.value,
        "level": assessment.level,
        "start": assessment.start,
        "reasons": [
            {"reason": reason.label, "steps": steps, "how": _how(assessment, reason.value), "why": why}
            for reason, steps, why in assessment.reasons
        ],
        "size": assessment.size,
        "direction": assessment.direction,
        "sentence": assessment.sentence,
        "seen": assessment.seen,
        "not_known": assessment.not_known,
        "differs": assessment.differs,
        "differs_reason": assessment.differs_reason,
        "is_demonstration": assessment.is_demonstration,
        "signed_on": assessment.signed_at.date().isoformat() if assessment.signed_at else None,
        "next_due": assessment.next_due.isoformat(),
        "pool": assessment.pool,
    }


def _how(assessment: Assessment, field: str) -> str:
    label: str = getattr(assessment, f"get_{field}_display")()
    return label
