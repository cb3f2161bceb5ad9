from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from gongkai.people.models import Staff


@pytest.fixture(autouse=True)
def _doors(settings):
    """Only this room's pages: other rooms are not asked here."""
    settings.ROOT_URLCONF = "gongkai.people.tests.urls"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()  # what allauth counted of failed sign-ins


@pytest.fixture
def signed_in(client):
    """A browser in which a person is signed in: `signed_in(county.wang_min)`."""

    def sign_in(staff: Staff) -> Client:
        client.force_login(staff)
        return client

    return sign_in
