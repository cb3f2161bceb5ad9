"""What a place lets the system fill in: only as it has set, only what is sure enough, never a report, always to be changed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from gongkai.ledger import clock, outbox
from gongkai.ledger.models import Effect, Fact
from gongkai.letters import actions, imports, learning
from gongkai.letters.models import Learned, Letter, Trust
from gongkai.people.actor import Actor
from gongkai.text import nature
from gongkai.text.features import CUES, WORDS
from gongkai.text.learn import Target, train
from gongkai.ui.refusal import Refused
from tests.world import moment

ESTATES = ("东湖花园", "兰溪新村", "河滨苑", "松园小区", "桂花里", "荷塘街", "城北花园", "石室村")
LIFTS = ("电梯停运，物业不修", "电梯困人，维修基金用不了", "电梯反复停运，没人管")
TAPS = ("请问自来水什么时候恢复", "自来水的水费怎么缴，请问", "请问自来水发黄可以退水费吗")


@pytest.fixture(scope="module")
def model() -> bytes:
    rows = [(f"{estate}{line}", "投诉", "物业", "zhujian") for estate in ESTATES for line in LIFTS]
    rows += [(f"{estate}{line}", "咨询", "供水", "shuiwu") for estate in ESTATES for line in TAPS]
    rows += [(f"举报{estate}物业索要回扣{n}", "举报", "物业", "zhujian") for n, estate in enumerate(ESTATES)]
    texts = [row[0] for row in rows]
    targets = {
        "nature": Target([row[1] for row in rows], (WORDS, CUES)),
        "topic": Target([row[2] for row in rows]),
        "unit": Target([row[3] for row in rows]),
        "time_class": Target(["简单咨询" if row[1] == "咨询" else "调查核实" for row in rows], (WORDS, CUES)),
    }
    return train(texts, targets, cues=nature.CUES).save()


@pytest.fixture
def learned(county, model, monkeypatch):
    """The county has learned, from letters whose units are named as they are in these tests."""
    figures = {
        "letters": 56, "accuracy": 0.95, "first_two": 1.0, "macro_f1": 0.94, "calibration_error": 0.02, "labels": [],
        "coverage": [], "thresholds": [
            {"confidence": 0.5, "share": 0.97, "precision": 0.961}, {"confidence": 0.9, "share": 0.62, "precision": 0.988},
            {"confidence": 0.98, "share": 0.0, "precision": None},
        ],
    }  # fmt: skip
    for key in ("zhujian", "shuiwu"):
        unit = county.units[key]
        unit.code = key
        unit.save(update_fields=["code"])
    learning._read.cache_clear()
    return Learned.objects.create(
        place=county.place, trained_at=moment("2025-09-20 10:00"), letters=56, report=dict.fromkeys(learning.FIELDS, figures),
        model=model,
    )  # fmt: skip


@pytest.fixture
def let(county, learned, at):
    """The county lets the system fill in fields: `let(nature=0.5)`."""

    def set_(**least: float | None) -> None:
        now = at("2025-09-25 09:00")
        for what, confidence in least.items():
            actions.trust(county.place, what, confidence, by=county.actor("chen_li"), at=now)

    return set_


def filled(letter: Letter) -> Letter:
    now = moment("2025-09-26 10:05")
    with clock.set_to(now):
        outbox.deliver_all(now)
    letter.refresh_from_db()
    return letter


LIFT = {"title": "东湖花园电梯停运", "text": "东湖花园电梯停运，物业不修，没人管"}
ALL = {"nature": 0.5, "topic": 0.5, "time_class": 0.5, "unit": 0.5}


def test_nothing_is_filled_in_where_the_place_has_set_nothing(learned, write):
    letter = filled(write(**LIFT))

    assert (letter.nature, letter.topic, letter.time_class, letter.filled) == ("", "", "", {})
    assert not Effect.objects.filter(kind="letter.fill").exists()


def test_a_sure_suggestion_is_filled_in_by_the_system_with_its_words(county, let, write):
    let(**ALL)
    letter = filled(write(**LIFT))

    assert (letter.nature, letter.topic, letter.time_class) == ("投诉", "物业", "调查核实")
    assert (letter.triage, letter.unit, letter.stage, letter.is_protected) == ("", None, "received", False)
    assert letter.filled["unit"]["value"] == "zhujian"
    assert "电梯" in letter.filled["topic"]["words"]
    facts = Fact.objects.filter(kind="letter.filled")
    assert {(fact.by, fact.details["what"]) for fact in facts} == {
        (None, label) for label in learning.FIELDS.values()
    }
    assert all("words" not in fact.details for fact in facts)  # a fact cannot be blotted out
    assert not Fact.objects.filter(kind="letter.classified").exists()


def test_nothing_is_owed_by_anybody_for_what_is_only_filled_in(let, write):
    let(**ALL)
    letter = write(**LIFT)

    def owed():
        return list(letter.matter.obligations.order_by("key").values_list("key", "unit", "due_at", "state"))

    before = owed()
    assert filled(letter).filled
    assert before
    assert owed() == before


def test_what_is_not_sure_enough_or_not_set_is_left_empty(let, write):
    let(topic=1.0, nature=0.5)
    letter = filled(write(**LIFT))

    assert (letter.nature, letter.topic, letter.time_class) == ("投诉", "", "")
    assert set(letter.filled) == {"nature"}


def test_a_setting_that_was_stopped_fills_nothing(let, write):
    let(**ALL)
    let(nature=None, topic=None, unit=None, time_class=None)

    assert filled(write(**LIFT)).filled == {}


def test_what_somebody_has_said_already_is_not_changed(let, write):
    let(nature=0.5)

    assert filled(write(nature="求助", **LIFT)).nature == "求助"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"nature": "举报", **LIFT}, "the writer says so"),
        ({"title": "举报东湖花园物业索要回扣", "text": "举报物业索要回扣"}, "the model says so"),
        ({"title": "检举受贿", "text": "电梯停运。检举揭发某人受贿索要贿赂，涉嫌违法"}, "cue words say so"),
    ],
)
def test_a_report_is_never_filled_in(let, write, given, why):
    let(**ALL)
    letter = filled(write(**given))

    assert letter.filled == {}, why
    assert (letter.topic, letter.time_class, letter.triage) == ("", "", "")
    assert not Fact.objects.filter(kind="letter.filled").exists()


def test_the_action_itself_refuses_reports_persons_and_letters_that_are_classified(county, let, write, at):
    let(**ALL)
    system, now = Actor.system(county.place), at("2025-09-26 10:30")
    topic = {"topic": {"value": "物业", "label": "物业", "confidence": 0.99, "words": ["电梯"]}}
    letter, protected = write(**LIFT), write(title="举报", text="举报", nature="举报")

    with pytest.raises(Refused, match="只有系统"):
        actions.fill(letter, topic, by=county.actor("chen_li"), at=now)
    with pytest.raises(Refused, match="举报信由人分类"):
        actions.fill(protected, topic, by=system, at=now)
    report = {"nature": topic["topic"] | {"value": "举报", "label": "举报"}}
    assert actions.fill(letter, report, by=system, at=now).nature == ""
    triage = {"triage": topic["topic"] | {"value": "一般"}}
    with pytest.raises(ValueError):
        actions.fill(letter, triage, by=system, at=now)
    actions.classify(
        letter, by=county.actor("zhao_jing"), at=now, nature="投诉", time_class="调查核实", triage="一般"
    )
    with pytest.raises(Refused, match="已经分类"):
        actions.fill(letter, topic, by=system, at=now)


def test_a_value_that_is_not_on_the_lists_of_the_place_is_left_out(county, let, write, at):
    now, system = at("2025-09-26 10:30"), Actor.system(county.place)
    one = {"confidence": 0.99, "words": ["电梯"]}
    found = {
        "nature": one | {"value": "表扬", "label": "表扬"},
        "unit": one | {"value": "nobody", "label": "没有"},
    }

    assert actions.fill(write(**LIFT), found, by=system, at=now).filled == {}


def test_the_person_sees_that_it_was_filled_in_and_may_change_it(county, let, write, at, desk):
    let(**ALL)
    letter = filled(write(**LIFT))
    at("2025-09-26 10:30")
    zhao = desk("zhao_jing")
    shown = zhao.get(f"/office/letters/{letter.number}/")
    text, form = shown.content.decode(), shown.context["classification"]

    assert "系统按本地设定填写，可以改" in text
    assert "<mark>电梯</mark>" in text
    assert "系统填写" in text
    assert form["nature"].value() == "投诉"
    assert form["unit"].value() == county.units["zhujian"].pk
    changed = {
        "nature": "求助", "time_class": "调查核实", "triage": "一般", "topic": "物业", "unit": county.units["zhujian"].pk,
    }  # fmt: skip
    assert zhao.post(f"/office/letters/{letter.number}/classification/", changed).status_code == 302
    letter.refresh_from_db()
    assert (letter.nature, letter.filled) == ("求助", {})
    assert Fact.objects.get(kind="letter.classified").by == county.zhao_jing
    assert "系统按本地设定填写" not in zhao.get(f"/office/letters/{letter.number}/").content.decode()
    kept = learning.kept_since(county.place, moment("2025-09-01 00:00"))
    assert (kept["nature"], kept["topic"]) == (learning.Kept(1, 1), learning.Kept(1, 0))


def test_to_leave_what_was_filled_in_is_a_persons_word_too(county, let, write, at):
    let(nature=0.5, topic=0.5, time_class=0.5)
    letter = filled(write(**LIFT))
    now = at("2025-09-26 10:30")
    same = {"nature": letter.nature, "time_class": letter.time_class, "topic": letter.topic}
    Letter.objects.filter(pk=letter.pk).update(triage="一般")
    actions.classify(letter, by=county.actor("zhao_jing"), at=now, triage="一般", **same)

    letter.refresh_from_db()
    assert letter.filled == {}
    assert Fact.objects.get(kind="letter.classified").by == county.zhao_jing


def test_delivering_twice_fills_in_once(let, write):
    let(**ALL)
    letter = filled(write(**LIFT))
    before = Fact.objects.count()

    learning.fill([letter.pk], moment("2025-09-26 10:10"))
    assert Fact.objects.count() == before


def test_letters_that_are_entered_or_imported_are_filled_in_too(county, let, at, desk):
    let(topic=0.5)
    now = at("2025-09-26 10:20")
    desk("zhao_jing").post(
        "/office/letters/entry/",
        {"source": "群众来信", "received_at": "2025-09-26T10:00", "name": "方秀英", "phone": "13900001234", **LIFT},
    )  # fmt: skip
    columns = {
        "来信时间": "2025-09-26 09:00",
        "标题": "松园小区电梯困人",
        "正文": "松园小区电梯困人，物业没人管",
    }
    importer = imports.Importer(
        county.place, imports.mapping_for(county.place, list(columns), {}), source="12345热线",
        by=Actor.system(county.place), now=now,
    )  # fmt: skip
    list(importer.run(iter([(2, columns)])))
    outbox.deliver_all(now)

    assert list(Letter.objects.values_list("topic", flat=True)) == ["物业", "物业"]


# ---- who may set it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [
        *("wang_min", "zhou_lan", "li_qiang", "zhao_jing", "sun_wei", "he_zhiyuan", "zheng_jie", "wu_tao"),
        *("feng_gang", "liu_min", "qian_fang"),
    ],
)
def test_who_may_not_configure_sets_nothing_by_any_door(county, learned, desk, at, who):
    now = at("2025-09-26 10:00")
    with pytest.raises(Refused, match="没有地方设定权限"):
        actions.trust(county.place, "topic", 0.9, by=county.actor(who), at=now)
    given = {"field": "topic", "topic-what": "topic", "topic-confidence": "90"}
    assert desk(who).post(reverse("letters:trust"), given).status_code == 404
    assert desk(who).get(reverse("letters:trust")).status_code in (404, 405)
    assert not Trust.objects.exists()


def test_who_oversees_but_does_not_configure_sees_the_figures_and_sets_nothing(county, learned, desk, at):
    post = county.chen_li.holdings.get().post
    post.powers = [power for power in post.powers if power != "configure"]
    post.save()
    at("2025-09-26 10:00")
    chen = desk("chen_li")
    shown = chen.get(reverse("letters:learning")).content.decode()
    given = {"field": "topic", "topic-what": "topic", "topic-confidence": "90"}

    assert "98.8%" in shown
    assert reverse("letters:trust") not in shown
    assert chen.post(reverse("letters:trust"), given).status_code == 409
    assert not Trust.objects.exists()


def test_the_system_does_not_give_itself_trust(county, learned, at):
    with pytest.raises(Refused):
        actions.trust(county.place, "topic", 0.9, by=Actor.system(county.place), at=at("2025-09-26 10:00"))


def test_it_is_set_beside_the_measured_figures_and_every_setting_is_kept(county, learned, desk, at):
    at("2025-09-26 10:00")
    chen, page = desk("chen_li"), reverse("letters:learning")
    shown = chen.get(page).content.decode()
    assert "98.8%" in shown
    assert "62%" in shown
    assert "没有设定，不自动填写" in shown
    given = {"field": "topic", "topic-what": "topic", "topic-confidence": "90"}
    assert chen.post(reverse("letters:trust"), given).url == page
    shown = chen.get(page).content.decode()
    assert "把握不低于 90% 的先填好" in shown
    assert "陈立" in shown
    assert chen.post(reverse("letters:trust"), given | {"topic-confidence": ""}).status_code == 302
    assert [row.confidence for row in Trust.objects.all()] == [None, 0.9]
    assert actions.trusted(county.place.code) == {}


@pytest.mark.parametrize("confidence", ["49", "101", "许多"])
def test_a_confidence_out_of_bounds_is_pointed_out_on_the_page(learned, desk, at, confidence):
    at("2025-09-26 10:00")
    given = {"field": "topic", "topic-what": "topic", "topic-confidence": confidence}
    answer = desk("chen_li").post(reverse("letters:trust"), given)

    assert answer.status_code == 422
    assert "把握不低于百分之几" in answer.content.decode()
    assert not Trust.objects.exists()


def test_what_was_not_measured_or_is_not_a_field_cannot_be_trusted(county, desk, at, learned):
    now, chen = at("2025-09-26 10:00"), county.actor("chen_li")
    for what in ("triage", "writer"):
        with pytest.raises(Refused, match="不能自动填写"):
            actions.trust(county.place, what, 0.9, by=chen, at=now)
    with pytest.raises(Refused, match="50% 到 100%"):
        actions.trust(county.place, "topic", 0.4, by=chen, at=now)
    Learned.objects.all().delete()
    with pytest.raises(Refused, match="还没有训练过"):
        actions.trust(county.place, "topic", 0.9, by=chen, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Trust.objects.create(place=county.place, what="topic", confidence=0.3, by=county.chen_li, at=now)


def test_another_place_is_not_touched(county, let, write):
    let(**ALL)

    assert actions.trusted("000000") == {}
