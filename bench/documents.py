"""Import rate of documents: `python bench/documents.py [N] [FOLDER]`, default 1,000 of each way.

A folder of text, Word and web pages with a table of their metadata, then a table that holds the texts itself; each text
has about three pages (2,500 characters) out of the demonstration's scenes. `PROFILE=1` prints where the time went.
"""

from __future__ import annotations

import cProfile
import csv
import os
import pstats
import random
import sys
import tempfile
import time
import tomllib
import zipfile
from html import escape
from pathlib import Path

from world import ROOT, desk

LENGTH = 2_500
NUMBERED = {"txt": "文", "html": "网", "docx": "字", "csv": "表"}
HEAD = ("文件", "标题", "发文字号", "责任单位", "成文日期", "发布日期", "主题分类", "内容概述", "公开属性")


def texts(count: int) -> list[list[str]]:
    """Lines of invented documents."""
    raw = tomllib.loads((ROOT / "gongkai/config/demo/scenes.toml").read_text(encoding="utf-8"))
    chance = random.Random(7)

    def scene() -> str:
        fill = {name: chance.choice(values) for name, values in raw["words"].items()} | {"road2": "南环路"}
        return str(chance.choice(raw["scene"])["text"]).format(**fill)

    made = []
    for _ in range(count):
        lines = ["各乡镇人民政府，县直各单位："]
        while sum(map(len, lines)) < LENGTH:
            lines.append("".join(scene() for _ in range(3)))
        made.append(lines)
    return made


def write(path: Path, lines: list[str]) -> None:
    """A document as a file of the kind its name says."""
    if path.suffix == ".txt":
        path.write_text("\n".join(lines), encoding="utf-8")
    elif path.suffix == ".html":
        body = "".join(f"<p>{escape(line)}</p>" for line in lines)
        path.write_text(f"<html><head><title>x</title></head><body><article>{body}</article></body></html>")
    else:
        names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("word/document.xml", f"<w:document {names}><w:body>{body}</w:body></w:document>")


def rows(kind: str, count: int) -> list[tuple[str, ...]]:
    return [
        (f"{kind}{n}.{kind}", f"关于{kind}第{n}号工作的通知", f"清{NUMBERED[kind]}发〔2025〕{n + 1}号", "县住建局", "2025-03-03",
         f"2025-03-{n % 20 + 4:02} 10:00", "城乡建设", "有关工作安排", "主动公开")
        for n in range(count)
    ]  # fmt: skip


def table(path: Path, head: tuple[str, ...], lines: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(lines)
    return path


def taken(name: str, folder: Path | None, listed: Path) -> None:
    """Import and say how fast."""
    from gongkai.documents.imports import Importer, pieces
    from gongkai.ledger import clock
    from gongkai.people.actor import Actor
    from gongkai.people.models import Place

    place = Place.objects.get(code="520399")
    wall, cpu = time.perf_counter(), time.process_time()
    profile = cProfile.Profile()
    if os.environ.get("PROFILE"):
        profile.enable()
    importer = Importer(place, by=Actor.system(place), now=clock.now())
    for _ in importer.run(pieces(folder, listed)):
        pass
    profile.disable()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    count = importer.report.taken
    assert count, importer.report.bad[:3]
    print(f"{name}: {count} documents, {count / wall:.0f} a second, {cpu / count * 1000:.2f} ms of CPU each")
    if os.environ.get("PROFILE"):
        pstats.Stats(profile).sort_stats("cumtime").print_stats(45)


def main(count: int, home: str) -> None:
    desk(home)
    made = texts(count)
    for kind in ("txt", "html", "docx"):
        folder = Path(tempfile.mkdtemp(prefix=f"gongkai-{kind}-", dir=home))
        listed = rows(kind, count)
        for (name, *_rest), lines in zip(listed, made, strict=True):
            write(folder / name, lines)
        taken(f"a folder of {kind} with its table", folder, table(folder / "list.csv", HEAD, listed))
    listed = [(*row[1:], "\n".join(lines)) for row, lines in zip(rows("csv", count), made, strict=True)]
    taken("a table with the texts", None, table(Path(home, "texts.csv"), (*HEAD[1:], "正文"), listed))


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    if len(sys.argv) > 2:
        main(wanted, sys.argv[2])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(wanted, folder)
