"""Importing studies from the form that docs/import-form.md describes."""

from .reading import UnreadableFile, read_studies
from .studies import Interrupted, Rejection, Summary, import_studies

__all__ = ["Interrupted", "Rejection", "Summary", "UnreadableFile", "import_studies", "read_studies"]
