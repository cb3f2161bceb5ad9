"""Who may come in at which door. Another unit's letter and one that does not exist answer alike."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from gongkai.files.models import Attachment
from gongkai.ledger.models import Fact
from gongkai.letters import actions
from gongkai.letters.acts import ACTS
from gongkai.letters.models import Draft, Issue, Letter, Stage
from gongkai.letters.urls import urlpatterns
from gongkai.ui.refusal import Refused
from tests.world import moment

PLACE_DOORS = ["list", "export", "intake", "entry", "issues", "sample", "learning", "templates"]
LETTER_DOORS = [
    *(
        "letter",
        "draft",
        "submission",
        "unmask",
        "merge",
        "apart",
        "merged",
        "publication",
        "attachments",
        "reply_files",
    ),
    *(act.name for act in ACTS),
]
OTHER_DOORS = {
    "trust",
    "issue",
    "issue_merge",
    "issue_split",
    "template_removal",
    "part",
    "decision",
    "reply_file_removal",
}
ONLY_POST = {"draft", "submission", "apart", "merged", "attachments", "reply_files"}


def test_every_door_is_asked_about_here():
    assert {pattern.name for pattern in urlpatterns} == {*PLACE_DOORS, *LETTER_DOORS, *OTHER_DOORS}


@pytest.mark.parametrize("door", PLACE_DOORS)
def test_a_stranger_is_sent_to_sign_in(county, door):
    assert Client().get(reverse(f"letters:{door}")).url.startswith("/office/account/login/")


@pytest.mark.parametrize("door", LETTER_DOORS)
def test_the_handler_of_another_unit_gets_nothing_at_any_door_of_a_letter(county, desk, assigned, at, door):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    url = reverse(f"letters:{door}", args=[letter.number])
    li = desk("li_qiang")
    if door not in ONLY_POST:
        assert li.get(url).status_code == 404
    assert li.post(url, {"text": "x", "reason": "电话核实", "into": letter.number}).status_code == 404
    assert Client().post(url).status_code == 302
    missing = reverse(f"letters:{door}", args=["LY-2025-0926-9999"])
    assert li.post(missing, {"text": "x"}).status_code == 404


def test_a_letter_of_another_unit_is_in_no_list_export_or_search(county, desk, assigned, at):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    li, wang = desk("li_qiang"), desk("wang_min")
    for query in ("", "?view=all", "?q=电梯", "?view=handling", f"?q={letter.number}"):
        assert letter.title not in li.get(f"/office/letters/{query}").content.decode()
        export = b"".join(li.get(f"/office/letters/export/{query}").streaming_content).decode()
        assert letter.number not in export
    assert letter.title in wang.get("/office/letters/?q=电梯").content.decode()


def test_an_attachment_is_read_by_those_who_may_see_the_letter(county, desk, assigned, at):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    wang, li = desk("wang_min"), desk("li_qiang")
    wang.post(
        f"/office/letters/{letter.number}/attachments/",
        {"attachments": SimpleUploadedFile("现场.txt", "轴承".encode())},
    )
    file = Attachment.objects.get()
    assert wang.get(file.get_absolute_url()).status_code == 200
    assert li.get(file.get_absolute_url()).status_code == 404
    assert Client().get(file.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("who", "rows", "entry", "issues", "sample", "learning"),
    [
        ("wang_min", 1, 409, 404, 200, 404),
        ("zhou_lan", 1, 409, 404, 200, 404),
        ("li_qiang", 0, 409, 404, 200, 404),
        ("zhao_jing", 1, 200, 200, 200, 404),
        ("sun_wei", 0, 200, 200, 200, 404),
        ("chen_li", 1, 200, 200, 200, 200),
        ("he_zhiyuan", 1, 409, 200, 200, 404),
        ("zheng_jie", 1, 409, 404, 200, 404),
        ("wu_tao", 0, 409, 404, 200, 404),
        ("feng_gang", 0, 409, 404, 200, 404),
        ("liu_min", 0, 409, 404, 200, 404),
    ],
)
def test_each_role_sees_its_letters_and_its_pages(
    county, desk, assigned, at, who, rows, entry, issues, sample, learning
):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    browser = desk(who)
    assert (
        browser.get("/office/letters/").content.decode().count(f"/office/letters/{letter.number}/")
        == 2 * rows
    )
    assert browser.get(f"/office/letters/{letter.number}/").status_code == (200 if rows else 404)
    assert browser.get("/office/letters/entry/").status_code == entry
    assert browser.get("/office/letters/issues/").status_code == issues
    assert browser.get("/office/letters/sample/").status_code == sample
    assert browser.get("/office/letters/learning/").status_code == learning


@pytest.mark.parametrize("who", ["he_zhiyuan", "zheng_jie", "zhao_jing", "zhou_lan"])
def test_who_may_look_but_not_handle_changes_nothing(county, desk, assigned, at, who):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    before = Fact.objects.count()
    browser = desk(who)
    for noun, given in (
        ("receipt", {}),
        ("findings", {"text": "看过"}),
        ("extension", {"amount": 1, "reason": "忙"}),
    ):
        refused = browser.post(f"/office/letters/{letter.number}/{noun}/", given)
        assert (refused.status_code, "只有承办单位可以这样做" in refused.content.decode()) == (409, True)
    assert browser.post(f"/office/letters/{letter.number}/draft/", {"text": "草稿"}).status_code == 409
    assert Fact.objects.count() == before
    assert not Draft.objects.exists()


def test_the_author_of_a_reply_does_not_sign_it(county, desk, assigned, at):
    letter = assigned("zhujian", nature="咨询", time_class="简单咨询")
    now = at("2025-09-26 11:00")
    actions.submit(letter, by=county.actor("wang_min"), at=now, text="请到窗口办理。")
    refused = desk("wang_min").post(f"/office/letters/{letter.number}/signature/")
    assert (refused.status_code, "只有承办单位的审签人" in refused.content.decode()) == (409, True)


# ---- the writer ------------------------------------------------------------------------------------------------


def test_the_writer_is_shown_once_for_a_reason_that_is_recorded(county, desk, assigned, at):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    wang = desk("wang_min")
    url = f"/office/letters/{letter.number}/unmask/"
    assert "13900001234" not in wang.get(f"/office/letters/{letter.number}/").content.decode()
    assert wang.post(url, {"reason": "看看"}).status_code == 422
    shown = wang.post(url, {"reason": "电话核实停运时间"})
    assert "13900001234" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    look = Fact.objects.get(kind="letter.unmasked")
    assert (look.by, look.details) == (county.wang_min, {"reason": "电话核实停运时间"})
    assert "13900001234" not in wang.get(f"/office/letters/{letter.number}/").content.decode()
    assert "电话核实停运时间" in wang.get(f"/office/letters/{letter.number}/").content.decode()


@pytest.mark.parametrize("who", ["he_zhiyuan", "zheng_jie", "chen_li"])
def test_who_oversees_does_not_look_at_the_writer(county, desk, assigned, at, who):
    letter = assigned("zhujian")
    at("2025-09-26 11:00")
    refused = desk(who).post(f"/office/letters/{letter.number}/unmask/", {"reason": "想了解情况"})
    assert refused.status_code == 409
    assert "13900001234" not in refused.content.decode()


def test_a_reporter_is_seen_by_named_persons_only(county, desk, assigned, at):
    letter = assigned("zhujian", nature="举报", triage="一般")
    at("2025-09-26 11:00")
    assert letter.is_protected
    url = f"/office/letters/{letter.number}/unmask/"
    for who in ("wang_min", "zhou_lan", "zhao_jing", "chen_li", "he_zhiyuan", "zheng_jie"):
        refused = desk(who).post(url, {"reason": "电话核实情况"})
        assert (refused.status_code, "只有指定人员可以查看" in refused.content.decode()) == (409, True)
    assert not Fact.objects.filter(kind="letter.unmasked").exists()
    assert "13900001234" in desk("liu_min").post(url, {"reason": "电话核实情况"}).content.decode()


def test_a_report_is_not_published_merged_or_grouped(county, desk, assigned, write, at):
    letter, other = assigned("zhujian", nature="举报", triage="一般"), write()
    at("2025-09-26 11:00")
    zhao = desk("zhao_jing")
    assert zhao.post(f"/office/letters/{other.number}/merge/", {"into": letter.number}).status_code == 409
    assert letter.number not in zhao.get(f"/office/letters/{other.number}/").content.decode()
    zhao.post("/office/letters/issues/")
    assert not Issue.objects.filter(letters=letter).exists()
    export = b"".join(zhao.get("/office/letters/export/?view=all").streaming_content).decode()
    line = next(line for line in export.splitlines() if letter.number in line)
    assert letter.title not in line


def test_unasked_consent_keeps_an_answer_off_the_site(county, desk, assigned, at):
    letter = assigned("zhujian", may_publish=False)
    at("2025-09-29 11:00")
    Letter.objects.filter(pk=letter.pk).update(
        stage=Stage.ANSWERED, answer="已修好。", answered_at=moment("2025-09-29 10:00")
    )
    zhou = desk("zhou_lan")
    shown = zhou.get(f"/office/letters/{letter.number}/").content.decode()
    assert "来信人没有同意公开" in shown
    told = {"title": "电梯", "text": "电梯停运", "answer": "已修好"}
    assert zhou.post(f"/office/letters/{letter.number}/publication/", told).status_code == 409


# ---- second clicks ---------------------------------------------------------------------------------------------


def test_a_second_click_on_entry_keeps_one_letter(county, desk, at):
    at("2025-09-26 10:20")
    given = {
        "source": "群众来信", "received_at": "2025-09-26T10:00", "title": "路灯不亮", "text": "清河路路灯三天不亮。",
        "name": "方秀英", "phone": "13900001234",
    }  # fmt: skip
    zhao = desk("zhao_jing")
    first, second = zhao.post("/office/letters/entry/", given), zhao.post("/office/letters/entry/", given)
    assert first.url == second.url
    assert Letter.objects.count() == 1


def test_a_second_click_on_an_act_leaves_one_fact(county, desk, write, at):
    letter = write()
    at("2025-09-26 10:30")
    zhao, zhou = desk("zhao_jing"), desk("zhou_lan")
    seen = zhao.get(f"/office/letters/{letter.number}/").context["seen"]
    chosen = {
        "nature": "投诉", "time_class": "调查核实", "triage": "一般", "unit": county.units["zhujian"].pk, "seen": seen,
    }  # fmt: skip
    for _ in range(2):
        assert zhao.post(f"/office/letters/{letter.number}/classification/", chosen).status_code == 302
    wang = desk("wang_min")
    seen = wang.get(f"/office/letters/{letter.number}/").context["seen"]
    for noun, given in (
        ("receipt", {}),
        ("findings", {"text": "看过"}),
        ("extension", {"amount": 2, "reason": "等配件"}),
        ("submission", {"text": "您好，已经修好。"}),
    ):
        for _ in range(2):
            assert (
                wang.post(f"/office/letters/{letter.number}/{noun}/", {"seen": seen} | given).status_code
                == 302
            )
    seen = zhou.get(f"/office/letters/{letter.number}/").context["seen"]
    for _ in range(2):
        assert zhou.post(f"/office/letters/{letter.number}/signature/", {"seen": seen}).status_code == 302
    kinds = list(Fact.objects.filter(matter=letter.matter).values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds))
    assert letter.extension_requests.count() == 1
    assert letter.drafts.count() == 1


def test_an_act_refused_by_the_action_is_refused_on_its_page_too(county, desk, assigned, at):
    letter = assigned("zhujian")
    now = at("2025-09-26 11:00")
    shown = desk("wang_min").get(f"/office/letters/{letter.number}/").content.decode()
    assert "现在不能送审签" in shown
    assert "第六条" in shown
    with pytest.raises(Refused, match="还没有核实记录") as refused:
        actions.submit(letter, by=county.actor("wang_min"), at=now, text="已修好")
    assert "第六条" in refused.value.cite
