"""The world of all tests: 清源县, and a clock that stands where the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest
from django.core.cache import cache
from django.template.backends.jinja2 import Template
from django.test.signals import template_rendered

from gongkai import prepared
from tests.world import TODAY, moment


@pytest.fixture(autouse=True)
def plain_house(settings, tmp_path_factory, request) -> None:
    """No collected static files, attachments in a folder of the run, no baked pages, a cache of its own and empty, and
    a rail whose addresses are those of the house (a room that is tested alone mounts only its own).
    """
    from gongkai.office import context

    context._doors.cache_clear()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "files"
    settings.GONGKAI_BAKED = tmp_path_factory.getbasetemp() / "site" / f"{hash(request.node.nodeid):x}"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    prepared.forget()


@pytest.fixture(autouse=True)
def seen_pages(monkeypatch) -> None:
    """Tell the test client what a page was drawn of (`answer.context`), as Django's own templates do."""
    draw = Template.render

    def draw_and_tell(self, context=None, request=None):
        drawn = draw(self, context := context or {}, request)
        template_rendered.send(sender=self, template=self, context=context)
        return drawn

    monkeypatch.setattr(Template, "render", draw_and_tell)


@pytest.fixture
def county(db, fresh_rules):
    """清源县 with its units and people, as `gongkai.config.demo.county.County`."""
    from gongkai.config.demo.county import build_county

    return build_county(TODAY)


@pytest.fixture
def at() -> Iterator[Callable[[str], datetime]]:
    """Hold the clock: `now = at("2025-09-29 09:00")`, for the rest of the test or until called again."""
    from gongkai.ledger import clock

    with ExitStack() as held:

        def hold(text: str) -> datetime:
            instant = moment(text)
            held.enter_context(clock.set_to(instant))
            return instant

        yield hold


@pytest.fixture
def fresh_rules() -> Iterator[None]:
    """Forget the rules of a place that set something itself: the next test reuses its ids."""
    from django.db.models.signals import post_save

    from gongkai.ledger import lawbook
    from gongkai.ledger.models import Setting

    written: list[object] = []

    def note(sender: object, instance: object, **_: object) -> None:
        written.append(instance)

    post_save.connect(note, sender=Setting, weak=False)
    yield
    post_save.disconnect(note, sender=Setting)
    if written:
        lawbook.reload()
