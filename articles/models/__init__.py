"""The nouns of the pages: one concept a file."""

from .blocks import Block, Callout, EvidenceTable, Figure, Heading, KeyVariables, RichText
from .category import Category
from .edition import Edition
from .message import Message
from .term import Term
from .topic import Topic, TopicPopulation

BLOCK_MODELS = (Heading, RichText, KeyVariables, EvidenceTable, Callout, Figure)

__all__ = [
    "BLOCK_MODELS",
    "Block",
    "Callout",
    "Category",
    "Edition",
    "EvidenceTable",
    "Figure",
    "Heading",
    "KeyVariables",
    "Message",
    "RichText",
    "Term",
    "Topic",
    "TopicPopulation",
]
