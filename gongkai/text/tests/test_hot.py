from datetime import UTC, datetime, timedelta

import pytest

from gongkai.text.hot import Item, group

NOW = datetime(2025, 9, 30, tzinfo=UTC)

MIXER = [
    ("城东花园旁搅拌站噪音扰民", "搅拌站半夜施工，噪音很大，睡不着觉"),
    ("投诉城东花园附近的搅拌站", "城东花园西侧的搅拌站粉尘很大，窗户不敢开"),
    ("城东花园搅拌站粉尘污染严重", "搅拌站的粉尘飘进城东花园，空气污染"),
    ("请关停城东花园边上的搅拌站", "城东花园业主请求关停违建的搅拌站，噪音和粉尘"),
]
OTHERS = [
    ("河滨苑门口烧烤摊油烟扰民", "河滨苑南门烧烤摊每晚油烟呛人"),
    ("河滨苑烧烤摊占道经营油烟大", "河滨苑南门的烧烤摊占道，油烟直排"),
    ("松园小区夜间施工噪音扰民", "松园小区对面的工地半夜施工"),
    ("咨询公积金提取条件", "请问公积金租房提取需要哪些材料"),
    ("桂花里路灯不亮", "桂花里三号门路灯坏了半个月"),
    ("建议204路公交延伸到石室村", "石室村老人多，出行不便"),
]


def item(number, title, body, writer=None, days_ago=1):
    return Item(
        f"L{number}", title, body, writer or f"w{number}", NOW - timedelta(days=days_ago, minutes=number)
    )


def letters():
    return [item(number, *letter) for number, letter in enumerate(MIXER + OTHERS)]


def grouped(issues):
    return {frozenset(issue.keys) for issue in issues}


def test_one_thing_told_in_many_words_is_one_issue_and_other_places_stay_apart():
    issues = group(letters(), now=NOW)

    assert grouped(issues) == {frozenset({"L0", "L1", "L2", "L3"}), frozenset({"L4", "L5"})}
    assert issues[0].writers == 4
    assert "搅拌站" in issues[0].name
    assert "搅拌站" in issues[0].words


def test_people_are_counted_not_letters():
    twenty = [item(number, *MIXER[number % 4], writer="same") for number in range(20)]
    pair = [item(20 + number, *OTHERS[number]) for number in range(2)]

    first, second = group(twenty + pair, now=NOW)

    assert (len(first.keys), first.writers) == (2, 2)
    assert (len(second.keys), second.writers) == (20, 1)


def test_an_issue_cools_by_half_in_thirty_days():
    [fresh] = group(letters()[:4], now=NOW)
    [stale] = group(letters()[:4], now=NOW + timedelta(days=30))

    assert stale.heat == pytest.approx(fresh.heat / 2, rel=0.01)
    assert stale.tightness == fresh.tightness


def test_the_same_letters_in_another_order_give_the_same_issues():
    assert group(letters(), now=NOW) == group(letters()[::-1], now=NOW)


def test_what_a_person_joined_stays_joined():
    issues = group(letters(), now=NOW, must_link=[("L0", "L6"), ("L6", "L8"), ("L0", "gone")])

    assert any({"L0", "L6", "L8"} <= set(issue.keys) for issue in issues)


@pytest.mark.parametrize("pair", [("L0", "L1"), ("L1", "L0")])
def test_what_a_person_parted_stays_apart(pair):
    issues = group(letters(), now=NOW, cannot_link=[pair])

    assert not any({"L0", "L1"} <= set(issue.keys) for issue in issues)


def test_letters_both_joined_and_parted_are_refused():
    with pytest.raises(ValueError, match="先撤销"):
        group(letters(), now=NOW, must_link=[("L0", "L1"), ("L1", "L2")], cannot_link=[("L0", "L2")])


def test_the_name_of_the_county_does_not_make_an_issue():
    wide = [
        item(0, "清源县清源县城路灯", "桂花里三号门外路灯不亮"),
        item(1, "清源县清源县城公积金", "租房怎么提取公积金"),
        item(2, "清源县清源县城公交", "石室村没有班车"),
    ]

    assert group(wide, now=NOW, wide=["清源县城", "清源县"]) == []


def test_fewer_than_two_letters_make_no_issue():
    assert group([], now=NOW) == []
    assert group(letters()[:1], now=NOW) == []


def test_the_same_matter_at_a_place_of_another_name_is_another_issue():
    here = item(20, "东港路夜宵摊扰民", "楼下很吵，晚上睡不着")
    there = item(21, "松园小区夜宵摊扰民", "楼下很吵，开不了窗")
    nowhere = item(22, "楼下夜宵摊扰民", "楼下很吵，开不了窗")

    assert frozenset({"L20", "L22"}) in grouped(group([*letters(), here, nowhere], now=NOW))
    assert not any({"L20", "L21"} <= keys for keys in grouped(group([*letters(), here, there], now=NOW)))


def test_the_same_matter_in_another_township_is_another_issue():
    here = item(20, "南桥镇夜宵摊太吵", "楼下很吵，晚上睡不着")
    there = item(21, "北山乡夜宵摊扰民", "每天到半夜，开不了窗")
    both = {"L20", "L21"}

    assert any(
        both <= keys for keys in grouped(group([*letters(), here, there], now=NOW, wide=["南桥镇", "北山乡"]))
    )
    parts = grouped(group([*letters(), here, there], now=NOW, parts=["南桥镇", "北山乡"]))
    assert not any(both <= keys for keys in parts)
