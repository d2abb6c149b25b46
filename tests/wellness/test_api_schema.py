"""Schemathesis asks the API what its schema allows, and what it does not, and finds nothing."""

import functools

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from tests.evidence.worlds import random_world
from wellness.api import schema

pytestmark = pytest.mark.django_db


@functools.cache
def site():
    """The site as a server runs it; made where it is asked, when the settings are those of a test."""
    return WSGIHandler()


def uncompressed(environ, start_response):
    """The site for a client that takes no gzip: Schemathesis asks for it and reads what comes as it is."""
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    return site()(environ, start_response)


described = schemathesis.openapi.from_dict(schema())
described.app = uncompressed
# A slug or a cursor of the right form that nobody handed out is refused, and its schema cannot say so.
UNLIKE_OURS = CHECKS.get_by_names(["positive_data_acceptance"])


@pytest.fixture(autouse=True)
def _connection_stays():
    """As the client of Django does it: the end of a request closes no connection that a test works in."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", GenerationMode)
def test_schemathesis_finds_nothing(mode, settings):
    settings.API_REQUESTS_A_MINUTE = 0
    random_world(1)

    for operation in (found.ok() for found in described.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and not list(operation.iter_parameters()):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @hypothesis_settings(
            max_examples=6,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case):
            case.call_and_validate(excluded_checks=UNLIKE_OURS)

        ask()
