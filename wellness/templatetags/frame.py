"""The frame around every page: parts that are alike on many, drawn once while nothing changes."""

from typing import ClassVar, Self

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

from evidence import changes

from .. import page_cache

register = template.Library()

MOST_FIXED = 1_000
"""How many fixed parts are kept: some are drawn from what people type."""


class Part(template.Node):
    """A piece of a template that is drawn from its values and from nothing else of the page."""

    # No block of a page stands in a part: nobody who looks for blocks, as each page does, need look here.
    child_nodelists = ()

    def __init__(self, nodelist: NodeList, name: str, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.name = name
        self.values = values

    @classmethod
    def parsed(cls, parser: Parser, token: Token) -> Self:
        """What stands from this tag, which names the part and its values, to the one that ends it."""
        tag, name, *values = token.split_contents()
        nodelist = parser.parse((f"end{tag}",))
        parser.delete_first_token()
        return cls(nodelist, name, [parser.compile_filter(value) for value in values])

    def key(self, context: Context) -> tuple[str, ...]:
        return (self.name, *(str(value.resolve(context)) for value in self.values))


class OncePart(Part):
    def render(self, context: Context) -> str:
        moment = changes.asked_at(context.get("request"))
        if moment is None:
            return self.nodelist.render(context)
        return page_cache.FRAGMENTS.drawn(self.key(context), moment, lambda: self.nodelist.render(context))


class FixedPart(Part):
    _drawn: ClassVar[dict[tuple[str, ...], str]] = {}

    def render(self, context: Context) -> str:
        if settings.DEBUG:
            return self.nodelist.render(context)
        key = self.key(context)
        if key not in self._drawn:
            if len(self._drawn) >= MOST_FIXED:
                self._drawn.clear()
            self._drawn[key] = self.nodelist.render(context)
        return self._drawn[key]


@register.tag
def once(parser: Parser, token: Token) -> OncePart:
    """`{% once "menu" current path %}…{% endonce %}`: drawn from nothing but these and the database."""
    return OncePart.parsed(parser, token)


@register.tag
def fixed(parser: Parser, token: Token) -> FixedPart:
    """`{% fixed "footer" SITE_NAME %}…{% endfixed %}`: drawn from these and from files alone."""
    return FixedPart.parsed(parser, token)
