"""The WSGI application that gunicorn serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellness.settings")

application = get_wsgi_application()


def read_ahead() -> None:
    """Read what each process keeps of the evidence, before a server forks its workers.

    They share it then, and no reader waits for it. Connections are not shared: each worker opens its own.
    """
    from django.db import connections

    from evidence.browsing import index

    index.current()
    connections.close_all()
    # What stays for good is left alone, so that its pages of memory stay shared.
    gc.collect()
    gc.freeze()


if settings.READ_AHEAD:
    read_ahead()
