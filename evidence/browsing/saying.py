"""A search in words: how an address was read."""

from __future__ import annotations

from dataclasses import dataclass

from .filters import TEXT, Filter


@dataclass(frozen=True)
class Said:
    """What must hold of a study, and what of its results, each in words."""

    about_studies: tuple[str, ...]
    about_results: tuple[str, ...]


def said(chosen: Filter) -> Said:
    """The filter in words, axis by axis."""
    of_studies = [f"its title or summary holds “{chosen.words(TEXT)}”"] if chosen.q else []
    of_results = [f"it is behind: {chosen.answer.label}"] if chosen.answer is not None else []
    for axis in chosen.axes_on:
        (of_results if axis.about_results else of_studies).append(chosen.words(axis.key))
    return Said(tuple(of_studies), tuple(of_results))
