"""The shipped packs: they load, they lint, their cases hold; and the loader says what is wrong where."""

import json
from pathlib import Path

import pytest

from gongkai.law import cases, lint, pack, schema
from gongkai.law.pack import PackError, read
from gongkai.law.rules import Rulebook, chain_of
from gongkai.law.tests.world import pack_file

ROOT = Path(__file__).parents[3]
BOOK = Rulebook.load(ROOT / "packs")


def test_the_chain_of_a_place_follows_from_its_code():
    assert chain_of("520399") == ("000000", "520000", "520300", "520399")
    assert chain_of("330200") == ("000000", "330000", "330200")


def test_every_clause_of_the_five_regulations_stands_once():
    ids = [clause for one in BOOK.packs for clause in one.clauses if not clause.startswith("GB-")]
    assert len(ids) == len(set(ids)) == 365


def test_a_clause_that_two_packs_list_is_a_fault(tmp_path):
    body = '[[clause]]\nid="X-1"\ncite="一"\nsays="甲"\n'
    book = Rulebook(read(pack_file(tmp_path, body, id=name)) for name in ("first", "second"))
    [fault] = lint.check(book, [], {}, lambda _kind, _name: True)

    assert "X-1" in fault.wrong
    assert "first" in fault.wrong


@pytest.mark.parametrize(
    ("body", "where", "right"),
    [
        ('[[duty]]\nid="a"\nsays="甲"\ncite="一"\nwithn="2 days"', "withn", "可用的键"),
        ('[[duty]]\nid="a"\ncite="一"', "says", "请补上"),
        ('[[duty]]\nid="a"\nsays="甲"\ncite="一"\nwithin="2 weeks"', "within", "working days"),
        ('[[duty]]\nid="a"\nsays="甲"\ncite="一"\nsoft="yes"', "soft", "true 或 false"),
        ('[[duty]]\nid="a"\nsays="甲"\ncite="一"\n[[duty]]\nid="a"\nsays="甲"\ncite="一"', "id", "amend"),
        ('[[list]]\nid="a"\nvalues="甲"\ncite="一"', "open", "请补上"),
        (
            '[[gate]]\nid="a"\nguards="b"\nneeds=["c"]\nsays="甲"\ncite="一"\neffect="stop"',
            "effect",
            "refuse",
        ),
        ('[[route]]\nid="a"', "case", "请补上"),
        ('[[rule]]\nid="a"', "rule", "可用"),
        ('[[amend]]\nduty="a"\nfrom=2026-01-01\nwithin="2 days"', "because", "为什么"),
    ],
)
def test_a_broken_pack_names_key_and_remedy(tmp_path, body, where, right):
    with pytest.raises(PackError) as caught:
        read(pack_file(tmp_path, body))
    assert caught.value.key == where
    assert right in str(caught.value)


def test_a_file_that_is_not_toml_is_said_to_be_so(tmp_path):
    path = pack_file(tmp_path, "[[duty]\n")
    with pytest.raises(PackError, match="读不懂"):
        read(path)


def test_a_refinement_without_a_parent_is_refused(tmp_path):
    orphan = read(pack_file(tmp_path, '[[duty]]\nid="a"\nrefines="up/a"\ncite="一"\n'))
    with pytest.raises(PackError, match="上级没有"):
        Rulebook([orphan]).rules("520399")


def test_a_case_with_an_unknown_key_is_refused(tmp_path):
    path = pack_file(tmp_path, "").with_name("cases.toml")
    path.write_text('[[case]]\nname="甲"\nplace="520300"\nexpected=[]\n', encoding="utf-8")
    with pytest.raises(PackError, match="expected"):
        list(cases.load(tmp_path))


def test_the_schema_for_editors_knows_every_key_of_the_loader():
    duty = json.loads(json.dumps(schema.schema()))["properties"]["duty"]["items"]["properties"]
    assert set(duty) == set(pack.DUTY)
    assert duty["every"] == {"enum": ["year", "half", "quarter", "month", "november"]}
    assert set(duty["extend"]["properties"]) == {"on", "max", "times", "approved_by"}


def test_an_unknown_place_is_answered_with_every_known_one_once():
    with pytest.raises(KeyError) as caught:
        BOOK.place_of("nowhere")
    assert str(caught.value).count("quzhou") == 1
