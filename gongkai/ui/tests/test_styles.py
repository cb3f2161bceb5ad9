"""The style sheet is one file, fresh, small, and knows every class the templates use."""

from __future__ import annotations

import gzip
import re

from gongkai.ui import styles
from gongkai.ui.tests.test_gallery import TEMPLATES

OURS_AT_MOST = 48 * 1024  # bytes, comments left out
WIRE_AT_MOST = 15 * 1024  # bytes compressed, Bootstrap's part included


def test_the_served_style_sheet_is_fresh():
    written = styles.BUNDLE.read_text(encoding="utf-8")

    assert written == styles.bundle(), "请运行 python -m gongkai.ui.styles"


def test_every_part_is_in_the_style_sheet():
    listed = {part for parts in styles.LAYERS.values() for part in parts}
    files = {str(file.relative_to(styles.FOLDER)) for file in styles.FOLDER.rglob("*.css")}

    assert files - {"all.css", "vendor/bootstrap.min.css"} == listed


def test_ours_stays_small():
    sheet = styles.bundle()

    assert len(sheet.encode()) - len(styles.bootstrap().encode()) <= OURS_AT_MOST
    assert len(gzip.compress(sheet.encode(), 9)) <= WIRE_AT_MOST


def test_nothing_is_fetched_from_elsewhere():
    assert re.findall(r"@import|url\((?!\"data:)", styles.bundle()) == []


def test_every_class_in_a_template_has_a_rule():
    sheet = styles.bundle()
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", sheet))
    used = set()
    for file in TEMPLATES.parent.rglob("*.html"):
        text = re.sub(
            r"{%.*?%}|{{.*?}}", lambda gap: " " if gap[0][1] == "%" else "", file.read_text(encoding="utf-8")
        )
        used |= {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}

    assert sorted(name for name in used - known if not name.endswith("-")) == []
