"""A desk that really runs: `bin/serve`'s own process with the demonstration county, and Chromium in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.shoot import browser

ROOT = Path(__file__).parents[2]
PASSWORD = "Qingyuan-2026"
PATIENCE = 300  # seconds for the first start with its demonstration data


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running desk."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("desk")
    env = os.environ | {
        "GONGKAI_HOME": str(home),
        "GONGKAI_PORT": str(port),
        "GONGKAI_SITE": f"http://127.0.0.1:{port}",
    }
    env.pop("DATABASE_URL", None)
    log = (home / "serve.log").open("w")
    desk = subprocess.Popen(
        [sys.executable, "-m", "gongkai.config.serve"], cwd=ROOT, env=env, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, desk, home / "serve.log")
        yield address
    finally:
        desk.terminate()
        desk.wait(timeout=30)


def _wait(address: str, desk: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert desk.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/status.json", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own; what the browser complains about fails the test."""
    contexts = []
    complaints: list[str] = []

    def opened(path: str, width: int = 390, who: str = "", **options: object) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if who:
            page.goto(f"{site}/office/account/login/")
            page.fill("[name=login]", who)
            page.fill("[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_url("**/office/**")
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    serious = [
        line for line in complaints if "status of 4" not in line
    ]  # a refusal is an answer, not a fault
    assert serious == []
