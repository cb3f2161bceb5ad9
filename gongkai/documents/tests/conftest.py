"""Documents of 清源县 on their way, each step by the person whose step it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from gongkai.documents import actions
from gongkai.documents.models import Document
from gongkai.ledger import clock
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from tests.world import moment

TITLE = "清源县住房和城乡建设局关于公布2026年老旧小区电梯更新补贴标准的通知"
TEXT = "<p>各乡镇人民政府：</p><h2>一、补贴标准</h2><p>每台电梯补贴15万元，由县财政承担。</p>"


class Desk:
    """Does things as a person at a time: `desk.do("wang_min", "2025-09-26 10:00", actions.propose, document, …)`."""

    def __init__(self, county: Any) -> None:
        self.county = county

    def do(self, name: str, at: str, verb: Callable[..., Any], /, *args: Any, **given: Any) -> Any:
        with clock.set_to(moment(at)):
            actor = self.county.actor(name, moment(at).date())
            return verb(*args, by=actor, at=moment(at), **given)

    def draft(self, at: str = "2025-09-22 09:00", name: str = "wang_min", **more: Any) -> Document:
        """A draft of the housing bureau, its attribute proposed unless `attribute=None`."""
        given = {"unit": self.county.units["zhujian"], "title": TITLE, "html": TEXT} | more
        attribute = given.pop("attribute", "主动公开")
        why = {key: given.pop(key) for key in ("reason", "ground", "withheld") if key in given}
        document = self.do(name, at, actions.draft, **given)
        if attribute:
            self.do(name, at, actions.propose, document, attribute=attribute, **why)
        return fresh(document)

    def signed(self, at: str = "2025-09-24 09:00", **more: Any) -> Document:
        """A document that has been signed."""
        document = self.draft(**more)
        sheet = self.do("wang_min", at, actions.submit, document)
        for name in ("zhou_lan", "jiang_tao"):
            if Sheet.objects.get(pk=sheet.pk).is_running:
                self.do(name, at, reviews.sign, sheet)
        return fresh(document)

    def issued(
        self, at: str = "2025-09-26 10:00", number: str = "清住建发〔2025〕7号", **more: Any
    ) -> Document:
        """A document that has been issued."""
        document = self.signed(**more)
        self.do("wang_min", at, actions.issue, document, number=number, made_on=moment(at).date())
        return fresh(document)

    def cleared(self, document: Document, at: str = "2025-09-28 09:00") -> Document:
        """Reviewed for secrets and for release."""
        self.do("qin_lan", at, actions.review_secrecy, document, outcome=actions.MAY_GO_OUT)
        sheet = self.do("wang_min", at, actions.clear, fresh(document))
        self.do("qin_lan", at, reviews.sign, sheet)
        self.do("zhou_lan", at, reviews.sign, sheet)
        return fresh(document)

    def published(self, at: str = "2025-09-29 10:00", **more: Any) -> Document:
        """A document that everybody can read."""
        document = self.cleared(self.issued(**more))
        self.do("qian_fang", at, actions.publish, document)
        return fresh(document)


def fresh(document: Document) -> Document:
    """The document as it now is."""
    return Document.objects.select_related("matter__place", "place", "unit", "issuer", "edition").get(
        pk=document.pk
    )


def at_(text: str) -> datetime:
    return moment(text)


@pytest.fixture
def desk(county) -> Desk:
    return Desk(county)


@pytest.fixture
def door(county) -> Callable[[str], Client]:
    """A browser in which a person of the county is signed in: `door("wang_min")`."""

    def open_(name: str) -> Client:
        browser = Client()
        browser.force_login(getattr(county, name))
        return browser

    return open_
