"""Links inside rich text: those that name our own things are found here, and given their addresses."""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape

from .richtext import LINK_SCHEMES

# The text was cleaned by nh3, so that links have one form: double quotes, nothing nested inside.
_LINK = re.compile(r'<a\b[^>]*?\bhref="(?P<href>[^"]*)"[^>]*>(?P<inner>.*?)</a>', re.DOTALL)

_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_uid(target: str) -> bool:
    """Whether the target of a link may be the uid of a topic."""
    return _UID.fullmatch(target) is not None


def targets(html: str) -> Iterator[tuple[str, str]]:
    """Each (scheme, target) that the text links to among our own things, in its order."""
    for link in _LINK.finditer(html):
        scheme, _, target = unescape(link["href"]).partition(":")
        if scheme in LINK_SCHEMES:
            yield scheme, target


def outside(html: str) -> Iterator[str]:
    """Each address on another site that the text links to, in its order."""
    for link in _LINK.finditer(html):
        href = unescape(link["href"])
        if href.partition(":")[0].lower() in ("http", "https"):
            yield href


def resolve(html: str, draw: Callable[[str, str, str], str]) -> str:
    """The text with each link to one of our things replaced by `draw(scheme, target, inner_html)`.

    Links to other sites get `rel="noopener"`, so that they learn nothing but where the reader came from.
    """

    def replace(link: re.Match[str]) -> str:
        href = unescape(link["href"])
        scheme, _, target = href.partition(":")
        if scheme in LINK_SCHEMES:
            return draw(scheme, target, link["inner"])
        return f'<a href="{escape(href)}" rel="noopener">{link["inner"]}</a>'

    return _LINK.sub(replace, html)
