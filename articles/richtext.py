"""Rich text: what editors may write, and the one cleaner for it."""

from typing import Any

from django_prose_editor.fields import ProseEditorField, create_sanitizer

# Beside web addresses a link may name one of our own things: `study:<slug>` becomes a numbered
# reference, `term:<slug>` a glossary word, `topic:<uid>` the page of a topic wherever it lives.
LINK_SCHEMES = ("study", "term", "topic")
_LINK = {"protocols": ["http", "https", "mailto", *LINK_SCHEMES], "enableTarget": False}

PROSE: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Subscript": True,
    "Superscript": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "Heading": {"levels": [3, 4]},
    "Link": _LINK,
    "HardBreak": True,
    "History": True,
}
SHORT: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "ListItem": True,
    "Link": _LINK,
    "HardBreak": True,
    "History": True,
}

_cleaners = {"prose": create_sanitizer(PROSE), "short": create_sanitizer(SHORT)}


def clean(html: str, *, kind: str = "prose") -> str:
    """The HTML with everything removed that the editor of this kind cannot make.

    Form fields clean what is typed; imports and scripts do not pass a form, so freezing cleans again.
    """
    return _cleaners[kind](html)


class RichTextField(ProseEditorField):
    """Rich text of a page section: paragraphs, lists, small headings, links."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("config", {"extensions": self.extensions()})
        kwargs.setdefault("sanitize", True)
        super().__init__(*args, **kwargs)

    @staticmethod
    def extensions() -> dict[str, Any]:
        return PROSE


class ShortTextField(RichTextField):
    """Rich text of a few lines: emphasis, links and one list."""

    @staticmethod
    def extensions() -> dict[str, Any]:
        return SHORT
