"""The demonstration: press work of every stage, told by the actions of this room."""

from __future__ import annotations

from gongkai.config.demo.press import build_press
from gongkai.ledger import clock
from gongkai.press.models import Account, InterviewRequest, PressEvent, SocialPost
from tests.world import moment


def test_the_county_has_press_work_at_every_stage(county):
    now = moment("2025-09-29 15:00")
    with clock.set_to(now):
        count = build_press(county, now)

    stages = list(PressEvent.objects.order_by("stage").values_list("stage", flat=True))
    assert (count, stages) == (5, ["closed", "planned", "published", "reviewed", "reviewing"])
    assert Account.objects.filter(stage="active").count() == 3
    assert set(InterviewRequest.objects.values_list("stage", flat=True)) == {"asked", "answered"}
    assert SocialPost.objects.get().pushes.get().reads == 8600
    late = PressEvent.objects.filter(matter__obligations__breached_at__isnull=False)
    assert not late.exists()
