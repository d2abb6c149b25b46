"""The frame around every page: parts that are alike on many, drawn once while nothing changes."""

from typing import ClassVar

from django import template
from django.conf import settings
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

from .. import page_cache

register = template.Library()


@register.tag
def once(parser: Parser, token: Token) -> "OnceNode":
    """`{% once "menu" current path %}…{% endonce %}`: drawn from nothing but these and the database."""
    _, name, *values = token.split_contents()
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist, name, [parser.compile_filter(value) for value in values])


@register.tag
def fixed(parser: Parser, token: Token) -> "FixedNode":
    """`{% fixed "footer" SITE_NAME %}…{% endfixed %}`: drawn from these and from files alone."""
    _, name, *values = token.split_contents()
    nodelist = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodelist, name, [parser.compile_filter(value) for value in values])


class FixedNode(template.Node):
    _drawn: ClassVar[dict[tuple[str, ...], str]] = {}

    def __init__(self, nodelist: NodeList, name: str, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.name = name
        self.values = values

    def render(self, context: Context) -> str:
        if settings.DEBUG:
            return self.nodelist.render(context)
        key = (self.name, *(str(value.resolve(context)) for value in self.values))
        if key not in self._drawn:
            self._drawn[key] = self.nodelist.render(context)
        return self._drawn[key]


class OnceNode(template.Node):
    def __init__(self, nodelist: NodeList, name: str, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.name = name
        self.values = values

    def render(self, context: Context) -> str:
        moment = page_cache.moment_of(context.get("request"))
        if moment is None:
            return self.nodelist.render(context)
        key = (self.name, *(str(value.resolve(context)) for value in self.values))
        return page_cache.FRAGMENTS.drawn(key, moment, lambda: self.nodelist.render(context))
