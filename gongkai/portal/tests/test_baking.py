"""The site as files: baked whole, renewed in part, served without the database."""

from __future__ import annotations

import errno
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, resolve

from gongkai.documents import actions as documents
from gongkai.documents.models import Column, Document
from gongkai.documents.tests.conftest import fresh
from gongkai.files import actions as files
from gongkai.ledger import outbox
from gongkai.opinion import actions as opinion
from gongkai.people.models import Unit
from gongkai.portal import published
from gongkai.portal.baking import actions, pages
from gongkai.portal.models import Dependency, Page
from gongkai.portal.tests.conftest import text_of
from gongkai.portal.tests.test_documents import PDF, SECRET, _copies, doors
from gongkai.portal.views import maps
from gongkai.reviews import actions as reviews
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.slow  # a whole small site is made for each

NOW = "2025-09-30 09:00"


@pytest.fixture
def baked(site, settings, tmp_path):
    settings.GONGKAI_BAKED = tmp_path / "site"
    upload = SimpleUploadedFile("标准.pdf", PDF, "application/pdf")
    files.attach(upload, room="documents", number=site.code, by=None, at=moment("2025-09-29 10:00"))
    outbox.deliver_all(moment(NOW))
    actions.bake_all(site.place, moment(NOW))
    return settings.GONGKAI_BAKED


def everything(folder: Path) -> dict[str, str]:
    """Every file of the place with its text."""
    files = [file for file in (folder / "qingyuan").resolve().rglob("*") if file.is_file()]
    return {str(file): file.read_text(errors="ignore") for file in files}


def test_what_is_baked_is_what_the_application_answers(browser, baked, site, settings):
    assert actions.drift(site.place) == []
    asked = [one.path for one in Page.objects.exclude(path__in=pages.living(site.place))]
    assert len(asked) > 60
    from_files = {path: browser.get(path) for path in asked}
    settings.GONGKAI_BAKED = baked.with_name("nowhere")
    for path, response in from_files.items():
        live = browser.get(path)
        body = b"".join(live.streaming_content) if live.streaming else live.content
        assert (response.status_code, response.content) == (live.status_code, body), path
        assert response["Content-Type"].split(";")[0] == live["Content-Type"].split(";")[0], path


def test_a_baked_page_needs_no_database_and_answers_conditional_requests(
    browser, baked, site, django_assert_num_queries
):
    address = f"/qingyuan/documents/{site.code}/"
    with django_assert_num_queries(0):
        response = browser.get(address)
        assert browser.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
        assert (
            browser.get(address, headers={"If-Modified-Since": response["Last-Modified"]}).status_code == 304
        )
    assert "Content-Security-Policy" in response
    assert 'data-type="large"' in text_of(browser.get(f"{address}?type=large"))


@pytest.mark.parametrize(
    "path",
    [
        "/../gongkai.sqlite3",
        "/qingyuan/../../x",
        "/qingyuan/%2e%2e/%2e%2e/x",
        "/.made/",
        "/qingyuan/.x/",
        "//",
    ],
)
def test_nothing_outside_the_site_is_served(browser, baked, path):
    (baked.parent / "x").write_text("secret")
    response = browser.get(path)
    assert response.status_code != 200 or "secret" not in text_of(response)


def publish(desk, **more):
    document = desk.published(at="2025-09-29 14:00", **more)
    outbox.deliver_all(moment("2025-09-30 09:01"))
    return document


def test_a_release_renews_its_lists_feeds_and_maps_and_nothing_else(browser, baked, desk, site, county):
    before = {one.path: one.baked_at for one in Page.objects.all()}
    document = publish(desk, title="关于供水价格的通知", number="清住建发〔2025〕20号")

    unit = county.units["zhujian"].code
    for path in ("", "documents/", "documents/feed.atom", "columns/statutory/", f"units/{unit}/", f"units/{unit}/feed.rss", "archive/2025/9/",
                 "openness/"):  # fmt: skip
        assert "供水价格" in text_of(browser.get(f"/qingyuan/{path}")), path
    newest = f"/qingyuan/sitemap/{maps.part_of(document)}.xml"
    assert document.code not in text_of(browser.get(newest))  # names everything: moments later
    assert actions.bake_stale(moment("2025-09-30 09:01")) == 5
    assert document.code in text_of(browser.get(newest))
    touched = {one.path for one in Page.objects.all() if before.get(one.path) != one.baked_at}
    assert f"/qingyuan/documents/{site.code}/" not in touched
    assert f"/qingyuan/units/{county.units['shuiwu'].code}/" not in touched
    assert actions.drift(site.place) == []


def test_a_release_renews_the_newest_part_of_the_map_and_no_other(
    browser, baked, desk, site, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(maps, "IN_PART", 4)
    _copies(site, 9)
    actions.bake_all(site.place, moment("2025-09-30 10:00"))
    before = dict(
        Page.objects.filter(path__contains="/sitemap/", path__endswith=".xml").values_list("path", "baked_at")
    )
    assert len(before) > 3

    document = publish(desk, title="关于供水价格的通知", number="清住建发〔2025〕20号")
    newest = f"/qingyuan/sitemap/{maps.part_of(document)}.xml"
    while actions.bake_stale(moment("2025-09-30 11:00")):
        pass

    after = dict(
        Page.objects.filter(path__contains="/sitemap/", path__endswith=".xml").values_list("path", "baked_at")
    )
    renewed = {path for path, at in after.items() if before.get(path) != at}
    assert renewed == {newest}
    assert newest in text_of(browser.get("/qingyuan/sitemap.xml"))
    assert document.code in text_of(browser.get(newest))
    with django_capture_on_commit_callbacks(execute=True):
        desk.do(
            "qian_fang",
            "2025-09-29 15:00",
            documents.withdraw,
            document,
            kind="内容有误",
            notice="有误。",
            reason="录错",
        )
    assert document.code not in text_of(browser.get(newest))


def test_pages_of_long_lists_are_the_same_made_together_and_alone(baked, site):
    _copies(site, 60)
    actions.bake_all(site.place, moment("2025-09-30 10:00"))
    assert Page.objects.filter(path__endswith="/documents/page/2/").exists()
    assert actions.drift(site.place) == []


def test_many_documents_are_read_in_a_few_questions(baked, site, django_assert_max_num_queries):
    _copies(site, 30)
    paths = [path for path in pages.paths(site.place) if "/documents/GW-X-" in path]
    alone = [pages.bake(path) for path in paths]
    with django_assert_max_num_queries(10), pages.read_ahead(site.place, paths):
        assert [pages.bake(path) for path in paths] == alone


@pytest.mark.clause("HS-LD-18-1")
def test_what_ties_a_document_and_a_service_renews_the_pages_of_both(browser, baked, desk, site):
    service = site.place.services.get()
    page, about = f"/qingyuan/documents/{site.code}/", f"/qingyuan/services/{service.pk}/"
    waiting = desk.cleared(desk.issued(number="清住建发〔2025〕9号", title="关于公租房的通知"))

    def told(minute: int) -> tuple[bool, bool, bool]:
        outbox.deliver_all(moment(f"2025-09-30 10:{minute}"))
        of_service = text_of(browser.get(about))
        return about in text_of(browser.get(page)), page in of_service, waiting.code in of_service

    assert told(10) == (False, False, False)
    desk.do("qian_fang", "2025-09-30 10:11", documents.tie_services, site, services=[service])
    desk.do("wang_min", "2025-09-30 10:11", documents.tie_services, waiting, services=[service])
    assert told(12) == (True, True, False)
    desk.do("qian_fang", "2025-09-30 10:13", documents.publish, waiting)
    assert told(14) == (True, True, True)
    desk.do("qin_lan", "2025-09-30 10:15", documents.tie_documents, service, documents=[fresh(waiting)])
    assert told(16) == (False, False, True)
    given = {"name": service.name, "kind": "公共服务", "area": "住房", "limit": "三天"}
    desk.do("qin_lan", "2025-09-30 10:17", documents.save_service, service.unit, **given)
    assert told(18) == (False, False, True)
    assert actions.drift(site.place) == []


@pytest.mark.clause("HS-LD-01-1")
def test_what_is_moved_from_one_of_the_five_to_another_leaves_its_list(browser, baked, desk, site):
    def listed(minute: int) -> list[bool]:
        outbox.deliver_all(moment(f"2025-09-30 10:{minute}"))
        return [site.code in text_of(browser.get(f"/qingyuan/openness/{one}/")) for one in ("决策", "结果")]

    assert listed(10) == [False, False]
    given = {"title": site.title, "html": site.text, "note": "补五公开"}
    for minute, stage, found in ((11, "决策", [True, False]), (13, "结果", [False, True])):
        desk.do("wang_min", f"2025-09-30 10:{minute}", documents.edit, fresh(site), openness=stage, **given)
        assert listed(minute + 1) == found
    assert actions.drift(site.place) == []


@pytest.fixture
def long_lists(site, desk, settings, tmp_path, monkeypatch):
    """Two documents before forty others, two a page: half the others 决策公开 in one column, half 管理公开 in another."""
    monkeypatch.setattr(published, "A_PAGE", 2)
    _copies(site, 40)
    others = Document.objects.filter(matter__number__startswith="GW-X-")
    for stage, slug, rows in (("决策", "policies", others[:20]), ("管理", "notices", others[20:])):
        column = Column.objects.get(place=site.place, slug=slug)
        column.documents.set([*rows, site] if stage == "决策" else rows)
        others.filter(pk__in=[one.pk for one in rows]).update(openness=stage)
    others.update(unit=desk.county.units["shuiwu"])
    Document.objects.filter(pk=site.pk).update(openness="决策")
    settings.GONGKAI_BAKED = tmp_path / "site"
    outbox.deliver_all(moment(NOW))
    actions.bake_all(site.place, moment(NOW))
    return settings.GONGKAI_BAKED / "qingyuan"


def listed(folder: Path, document: Document) -> list[str]:
    """The pages of a list, the front page among them, that lead to a document."""
    found = (file for file in folder.rglob("*.html") if document.code in file.read_text())
    return sorted(str(file.relative_to(folder)) for file in found)


def moves(kind: str, desk, site, county) -> tuple[str, str]:
    """Move a document from a list of a kind to another; their folders."""
    at = "2025-09-30 10:00"
    if kind == "五公开":
        given = {"title": site.title, "html": site.text, "note": "改五公开"}
        desk.do("wang_min", at, documents.edit, fresh(site), openness="管理", **given)
        return "openness/决策", "openness/管理"
    if kind == "column":
        column = Column.objects.get(place=site.place, slug="notices")
        desk.do("qian_fang", at, documents.place, fresh(site), columns=[column])
        return "columns/policies", "columns/notices"
    before, after = county.units["zhujian"], county.units["shuiwu"]
    Unit.objects.filter(pk=before.pk).update(closed_on=date(2025, 9, 30), successor=after)
    documents.take_over(moment(at))
    return f"units/{before.code}", f"units/{after.code}"


@pytest.mark.parametrize("kind", ["五公开", "column", "unit"])
def test_what_moves_leaves_the_old_pages_of_its_list_and_stands_on_those_of_the_other(
    long_lists, desk, site, county, kind
):
    old, new = moves(kind, desk, site, county)
    assert "page/1/index.html" in listed(long_lists / old, site)
    assert listed(long_lists / new, site) == []

    outbox.deliver_all(moment("2025-09-30 10:01"))
    assert listed(long_lists / old, site) == []
    assert listed(long_lists / new, site) == ["page/1/index.html"]
    at_once = Page.objects.filter(baked_at=moment("2025-09-30 10:01")).count()
    assert at_once <= 60
    assert Page.objects.filter(stale=True, path__contains="/page/").exists()  # where the others move on

    assert actions.bake_stale(moment("2025-09-30 10:02")) < actions.BATCH
    assert actions.drift(site.place) == []


def test_a_document_whose_place_in_its_lists_stays_renews_no_page_behind_it(long_lists, desk, site):
    given = {"title": "关于电梯更新的通知", "html": site.text, "reason": "标题有误"}
    desk.do("qian_fang", "2025-09-30 10:00", documents.correct, fresh(site), **given)
    outbox.deliver_all(moment("2025-09-30 10:01"))
    assert not Page.objects.filter(stale=True, path__contains="/page/").exists()
    actions.bake_stale(moment("2025-09-30 10:02"))
    assert actions.drift(site.place) == []


def test_what_is_withdrawn_and_published_again_stands_where_it_stood(long_lists, desk, site):
    given = {"kind": "内容有误", "notice": "数字有误。", "reason": "录错"}
    desk.do("qian_fang", "2025-09-30 10:00", documents.withdraw, fresh(site), **given)
    outbox.deliver_all(moment("2025-09-30 10:01"))
    while actions.bake_stale(moment("2025-09-30 10:02")):
        pass
    assert actions.drift(site.place) == []

    sheet = desk.do("wang_min", "2025-09-30 10:05", documents.clear, fresh(site))
    for name in ("qin_lan", "zhou_lan"):
        desk.do(name, "2025-09-30 10:06", reviews.sign, sheet)
    desk.do("qian_fang", "2025-09-30 10:10", documents.publish, fresh(site))
    outbox.deliver_all(moment("2025-09-30 10:11"))
    while actions.bake_stale(moment("2025-09-30 10:12")):
        pass
    assert actions.drift(site.place) == []


@pytest.mark.parametrize("kind", ["topic", "gazette"])
def test_what_comes_into_a_topic_or_an_issue_says_so_on_its_own_page(
    browser, baked, desk, site, county, kind
):
    other = publish(desk, title="关于供水价格的通知", number="清住建发〔2025〕20号")
    actions.bake_stale(moment("2025-09-30 09:02"))
    given = {"by": county.actor("chen_li"), "at": moment("2025-09-30 10:00"), "documents": [other]}
    if kind == "topic":
        documents.save_topic(site.place, slug="lifts", title="老旧电梯更新", words="大家关心的事。", **given)
        address = "/qingyuan/topics/lifts/"
    else:
        documents.save_gazette(site.place, year=2025, issue=9, issued_on=date(2025, 9, 29), **given)
        address = "/qingyuan/gazettes/2025/9/"
    outbox.deliver_all(moment("2025-09-30 10:01"))
    own, of_other = (f"/qingyuan/documents/{one.code}/" for one in (site, other))
    told = [address in text_of(browser.get(page)) for page in (own, of_other)]
    listed = [page in text_of(browser.get(address)) for page in (own, of_other)]
    assert (told, listed) == ([False, True], [False, True])
    assert actions.drift(site.place) == []


def test_a_withdrawal_is_everywhere_at_once_without_the_loop(
    browser,
    baked,
    desk,
    site,
    django_capture_on_commit_callbacks,
):
    gone = publish(desk, title=f"{SECRET}通知", html=f"<p>{SECRET}</p>", number="清住建发〔2025〕21号")
    assert any(SECRET in text for text in everything(baked).values())
    with django_capture_on_commit_callbacks(execute=True):
        desk.do(
            "qian_fang",
            "2025-09-29 15:00",
            documents.withdraw,
            gone,
            kind="内容有误",
            notice="数字有误。",
            reason="录错",
        )
    assert [path for path, text in everything(baked).items() if SECRET in text] == []
    response = browser.get(f"/qingyuan/documents/{gone.code}/")
    assert response.status_code == 410
    assert "数字有误" in text_of(response)
    for address, response in doors(browser).items():
        if not response.streaming:
            assert SECRET not in text_of(response), address
    while actions.bake_stale(moment("2025-09-30 09:05")):
        pass
    assert actions.drift(site.place) == []


def test_attachments_go_with_their_document(browser, baked, desk, site, django_capture_on_commit_callbacks):
    address = Page.objects.get(path__contains="/files/").path
    assert browser.get(address).content == PDF
    assert browser.get(address)["Content-Disposition"].startswith("attachment")
    with django_capture_on_commit_callbacks(execute=True):
        desk.do(
            "qian_fang",
            "2025-09-29 15:00",
            documents.withdraw,
            site,
            kind="内容有误",
            notice="有误。",
            reason="录错",
        )
    assert browser.get(address).status_code == 404
    assert not [path for path in everything(baked) if path.endswith(".pdf")]


def test_a_full_bake_of_less_is_refused_and_names_what_would_vanish(browser, baked, site):
    _copies(site, 30)
    actions.bake_all(site.place, moment("2025-09-30 10:00"))
    Document.objects.filter(matter__number__startswith="GW-X-").update(stage="cleared")
    with pytest.raises(Refused, match="没有换上") as refusal:
        actions.bake_all(site.place, moment("2025-09-30 11:00"))
    assert "/qingyuan/documents/GW-X-00001/" in refusal.value.remedy
    assert (baked / "qingyuan" / "documents" / "GW-X-00001" / "index.html").exists()
    assert len(list((baked / ".made").iterdir())) == 2  # what is shown and what was before it

    assert actions.bake_all(site.place, moment("2025-09-30 12:00"), force=True).vanished
    assert not (baked / "qingyuan" / "documents" / "GW-X-00001").exists()


def test_a_full_disk_leaves_the_old_site_as_it_was(browser, baked, site, monkeypatch):
    before, count = everything(baked), Page.objects.count()
    write, written = Path.write_bytes, []

    def full(self, data):
        written.append(self)
        if len(written) > 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        actions.bake_all(site.place, moment("2025-09-30 10:00"))
    assert everything(baked) == before
    assert Page.objects.count() == count
    assert len(list((baked / ".made").iterdir())) == 1


def test_sites_before_and_what_a_killed_bake_left_are_cleared_away_after_an_hour(baked, site):
    made = baked / ".made"
    (made / f"{site.place.slug}-20250930003000000000").mkdir()  # of a bake that was killed at 08:30
    shown = actions.bake_all(site.place, moment("2025-09-30 10:00")) and (baked / "qingyuan").resolve()
    going_on = made / f"{site.place.slug}-20250930021500000000"  # began at 10:15
    going_on.mkdir()
    actions.clear_away(moment("2025-09-30 09:20"))
    assert len(list(made.iterdir())) == 4
    actions.clear_away(moment("2025-09-30 11:01"))
    assert set(made.iterdir()) == {shown, going_on}
    assert actions.drift(site.place) == []


def test_another_full_bake_notes_only_what_is_different(baked, site):
    def noted() -> set[tuple[int, str]]:
        return set(Dependency.objects.values_list("pk", "key"))

    pages_before, before = dict(Page.objects.values_list("path", "pk")), noted()
    actions.bake_all(site.place, moment("2025-09-30 10:00"))
    assert dict(Page.objects.values_list("path", "pk")) == pages_before
    assert noted() == before

    own = Page.objects.get(path=f"/qingyuan/documents/{site.code}/")
    own.dependencies.filter(key=f"document:{site.pk}").delete()
    Dependency.objects.create(page=own, key="column:99999")
    lost = Page.objects.create(
        path="/qingyuan/topics/lost/", place=site.place, digest="0", baked_at=moment(NOW)
    )
    Dependency.objects.create(page=lost, key="topic:99999")
    assert actions.bake_all(site.place, moment("2025-09-30 11:00")).vanished == [lost.path]
    assert {key for _pk, key in noted()} == {key for _pk, key in before}
    assert own.dependencies.filter(key=f"document:{site.pk}").count() == 1
    assert dict(Page.objects.values_list("path", "pk")) == pages_before


def test_drift_is_named(baked, site):
    file = baked / "qingyuan" / "documents" / site.code / "index.html"
    file.write_text("changed by hand")
    assert actions.drift(site.place) == [f"/qingyuan/documents/{site.code}/"]
    actions.look_for_drift(moment(NOW))
    assert actions.state()["drift"]["pages"]["qingyuan"] == 1
    actions.bake_stale(moment(NOW))
    assert actions.drift(site.place) == []


def test_status_tells_the_last_bake(browser, baked):
    found = json.loads(browser.get("/status.json").content)["site"]
    assert found["last_bake"].startswith("2025-09-30T09:00")
    assert found["waiting"] == 0


def test_a_new_column_and_a_renamed_one_reach_the_pages(browser, baked, county, site):
    given = {"by": county.actor("chen_li"), "at": moment("2025-09-30 09:00")}
    documents.save_column(county.place, slug="water", name="供水专栏", kind="重点领域", **given)
    documents.save_column(
        county.place, slug="statutory", name="法定公开", kind=Column.Kind.STATUTORY, **given
    )
    outbox.deliver_all(moment("2025-09-30 09:01"))
    while actions.bake_stale(moment("2025-09-30 09:02")):
        pass
    assert "供水专栏" in text_of(browser.get("/qingyuan/"))
    assert (baked / "qingyuan" / "columns" / "water" / "index.html").exists()
    assert "法定公开" in text_of(browser.get(f"/qingyuan/documents/{site.code}/"))


def test_validity_turns_with_the_day_on_the_baked_page(browser, baked, site, at):
    Document.objects.filter(pk=site.pk).update(ends_on=moment("2025-10-01 00:00").date())
    actions.bake_living(at("2025-10-01 00:05"))
    assert "<dd>失效</dd>" in text_of(browser.get(f"/qingyuan/documents/{site.code}/"))


def test_every_address_of_the_portal_is_baked_or_known_not_to_be(baked):
    """A new public page is baked, or it is said here why not."""
    not_baked = {
        "places", "robots", "sitemap", "status", "search", "write", "receipt", "follow", "code", "end", "letter", "rating", "supplement",
        "withdrawal", "rate", "rated", "letters", "letters_feed", "letters_json", "answer", "times", "owed", "owed_csv", "owed_json",
        "clauses", "flow", "seals",  # letters and the ledger: live
        "documents_data", "catalogue_data", "changes", "fault", "fault_sent", "fault_follow", "press_ask", "press_asked",  # asked for, or of one reader
        "documents_page", "column_page", "unit_page", "openness_stage_page", "edition", "press_event", "response",  # not in this small site
    }  # fmt: skip
    made = {resolve(path).url_name for path in Page.objects.values_list("path", flat=True)}
    names = {pattern.name for pattern in get_resolver("gongkai.portal.urls").url_patterns}
    assert names - made == not_baked


@pytest.mark.clause("HS-LD-14-1")
def test_an_answer_to_opinion_is_baked_as_it_goes_out_and_gone_as_it_is_taken_down(
    browser, baked, county, desk, django_capture_on_commit_callbacks
):
    def step(who: str, act, /, *args, **given):
        with django_capture_on_commit_callbacks(execute=True):
            return desk.do(who, "2025-09-29 15:30", act, *args, **given)

    event = step("feng_gang", opinion.detect, title="自来水发黄", found_by="监测发现")
    step("feng_gang", opinion.assess, event, grade="一般", scores=(10, 10, 0), priority="涉及群众切身利益")
    step("feng_gang", opinion.assign, event, county.units["shuiwu"])
    step("li_qiang", opinion.gather, event, words="管网冲洗")
    answer = step(
        "li_qiang", opinion.draft, event, form="媒体专访", title="关于自来水发黄的说明", text="今晚恢复清澈。"
    )
    sheet = step("li_qiang", opinion.submit, answer)
    for who in ("lu_hai", "he_jing"):
        step(who, reviews.sign, sheet)
    assert not (baked / "qingyuan/responses" / answer.code).exists()

    step("li_qiang", opinion.release, answer)

    assert "今晚恢复清澈" in (baked / "qingyuan/responses" / answer.code / "index.html").read_text()
    assert "关于自来水发黄的说明" in (baked / "qingyuan/responses/index.html").read_text()

    step("chen_li", opinion.withdraw, answer, reason="时间有误")

    assert "关于自来水发黄的说明" not in (baked / "qingyuan/responses/index.html").read_text()
    assert browser.get(f"/qingyuan/responses/{answer.code}/").status_code == 410
    assert "今晚恢复清澈" not in "".join(everything(baked).values())
