"""One concern, whatever way people speak of it: letters, the hotline and the forum meet in one story."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from gongkai.config import channels
from gongkai.ledger import clock
from gongkai.ledger.models import Link
from gongkai.letters import actions as letters
from gongkai.letters import issues
from gongkai.opinion.actions import collecting, streaming
from gongkai.opinion.models import Event, Post, Source, Story
from gongkai.opinion.watching.items import Item
from gongkai.people.actor import Actor
from tests.world import moment

NOON = moment("2025-09-29 12:00")
WATER = (
    ("城东自来水又发黄", "城东片区的自来水从昨晚开始发黄，水像泥汤一样，东湖花园、学府路都这样，有没有人管？"),
    ("东湖花园自来水发黄发浑", "东湖花园的自来水今天早上打开又黄又浑，孩子还能喝吗？城东片区好几个小区都发黄。"),
    ("城东自来水发黄，水厂怎么说", "城东片区自来水发黄第二天了，打水厂电话没人接，到底能不能喝？我的电话13900001234。"),
)  # fmt: skip
REPORT = ("举报城东水厂负责人受贿", "举报城东水厂负责人收受回扣、贪污公款，涉嫌违法，请查处。")


@pytest.fixture
def write(county):
    """A letter that has come in: `write(*WATER[0], "13900000001", source="12345热线")`."""

    def come_in(title, text, phone="13900000001", at="2025-09-29 09:00", **more):
        given = {"source": "政务信箱", "person": {"name": "方秀英", "phone": phone}} | more
        system, when = Actor.system(county.place), moment(at)
        with clock.set_to(when):
            return letters.receive(
                county.place, title=title, text=text, by=system, at=when, now=when, **given
            )

    return come_in


def browser_of(staff):
    browser = Client()
    browser.force_login(staff)
    return browser


def heard(county, now=NOON):
    return channels.hear(county.place, now)


def numbers():
    return list(Post.objects.order_by("external_id").values_list("external_id", flat=True))


def test_letters_and_the_hotline_are_two_sources_and_one_story_with_the_forum(county, write):
    by_letter, by_phone = write(*WATER[0]), write(*WATER[1], "13900000002", source="12345热线")
    forum = Source.objects.create(place=county.place, name="清源论坛", kind="论坛", how="hand")
    said = Item("a", WATER[2][1], moment("2025-09-29 10:00"), title=WATER[2][0], author="网友")
    streaming.take_in(forum, [said], by=Actor.system(county.place), at=NOON)

    assert heard(county) == 2
    streaming.regroup(county.place, NOON)

    kinds = dict(Post.objects.values_list("external_id", "source__kind"))
    assert kinds == {by_letter.number: "群众留言", by_phone.number: "热线电话", "a": "论坛"}
    assert set(Source.objects.exclude(pk=forum.pk).values_list("how", "is_on", "seen")) == {
        ("inside", True, 1)
    }
    assert Story.objects.get().posts_count == 3


def test_a_letter_is_handed_over_once_and_a_broken_run_goes_on(county, write, monkeypatch):
    for title, text in WATER:
        write(title, text)
    monkeypatch.setattr(channels, "A_BATCH", 1)
    taking, calls = collecting.receive, []

    def breaks(*args, **given):
        calls.append(args)
        if len(calls) == 2:
            raise OSError("power")
        return taking(*args, **given)

    monkeypatch.setattr(collecting, "receive", breaks)
    with pytest.raises(OSError):
        heard(county)
    assert Post.objects.count() == 1

    assert heard(county) == 2
    assert heard(county) == 0
    assert Post.objects.count() == 3


def test_the_writer_is_a_print_and_what_names_a_person_is_masked(county, write):
    first, second = write(*WATER[0]), write(*WATER[2])
    heard(county)

    one, other = Post.objects.order_by("external_id")
    assert (one.external_id, other.external_id) == (first.number, second.number)
    assert one.author == other.author
    assert one.author not in ("", first.writer_print)
    assert "13900001234" in second.text
    assert "13900001234" not in other.text
    assert one.url == ""


def test_what_reads_like_a_report_waits_until_it_is_classified(county, write, at):
    at("2025-09-29 12:00")
    letter = write(*REPORT)
    assert issues.reads_like_report(letter.title, letter.text, "")
    assert heard(county) == 0

    kinds = {"nature": "投诉", "time_class": "调查核实", "triage": "一般"}
    letters.classify(letter, by=Actor.system(county.place), at=NOON, **kinds)
    assert heard(county, NOON + timedelta(minutes=1)) == 1


def test_a_letter_that_turns_out_to_be_a_report_is_taken_back_with_its_name(county, write, at):
    at("2025-09-29 12:00")
    letter = write(*WATER[0])
    heard(county)
    streaming.watch(Story.objects.get(), by=Actor.system(county.place), at=NOON)
    write(*WATER[1], "13900000002")
    heard(county)

    kinds = {"nature": "举报", "time_class": "调查核实", "triage": "一般"}
    letters.classify(letter, by=Actor.system(county.place), at=NOON, **kinds)
    heard(county)

    assert letter.number not in numbers()
    assert not Story.objects.filter(name=letter.title).exists()
    write(*WATER[2], nature="举报")
    assert heard(county) == 0


def test_only_letters_of_the_week_are_news_and_a_source_switched_off_hears_nothing(county, write):
    write(*WATER[0], at="2025-09-21 09:00")
    assert heard(county) == 0
    assert not Source.objects.exists()

    write(*WATER[1])
    heard(county)
    Source.objects.update(is_on=False)
    write(*WATER[2])
    assert heard(county) == 0


def test_a_post_leads_to_its_letter_only_for_who_may_see_the_letter(county, write, at):
    at("2025-09-29 12:00")
    letter = write(*WATER[0])
    heard(county)
    post = Post.objects.get()

    link = f'href="/office/letters/{letter.number}/"'
    for page in (
        f"/office/opinion/posts/{post.pk}/",
        f"/office/opinion/stories/{post.story_id}/",
        "/office/opinion/posts/",
    ):
        overseer, watcher = (
            browser_of(one).get(page).content.decode() for one in (county.chen_li, county.feng_gang)
        )
        assert link in overseer
        assert link not in watcher


def test_a_hot_issue_of_letters_becomes_an_event_with_its_story(county, write, at):
    at("2025-09-29 12:00")
    for n, (title, text) in enumerate(WATER):
        write(title, text, f"1390000000{n}")
    issues.regroup(county.place, NOON)
    heard(county)
    streaming.regroup(county.place, NOON)
    chief, clerk = browser_of(county.chen_li), browser_of(county.zhao_jing)
    issue = letters_issue()

    page = clerk.get(f"/office/letters/issues/{issue.pk}/").content.decode()
    newest = issue.letters.order_by("-received_at", "-pk").first()
    address = f"/office/opinion/events/new/?from={newest.number}"
    assert address in page
    shown = clerk.get(address)
    assert newest.title in shown.content.decode()

    told = browser_of(county.feng_gang).post(address, {
        "title": "城东自来水发黄", "found_by": "留言转来", "detected_at": "2025-09-29T12:00",
    })  # fmt: skip
    assert told.status_code == 302, told.content.decode()
    event = Event.objects.get()
    assert Link.objects.get(source=event.matter, kind="arose_from").target == newest.matter
    assert Story.objects.get().matter == event.matter

    seen = chief.get(f"/office/opinion/events/{event.code}/").content.decode()
    assert f'href="/office/letters/issues/{issue.pk}/"' in seen
    assert f'href="/office/letters/{newest.number}/"' in seen
    watched = browser_of(county.feng_gang).get(f"/office/opinion/events/{event.code}/").content.decode()
    assert issue.name in watched
    assert "/office/letters/" not in watched.partition("<main")[2]


def letters_issue():
    from gongkai.letters.models import Issue

    return Issue.objects.get()


def test_nobody_reads_the_title_of_a_matter_by_its_number(county, write, at):
    at("2025-09-29 12:00")
    report = write(*REPORT, nature="举报")
    shown = browser_of(county.feng_gang).get(f"/office/opinion/events/new/?from={report.number}")
    assert report.title not in shown.content.decode()
