"""Import of a hotline's file: every row is taken or reported, running again takes nothing twice."""

import csv
import os
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta

import openpyxl
import pytest

from gongkai.ledger import actions as ledger
from gongkai.letters.imports import Importer, mapping_for, read_rows, remember
from gongkai.letters.models import ImportMapping, Letter
from gongkai.letters.rows import Reader
from gongkai.people.actor import Actor
from gongkai.search import asks as search
from gongkai.ui.refusal import Refused
from tests.world import moment

pytestmark = pytest.mark.django_db
NOW = moment("2026-03-20 10:00")
HEAD = [
    "工单编号",
    "受理时间",
    "诉求标题",
    "诉求内容",
    "来源",
    "性质",
    "承办单位",
    "办结时间",
    "答复意见",
    "来电人",
    "联系电话",
]
GOOD = [
    ["R1", "2026-03-02 10:00:00", "电梯停运", "{n}幢电梯停了三个月", "12345热线", "投诉", "县住建局", "2026-03-06 15:00", "已修好，谢谢", "王五", "13900001111"],
    ["R2", "2026/3/3 9:05", "", "请问公租房怎么申请？在哪里办？", "", "咨询", "", "", "", "", ""],
]  # fmt: skip
BAD = [
    ["R3", "昨天", "停水", "又停水了", "", "", "", "", "", "", ""],
    ["R4", "2026-03-04 10:00", "空", "", "", "", "", "", "", "", ""],
    ["R5", "2027-03-04 10:00", "将来", "将来的信", "", "", "", "", "", "", ""],
    ["R6", "2026-03-04 10:00", "倒着", "答复早于来信", "", "", "", "2026-03-01", "答", "", ""],
]


def write_csv(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


def take(place, path, **more):
    columns, rows = read_rows(path)
    importer = Importer(
        place, mapping_for(place, columns, {}), source="12345热线", by=Actor.system(place), now=NOW, **more
    )
    assert sum(importer.run(rows)) >= 0
    return importer.report


@pytest.fixture(params=["utf-8-sig", "gb18030", "xlsx"])
def file(request, tmp_path):
    if request.param != "xlsx":
        return write_csv(tmp_path / "hotline.csv", GOOD + BAD, request.param)
    book = openpyxl.Workbook()
    for row in [HEAD, *GOOD, *BAD]:
        book.active.append(row)
    path = tmp_path / "hotline.xlsx"
    book.save(path)
    return path


def test_every_row_is_taken_or_reported_with_its_reason(county, file, tmp_path):
    report = take(county.place, file)
    assert (report.taken, report.repeated, report.units, report.answered) == (2, 0, 1, 1)
    assert [(bad.line, bad.column) for bad in report.bad] == [
        (4, "受理时间"),
        (5, "诉求内容"),
        (6, "受理时间"),
        (7, "办结时间"),
    ]
    report.write(tmp_path / "rejected.csv")
    assert "看不懂时间" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")


def test_a_long_file_is_read_by_a_second_process_with_the_same_result(county, file, monkeypatch):
    monkeypatch.setattr("gongkai.letters.rows.BATCH", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    report = take(county.place, file)
    assert (report.taken, report.units, report.answered) == (2, 1, 1)
    assert [bad.line for bad in report.bad] == [4, 5, 6, 7]
    lift = Letter.objects.get(external_number="R1")
    assert lift.person == {"name": "王五", "phone": "13900001111"}
    assert ledger.differing(list(Letter.objects.values_list("matter_id", flat=True))) == []


def test_letters_are_taken_in_the_order_of_their_times_and_reported_in_that_of_the_file(county, tmp_path):
    later = ["R9", "2026-03-09 10:00", *GOOD[0][2:7], *[""] * 4]
    report = take(county.place, write_csv(tmp_path / "hotline.csv", [later, BAD[0], GOOD[0], BAD[1]]))
    assert list(Letter.objects.order_by("pk").values_list("external_number", flat=True)) == ["R1", "R9"]
    assert [bad.line for bad in report.bad] == [3, 5]


def test_a_reader_that_ends_leaves_what_was_taken(county, tmp_path, monkeypatch):
    monkeypatch.setattr("gongkai.letters.rows.BATCH", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    rows = [
        [f"R{n}", "2026-03-02 10:00", "停水", f"第{n}次停水", "", "", "", "", "", "", ""] for n in range(4)
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    read = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, row: read(self, row) if row[0] <= 3 else os._exit(1))
    with pytest.raises(BrokenProcessPool):
        take(county.place, path)
    monkeypatch.setattr(Reader, "read", read)
    again = take(county.place, path)
    assert again.taken + again.repeated == 4  # what was taken before is as may be, and is not taken twice
    assert Letter.objects.count() == 4


def test_imported_letters_are_on_clocks_in_the_index_and_sealed_from_view(county, file):
    take(county.place, file)
    lift = Letter.objects.get(external_number="R1")
    duty = lift.matter.obligations.get(duty="letter.answer")
    assert (duty.state, duty.unit) == ("met", county.units["zhujian"])
    assert lift.person == {"name": "王五", "phone": "13900001111"}
    assert "13900001111" not in lift.writer
    assert not lift.matter.facts.filter(details__icontains="王五").exists()
    rent = Letter.objects.get(external_number="R2")
    assert rent.lead == county.units["service"]
    assert rent.title == "请问公租房怎么申请"
    assert rent.matter.obligations.get(duty="letter.answer").due_at == moment("2026-03-06 00:00")
    assert [row.number for row in search.find("电梯", place="520399").rows] == [lift.matter.number]
    assert ledger.differing([lift.matter_id, rent.matter_id]) == []


def test_running_again_takes_nothing_twice(county, file):
    take(county.place, file)
    again = take(county.place, file)
    assert (again.taken, again.repeated) == (0, 2)
    assert Letter.objects.count() == 2


def test_a_dry_run_writes_nothing(county, file):
    report = take(county.place, file, dry=True)
    assert (report.taken, report.units, report.answered) == (2, 1, 1)
    assert not Letter.objects.exists()


def test_a_row_without_a_number_is_known_again_by_its_words(county, tmp_path):
    rows = [["", "2026-03-02 10:00", "停电", "我家停电了，请快来看", "", "", "", "", "", "", ""]] * 2
    report = take(county.place, write_csv(tmp_path / "a.csv", rows))
    assert (report.taken, report.repeated) == (1, 1)


def test_times_can_be_moved_for_a_drill(county, file):
    take(county.place, file, shift=timedelta(days=-7))
    assert Letter.objects.get(external_number="R1").received_at == moment("2026-02-23 10:00")


def test_a_mapping_is_given_once_and_remembered(county, tmp_path):
    path = tmp_path / "b.csv"
    path.write_text("甲,乙\n2026-03-02 10:00,路灯不亮了\n", encoding="utf-8")
    columns, _rows = read_rows(path)
    with pytest.raises(Refused, match="received_at") as refused:
        mapping_for(county.place, columns, {})
    assert "--map" in refused.value.remedy
    with pytest.raises(Refused, match="没有“丙”这一列"):
        mapping_for(county.place, columns, {"text": "丙"})
    given = mapping_for(county.place, columns, {"received_at": "甲", "text": "乙"})
    remember(county.place, columns, given, NOW)
    assert mapping_for(county.place, columns, {}) == {"received_at": "甲", "text": "乙"}
    assert ImportMapping.objects.count() == 1


@pytest.mark.parametrize(("name", "content", "wrong"), [
    ("a.pdf", b"%PDF", "不认识"), ("a.csv", b"\xff\xfe\x00\x81", "编码"), ("a.xlsx", b"not a sheet", "打不开"), ("b.csv", b"\n", "列名"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(tmp_path, name, content, wrong):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused, match=wrong) as refused:
        read_rows(path)
    assert refused.value.remedy
