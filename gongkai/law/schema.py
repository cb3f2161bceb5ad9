"""JSON Schema of `pack.toml` for editors, made from the same tables that the loader reads by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongkai.law import pack

SPAN = r"^\d+ (hour|day|working day|working hour|minute)s?$"
TEXTS = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
PLAIN: dict[Any, dict[str, Any]] = {
    pack._text: {"type": "string"},
    pack._flag: {"type": "boolean"},
    pack._count: {"type": "integer", "minimum": 0},
    pack._day: {"type": "string", "format": "date"},
    pack._moment: {"type": "string", "format": "date-time"},
    pack._texts: TEXTS,
    pack._span: {"type": "string", "pattern": SPAN},
    pack._spans: {"type": "array", "items": {"type": "string", "pattern": SPAN}},
    pack._condition: {
        "type": "object",
        "additionalProperties": {"anyOf": [*TEXTS["oneOf"], {"type": "boolean"}]},
    },
    pack._within: {"oneOf": [{"type": "string", "pattern": SPAN}, {"type": "object", "required": ["by"]}]},
    pack._words: {"type": "object", "additionalProperties": {"type": "string"}},
}


def schema() -> dict[str, Any]:
    """The schema of a whole pack, draft 2020-12. Unknown keys are errors here as in the loader."""
    sections = {name: _rows(_table(readers)) for name, (_kind, readers) in pack.SECTIONS.items()}
    duty = _table(pack.DUTY)
    change = {**duty["properties"], "duty": {"type": "string"}, "because": {"type": "string"}}
    amend = {"type": "object", "required": ["duty", "from", "because"], "properties": change}
    correct = {
        "type": "object",
        "required": ["duty", "recorded_at", "because"],
        "properties": change | {"recorded_at": {"type": "string", "format": "date-time"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Gongkai rule pack",
        "type": "object",
        "required": ["format", "pack"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": pack.FORMAT},
            "pack": _table(pack.HEAD),
            "duty": _rows(duty),
            "amend": _rows(amend),
            "correct": _rows(correct),
            **sections,
        },
    }


def _rows(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _table(readers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {k: _value(r) for k, r in readers.items()},
    }


def _value(reader: Any) -> dict[str, Any]:
    """What a reader accepts. Readers made for nested tables and for choices carry their table along."""
    if reader in PLAIN:
        return PLAIN[reader]
    if reader is pack._triggers:
        trigger = {"oneOf": [{"type": "string"}, _table(pack.TRIGGER)]}
        return {"oneOf": [trigger, {"type": "array", "items": trigger}]}
    if reader is pack._cases:
        return {"type": "array", "minItems": 1, "items": _table(pack.ROUTE_CASE)}
    if reader is pack._steps:
        return {"type": "array", "minItems": 1, "items": _table(pack.STEP)}
    if allowed := getattr(reader, "allowed", None):
        return {"enum": list(allowed)}
    return _table(reader.table)
