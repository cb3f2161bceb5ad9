"""Pages of this room are drawn without a database and without collected static files."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def browser(settings) -> Client:
    """A browser in front of `urls.py` of this folder, with what this room adds to a request, no more."""
    settings.ROOT_URLCONF = "gongkai.ui.tests.urls"
    settings.MIDDLEWARE = [
        "django_htmx.middleware.HtmxMiddleware",
        "gongkai.ui.middleware.refusals",
        "gongkai.ui.middleware.type_size",
    ]
    drawing = settings.TEMPLATES[0]
    given = [
        "django.template.context_processors.request",
        "django.contrib.messages.context_processors.messages",
        "gongkai.ui.context.desk",
    ]
    settings.TEMPLATES = [drawing | {"OPTIONS": drawing["OPTIONS"] | {"context_processors": given}}]
    return Client(raise_request_exception=False)
