"""Stories in a real browser, against a desk that really runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gongkai.portal.throttle import QUICKEST
from tests.browser.shoot import overflow, violations

pytestmark = pytest.mark.browser

A_MOMENT = QUICKEST.total_seconds() * 1000 + 500  # ms; the form asks for more time than a machine takes
TITLE = "滨河小区12幢电梯又停了，请尽快修好"
PUBLIC = (
    "",
    "letters/",
    "write/",
    "write/?alone=no",
    "follow/",
    "owed/",
    "times/",
    "clauses/",
    "flow/",
    "seals/",
    "search/?q=电梯",
    "documents/",
    "columns/policies/",
    "archive/",
    "openness/",
    "units/",
    "units/520399-06/",
    "topics/",
    "gazettes/",
    "catalogue/",
    "catalogue/negative/",
    "catalogue/withheld/",
    "services/",
    "sitemap/",
    "faults/",
    "faults/follow/",
)
OFFICE = {
    "chenli": (
        "/office/", "/office/board/", "/office/letters/", "/office/settings/", "/office/notices/", "/office/letters/issues/",
        "/office/documents/", "/office/documents/catalogue/", "/office/documents/catalogue/negative/",
        "/office/documents/catalogue/withheld/", "/office/documents/catalogue/self-check/", "/office/documents/site/",
        "/office/documents/site/topics/old-estates/", "/office/documents/site/services/", "/office/documents/site/gazettes/",
    ),
    "wangmin": ("/office/", "/office/letters/", "/office/documents/?view=mine", "/office/documents/new/"),
    "zhoulan": ("/office/reviews/",),
    "qianfang": ("/office/documents/?view=cleared", "/office/documents/site/faults/"),
    "zhaojing": ("/office/letters/intake/", "/office/letters/entry/"),
    "wutao": ("/office/people/units/", "/office/people/staff/"),
    "zhengjie": ("/office/facts/",),
    "fenggang": (
        "/office/opinion/", "/office/opinion/events/", "/office/opinion/stories/", "/office/opinion/posts/",
        "/office/opinion/sources/", "/office/opinion/plans/", "/office/opinion/entry/",
    ),
    "hezhiyuan": ("/office/opinion/", "/office/opinion/?all=1"),
}  # fmt: skip


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_of_the_portal_is_accessible_and_fits(open_page, path, width):
    page = open_page(f"/qingyuan/{path}", width)
    assert violations(page) == []
    assert overflow(page) == []


@pytest.mark.parametrize("who", OFFICE)
def test_the_pages_of_the_office_are_accessible_and_fit(open_page, site, who):
    for width in (390, 1280):
        page = open_page("/office/", width, who)
        for path in OFFICE[who]:
            answer = page.goto(site + path)
            assert answer.status == 200, path
            assert violations(page) == [], path
            assert overflow(page) == [], path


def send(page, button):
    """Press a button that leads to another page, and wait until that page stands."""
    with page.expect_navigation():
        button.click()


def choose(page, name, value):
    """Choose one of several by its label, as a person does."""
    option = page.locator(f"[name={name}][value='{value}']")
    page.locator("label", has=option).click()
    expect(option).to_be_checked()


def write(page, title=TITLE):
    """Fill the form in as a citizen does; returns the query code of the receipt."""
    page.get_by_text("不只").first.click() if page.get_by_text("不只").count() else None
    page.fill("[name=title]", title)
    page.fill("[name=text]", "12幢电梯已经停了两个月，楼里有坐轮椅的老人，请问归谁管，什么时候能修好？")
    choose(page, "nature", "投诉")
    page.fill("[name=name]", "林晓")
    page.fill("[name=phone]", "19900001234")
    page.wait_for_timeout(A_MOMENT)
    send(page, page.locator("main form button[type=submit]").last)


def code_on(page) -> str:
    return re.search(r"\d{4} \d{4} \d{4}", page.inner_text("main"))[0]


def test_a_letter_from_the_phone_to_the_answer_and_the_rating(open_page, site):
    citizen = open_page("/qingyuan/write/?alone=no")
    write(citizen)
    code = code_on(citizen)
    number = re.search(r"LY-\d{4}-\d{4}-\d{4,}", citizen.content())[0]
    page_of = f"/office/letters/{number}/"

    lead = open_page(f"{page_of}classification/", 1280, "zhaojing")
    choose(lead, "nature", "投诉")
    choose(lead, "time_class", "调查核实")
    choose(lead, "triage", "一般")
    lead.select_option(
        "[name=unit]", label=lead.locator("[name=unit] option", has_text="县住建局").first.inner_text()
    )
    send(lead, lead.locator("main form button[type=submit]").last)

    clerk = open_page(page_of, 1280, "wangmin")
    send(clerk, clerk.get_by_role("button", name="签收").first)
    assert clerk.locator("[aria-disabled=true]", has_text="送审签").count() == 1
    assert "第六条" in clerk.inner_text("main")
    clerk.goto(f"{site}{page_of}findings/")
    clerk.fill("[name=text]", "现场查看，曳引机轴承磨损，需更换。")
    send(clerk, clerk.locator("main form button[type=submit]").last)
    clerk.goto(site + page_of)
    clerk.fill(
        "textarea[name=text]",
        "您好，经现场核实，停运原因是轴承磨损，11月30日前更换完毕，电话 0851-20000106。",
    )
    send(clerk, clerk.get_by_role("button", name="送审签"))

    head = open_page(page_of, 1280, "zhoulan")
    send(head, head.get_by_role("button", name=re.compile("审签|同意")).first)

    citizen.goto(f"{site}/qingyuan/follow/")
    citizen.fill("[name=code]", code)
    citizen.fill("[name=tail]", "1234")
    send(citizen, citizen.locator("main form button[type=submit]").last)
    shown = citizen.inner_text("main")
    assert "轴承磨损" in shown
    assert "为什么是这一天" in shown
    assert violations(citizen) == []
    choose(citizen, "rating", "不满意")
    send(citizen, citizen.get_by_role("button", name="提交评价"))

    clerk.goto(site + page_of)
    assert "重新办理" in clerk.inner_text("main")


def test_a_letter_can_be_written_without_javascript(open_page):
    page = open_page("/qingyuan/write/?alone=no", java_script_enabled=False)
    write(page, "没有脚本也能写信：路灯不亮")
    assert code_on(page)


def test_what_was_typed_is_kept_when_something_is_missing(open_page):
    page = open_page("/qingyuan/write/?alone=no")
    page.fill("[name=title]", "北街路灯")
    page.fill("[name=text]", "北街的路灯十点就熄灭了，夜班回家看不见路，请延长照明时间。")
    page.wait_for_timeout(A_MOMENT)
    page.evaluate("document.querySelectorAll('[required]').forEach((one) => one.removeAttribute('required'))")
    send(page, page.locator("main form button[type=submit]").last)
    assert page.locator(".errors").count() == 1
    assert page.input_value("[name=title]") == "北街路灯"
    assert violations(page) == []


def test_the_first_page_of_writing_says_that_a_draft_waits(open_page, site):
    page = open_page("/qingyuan/write/")
    waits = page.locator("[data-draft-waits]")
    expect(waits).to_be_hidden()
    page.goto(f"{site}/qingyuan/write/?alone=yes")
    page.fill("[name=title]", TITLE)

    page.goto(f"{site}/qingyuan/write/")
    expect(waits).to_contain_text(f"“{TITLE[:12]}…”）。")
    assert violations(page) == []
    waits.get_by_role("link", name="继续写").click()
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    assert page.url.endswith("?alone=yes")

    page.goto(f"{site}/qingyuan/write/")
    waits.get_by_role("button", name="不要了").click()
    page.goto(f"{site}/qingyuan/write/")
    expect(waits).to_be_hidden()


def test_large_type_is_one_switch_away_and_stays(open_page, site):
    page = open_page("/qingyuan/")
    page.get_by_role("link", name="大字版").first.click()
    page.goto(f"{site}/qingyuan/owed/")
    assert page.get_attribute("html", "data-type") == "large"
    assert overflow(page) == []


def test_a_document_from_the_draft_to_the_site(open_page, site):
    """Drafted on a desk, signed on the phone, issued, reviewed for secrets and for release, published."""
    title = "清源县住房和城乡建设局关于公布物业服务收费标准的通知"
    writer = open_page("/office/documents/new/", 1280, "wangmin")
    writer.fill("[name=title]", title)
    writer.locator("[contenteditable]").fill("现将物业服务收费标准公布如下，收费标准每平方米每月1.2元。")
    send(writer, writer.locator("main form button[type=submit]").last)
    document = writer.url

    def act(page, noun, **given):
        page.goto(f"{document}{noun}/")
        for name, value in given.items():
            if name in ("attribute", "outcome"):
                choose(page, name, value)
            else:
                page.fill(f"[name={name}]", value)
        send(page, page.locator("main form button[type=submit]").last)

    def sign(page):
        page.goto(f"{site}/office/reviews/")
        send(page, page.get_by_role("link", name=title).first)
        assert "每平方米每月1.2元" in page.inner_text("main")
        assert overflow(page) == []
        send(page, page.get_by_role("button", name="同意").first)

    act(writer, "attribute", attribute="主动公开")
    act(writer, "submission")
    deputy, checker = open_page("/office/", 390, "zhoulan"), open_page("/office/", 390, "qinlan")
    sign(deputy)
    act(writer, "issue", number="清住建发〔2099〕1号")
    act(checker, "secrecy", outcome="可以公开")
    act(writer, "clearance")
    sign(checker)
    sign(deputy)
    publisher = open_page("/office/", 1280, "qianfang")
    act(publisher, "publication")

    assert "已发布" in publisher.inner_text("main")
    assert "清住建发〔2099〕1号" in publisher.inner_text("main")


def test_an_opinion_from_the_first_post_to_the_answer_on_a_phone(open_page, site):
    """Heard, taken up, graded against the suggestion, handed to a bureau, answered, signed twice, released, read."""
    title = "南桥镇自来水停了两天"
    officer = open_page("/office/opinion/entry/", 1280, "fenggang")
    officer.select_option("[name=source]", label="清源论坛")
    officer.fill("[name=title]", title)
    officer.fill("[name=text]", "南桥镇老街自来水已经停了两天，老人小孩用水困难，没有通知，什么时候能来水？")
    send(officer, officer.locator("main form button[type=submit]").last)
    officer.goto(f"{site}/office/opinion/posts/")
    officer.locator("article", has_text=title).locator("a[href*='/opinion/stories/']").first.click()
    officer.wait_for_url("**/opinion/stories/*/")
    send(officer, officer.get_by_role("link", name="立为舆情事件"))
    officer.fill("[name=title]", title)
    send(officer, officer.get_by_role("button", name="登记"))
    event = officer.url
    page_of = event.removeprefix(site)
    code = page_of.rstrip("/").rsplit("/", 1)[1]

    def act(page, noun, **given):
        page.goto(f"{event}{noun}/")
        for name, value in given.items():
            page.fill(f"[name={name}]", value)
        send(page, page.locator("main form button[type=submit]").last)

    officer.goto(f"{event}assessment/")
    choose(officer, "grade", "较大")
    officer.get_by_role("button", name="研判定级").click()
    expect(officer.locator(".errors")).to_contain_text("请写理由")
    officer.fill("[name=because]", "停水影响全镇，明天赶集")
    choose(officer, "grade", "较大")
    send(officer, officer.get_by_role("button", name="研判定级"))
    officer.goto(f"{event}assignment/")
    officer.select_option("[name=lead]", label="县水务局")
    send(officer, officer.get_by_role("button", name="交办"))

    bureau = open_page("/office/opinion/events/", 1280, "liqiang")
    act(bureau, "acceptance")
    act(bureau, "facts", words="7时主管爆裂，已更换，今晚20时恢复供水。", questions="什么时候能来水")
    bureau.goto(f"{event}responses/new/")
    bureau.fill("[name=text]", "南桥镇停水的原因是主管爆裂，今晚20时恢复供水。咨询电话：0851-20000107。")
    send(bureau, bureau.get_by_role("button", name="保存"))
    answer = bureau.url
    send(bureau, bureau.get_by_role("button", name="送审"))
    for who in ("luhai", "hejing"):
        signer = open_page(page_of, 390, who)
        send(signer, signer.get_by_role("link", name="看全文并签批"))
        assert "主管爆裂" in signer.inner_text("main")
        send(signer, signer.get_by_role("button", name="同意").first)
    bureau.goto(answer)
    send(bureau, bureau.get_by_role("button", name="发布", exact=True))

    citizen = open_page("/qingyuan/responses/")
    send(citizen, citizen.get_by_role("link", name=f"关于{title}的情况通报"))
    assert "今晚20时恢复供水" in citizen.inner_text("main")
    assert violations(citizen) == []
    assert overflow(citizen) == []

    officer.goto(f"{site}/office/opinion/")
    row = officer.locator(".events > li", has=officer.locator(f"a[href*='{code}']"))
    expect(row).to_contain_text("已回应")
    expect(row).not_to_contain_text("已逾期")
    officer.goto(event)
    officer.locator("summary", has_text="已经了结").click()
    expect(officer.locator("li", has_text="回应公众").first).to_contain_text("已按时办结")
