from datetime import date, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from gongkai.notices import hours
from gongkai.people.models import Holding, Place, Post, Staff, Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Year2025:
    """The days of the autumn of 2025 these tests need: 28 September is worked, 1 to 8 October are not."""

    office_hours = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))

    def is_working(self, day: date, /) -> bool:
        if day == date(2025, 9, 28):
            return True
        return day.weekday() < 5 and not date(2025, 10, 1) <= day <= date(2025, 10, 8)


@pytest.fixture(autouse=True)
def calendar():
    before = hours._calendar_of
    hours.use(lambda place: Year2025())
    yield
    hours.use(before)


@pytest.fixture
def county(db, settings, tmp_path):
    """清源县: 王敏 (A) and 赵磊 (B) answer letters at 住建局, 李强 at 水务局, 陈静 oversees."""
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    place = Place.objects.create(
        code="330899", slug="qingyuan", name="清源县", level="county", government="清源县人民政府"
    )

    def unit(code: str, name: str) -> Unit:
        return Unit.objects.create(
            place=place, code=code, name=f"清源县{name}", short_name=name, kind="department"
        )

    def person(username: str, name: str, post: Post, rank: str = "A") -> Staff:
        staff = Staff.objects.create(
            username=username,
            name=name,
            place=place,
            email=f"{username}@qingyuan.example",
            phone="13812345678",
        )
        Holding.objects.create(staff=staff, post=post, rank=rank)
        return staff

    housing, water, office = unit("qy-zj", "住建局"), unit("qy-sw", "水务局"), unit("qy-bgs", "政府办")
    answers = Post.objects.create(unit=housing, name="承办人", powers=["letters.handle"])
    oversees = Post.objects.create(unit=office, name="督办", powers=["oversee"])
    return SimpleNamespace(
        place=place,
        housing=housing,
        water=water,
        wang_min=person("wangmin", "王敏", answers),
        zhao_lei=person("zhaolei", "赵磊", answers, "B"),
        li_qiang=person(
            "liqiang", "李强", Post.objects.create(unit=water, name="承办人", powers=["letters.handle"])
        ),
        chen_jing=person("chenjing", "陈静", oversees),
    )
