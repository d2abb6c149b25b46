"""Resting: which findings of live pages rest on a conclusion, as the pages say it themselves."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from evidence.models import AssessedResult, Conclusion

from .models import Edition


@dataclass(frozen=True)
class Resting:
    """A finding of a live page: its name and its sentence, on which page, and for which group.

    `population` is empty for the finding that everybody reads, else the slug of the group whose note it is.
    """

    edition: Edition
    name: str
    statement: str
    anchor: str
    population: str

    @property
    def url(self) -> str:
        return f"{self.edition.get_absolute_url()}#{self.anchor}"


def findings_on(conclusions: Collection[Conclusion], *, at: datetime.datetime) -> dict[int, list[Resting]]:
    """The findings that are live at `at` and rest on these conclusions, by primary key. Two queries."""
    slugs = {conclusion.slug: conclusion.pk for conclusion in conclusions}
    found: dict[int, list[Resting]] = defaultdict(list)
    # A page names the studies behind its findings: no other page needs to be read.
    studies = set(
        AssessedResult.objects.filter(assessment__conclusion__in=slugs.values()).values_list(
            "study", flat=True
        )
    )
    if not studies:
        return {}
    naming = Edition.studies.through.objects.filter(study__in=studies).values("edition")
    live = Edition.objects.live(at).filter(pk__in=naming)
    for edition in live.defer("body_html", "references_html", "text", "page").a_to_z():
        for slug, resting in _findings(edition):
            if slug in slugs:
                found[slugs[slug]].append(resting)
    return found


def _findings(edition: Edition) -> Iterator[tuple[str, Resting]]:
    """The findings of a page and of its notes for groups, each with the slug of its conclusion."""
    for block in edition.content.get("blocks", ()):
        if block["kind"] != "finding":
            continue
        lenses: dict[str, Any] = block.get("lenses", {})
        for population, said in (("", block), *lenses.items()):
            conclusion, assessment = said.get("conclusion"), said.get("assessment")
            statement = said.get("statement") or (assessment or {}).get("sentence", "")
            if conclusion is not None:
                yield (
                    conclusion["slug"],
                    Resting(edition, block["name"], statement, block["anchor"], population),
                )
