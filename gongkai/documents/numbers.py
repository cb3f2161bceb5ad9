"""Document numbers (发文字号): any way of writing the brackets is read, one way is kept. Pure."""

from __future__ import annotations

import re
import unicodedata

OPENING, CLOSING = "〔[［(（【", "〕]］)）】"
SHAPE = re.compile(
    rf"^(?P<agency>[\u4e00-\u9fff]{{2,15}})\s*[{re.escape(OPENING)}]\s*(?P<year>(?:19|20)\d{{2}})\s*[{re.escape(CLOSING)}]"
    r"\s*(?:第)?\s*0*(?P<serial>[1-9]\d*)\s*号$"
)
ORDER = re.compile(r"^(?P<agency>[\u4e00-\u9fff]{2,15}令)\s*第?\s*(?P<serial>[1-9]\d*)\s*号$")


class WrongNumber(ValueError):
    """A document number that cannot be read; says what it should look like."""


def normalised(text: str) -> str:
    """`清政办发[2026]07号` → `清政办发〔2026〕7号`; orders keep 第: `国务院令第711号`. Raises WrongNumber.

    Agency abbreviation, four-digit year in 〔〕, serial without leading zeros, 号 (党政机关公文格式 GB/T 9704-2012).
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := SHAPE.match(plain):
        return f"{found['agency']}〔{found['year']}〕{found['serial']}号"
    if found := ORDER.match(plain):
        return f"{found['agency']}第{found['serial']}号"
    raise WrongNumber(f"“{text.strip()}”不像发文字号，应是“机关代字〔年份〕序号号”，如 清政办发〔2026〕7号")


def index_number(agency: str, year: int, serial: int) -> str:
    """索引号: the code of the unit, the year and a five-digit serial, e.g. 520399-01/2026-00017. Never changed after."""
    return f"{agency}/{year}-{serial:05}"
