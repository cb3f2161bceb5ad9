"""A double click does nothing twice."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from gongkai.ui.once import once


def sent(**words):
    request = RequestFactory().post("/office/press/new/", words)
    request.user = AnonymousUser()
    return request


def test_the_same_form_sent_again_goes_where_the_first_went():
    made = []

    def do():
        made.append(1)
        return f"/case/{len(made)}/"

    assert [once(sent(title="一"), do, "/list/") for _ in range(3)] == ["/case/1/"] * 3
    assert once(sent(title="二"), do, "/list/") == "/case/2/"
    assert len(made) == 2


def test_while_the_first_is_at_work_the_second_goes_to_the_list():
    assert (
        once(sent(title="一"), lambda: once(sent(title="一"), lambda: "/again/", "/list/"), "/list/")
        == "/list/"
    )


def test_what_was_refused_may_be_sent_again():
    with pytest.raises(ValueError, match="缺"):
        once(sent(title="一"), lambda: (_ for _ in ()).throw(ValueError("缺")), "/list/")

    assert once(sent(title="一"), lambda: "/case/", "/list/") == "/case/"
