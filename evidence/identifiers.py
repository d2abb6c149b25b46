"""Identifiers of publications: one written form each, whatever a person pasted."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

_DOI_PREFIX = re.compile(r"^(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/+|doi:\s*)+", re.IGNORECASE)
_PMID_PREFIX = re.compile(
    r"^(?:(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|pubmed\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid:?\s*)",
    re.IGNORECASE,
)
_NCT_PREFIX = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:clinicaltrials\.gov)/(?:ct2/show|study|show)/", re.IGNORECASE
)


def _settled(step: Callable[[str], str], text: str) -> str:
    """`step` until it changes nothing more: what was pasted twice over is taken off twice."""
    while (next_text := step(text)) != text:
        text = next_text
    return text


def normalise_doi(text: str) -> str:
    """Lower case, without resolver address, label or closing punctuation: `10.1136/bmj.d123`."""
    return _settled(lambda doi: _DOI_PREFIX.sub("", doi.strip()).rstrip(".,; \t\n").strip().lower(), text)


def normalise_pmid(text: str) -> str:
    """Digits without address, label or leading zeros: `35742596`."""
    return _settled(lambda pmid: _PMID_PREFIX.sub("", pmid.strip()).rstrip("/").strip().lstrip("0"), text)


def normalise_nct(text: str) -> str:
    """Capital letters without an address: `NCT03630471`."""
    return _settled(lambda nct: _NCT_PREFIX.sub("", nct.strip()).rstrip("/").strip().upper(), text)


class IdentifierField(models.CharField):
    """An optional identifier, stored in its normal form; empty is NULL, so that it can be unique."""

    normalise: Callable[[str], str] = staticmethod(lambda text: text.strip())
    pattern = re.compile(r".+")
    example = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return (self.normalise(text) or None) if text is not None else None

    def get_prep_value(self, value: Any) -> str | None:
        return self.to_python(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None and not self.pattern.fullmatch(value):
            raise ValidationError(f"“{value}” is not a {self.verbose_name}; one looks like {self.example}.")


class DOIField(IdentifierField):
    """A Digital Object Identifier."""

    normalise = staticmethod(normalise_doi)
    pattern = re.compile(r"10\.\d{4,9}/\S+")
    example = "10.1136/bmj.d123"


class PMIDField(IdentifierField):
    """A PubMed identifier."""

    normalise = staticmethod(normalise_pmid)
    pattern = re.compile(r"[1-9]\d{0,8}", re.ASCII)
    example = "35742596"


class PMCIDField(IdentifierField):
    """A PubMed Central identifier."""

    normalise = staticmethod(lambda text: text.strip().upper())
    pattern = re.compile(r"PMC[1-9]\d{0,8}", re.ASCII)
    example = "PMC9224507"


class NCTField(IdentifierField):
    """A number of the registry ClinicalTrials.gov."""

    normalise = staticmethod(normalise_nct)
    pattern = re.compile(r"NCT\d{8}", re.ASCII)
    example = "NCT03630471"
