"""Following a letter: who gets in, what is shown, what can be done there."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongkai.files.models import Attachment
from gongkai.ledger import actions as ledger
from gongkai.ledger.models import Fact
from gongkai.letters import actions
from gongkai.letters.models import Letter, Stage
from gongkai.people.models import Staff
from gongkai.portal.tests.conftest import answer, text_of
from gongkai.ui.refusal import Refused
from tests.world import photo


def address(letter: Letter, tail: str = "") -> str:
    return f"/qingyuan/letter/{letter.number}/{tail}"


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_code_and_tail_of_the_phone_open_the_letter(browser, letter, open_letter):
    response = open_letter(letter)

    assert response["Location"] == address(letter)
    page = browser.get(response["Location"])
    assert "县信访局已收到，正在分给承办单位" in text_of(page)
    assert "老人下不了楼" in text_of(page)
    assert "no-store" in page["Cache-Control"]


def test_the_code_may_be_typed_with_spaces_and_in_full_width(browser, letter):
    wide = letter.code_shown.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    response = browser.post("/qingyuan/follow/", {"code": wide, "tail": "５６７８"})

    assert response.status_code == 302


def test_the_code_given_on_the_first_page_is_carried_to_the_form(browser, county):
    page = text_of(browser.post("/qingyuan/follow/code/", {"code": "0926 0147 3358"}))

    assert 'value="0926 0147 3358"' in page
    assert 'name="tail"' in page


@pytest.mark.parametrize(
    ("code", "tail"), [(None, "0000"), ("000000000000", "5678"), (None, "LY-2025-0926-0001")]
)
def test_whatever_is_wrong_reads_the_same(browser, letter, code, tail):
    response = browser.post("/qingyuan/follow/", {"code": code or letter.code, "tail": tail})

    assert response.status_code == 422
    assert "没有查到。请对照回执核对" in text_of(response)


def test_a_letter_without_phone_is_opened_by_its_number(browser, county, send):
    send(nature="举报", name="", phone="")
    letter = Letter.objects.get()
    stranger = Client()

    assert stranger.post("/qingyuan/follow/", {"code": letter.code, "tail": ""}).status_code == 422
    assert stranger.post("/qingyuan/follow/", {"code": letter.code, "tail": "5678"}).status_code == 422
    opened = stranger.post("/qingyuan/follow/", {"code": letter.code, "tail": letter.number.lower()})
    assert opened.status_code == 302


def test_guessing_the_tail_of_one_code_ends_soon_even_from_many_addresses(letter):
    for n in range(5):
        Client(REMOTE_ADDR=f"10.0.0.{n}").post("/qingyuan/follow/", {"code": letter.code, "tail": f"000{n}"})

    response = Client(REMOTE_ADDR="10.0.0.9").post("/qingyuan/follow/", {"code": letter.code, "tail": "5678"})

    assert response.status_code == 429


def test_trying_many_codes_from_one_address_ends_soon(letter, open_letter):
    client = Client(REMOTE_ADDR="10.0.0.1")
    for n in range(20):
        client.post("/qingyuan/follow/", {"code": f"{n:012}", "tail": "5678"})

    assert open_letter(letter, client=client).status_code == 429
    assert open_letter(letter, client=Client(REMOTE_ADDR="10.0.0.2")).status_code == 302


def test_strangers_are_sent_to_the_key_whether_the_letter_exists_or_not(browser, letter):
    for number in (letter.number, "LY-2025-0926-9999"):
        for tail in ("", "rating/", "supplement/", "withdrawal/"):
            ask = browser.get if not tail else browser.post
            assert ask(f"/qingyuan/letter/{number}/{tail}")["Location"] == "/qingyuan/follow/"
    assert Letter.objects.get().stage == Stage.RECEIVED


def test_another_place_does_not_show_the_letter(browser, county, letter, open_letter):
    assert browser.post("/zunyi/follow/", {"code": letter.code, "tail": "5678"}).status_code == 422

    open_letter(letter)
    assert browser.get(f"/zunyi/letter/{letter.number}/")["Location"] == "/zunyi/follow/"


def test_leaving_forgets_what_was_opened(browser, letter, open_letter):
    open_letter(letter)

    browser.post("/qingyuan/follow/end/")

    assert browser.get(address(letter))["Location"] == "/qingyuan/follow/"


# ---- what is shown -------------------------------------------------------------------------------------


def test_the_page_says_who_handles_it_until_when_and_why_that_day(browser, assigned, open_letter):
    open_letter(assigned)

    page = text_of(browser.get(address(assigned)))

    assert "已交给县住建局办理" in page
    assert "0851-20000106" in page
    assert "2025年10月10日 24:00" in page  # 28 September is worked, 1 to 8 October are not
    assert "为什么是这一天" in page
    assert "调休上班" in page
    assert "收到来信" in page


def test_inner_facts_and_the_writer_are_not_on_the_page(browser, county, at, assigned, open_letter):
    now = at("2025-09-26 14:00")
    actions.return_(assigned, by=county.actor("wang_min"), at=now, reason="应由水务局办理")
    actions.unmask(assigned, by=county.actor("zhao_jing"), at=now, reason="电话核实漏水位置")
    open_letter(assigned)

    page = text_of(browser.get(address(assigned)))

    assert "应由水务局办理" not in page
    assert "查看来信人信息" not in page
    assert "13812345678" not in page


def test_a_declined_letter_shows_reason_and_channel(browser, county, at, letter, open_letter):
    now = at("2025-09-26 14:00")
    actions.decline(
        letter, by=county.actor("zhao_jing"), at=now, reason="属于行政复议。", channel="请向县司法局申请。"
    )
    open_letter(letter)

    page = text_of(browser.get(address(letter)))

    assert "不予受理的理由和渠道" in page
    assert "请向县司法局申请" in page


# ---- what can be done ----------------------------------------------------------------------------------


@pytest.mark.clause("ZY-LY-06-2", "GB-RX-01-2")
def test_not_satisfied_sends_the_letter_back_with_a_new_limit(browser, county, at, answered, open_letter):
    open_letter(answered)
    assert "更换轴承" in text_of(browser.get(address(answered)))
    at("2025-10-09 10:00")

    response = browser.post(address(answered, "rating/"), {"rating": "不满意", "words": "还没有修"})

    page = text_of(browser.get(response["Location"]))
    assert "您对上次答复不满意，县住建局正在重新办理" in page
    assert "重新办理的期限" in page
    assert "2025年10月15日 24:00" in page  # the make-up day 11 October counts
    answered.refresh_from_db()
    assert (answered.stage, answered.rating_words) == (Stage.HANDLING, "还没有修")


def test_a_rating_must_be_chosen(browser, answered, open_letter):
    open_letter(answered)

    response = browser.post(address(answered, "rating/"), {"rating": ""})

    assert response.status_code == 422
    assert "请选择" in text_of(response)


def test_an_answer_is_rated_once(browser, at, answered, open_letter):
    open_letter(answered)
    at("2025-10-09 10:00")
    browser.post(address(answered, "rating/"), {"rating": "满意"})

    again = browser.post(address(answered, "rating/"), {"rating": "不满意"})

    assert again.status_code == 409
    assert "已经评价过" in text_of(again)
    answered.refresh_from_db()
    assert answered.rating == "满意"


def test_words_and_files_are_added_while_it_is_worked_on(browser, at, assigned, open_letter):
    open_letter(assigned)
    at("2025-09-28 09:00")
    file = SimpleUploadedFile("照片.png", photo())

    browser.post(
        address(assigned, "supplement/"), {"more-words": "昨天又停了一次", "more-attachments": [file]}
    )

    page = text_of(browser.get(address(assigned)))
    assert "昨天又停了一次" in page
    assert "来信人补充" in page
    assert "照片.png" in page


def test_a_refused_file_is_named_where_it_was_chosen(browser, at, assigned, open_letter):
    open_letter(assigned)
    at("2025-09-28 09:00")

    response = browser.post(
        address(assigned, "supplement/"),
        {"more-words": "", "more-attachments": [SimpleUploadedFile("坏.exe", b"MZ")]},
    )

    assert response.status_code == 422
    assert "“坏.exe”：不能上传这种文件" in text_of(response)
    assert not Attachment.objects.exists()


def test_the_writer_takes_the_letter_back(browser, at, assigned, open_letter):
    open_letter(assigned)
    at("2025-09-28 09:00")

    response = browser.post(address(assigned, "withdrawal/"))

    assert "您已撤回这封信" in text_of(browser.get(response["Location"]))
    assigned.refresh_from_db()
    assert assigned.stage == Stage.WITHDRAWN
    assert not assigned.matter.obligations.standing().exists()


# ---- the link in the message ---------------------------------------------------------------------------


def test_the_link_shows_the_answer_and_nothing_else_and_works_once(at, answered):
    key, stranger = actions.new_rating_key(answered), Client()
    page = text_of(stranger.get(f"/qingyuan/rate/{key}/"))
    assert "更换轴承" in page
    assert "老人下不了楼" not in page
    assert answered.code not in page
    at("2025-10-09 10:00")

    response = stranger.post(f"/qingyuan/rate/{key}/", {"rating": "基本满意"})

    assert "谢谢" in text_of(stranger.get(response["Location"]))
    used = stranger.get(f"/qingyuan/rate/{key}/")
    assert used.status_code == 410
    assert "已经不能用了" in text_of(used)
    assert stranger.get(address(answered))["Location"] == "/qingyuan/follow/"
    answered.refresh_from_db()
    assert answered.rating == "基本满意"


def test_the_link_of_an_older_answer_is_no_longer_good(county, at, answered):
    old = actions.new_rating_key(answered)
    actions.rate(answered, at=at("2025-10-09 10:00"), rating="不满意")
    again = answer(county, at, answered, "2025-10-10 10:00", "已经更换完毕。")
    new = actions.new_rating_key(again)

    assert Client().get(f"/qingyuan/rate/{old}/").status_code == 410
    assert "已经更换完毕" in text_of(Client().get(f"/qingyuan/rate/{new}/"))


def test_a_guessed_link_is_a_used_one(answered):
    actions.new_rating_key(answered)

    assert Client().get("/qingyuan/rate/whatever/").status_code == 410


def test_an_answer_late_is_said_to_be_late(browser, county, at, assigned, open_letter):
    ledger.sweep_all(at("2025-10-11 00:01"))
    late = answer(county, at, assigned, "2025-10-13 10:00", "已经修好。")
    open_letter(late)

    assert "逾期办结" in text_of(browser.get(address(late)))


@pytest.fixture
def together(county, at, letter, send) -> tuple[Letter, Letter, Letter]:
    """A letter and two that were merged into it, answered on 29 September at 10:00."""
    for phone in ("13900002222", "13900003333"):
        send(title="电梯又停了", phone=phone, text=f"电梯又停了，请派人来修，{phone[-4:]}栋也一样。")
    lead = county.actor("zhao_jing")
    actions.classify_and_assign(
        letter, by=lead, at=at("2025-09-26 10:30"), unit=county.units["zhujian"], nature="投诉",
        time_class="调查核实", triage="一般",
    )  # fmt: skip
    main = Letter.objects.get(pk=letter.pk)
    others = list(Letter.objects.exclude(pk=letter.pk).order_by("pk"))
    actions.merge_all(others, main, by=lead, at=at("2025-09-29 09:30"))
    answer(county, at, main, "2025-09-29 10:00", "已经更换完毕。")
    return Letter.objects.get(pk=letter.pk), *Letter.objects.exclude(pk=letter.pk).order_by("pk")


def test_the_writer_of_a_merged_letter_reads_whose_answer_it_is(browser, together, open_letter):
    _main, second, _third = together
    page = text_of(browser.get(open_letter(second, tail="2222")["Location"]))

    assert "县住建局的答复" in page
    assert "县信访局的答复" not in page


@pytest.mark.clause("ZY-LY-06-2", "GB-RX-01-2")
def test_the_writer_of_a_merged_letter_who_is_not_satisfied_sends_the_letter_it_went_into_back(
    county, browser, at, together, open_letter
):
    main, second, third = together
    open_letter(second, tail="2222")
    at("2025-09-29 15:00")
    response = browser.post(address(second, "rating/"), {"rating": "不满意", "words": "一号梯还是停"})
    page = text_of(browser.get(response["Location"]))

    assert "和相同的来信合并办理，您对上次答复不满意，县住建局正在重新办理" in page
    assert "2025年10月13日 24:00" in page
    main.refresh_from_db()
    second.refresh_from_db()
    assert (main.stage, main.rating, main.redo_count) == (Stage.HANDLING, "", 1)
    assert (second.stage, second.rating, second.rating_words) == (Stage.MERGED, "不满意", "一号梯还是停")
    assert "一号梯还是停" in text_of(signed_in(county.wang_min).get(f"/office/letters/{main.number}/"))

    stranger = Client()
    key = actions.new_rating_key(third)
    stranger.post(f"/qingyuan/rate/{key}/", {"rating": "不满意"})
    open_letter(main, client=stranger)
    own = text_of(stranger.get(address(main)))
    assert "合并办理的另一位来信人对上次答复不满意" in own
    assert "合并办理的另一位来信人已评价" in own
    assert second.number not in own
    stranger.post(address(main, "rating/"), {"rating": "满意"})

    main.refresh_from_db()
    assert (main.stage, main.rating, main.redo_count) == (Stage.HANDLING, "满意", 1)
    assert [o.state for o in main.matter.obligations.filter(duty="letter.redo")] == ["open"]
    ratings = Fact.objects.filter(kind="letter.rated")
    assert set(ratings.values_list("matter", flat=True)) == {main.matter_id}
    assert ratings.count() == 3


def test_a_new_answer_may_be_rated_by_every_writer_again(county, browser, at, together, open_letter):
    main, second, third = together
    actions.rate(third, at=at("2025-09-29 14:00"), rating="满意")
    actions.rate(second, at=at("2025-09-29 15:00"), rating="不满意")
    assert Client().get(f"/qingyuan/rate/{actions.new_rating_key(third)}/").status_code == 410
    with pytest.raises(Refused, match="已经评价过"):
        actions.rate(third, at=at("2025-09-29 15:30"), rating="不满意")

    answer(county, at, Letter.objects.get(pk=main.pk), "2025-09-30 10:00", "两部都已换完。")
    open_letter(third, tail="3333")

    assert "已经答复，请您评价" in text_of(browser.get(address(third)))
    actions.rate(second, at=at("2025-09-30 11:00"), rating="满意")
    main.refresh_from_db()
    assert (main.stage, main.rating) == (Stage.ANSWERED, "")
