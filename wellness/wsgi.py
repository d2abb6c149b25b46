"""The WSGI application that gunicorn serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from . import release

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellness.settings")


def in_front_of(site):
    """The site behind what it keeps. The apps are there only now."""
    from .kept_pages import KeptPages

    return KeptPages(site)


application = in_front_of(get_wsgi_application())

# While the files are still those that this process runs.
release.name()


def read_ahead() -> None:
    """Read what each process keeps of the evidence, before a server forks its workers.

    They share it then, and no reader waits for it. Connections are not shared: each worker opens its own.
    """
    from django.db import connections

    from evidence.browsing import Filter, Matches, shown
    from evidence.browsing.index import current, give_back

    index = current()
    # The first page of studies, whose sets of studies nearly every other page needs as well.
    nothing = Filter(index.vocabulary)
    Matches(nothing, index=index).counts(shown(nothing, opened=frozenset(), looked_for={}))
    connections.close_all()
    # What stays for good is left alone, so that its pages of memory stay shared; the rest is not kept twice.
    give_back()
    gc.freeze()


if settings.READ_AHEAD:
    read_ahead()
