"""The site as a server asks it: WSGI, checked on both sides."""

import contextlib
from typing import NamedTuple
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from wellness.kept_pages import KeptPages


class Answer(NamedTuple):
    status_code: int
    headers: dict[str, str]
    content: bytes


class Served:
    """One process of the site, with what it keeps; `n_asked` counts how often Django was asked."""

    def __init__(self):
        self.n_asked = 0
        handler = WSGIHandler()

        def counted(environ, start_response):
            self.n_asked += 1
            return handler(environ, start_response)

        self._application = validator(KeptPages(counted))

    def get(self, path, headers=None, method="GET"):
        path, _, query = path.partition("?")
        environ = {"REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query}
        environ |= {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()
        }
        environ.setdefault("HTTP_HOST", "testserver")
        setup_testing_defaults(environ)
        begun = []

        def start_response(status, headers, error=None):
            begun.append((int(status[:3]), dict(headers)))

        with _connection_of_the_test():
            parts = self._application(environ, start_response)
            content = b"".join(parts)
            parts.close()
        return Answer(*begun[-1], content)


@contextlib.contextmanager
def _connection_of_the_test():
    """Django's own client does the same: a request would close the connection that a test works on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
