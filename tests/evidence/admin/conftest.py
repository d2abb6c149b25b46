"""Somebody who may do everything."""

import pytest


@pytest.fixture
def editor(client, publisher):
    client.force_login(publisher)
    return client
