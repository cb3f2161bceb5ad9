"""Articles of regulations: their addresses, and the way from a citation to them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.urls import reverse

from gongkai import prepared
from gongkai.documents import actions, html
from gongkai.documents.articles import address_of, anchored, articles, key_of, source_of
from gongkai.documents.indexing import index
from gongkai.documents.tests.conftest import fresh
from gongkai.ledger import clock, lawbook, story
from tests.world import moment

RULES = html.from_text(
    "第一章 总则\n第一条 为规范答复，制定本办法。\n第二条 有下列情形的，应当延期：\n（一）情况复杂的；\n（二）需要会商的。\n第二章 附则\n第三条 自印发之日起施行。"
)
NOTICE = html.from_text(
    "各单位：现将两项制度印发给你们。\n群众留言办理制度\n第一条 甲。\n第二条 乙。\n政务舆情回应制度\n第一条 丙。\n第二条 丁。\n（一）戊。"
)
OPINIONS = html.from_text("一、加强平台建设\n（一）办好网站。\n（二）办好公报。\n二、健全机制\n（一）分工。")


def ids(text: str) -> list[str]:
    return [article.id for article in articles(text)]


def test_articles_chapters_and_items_have_addresses_that_say_what_they_are():
    assert ids(RULES) == ["第一章", "第一条", "第二条", "第二条（一）", "第二条（二）", "第二章", "第三条"]
    assert ids(OPINIONS) == ["一", "一（一）", "一（二）", "二", "二（一）"]


def test_a_second_regulation_in_the_same_text_has_addresses_of_its_own():
    assert ids(NOTICE) == ["第一条", "第二条", "第一条-2", "第二条-2", "第二条（一）"]


def test_only_ids_are_added_to_the_text():
    text = (
        RULES
        + '<table><tr><td>第九条 表里的不算</td></tr></table><p>本办法第一条所称答复。</p><p title="x">第四条</p>'
    )
    made = anchored(text)
    assert re.sub(r' id="[^"]*"', "", made) == text
    assert re.findall(r'id="([^"]*)"', made) == ids(RULES)
    assert '<p id="第二条（一）">（一）情况复杂的；</p>' in made


def test_an_address_stays_when_another_article_changes():
    changed = RULES.replace("为规范答复", "为进一步规范答复")
    assert ids(changed) == ids(RULES)


@pytest.mark.parametrize(
    ("cite", "key"),
    [
        ("第六条", "第六条"), ("第五条(一)", "第五条（一）"), ("第三条第（三）项", "第三条（三）"), ("第九条(第二个)", "第九条"), ("二、(五)", "二（五）"),
        ("五、", "五"), ("《清源县群众留言办理办法》第十二条第二款", "第十二条"), ("互动交流", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_citation_names_its_article(cite, key):
    assert key_of(cite) == key


def publish(desk, **given):
    return desk.published(number="清政办发〔2025〕8号", **given)


def test_a_citation_leads_to_the_article_of_the_released_text(desk, county):
    document = publish(desk, title="清源县人民政府办公室关于印发两项制度的通知", html=NOTICE)
    page = f"/{county.place.slug}/documents/{document.code}/"

    def lead(title: str, cite: str, number: str = "") -> str:
        return unquote(address_of(title, number, cite, county.place))

    assert lead("清源县群众留言办理制度", "第二条").endswith(f"{page}#第二条")
    assert lead("清源县政务舆情回应制度", "第二条").endswith(f"{page}#第二条-2")
    assert lead("清源县政务舆情回应制度", "第二条(一)").endswith(f"{page}#第二条（一）")
    assert lead("清源县政务舆情回应制度", "第二条(九)").endswith(f"{page}#第二条-2")
    assert lead("清源县政务舆情回应制度", "导语").endswith(page)
    assert lead("名字不在文中的制度", "第一条", "清政办发[2025]8号").endswith(f"{page}#第一条")
    assert lead("没有发布过的制度", "第一条") == ""


def test_a_place_below_reads_the_text_of_the_place_above(desk, county):
    document = publish(desk, title="清源县答复办法", html=RULES)
    type(document).objects.filter(pk=document.pk).update(place=county.city)
    index([fresh(document)])
    assert county.place.parent == county.city
    found = address_of("清源县答复办法", "", "第三条", county.place)
    assert unquote(found).endswith(f"/{county.city.slug}/documents/{document.code}/#第三条")


def test_a_page_of_the_office_leads_from_a_duty_to_its_article(desk, county, door, at):
    at("2025-09-29 12:00")
    other = desk.issued()
    page = reverse("documents:document", args=[other.code])
    cite = next(one.cite for one in story.duties(other.matter, clock.now()) if one.cite)
    assert f">{cite}</a>" not in door("wang_min").get(page).content.decode()
    prepared.forget()
    title = re.match("《(.+)》", cite)[1]
    rules = publish(desk, title=title, html=RULES)
    index([rules])

    shown = door("wang_min").get(page).content.decode()
    assert re.search(rf'<a href="[^"]*/documents/{rules.code}/[^"]*">{re.escape(cite)}</a>', shown)


def test_what_is_withdrawn_or_waits_for_review_is_not_cited(desk, county):
    document = publish(desk, title="清源县答复办法", html=RULES)
    desk.do(
        "wang_min",
        "2025-10-09 09:00",
        actions.edit,
        document,
        title="清源县答复办法",
        html="<p>第九条 没审过。</p>",
        note="改",
    )
    assert "第九条" not in source_of("清源县答复办法", "", county.place).ids
    desk.do(
        "qian_fang",
        "2025-10-10 09:00",
        actions.withdraw,
        fresh(document),
        kind="内容有误",
        notice="重发。",
        reason="有误",
    )
    assert address_of("清源县答复办法", "", "第一条", county.place) == ""


def test_the_table_of_clauses_leads_to_the_text(desk, county, client):
    pack = next(one for one in lawbook.rules(county.place.code).packs if "群众留言" in one.head.title)
    name = pack.head.title.removeprefix("遵义市")
    document = publish(
        desk,
        title="关于印发工作制度的通知",
        html=html.from_text(f"各单位：\n{name}\n第一条 甲。\n第五条 乙。"),
    )
    type(document).objects.filter(pk=document.pk).update(place=county.city)
    index([fresh(document)])
    with clock.set_to(moment("2025-10-10 09:00")):
        page = client.get(reverse("portal:clauses", args=[county.place.slug])).content.decode()
    assert f"/documents/{document.code}/#%E7%AC%AC%E4%BA%94%E6%9D%A1" in page


@pytest.mark.skipif("GONGKAI_DATA" not in os.environ, reason="GONGKAI_DATA names no folder with regulations")
def test_the_articles_of_real_regulations_are_found():
    for path in sorted(Path(os.environ["GONGKAI_DATA"]).glob("regulations/*.txt")):
        text = path.read_text(encoding="utf-8")
        found = [article.key for article in articles(html.from_text(text))]
        lines = re.findall(r"^[ \u3000]*(第[一二三四五六七八九十]+条)", text, re.MULTILINE)
        assert [key for key in found if key.startswith("第") and key.endswith("条")] == lines
        assert len(found) >= 10
