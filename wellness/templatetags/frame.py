"""The frame around every page: parts that are alike on many, drawn once while nothing changes."""

from django import template
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
