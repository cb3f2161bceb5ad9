"""Pictures of pages, to look at after every change of a page.

    python tests/browser/shoot.py OUT URL [URL ...] [--widths 390,1280] [--cookie NAME=VALUE] [--axe]

One PNG a page and width, named after the address. With --axe every page is also checked for accessibility and
the exit status counts the violations.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("GONGKAI_CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium, without any traffic of its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield chromium
        finally:
            chromium.close()


def shoot(
    urls: Sequence[str],
    out: Path | str,
    widths: Sequence[int] = (390, 1280),
    cookies: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write a full-page PNG of every address at every width (CSS pixels) into `out` and return the files."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    with browser() as chromium:
        for width in widths:
            for url in urls:
                page = opened(chromium, url, width, cookies)
                file = folder / f"{_name(url)}-{width}.png"
                page.screenshot(path=file, full_page=True)
                page.context.close()
                files.append(file)
    return files


def opened(chromium: Browser, url: str, width: int = 1280, cookies: Mapping[str, str] | None = None) -> Page:
    """Open an address in a context of its own; close `page.context` when done."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in (cookies or {}).items()]
    )
    page = context.new_page()
    page.goto(url, wait_until="load")
    return page


def violations(page: Page) -> list[str]:
    """Run axe (WCAG 2.1 A and AA, best practices) and return one line a violated rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """Return the elements that stick out of the page sideways, outside regions that scroll."""
    found: list[str] = page.evaluate(
        """() => [...document.body.querySelectorAll("*")]
            .filter((one) => !one.closest(".table-x, .visually-hidden, .skip, svg, thead"))
            .map((one) => [one, one.getBoundingClientRect()])
            .filter(([, box]) => box.right > innerWidth + 1 || box.left < -1)
            .map(([one, box]) => `${one.tagName.toLowerCase()}.${one.className} ${Math.round(box.right)}`)"""
    )
    return found


def _name(url: str) -> str:
    parts = urlsplit(url)
    return re.sub(r"[^\w.=-]+", "-", f"{parts.path}-{parts.query}").strip("-") or "home"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--widths", default="390,1280")
    parser.add_argument("--cookie", action="append", default=[])
    parser.add_argument("--axe", action="store_true")
    asked = parser.parse_args()
    cookies = dict(one.split("=", 1) for one in asked.cookie)
    widths = [int(width) for width in asked.widths.split(",")]
    for file in shoot(asked.urls, asked.out, widths, cookies):
        print(file)
    if not asked.axe:
        return 0
    found = 0
    with browser() as chromium:
        for url in asked.urls:
            for width in widths:
                page = opened(chromium, url, width, cookies)
                for line in [*violations(page), *(f"overflow: {one}" for one in overflow(page))]:
                    print(f"{url} {width}: {line}")
                    found += 1
                page.context.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
