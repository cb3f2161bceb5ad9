"""The shipped nginx configuration with the real nginx: reading goes on when application, database or disk fail."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("nginx") is None and "CI" not in os.environ,
        reason="nginx is not installed: apt-get install nginx-light",
    ),
]
MAIN = """
daemon off; pid {home}/nginx.pid; error_log {home}/error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  include {home}/site.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


class House:
    """A desk with the five places, baked, behind nginx; `get` and `post` ask nginx."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.app_port = home, free_port(), free_port()
        self.env = os.environ | {
            "GONGKAI_HOME": str(home / "data"), "DJANGO_SETTINGS_MODULE": "gongkai.config.settings", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        self.env.pop("DATABASE_URL", None)
        self.run("-m", "gongkai.config.serve", "--check", "--empty")
        self.gongkai("places", "--add")
        self.gongkai("site", "bake")
        (home / "site.conf").write_text(
            self.gongkai(
                "site",
                "nginx",
                "--upstream",
                f"127.0.0.1:{self.app_port}",
                "--listen",
                f"127.0.0.1:{self.port}",
            )
        )
        (home / "nginx.conf").write_text(MAIN.format(home=home))
        nginx = [shutil.which("nginx"), "-p", str(home), "-c", str(home / "nginx.conf")]
        if os.getuid() == 0:  # unprivileged, as it is run on a server
            subprocess.run(["chmod", "-R", "a+rX", str(home)], check=True)
            home.chmod(0o777)
            nginx = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", *nginx]
        self.nginx = subprocess.Popen(nginx)
        self.app: subprocess.Popen[bytes] | None = None
        self.start()
        wait_for(self.port)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def gongkai(self, *words: str) -> str:
        return self.run("-m", "gongkai.config.cli", *words)

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.app_port), "--log-level", "warning",
                   "gongkai.config.wsgi:application"]  # fmt: skip
        self.app = subprocess.Popen(command, cwd=ROOT, env=self.env, start_new_session=True)
        wait_for(self.app_port)

    def kill(self) -> None:
        if self.app is not None:
            os.killpg(self.app.pid, signal.SIGKILL)
            self.app.wait()
            self.app = None

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
        line.request(method, path, body or None, given)
        answer = line.getresponse()
        return (
            answer.status,
            answer.read().decode(errors="replace"),
            {k.lower(): v for k, v in answer.getheaders()},
        )

    def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        return self.ask("GET", path, **headers)

    def close(self) -> None:
        self.kill()
        self.nginx.terminate()
        self.nginx.wait()


@pytest.fixture(scope="module")
def house():
    with tempfile.TemporaryDirectory() as home:  # not pytest's folder, which is closed to other users
        found = House(Path(home))
        yield found
        found.close()


PAGES = (
    "/zunyi/",
    "/zunyi/documents/",
    "/zunyi/openness/",
    "/zunyi/units/",
    "/zunyi/sitemap.xml",
    "/zunyi/documents/feed.atom",
)


def test_baked_pages_come_from_files_and_the_rest_from_the_application(house):
    for path in PAGES:
        status, _text, headers = house.get(path)
        assert status == 200, path
        assert "etag" in headers, path
        assert headers["content-security-policy"].startswith("default-src 'self'")
    assert house.get("/zunyi/documents/feed.atom")[2]["content-type"].startswith("application/atom+xml")
    assert house.get("/zunyi/documents/feed.json")[2]["content-type"].startswith("application/feed+json")
    assert house.get("/zunyi/search/?q=" + quote("电梯"))[0] == 200
    assert 'data-type="large"' in house.get("/zunyi/documents/?type=large")[1]
    assert 'data-type="large"' in house.get("/zunyi/documents/", Cookie="type=large")[1]
    assert house.get("/office/")[0] == 302
    status, _text, headers = house.get("/zunyi/documents/")
    assert house.get("/zunyi/documents/", If_None_Match=headers["etag"])[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        "/.made/",
        "/zunyi/../../gongkai.sqlite3",
        "/..%2f..%2fgongkai.sqlite3",
        "/.down.html",
        "/zunyi/.x",
    ],
)
def test_nothing_else_is_served(house, path):
    assert house.get(path)[0] in (400, 404)


def test_reading_goes_on_when_the_application_is_killed(house):
    house.kill()
    try:
        for path in PAGES:
            assert house.get(path)[0] == 200, path
        assert house.get("/zunyi/documents/?type=large")[0] == 200
        for status, text, headers in (
            house.get("/zunyi/write/"),
            house.ask("POST", "/zunyi/write/", "title=x", Content_Type="application/x-www-form-urlencoded"),
            house.ask("POST", "/zunyi/faults/", "x=1", Content_Type="application/x-www-form-urlencoded"),
        ):
            assert status == 503
            assert "没有提交" in text
            assert headers["retry-after"] == "120"
    finally:
        house.start()
    assert house.get("/zunyi/write/")[0] == 200


def test_reading_goes_on_when_the_database_is_gone(house):
    database = house.home / "data" / "gongkai.sqlite3"
    aside = database.with_suffix(".aside")
    house.kill()
    database.rename(aside)
    try:
        house.start()
        for path in PAGES:
            assert house.get(path)[0] == 200, path
        assert house.get("/status.json")[0] == 503
        assert house.get("/zunyi/write/")[0] >= 500
    finally:
        house.kill()
        for left in database.parent.glob("gongkai.sqlite3*"):
            left.unlink()
        aside.rename(database)
        house.start()


@pytest.mark.skipif(os.getuid() != 0, reason="a disk of its own needs root")
def test_a_full_disk_leaves_the_old_site(house, tmp_path):
    site = house.home / "data" / "site"
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not mount a tmpfs")
    made = site / ".made"
    aside = made.with_name(".made-kept")
    before = house.get("/zunyi/documents/")[1]
    folder = (site / "zunyi").resolve()
    try:
        subprocess.run(["cp", "-a", str(folder), str(aside)], check=True)
        subprocess.run(["mount", "--bind", str(disk), str(made)], check=True)
        (site / "zunyi").unlink()
        (site / "zunyi").symlink_to(aside)
        done = subprocess.run(
            [sys.executable, "-m", "gongkai.config.cli", "site", "bake", "--place", "zunyi"],
            cwd=ROOT, env=house.env, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode != 0
        assert "No space left" in done.stderr
        assert list(disk.iterdir()) == []
        assert house.get("/zunyi/documents/")[1] == before
    finally:
        subprocess.run(["umount", str(made)], check=False)
        subprocess.run(["umount", str(disk)], check=False)
        (site / "zunyi").unlink()
        (site / "zunyi").symlink_to(os.path.relpath(folder, site))
        shutil.rmtree(aside, ignore_errors=True)
