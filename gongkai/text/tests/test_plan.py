"""Plans are read the way they are written, and say where they are wrong."""

from __future__ import annotations

import pytest

from gongkai.text.plan import PlanError, parse

TEXT = "城东又停水了，附近爆管，市民不满。"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("停水", ("停水",)),
        ("停水 且 城东", ("停水", "城东")),
        ("停水 城东", ("停水", "城东")),
        ("停电 或 爆管", ("爆管",)),
        ("(停水|停电) 城东 非 演习", ("停水", "城东")),
        ("（停水 或 爆管）且 城东", ("停水", "爆管", "城东")),
        ("停水且城东", None),
        ("城东 近/1 停水", ("城东", "停水")),
        ("停水 near/3 市民", None),
        ("停水 近 爆管", ("停水", "爆管")),
        ("停水 非 爆管", None),
        ("停水 且 非 (演习 或 计划)", ("停水",)),
        ("“城东又”", ("城东又",)),
        ('"城东 又"', None),
        ("非法", None),
        ("附近", ("附近",)),
        ("停水 AND NOT 演习", ("停水",)),
    ],
)
def test_a_plan_finds_what_it_says(plan, words):
    found = parse(plan).find(TEXT)
    assert (found.words if found else None) == words


def test_width_and_case_do_not_matter():
    assert parse("ＰＭ２.5").find("pm2.5 超标")


@pytest.mark.parametrize(
    ("plan", "position", "says"),
    [
        ("", 1, "还缺一个词"),
        ("停水 且", 5, "还缺一个词"),
        ("且 停水", 1, "前面还缺一个词"),
        ("(停水 或 停电", 1, "括号没有合上"),
        ("停水) 城东", 3, "多了一个右括号"),
        ("城东 “停水", 4, "引号没有合上"),
        ("城东 停水”", 6, "引号没有开头"),
        ("城东 “”", 4, "引号里没有字"),
        ("非 演习", 1, "只有“非”"),
        ("停水 或 非 演习", 1, "只有“非”"),
        ("(停水 且 城东) 近/3 爆管", 11, "两边只能是词"),
        ("停" * 501, 501, "最多 500 个字"),
    ],
)
def test_a_wrong_plan_names_the_position(plan, position, says):
    with pytest.raises(PlanError, match=says) as wrong:
        parse(plan)
    assert wrong.value.position == position


@pytest.mark.parametrize(
    ("plan", "needs"),
    [
        ("停水", (("停水",),)),
        ("停水 且 城东 非 演习", (("停水",), ("城东",))),
        ("(停水 或 大面积爆管) 近 城东", (("停水", "大面积爆管"), ("城东",))),
        ("(停水 城东) 或 爆管", (("停水", "爆管"),)),
        ("(停 大面积爆管) 或 水", (("大面积爆管", "水"),)),
        ("“停 水，A座”", (("停",), ("水",), ("a座",))),
        ("停水 或 “！！”", ()),
        ("停水 且 “！！”", (("停水",),)),
    ],
)
def test_a_plan_knows_what_a_text_it_finds_has_for_certain(plan, needs):
    assert parse(plan).needs == needs
