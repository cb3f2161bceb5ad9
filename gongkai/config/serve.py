"""`bin/serve`: bring the house up. Migrate, check the law, put in the demonstration, then web and clock loop.

What was done once is remembered by stamps in GONGKAI_HOME, so that the next start is quick and offline.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.request import urlopen

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
PASSWORD = "Qingyuan-2026"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/serve", description="启动公开工作台")
    parser.add_argument("--host", default=os.environ.get("GONGKAI_HOST", "127.0.0.1"), help="监听地址")
    parser.add_argument("--port", type=int, default=int(os.environ.get("GONGKAI_PORT", "8000")), help="端口")
    parser.add_argument("--workers", type=int, default=2, help="网页进程数")
    parser.add_argument("--empty", action="store_true", help="不放演示数据，打开后先建第一个管理员")
    parser.add_argument("--check", action="store_true", help="只准备和检查，不启动")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    if args.host not in ("127.0.0.1", "localhost", "::1") and "GONGKAI_HOSTS" not in os.environ:
        os.environ["GONGKAI_HOSTS"] = f"{args.host},localhost,127.0.0.1" if args.host != "0.0.0.0" else "*"
    home = Path(os.environ.get("GONGKAI_HOME", ".var")).resolve()
    os.environ.setdefault("GONGKAI_SITE", _site(args.host, args.port))  # what messages and pages lead to
    if not args.empty:
        os.environ.setdefault("GONGKAI_DEMONSTRATION", "1")
    _refuse_busy(args.host, args.port)
    prepare(home, empty=args.empty)
    if not args.check:
        sys.exit(serve(args, home))


def prepare(home: Path, *, empty: bool) -> None:
    """Check packs and calendars, then bring the database and the static files up to date.

    When nothing changed since this was last done there is nothing to do: the next start is quick and offline.
    """
    home.mkdir(parents=True, exist_ok=True)
    with Stamp(home / "prepared", _sources(), f"{os.environ.get('DATABASE_URL', '')} {empty}") as stamp:
        if not stamp.is_old and (home / "gongkai.sqlite3").exists() and not os.environ.get("DATABASE_URL"):
            return
        stamp.is_old = True
        _prepare(empty)


def _sources() -> Iterator[Path]:
    """Whatever a start depends on: code, templates and styles, packs, calendars."""
    root = Path(__file__).resolve().parents[2]
    folders = (
        root / "gongkai",
        Path(os.environ.get("GONGKAI_PACKS", root / "packs")),
        Path(os.environ.get("GONGKAI_CALENDARS", root / "calendars")),
    )
    return (path for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts)


def _prepare(empty: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    try:
        call_command("check", verbosity=0)
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        raise SystemExit("规则包、日历或词汇有问题，没有启动。请按上面的提示改正。") from None
    _say("建立或升级数据库，收集静态文件")
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)
    _settle(empty)


def _settle(empty: bool) -> None:
    """Fill an empty desk with the demonstration unless told not to; fold with the rules in use where that changes nothing.

    What it would change waits for a person who signs.
    """
    from gongkai.ledger import clock
    from gongkai.people.models import Place
    from gongkai.portal.baking import actions as baking

    if not empty and not Place.objects.exists():
        from gongkai.config.demo import everything

        _say("放入演示数据：清源县和五个地方")
        everything.put_in(clock.now(), PASSWORD)
    _adopt()
    _say("生成公开网站的静态页面")
    for place in Place.objects.filter(is_open=True):
        baking.begin(place, clock.now())


def _adopt() -> None:
    from gongkai.ledger import actions, clock, lawbook, revision
    from gongkai.people.actor import Actor
    from gongkai.people.models import Place
    from gongkai.ui.refusal import Refused

    for place in Place.objects.all():
        adopted = revision.edition(place)
        with lawbook.proposed():
            is_new = adopted is None or adopted.version != lawbook.version(place.code)
        if is_new:
            try:
                actions.adopt(clock.now(), Actor.system(place))
            except Refused as refused:
                _say(f"{place.name}：{refused.reason}。{refused.remedy}照常启动")


class Stamp:
    """A digest of files kept in a file: old when they changed; renewed when the work under it succeeded."""

    def __init__(self, path: Path, files: Iterable[Path], extra: str = "") -> None:
        digest = hashlib.sha256(extra.encode())
        for file in sorted(files):
            if file.is_file():
                stat = file.stat()
                digest.update(f"{file}:{stat.st_size}:{stat.st_mtime_ns}".encode())
        self.path, self.value = path, digest.hexdigest()
        self.is_old = not path.exists() or path.read_text() != self.value

    def __enter__(self) -> Stamp:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self.is_old:
            self.path.write_text(self.value)


def serve(args: argparse.Namespace, home: Path) -> int:
    """Run web and loop until one ends or a signal comes; the exit code."""
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", args.host, "--port", str(args.port),
        "--workers", str(args.workers), "--blocking-threads", "1", "--log-level", "warning",
        "--static-path-route", "/static", "--static-path-mount", str(home / "static"), "gongkai.config.wsgi:application",
    ]  # fmt: skip
    children = [subprocess.Popen(web)]
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _frame: stopping.append(n))
    site = _site(args.host, args.port)
    answers = _wait_for(args.host, args.port, children[0])
    if answers:
        print(f"\n公开工作台已启动：\n  门户    {site}/\n  工作台  {site}/office/", flush=True)
    # the loop comes after the web: started at once, each would wait for the other
    children.append(subprocess.Popen([sys.executable, "-m", "gongkai.config.loop"]))
    if answers:
        _welcome(site)
    while not stopping and all(child.poll() is None for child in children):
        time.sleep(0.2)
    code = 0 if stopping else 1
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
    return code


def _site(host: str, port: int) -> str:
    """The address to open."""
    return f"http://{'localhost' if host in ('127.0.0.1', '::1', '0.0.0.0') else host}:{port}"


def _welcome(site: str) -> None:
    """Say who can sign in."""
    if os.environ.get("GONGKAI_DEMONSTRATION") == "1":
        print(
            f"  演示账号（口令都是 {PASSWORD}）：zhaojing 信访局分办，wangmin 住建局承办，zhoulan 住建局审签，\n"
            "  chenli 政务公开科，fenggang 网信办舆情，hezhiyuan 县领导，wutao 管理员，zhengjie 审计。\n"
            "  演示账号不要用于正式环境。"
        )
    elif _answers(f"{site}/office/account/first/"):  # there only while nobody can sign in
        print(f"  还没有管理员，请先打开 {site}/office/account/first/ 建立第一个管理员。")
    print("按 Ctrl+C 停止。", flush=True)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait_for(host: str, port: int, child: subprocess.Popen[bytes]) -> bool:
    """Wait until the web answers; False when it ended before."""
    target = "127.0.0.1" if host == "0.0.0.0" else host
    for _ in range(300):
        if child.poll() is not None:
            return False
        try:
            with socket.create_connection((target, port), timeout=1):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def _refuse_busy(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(
                f"不能使用 {host}:{port}（{error.strerror}）。请换一个端口，如 bin/serve --port {port + 1}。"
            ) from None


def _say(words: str) -> None:
    print(f"{words}……", flush=True)


if __name__ == "__main__":
    main()
