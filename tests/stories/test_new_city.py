"""docs/new-city.md, followed word by word for an invented county."""

import re
import shutil
from pathlib import Path

from gongkai.law import cases
from gongkai.law.rules import Rulebook
from gongkai.ledger import asks, lawbook

ROOT = Path(__file__).parents[2]


def test_the_pack_of_the_guide_loads_refines_and_keeps_its_case(tmp_path):
    packs = tmp_path / "packs"
    shutil.copytree(ROOT / "packs", packs)
    blocks = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs" / "new-city.md").read_text(encoding="utf-8"), re.S
    )
    head, duty, case = (re.sub(r"^ {3}", "", block, flags=re.M) for block in blocks)
    folder = packs / "baixian" / "letters"
    folder.mkdir(parents=True)
    clause = '[[clause]]\nid = "BX-LY-04-1"\ncite = "第四条"\nsays = "三个工作日内答复"\ncarried_by = ["duty:letter.answer"]\n'
    (folder / "pack.toml").write_text("\n".join((head, duty, clause)), encoding="utf-8")
    (folder / "cases.toml").write_text(case, encoding="utf-8")

    book = Rulebook.load(packs)
    assert book.place_of("baixian") == "520398"
    (mine,) = (one for one in cases.load(packs) if one.place == "520398")
    assert cases.run(mine, book, lawbook.calendar_offline("520398"), asks.CHECKS) == []
    rules = book.rules("520398")
    assert [pack.head.id for pack in rules.packs][-1] == "baixian-2026-letters"
    assert "letter.redo" in rules.duties  # what the county does not say comes from the city
