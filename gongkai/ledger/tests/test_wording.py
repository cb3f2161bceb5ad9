"""No page shows a code of the ledger: details of facts are said as a reader says them."""

import pytest

from gongkai.ledger import wording
from gongkai.ledger.models import Fact

UNITS = {"520399-06": "县住建局", "520399-10": "南桥镇"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("checked", "520399-10", "南桥镇"),
        ("within", "2 working days", "2 个工作日"),
        ("to", "police", "公安"),
        ("to", "县委", "县委"),
        ("on", "2026-11-24T09:00:00+08:00", "2026年11月24日 09:00"),
        ("detected_at", "2026-11-22T03:51:47.457790+00:00", "2026年11月22日 11:51"),
        ("due_on", "2026-11-30T00:00:00+08:00", "2026年11月29日 24:00"),
        ("made_on", "2026-11-18", "2026年11月18日"),
        ("made_on", "2026-13-18", "2026-13-18"),
        ("on", "2026年10月12日 10:00", "2026年10月12日 10:00"),
        ("urgent", True, "是"),
        ("figures", {"520399-06": {"events": 1}, "520399-10": {}}, "县住建局、南桥镇"),
        ("outcome", "属实", "属实"),
    ],
)
def test_a_detail_is_said_in_words(name, value, said):
    assert wording.word(name, value, UNITS) == said


def test_the_units_that_facts_name_are_found_in_figures_too():
    facts = [
        Fact(details={"party": "520399-06", "words": "x"}),
        Fact(details={"figures": {"520399-10": {"events": 1}}}),
        Fact(details={}),
    ]
    assert wording.codes(facts) == set(UNITS)
