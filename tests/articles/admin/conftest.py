"""The small cast of the topic pages: one may publish, one may only write, one may do nothing."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories


def signed_in(*rights):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(publisher):
    """Somebody who may do everything."""
    client = Client()
    client.force_login(publisher)
    client.user = publisher
    return client


@pytest.fixture
def writer(db):
    """Somebody who writes topics and does not publish them."""
    return signed_in("view_topic", "add_topic", "change_topic")


@pytest.fixture
def releaser(db):
    """Somebody who publishes what others write."""
    return signed_in("publish_topic")


@pytest.fixture
def stranger(db):
    """Somebody on the staff without any right."""
    return signed_in()
