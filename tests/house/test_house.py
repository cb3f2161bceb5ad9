"""The rules of the house: who may write, who may read the clock, which words are known, which doors are shut."""

import ast
import os
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.template import engines
from django.urls import URLResolver, get_resolver
from jinja2 import nodes

from gongkai.ledger import lawbook
from gongkai.ledger.vocabulary import KINDS

ROOT = Path(__file__).parents[2]
ROOMS = (
    "people",
    "search",
    "notices",
    "files",
    "ledger",
    "reviews",
    "letters",
    "documents",
    "opinion",
    "press",
    "office",
    "portal",
)
WRITERS = {
    "actions.py", "supervision.py", "imports.py",  # verbs of a room, an import with its own batches
    "outbox.py", "seals.py", "cycles.py", "bulk.py", "triggers.py",  # the ledger's own machinery
}  # fmt: skip
WRITES = {
    "save",
    "bulk_create",
    "bulk_update",
    "update_or_create",
    "get_or_create",
    "create_user",
    "_raw_delete",
}
CLOCKS = {
    ("timezone", "now"),
    ("datetime", "now"),
    ("date", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
}


def sources(*rooms):
    for room in rooms:
        for path in sorted((ROOT / "gongkai" / room).rglob("*.py")):
            if not {"tests", "migrations", "commands"} & set(path.parts):
                yield path


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


def test_only_actions_write():
    found = []
    for path in sources(*ROOMS):
        if path.name in WRITERS or path.name == "models.py" or path.parent.name == "actions":
            continue
        for call in calls(path):
            on_manager = call.func.attr in ("create", "update", "delete") and "objects" in ast.unparse(
                call.func
            )
            workbook = call.func.attr == "save" and ast.unparse(call.func).startswith(
                ("book.", "model.", "picture.")
            )
            if (call.func.attr in WRITES and not workbook) or on_manager:
                found.append(f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call.func)}")
    assert found == []


def test_the_clock_is_read_in_one_place_only():
    found = []
    for path in [
        *sources("law", "text"),
        *(
            p
            for p in sources(*ROOMS)
            if p.name in ("models.py", "policy.py", "actions.py") or p.parent.name in ("actions", "models")
        ),
    ]:
        for call in calls(path):
            if isinstance(call.func.value, ast.Name) and (call.func.value.id, call.func.attr) in CLOCKS:
                found.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert found == []


def test_the_day_of_an_instant_is_asked_for_where_people_live():
    """An instant is UTC inside: `at.date()` is the day before until eight in the morning, `at.year` the year before."""
    its_day = re.compile(r"\b(at|now)\.(date\(\)|year\b|month\b|day\b|weekday\(\))")
    rooms = (ROOT / "gongkai" / room for room in (*ROOMS, "config"))
    files = (file for room in rooms for file in room.rglob("*.py") if not {"tests", "demo"} & set(file.parts))
    found = [
        f"{file.relative_to(ROOT)}:{n} {line.strip()}"
        for file in files
        for n, line in enumerate(file.read_text().splitlines(), 1)
        if its_day.search(line)
    ]
    assert found == []


def test_every_declared_fact_is_recorded_by_some_action():
    declared = set()
    for room in ROOMS:
        text = "\n".join(path.read_text(encoding="utf-8") for path in sources(room))
        for constant, name in re.findall(r'^(\w+) = kind\(\s*"([\w.]+)"', text, re.M):
            declared.add(name)
            uses = len(re.findall(rf"\b{constant}\b", text))
            assert uses > 1, f"{name} is declared and never recorded"
    assert declared == set(KINDS)


def test_every_fact_a_pack_waits_for_is_known():
    for place in lawbook.book().places:
        for rule in lawbook.book().rules(place).duties.values():
            for _, raw in rule.layers:
                for kind in re.findall(r"'fact': '([^']+)'", str(raw)):
                    assert kind in KINDS


def test_the_glossary_knows_every_fact_and_every_record():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    missing = [name for name, kind in KINDS.items() if name not in text or kind.says not in text]
    models = [m for m in apps.get_models() if m.__module__.startswith("gongkai.")]
    missing += [
        m._meta.label for m in models if str(m._meta.verbose_name) not in text or m.__name__ not in text
    ]
    assert missing == []


def routes(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, path)
        else:
            yield path


OPEN_DOORS = ("office/account/", "office/gallery/")


@pytest.mark.django_db
def test_every_door_of_the_office_refuses_strangers(client, county):
    shut = 0
    for path in routes():
        if not path.startswith("office/") or path.startswith(OPEN_DOORS):
            continue
        address = "/" + re.sub(r"<uuid:\w+>", "00000000-0000-0000-0000-000000000000", path)
        address = re.sub(r"<int:\w+>", "1", address)
        address = re.sub(r"<[^>]+>", "LY-2025-0926-0001", address)
        for method in (client.get, client.post):
            answer = method(address)
            shut += 1
            assert answer.status_code in (302, 404, 405), (address, answer.status_code)
            if answer.status_code == 302:
                assert "/office/account/login/" in answer["Location"], address
    assert shut > 60


def test_no_template_writes_style_or_script_inline():
    for path in sorted((ROOT / "gongkai").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)", text), path


def _pages(resolver, before=""):
    """The names of all addresses, with their namespaces."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _pages(one, f"{before}{one.namespace}:" if one.namespace else before)
        elif one.name:
            yield f"{before}{one.name}"


def test_every_template_names_only_filters_components_and_pages_that_exist():
    environment, known = engines["jinja2"].env, set(_pages(get_resolver()))
    asked = set()
    for path in sorted((ROOT / "gongkai").glob("*/jinja2/**/*.html")):
        environment.get_template(
            str(path).partition("/jinja2/")[2]
        )  # its filters are looked for as it is compiled
        tree = environment.parse(path.read_text(encoding="utf-8"))
        named = [one.template for one in tree.find_all((nodes.Extends, nodes.Include))]
        for call in tree.find_all(nodes.Call):
            name = getattr(call.node, "name", "")
            if name == "component":
                named.append(call.args[0])
            elif name == "url_for" and isinstance(call.args[0], nodes.Const):
                asked.add((path, call.args[0].value))
        for one in named:
            if isinstance(one, nodes.Const):
                environment.get_template(one.value)
    assert len(asked) > 200
    assert sorted((path.name, page) for path, page in asked if page not in known) == []


def test_the_product_names_no_machine_and_no_registry():
    wrong = re.compile(r"(^|[^a-zA-Z0-9])/(work|farm)/|pypi\.org|registry\.npmjs|deb\.debian", re.M)
    for path in ROOT.rglob("*"):
        if (
            path.suffix in (".py", ".md", ".toml", ".html", ".txt", ".in", ".lock", ".sh")
            and ".venv" not in path.parts
        ):
            if path != Path(__file__) and ".var" not in path.parts:
                assert not wrong.search(path.read_text(encoding="utf-8", errors="ignore")), path


def test_messages_lead_to_the_address_that_is_served(monkeypatch):
    from gongkai.config import serve

    monkeypatch.delenv("GONGKAI_SITE", raising=False)
    monkeypatch.setattr("sys.argv", ["serve", "--port", "8931", "--check", "--empty"])
    monkeypatch.setattr(serve, "_refuse_busy", lambda *_: None)
    monkeypatch.setattr(serve, "prepare", lambda *_, **__: None)
    serve.main()
    served = os.environ.pop("GONGKAI_SITE")

    assert served == "http://localhost:8931"
