"""The public pages: HTTP in, HTTP out."""

from .category import category_detail
from .contact import contact
from .edition import edition_detail
from .preview import shared_preview
from .term import term_list
from .topic import topic_bibtex, topic_detail, topic_list, topic_ris

__all__ = [
    "category_detail",
    "contact",
    "edition_detail",
    "shared_preview",
    "term_list",
    "topic_bibtex",
    "topic_detail",
    "topic_list",
    "topic_ris",
]
