"""Baking: the whole site of a place into a new folder that is swapped in, or just the pages that something changed.

A file is written beside its name and renamed over it, so that a reader gets the old page or the new one, whole.
"""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from gongkai.documents.models import Document, Stage
from gongkai.ledger import bulk
from gongkai.ledger.models import Effect
from gongkai.people.models import Place
from gongkai.portal.baking import nginx, pages
from gongkai.portal.baking.pages import GONE, INDEX, Baked
from gongkai.portal.models import Dependency, Page
from gongkai.portal.together import together
from gongkai.processes import end_with_parent
from gongkai.ui.refusal import Refused

EFFECT = "site.render"
MADE = ".made"  # the folder of full bakes, each with the address of its place and when it began
KEPT = timedelta(hours=1)  # what nobody is shown any more; a bake takes minutes
DRIFT = "drift.json"
TOGETHER = 50  # pages whose documents are read at once
BATCH = 50  # stale pages baked in one go
SAMPLE = 200  # pages of a place looked at for drift by the loop
MOST_AT_ONCE = (
    60  # pages a change renews before its effect is done; the rest are stale until the loop comes to them
)


class Made(NamedTuple):
    """A page that was written: its address, whether it is a notice of withdrawal, digest, what it is made of."""

    path: str
    is_gone: bool
    digest: str
    shows: tuple[str, ...]


@dataclass(slots=True)
class Bake:
    """What a full bake did: pages in the new folder, and the addresses that were there before and are not now."""

    pages: int = 0
    vanished: list[str] = field(default_factory=list)


Watch = Callable[[Iterable[list[Made]], int], Iterable[list[Made]]]
"""Hands on what is made, part by part, of so many parts in all: to show how far it is."""


def _unwatched(parts: Iterable[list[Made]], total: int) -> Iterable[list[Made]]:
    return parts


# ---- all of it -----------------------------------------------------------------------------------------


def bake_all(
    place: Place, at: datetime, *, force: bool = False, processes: int = 1, watch: Watch = _unwatched
) -> Bake:
    """Bake every page of a place into a new folder and swap it in; the old one is cleared away later. Raises Refused,
    the old site untouched, when more pages would vanish than `GONGKAI_MAY_VANISH` allows, unless `force`; OSError when
    the disk is full.
    """
    root = Path(settings.GONGKAI_BAKED)
    folder = root / MADE / f"{place.slug}-{_stamp(at)}"
    folder.mkdir(parents=True)
    try:
        with together(of_all=True):
            made = _make(place, list(dict.fromkeys(pages.paths(place))), folder, processes, watch)
        bake = Bake(len(made), _vanished(place, {one.path for one in made}))
        before = Page.objects.filter(place=place, is_gone=False).count()
        if not force and before and len(bake.vanished) > settings.GONGKAI_MAY_VANISH * before:
            raise Refused(
                f"这次会少 {len(bake.vanished)} 页（原有 {before} 页），没有换上",
                remedy="先核对下面少了哪些页；确认要少，用 --force。\n" + "\n".join(bake.vanished[:200]),
            )
        _write_down(place, made, at)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    nginx.write_down_page(root)
    _swap(pages.place_folder(place), folder)
    for effect in Effect.objects.filter(kind=EFFECT, due_at__gte=at):  # what changed while this was baking
        renew(effect.payload, at)
    return bake


def begin(place: Place, at: datetime) -> None:
    """For a start with new code: bake a place that never was; pages that stand are baked again by the loop, bit by bit."""
    if not Page.objects.filter(place=place).update(stale=True) or not pages.place_folder(place).exists():
        bake_all(place, at, force=True)


def _make(place: Place, paths: list[str], folder: Path, processes: int, watch: Watch) -> list[Made]:
    """Bake and write pages, some at a time, without those that are not there."""
    some = [paths[start : start + TOGETHER] for start in range(0, len(paths), TOGETHER)]
    make = partial(_make_some, place, folder)
    if processes <= 1:
        return [made for found in watch(map(make, some), len(some)) for made in found]
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(processes, initializer=_begin) as pool:
        return [made for found in watch(pool.imap_unordered(make, some), len(some)) for made in found]


def _begin() -> None:
    end_with_parent()
    gc.freeze()


def _make_some(place: Place, folder: Path, paths: Sequence[str]) -> list[Made]:
    with pages.read_ahead(place, paths):
        return [made for path in paths if (made := _make_one(folder, path))]


def _make_one(folder: Path, path: str) -> Made | None:
    baked = pages.bake(path)
    if baked.status not in (200, 410):
        return None
    target = pages.file_of(folder, path)
    target = target.with_name(GONE) if baked.status == 410 else target
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(baked.content)  # nobody reads this folder yet
    return Made(path, baked.status == 410, baked.digest, tuple(sorted(baked.shows)))


def _vanished(place: Place, made: set[str]) -> list[str]:
    """Pages that stood before and were not made now; a withdrawn document is not missed."""
    before = Page.objects.filter(place=place, is_gone=False).order_by("path").values_list("path", flat=True)
    return [path for path in before if path not in made]


@transaction.atomic
def _write_down(place: Place, made: Sequence[Made], at: datetime) -> None:
    """Note which pages there are now and what each is made of; what is noted already is left as it is."""
    bulk.put(
        Page,
        ("path",),
        ("place_id", "path", "digest", "is_gone", "baked_at", "stale"),
        ((place.pk, one.path, one.digest, one.is_gone, at, False) for one in made),
    )
    gone = Page.objects.filter(place=place).exclude(baked_at=at)
    bulk.clear(Dependency.objects.filter(page__in=gone))
    bulk.clear(gone)
    keys = dict(Page.objects.filter(place=place).values_list("path", "pk"))
    needs = {(keys[one.path], name) for one in made for name in one.shows}
    noted = Dependency.objects.filter(page__place=place).values_list("page_id", "key", "pk")
    had = {(page, name): pk for page, name, pk in noted}
    bulk.insert(Dependency, ("page_id", "key"), sorted(needs - had.keys()))
    bulk.clear_many(Dependency, [pk for one, pk in had.items() if one not in needs])


def _swap(link: Path, folder: Path) -> None:
    """Point the link of a place to a new folder in one step."""
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(os.path.relpath(folder, link.parent))
    fresh.replace(link)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}"


def clear_away(now: datetime) -> None:
    """Remove what full bakes left that no place shows: the sites before, and what a killed bake had made. For the loop."""
    root = Path(settings.GONGKAI_BAKED)
    if not (root / MADE).exists():
        return
    shown = {link.resolve() for link in root.iterdir() if link.is_symlink()}
    for folder in (root / MADE).iterdir():
        if folder.resolve() not in shown and folder.name.rpartition("-")[2] < _stamp(now - KEPT):
            shutil.rmtree(folder, ignore_errors=True)


# ---- only what changed ---------------------------------------------------------------------------------


def renew(payload: dict[str, Any], at: datetime) -> int:
    """Bake again what depends on a document, or on what changed around the documents; how many pages now.

    A place that was never baked has nothing to renew.
    """
    if "document" in payload:
        document = Document.objects.select_related("place", "matter", "unit__place", "edition").get(
            pk=payload["document"]
        )
        return _renew_document(document, at)
    place = Place.objects.get(pk=payload["place"])
    if not pages.place_folder(place).exists():
        return 0
    what = str(payload.get("what", ""))
    keys = {what, f"site:{place.code}"} | (
        {f"services:{place.code}"} if what.startswith("service") else set()
    )
    standing = set(Page.objects.filter(place=place).values_list("path", flat=True))
    around = {path for path in _around(place) if path not in standing}
    return _bake_paths(place, [*around, *_depending(place, keys), *pages.named_in(place, what)], at)


def _around(place: Place) -> Iterator[str]:
    """Pages that may have come into being around the documents: all but the documents' own."""
    base = f"/{place.slug}/documents/"
    return (path for path in pages.paths(place) if not path.startswith(base))


def _renew_document(document: Document, at: datetime) -> int:
    place = document.place
    if not pages.place_folder(place).exists():
        return 0
    stood, lists = _stood(document), pages.lists_of(document)
    came = pages.came_into(document, stood)
    left = {name: n for name, n in stood.items() if name not in lists or not document.is_published}
    Page.objects.filter(path__in=_from(place, left | came)).update(stale=True)
    keys = {f"document:{document.pk}", *(f"in:{name}" for name in lists | left.keys())}
    paths = [*pages.paths_of(document, came), *_depending(place, keys)]
    if document.stage == Stage.WITHDRAWN:
        return _bake_paths(place, paths, at, most=None)
    standing = Page.objects.filter(path__in=pages.of_everything(document))
    afterwards = set(standing.values_list("path", flat=True))
    standing.update(stale=True)
    return _bake_paths(place, [path for path in paths if path not in afterwards], at)


def _stood(document: Document) -> dict[str, int]:
    """The lists with a numbered page that is made of a document, each with the number of the first such page."""
    of_it = Dependency.objects.filter(key=f"document:{document.pk}").values("page")
    found = Dependency.objects.filter(page__in=of_it, key__startswith="older:")
    rows = [
        (key.removeprefix("older:"), pages.number_of(path))
        for key, path in found.values_list("key", "page__path")
    ]
    return dict(sorted(rows, reverse=True))


def _from(place: Place, numbers: Mapping[str, int]) -> list[str]:
    """The numbered pages of lists from a number on, which change when a document comes or goes there, and the one before,
    which leads to them.
    """
    found = Dependency.objects.filter(page__place=place, key__in=[f"older:{name}" for name in numbers])
    rows = found.values_list("key", "page__path")
    return [path for key, path in rows if pages.number_of(path) >= numbers[key.removeprefix("older:")] - 1]


def _depending(place: Place, keys: set[str]) -> list[str]:
    found = Dependency.objects.filter(key__in=keys).values_list("page__path", flat=True).distinct()
    return [path for path in found if path.startswith(f"/{place.slug}/")]


def _bake_paths(place: Place, paths: Iterable[str], at: datetime, most: int | None = MOST_AT_ONCE) -> int:
    """Bake pages now; beyond `most` those that stand already are left to the loop."""
    wanted = list(dict.fromkeys(paths))
    now, later = (wanted, []) if most is None else (wanted[:most], wanted[most:])
    Page.objects.filter(path__in=later).update(stale=True)
    folder = pages.place_folder(place).resolve()
    with pages.read_ahead(place, now):
        for path in now:
            _bake_again(place, folder, path, at)
    return len(now)


def _bake_again(place: Place, folder: Path, path: str, at: datetime) -> None:
    baked = pages.bake(path)
    if baked.status not in (200, 410):
        _remove(folder, path)
        Page.objects.filter(path=path).delete()
        return
    _put(folder, baked)
    row, _made = Page.objects.update_or_create(
        path=path,
        defaults={"place": place, "digest": baked.digest, "is_gone": baked.status == 410, "baked_at": at, "stale": False},
    )  # fmt: skip
    had = set(row.dependencies.values_list("key", flat=True))
    row.dependencies.filter(key__in=had - baked.shows).delete()
    Dependency.objects.bulk_create(Dependency(page=row, key=key) for key in sorted(baked.shows - had))


def bake_stale(at: datetime) -> int:
    """Bake a batch of the pages that wait; how many. For the loop."""
    waiting = list(Page.objects.filter(stale=True).select_related("place").order_by("pk")[:BATCH])
    for place in {page.place for page in waiting}:
        if pages.place_folder(place).exists():
            _bake_paths(place, [page.path for page in waiting if page.place_id == place.pk], at, most=None)
    return len(waiting)


def bake_living(at: datetime) -> int:
    """Bake again what shows figures or depends on the day, for the loop: home, lists of the catalogue, and documents
    whose validity turns with the day.
    """
    count = 0
    for place in Place.objects.filter(is_open=True):
        if not pages.place_folder(place).exists():
            continue
        turning = Document.objects.filter(place=place).published()
        today = timezone.localdate(at)
        turned = turning.filter(Q(effective_on=today) | Q(ends_on=today))
        keys = {f"document:{pk}" for pk in turned.values_list("pk", flat=True)} | {f"catalogue:{place.code}"}
        count += _bake_paths(place, [*pages.living(place), *_depending(place, keys)], at)
    return count


# ---- files ---------------------------------------------------------------------------------------------


def _put(folder: Path, baked: Baked) -> None:
    """Write a page over its file. The notice of a withdrawn document takes the place of the document."""
    file = pages.file_of(folder, baked.path)
    target = file.with_name(GONE) if baked.status == 410 else file
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        part.write_bytes(baked.content)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    other = file if baked.status == 410 else file.with_name(GONE)
    if other.name in (INDEX, GONE):
        other.unlink(missing_ok=True)
    if baked.status == 410:
        for child in target.parent.iterdir():  # files and editions of what was withdrawn
            if child.is_dir():
                shutil.rmtree(child)


def _remove(folder: Path, path: str) -> None:
    file = pages.file_of(folder, path)
    file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        file.parent.rmdir()


# ---- is it what it should be ---------------------------------------------------------------------------


def drift(place: Place, sample: int | None = None) -> list[str]:
    """Pages whose file is not what would be baked now, and pages that are missing; of all, or of a sample."""
    folder = pages.place_folder(place)
    living = set(pages.living(place))
    rows = Page.objects.filter(place=place, stale=False).order_by("?" if sample else "path")
    wrong = []
    for path, digest, is_gone in rows.values_list("path", "digest", "is_gone")[:sample]:
        file = pages.file_of(folder, path)
        file = file.with_name(GONE) if is_gone else file
        if not file.exists():
            wrong.append(path)
        elif path not in living:
            baked = pages.bake(path)
            on_disk = Baked(path, 200, file.read_bytes(), frozenset()).digest
            if baked.digest != on_disk or on_disk != digest:
                wrong.append(path)
    if sample is None:
        standing = set(Page.objects.filter(place=place).values_list("path", flat=True))
        wrong += [
            path for path in pages.paths(place) if path not in standing and pages.bake(path).status == 200
        ]
    return wrong


def look_for_drift(at: datetime) -> None:
    """Compare a sample of every place, have what differs baked again, and keep the figures for `/status.json`."""
    found = {}
    for place in Place.objects.filter(is_open=True):
        if pages.place_folder(place).exists():
            wrong = drift(place, SAMPLE)
            Page.objects.filter(path__in=wrong).update(stale=True)
            found[place.slug] = len(wrong)
    if found:
        note = Path(settings.GONGKAI_BAKED) / DRIFT
        part = note.with_name(f".{DRIFT}.part")
        part.write_text(json.dumps({"at": timezone.localtime(at).isoformat(), "pages": found}))
        part.replace(note)


def state() -> dict[str, Any]:
    """When the site was last baked, how many pages wait, what drifted: for `/status.json`. Two queries."""
    figures = Page.objects.aggregate(
        last=Max("baked_at"), pages=Count("pk"), waiting=Count("pk", filter=Q(stale=True))
    )
    note = Path(settings.GONGKAI_BAKED) / DRIFT
    return {
        "last_bake": timezone.localtime(figures["last"]).isoformat() if figures["last"] else None,
        "pages": figures["pages"],
        "waiting": figures["waiting"],
        "drift": json.loads(note.read_text()) if note.exists() else None,
    }
