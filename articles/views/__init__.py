"""The public pages: HTTP in, HTTP out."""

from .category import category_detail
from .contact import contact
from .edition import edition_detail
from .image import image_file
from .ledger import topic_evidence, topic_evidence_json
from .preview import shared_preview, shared_preview_sign_off
from .term import term_list
from .topic import topic_bibtex, topic_detail, topic_list, topic_ris

__all__ = [
    "category_detail",
    "contact",
    "edition_detail",
    "image_file",
    "shared_preview",
    "shared_preview_sign_off",
    "term_list",
    "topic_bibtex",
    "topic_detail",
    "topic_evidence",
    "topic_evidence_json",
    "topic_list",
    "topic_ris",
]
