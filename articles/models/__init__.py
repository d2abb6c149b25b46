"""The nouns of the pages: one concept a file."""

from .blocks import Block, Callout, EvidenceTable, Figure, Heading, KeyVariables, RichText
from .category import Category
from .checkpoint import Checkpoint
from .comment import Comment
from .drawn_page import DrawnPage
from .edition import Edition, EditionImage
from .edition_lens import EditionLens
from .event import Event
from .finding import Finding
from .folder import Folder
from .image import Image, Rendition
from .message import Message
from .missed_search import MissedSearch
from .notice import Notice, NoticeChoice
from .outside_link import OutsideLink
from .presence import Presence
from .preview_grant import PreviewGrant, PreviewVisit
from .sign_off import SignOff
from .term import Term
from .topic import Topic, TopicPopulation

BLOCK_MODELS = (Heading, RichText, Finding, KeyVariables, EvidenceTable, Callout, Figure)

__all__ = [
    "BLOCK_MODELS",
    "Block",
    "Callout",
    "Category",
    "Checkpoint",
    "Comment",
    "DrawnPage",
    "Edition",
    "EditionImage",
    "EditionLens",
    "Event",
    "EvidenceTable",
    "Figure",
    "Finding",
    "Folder",
    "Heading",
    "Image",
    "KeyVariables",
    "Message",
    "MissedSearch",
    "Notice",
    "NoticeChoice",
    "OutsideLink",
    "Presence",
    "PreviewGrant",
    "PreviewVisit",
    "Rendition",
    "RichText",
    "SignOff",
    "Term",
    "Topic",
    "TopicPopulation",
]
