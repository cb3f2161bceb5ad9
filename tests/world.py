"""What every test may use to say when and where."""

from __future__ import annotations

import io
from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# A Monday two days before the National Day holiday of 2025, after a make-up Sunday.
TODAY = date(2025, 9, 29)


def moment(text: str) -> datetime:
    """Return a Chinese local time as an aware datetime: `moment("2025-09-29 09:00")`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def photo() -> bytes:
    """The smallest PNG that is one."""
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(content, "PNG")
    return content.getvalue()
