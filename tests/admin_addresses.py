"""Every address of the admin, found in its URL patterns: no list that somebody could forget to extend."""

import re

from django.contrib import admin
from django.urls import URLResolver
from django.urls.resolvers import RoutePattern

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
# As django-simple-history writes its addresses: a row, then one of its past states.
UNNAMED = "([^/]+)"


def views():
    """Pairs of name and route of all views; the route of the last one, which catches the rest, is “rest”."""
    return [(pattern.name or "rest", route) for pattern, route in _walk(admin.site.urls[0], "/admin/")]


def address(route, **arguments):
    """The route with its arguments filled in: with those given, else with 1."""
    return ARGUMENT.sub(lambda match: str(arguments.get(match.group(1), 1)), route)


def _walk(patterns, prefix):
    for pattern in patterns:
        if isinstance(pattern.pattern, RoutePattern):
            route = prefix + str(pattern.pattern)
        elif UNNAMED in str(pattern.pattern):
            named = (
                str(pattern.pattern).replace(UNNAMED, "<object_id>", 1).replace(UNNAMED, "<version_id>", 1)
            )
            route = prefix + named.strip("^$")
        elif "app_label" in pattern.pattern.regex.groupindex:
            route = prefix + "articles/"
        else:
            route = prefix + "no-such-page/"
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield pattern, route
