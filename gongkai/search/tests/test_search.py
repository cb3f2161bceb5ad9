from datetime import UTC, datetime, timedelta

import pytest

from gongkai.people.actor import Actor
from gongkai.people.models import Place, Power
from gongkai.search import actions, asks
from gongkai.search.asks import PAGE, find
from gongkai.search.excerpt import snippet
from gongkai.search.models import Entry, Query
from gongkai.search.words import fold, read, tokens_of

MORNING = datetime(2025, 9, 29, 1, 0, tzinfo=UTC)
PLACE = "330899"


def item(number: str, title: str, body: str = "", **changed: object) -> actions.Item:
    given = {"room": "letters", "place": PLACE, "at": MORNING, "public": True, **changed}
    return actions.Item(number=number, title=title, body=body, **given)


@pytest.fixture
def shelf(db):
    """A few records of 清源县."""
    actions.put_many(
        [
            item(
                "LY-1",
                "关于清源县财政局预算公开的留言",
                "请问县财政局预算公开在哪里能看到？",
                unit="qy-cz",
                kind="咨询",
            ),
            item(
                "LY-2",
                "东门小区停水三天",
                "自来水公司说管道抢修，住户５Ｇ套餐也查不到通知。\n王　敏已登记，水费\n照收。",
                unit="qy-sw",
                kind="投诉",
                at=MORNING + timedelta(days=1),
            ),
            item(
                "GW-1",
                "清源县人民政府关于印发供水应急预案的通知",
                "清政办发〔2021〕36号。停水超过二十四小时应当送水。",
                room="documents",
                unit="qy-gov",
                at=MORNING - timedelta(days=400),
            ),
            item("LY-3", "举报某公司排污", "河道发黑，见图。", public=False, unit="qy-hb", kind="举报"),
        ]
    )


def numbers(q: str, **chosen: object) -> list[str]:
    return [row.number for row in find(q, place=PLACE, **chosen).rows]


# ---- words -----------------------------------------------------------------------------------------------


def test_text_is_compared_without_width_case_brackets_and_gaps():
    assert fold("ＡＢｃ １２３") == "abc 123"
    assert fold("[2021] 【2021】 （2021）") == "〔2021〕 〔2021〕 〔2021〕"
    assert fold("王　敏 已\n登记\u200b") == "王敏已登记"


def test_tokens_are_pairs_characters_and_whole_words():
    assert tokens_of("停水了5g") == ("停水", "水了", "5g")


def test_a_question_is_words_phrases_and_exclusions():
    asked = read("停水，送水 “应急 预案” -小区 －通知 2021-36 - …")

    assert asked.terms == (("停水",), ("送水",), ("应急预案",), ("2021-36",))
    assert asked.excluded == ("小区", "通知")


# ---- finding ---------------------------------------------------------------------------------------------


def test_two_characters_inside_running_text_are_found(shelf):
    assert numbers("预算") == ["LY-1"]
    assert numbers("局预") == ["LY-1"]
    assert numbers("水") == ["LY-2", "GW-1"]


@pytest.mark.parametrize("brackets", ["〔2021〕", "[2021]", "(2021)", "（2021）", "【2021】", "［2021］"])
def test_a_document_number_is_found_in_any_brackets(shelf, brackets):
    assert numbers(f"清政办发{brackets}36号") == ["GW-1"]
    assert numbers(f"清政办发{brackets}3号") == []


def test_a_longer_term_is_found_only_as_it_stands(shelf):
    actions.put(item("LY-9", "公开预算", "财政局公开了，预算公示"))

    assert numbers("预算公开") == ["LY-1"]


def test_a_name_spaced_out_or_broken_over_lines_is_found(shelf):
    assert numbers("王敏") == ["LY-2"]
    assert numbers("水费照收") == ["LY-2"]
    assert numbers("5g套餐") == ["LY-2"]


def test_every_word_must_be_there_and_no_excluded_one(shelf):
    assert set(numbers("停水 送水")) == {"GW-1"}
    assert set(numbers("停水")) == {"LY-2", "GW-1"}
    assert numbers("停水 -小区") == ["GW-1"]
    assert numbers("停水 -人民政府") == ["LY-2"]


def test_its_own_number_finds_a_record(shelf):
    assert numbers("ly-2") == ["LY-2"]


def test_signs_of_the_index_language_are_only_text(shelf):
    for q in [
        '停水" OR "河道',
        "停水*",
        "停水 AND 河道",
        "NEAR(停水)",
        "'); DROP TABLE x; --",
        "%",
        "_",
        "\\",
        "-",
        '"',
    ]:
        numbers(q)
    assert numbers("%") == []
    assert numbers("停%水") == []


def test_the_title_comes_first_then_the_newest(shelf):
    assert numbers("停水") == ["LY-2", "GW-1"]
    actions.put(item("LY-5", "别的事", "又停水", at=MORNING + timedelta(days=9)))
    assert numbers("停水") == ["LY-2", "LY-5", "GW-1"]


def test_what_is_not_public_is_found_by_its_unit_only(shelf):
    assert numbers("排污", public=True) == []
    assert numbers("排污", units=["qy-hb"]) == ["LY-3"]
    assert numbers("排污", units=["qy-sw"]) == []
    assert set(numbers("停水", units=["qy-hb"])) == {"LY-2", "GW-1"}
    assert find("排污", place="330000").count == 0


def test_room_unit_kind_and_time_narrow_and_are_counted(shelf):
    assert numbers("停水", rooms=["documents"]) == ["GW-1"]
    assert numbers("停水", unit="qy-sw") == ["LY-2"]
    assert numbers("停水", kind="投诉") == ["LY-2"]
    assert numbers("停水", since=MORNING) == ["LY-2"]
    assert numbers("停水", until=MORNING) == ["GW-1"]

    facets = find("停水", place=PLACE, unit="qy-sw").facets
    assert facets["room"] == [("letters", 1)]
    assert sorted(facets["unit"]) == [("qy-gov", 1), ("qy-sw", 1)]


def test_a_room_narrows_its_own_list_by_the_numbers_found(shelf):
    def of(q: str) -> set[str]:
        return set(asks.numbers(q, room="letters", place=PLACE))

    assert of("停水") == {"LY-2"}
    assert of("预算公开 -公司") == {"LY-1"}
    assert of("！") == set()
    assert of("") == {"LY-1", "LY-2", "LY-3"}


def test_an_empty_question_lists_everything_newest_first(shelf):
    assert numbers("") == ["LY-2", "LY-3", "LY-1", "GW-1"]
    assert numbers("！？") == []


def test_results_come_in_pages(db):
    actions.put_many([item(f"LY-{n}", f"停水{n}") for n in range(PAGE + 5)])

    assert len(find("停水", place=PLACE).rows) == PAGE
    second = find("停水", place=PLACE, page=2)
    assert (len(second.rows), second.count, second.pages) == (5, PAGE + 5, 2)
    assert find("停水", place=PLACE, page=99).page == 2


# ---- keeping ---------------------------------------------------------------------------------------------


def test_the_index_follows_a_change_and_a_removal(shelf):
    actions.put(item("LY-2", "东门小区停电", "变压器检修"))
    assert numbers("停电") == ["LY-2"]
    assert numbers("停水") == ["GW-1"]
    assert Entry.objects.filter(number="LY-2").count() == 1

    actions.remove("letters", "LY-2")
    assert numbers("停电") == []


def test_of_one_record_put_twice_the_last_counts(db):
    actions.put_many([item("LY-1", "停水"), item("LY-1", "停电")])

    assert numbers("停电") == ["LY-1"]
    assert numbers("停水") == []


def test_synonyms_of_the_place_are_found_too(shelf):
    by = Actor(Place(code=PLACE), powers={Power.OVERSEE: frozenset({1})})
    synonym, _ = actions.equate(["断水", "停水"], by=by, at=MORNING)
    assert set(numbers("断水")) == {"LY-2", "GW-1"}
    assert find("断水", place="330000").count == 0
    assert numbers('"断水"') == []

    assert (find("断水", place=PLACE).asked.widened, find("断水", place=PLACE, exact=True).count) == (
        (("断水", ("停水",)),),
        0,
    )

    actions.part(synonym, by=by, at=MORNING)
    assert numbers("断水") == []


def test_what_was_asked_is_kept_without_personal_data(db):
    actions.note(PLACE, "13812345678 的  留言", 0, MORNING)
    actions.note(PLACE, "  ", 0, MORNING)

    (query,) = Query.objects.all()
    assert "13812345678" not in query.text
    assert "留言" in query.text
    assert actions.forget(MORNING + timedelta(days=1)) == 1


# ---- did you mean, and marking ---------------------------------------------------------------------------


def test_nothing_found_offers_a_name_written_like_it(shelf):
    assert find("供水应急予案", place=PLACE).suggestion == "供水应急预案"


def test_nothing_found_drops_the_word_nobody_wrote(shelf):
    assert find("停水 大熊猫", place=PLACE).suggestion == "停水"


def test_nothing_found_for_a_sentence_offers_its_words(shelf):
    suggestion = find("我家附近的自来水管道在哪天抢修啊", place=PLACE).suggestion
    assert suggestion
    assert find(suggestion, place=PLACE).count > 0


def test_a_suggestion_never_shows_what_the_reader_may_not_see(shelf):
    assert find("举报某公思排污", place=PLACE, public=True).suggestion == ""
    assert find("举报某公思排污", place=PLACE, units=["qy-hb"]).suggestion == "举报某公司排污"


def test_a_snippet_marks_the_words_in_the_characters_of_the_text():
    text = "前言" * 60 + "印发《预案》（清政办发【2021】36号），ＡＰＰ上可查" + "后记" * 60
    pieces = snippet(text, "清政办发[2021]36号 app", 60)

    assert [piece for piece, wanted in pieces if wanted] == ["清政办发【2021】36号", "ＡＰＰ"]
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)
    assert len("".join(piece for piece, _ in pieces)) == 62


def test_a_snippet_of_a_short_text_is_the_text():
    assert snippet("停水三天", "停水", 60) == [("停水", True), ("三天", False)]
    assert snippet("㎡的停水", "停水", 60) == [("㎡的", False), ("停水", True)]
    assert snippet("停水三天", "", 60) == [("停水三天", False)]


def test_a_document_number_is_found_in_any_bracket_with_or_without_zeros(shelf):
    for q in (
        "清政办发[2021]36号",
        "清政办发（2021）036号",
        "清政办发 【2021】 第36号",
        '"清政办发〔2021〕 36 号"',
    ):
        assert numbers(q) == ["GW-1"], q
    assert numbers("清政办发〔2021〕3号") == []
    assert read("清政办发 (2021) 07号").terms == (("清政办发〔2021〕7号",),)


def test_what_is_asked_of_the_database_can_be_shown(shelf, django_assert_max_num_queries):
    find("停水", place=PLACE)  # a process reads once who the entries of a segment are of

    with django_assert_max_num_queries(4):
        assert find("停水", place=PLACE).facets["year"]
