"""System checks: the server does not start on a pack, calendar or vocabulary that is not right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.urls import get_resolver

from gongkai.law import lint
from gongkai.law.calendar import CalendarError
from gongkai.law.pack import PackError
from gongkai.ledger import lawbook
from gongkai.ledger.vocabulary import KINDS


def known(kind: str, name: str) -> bool:
    """Whether a page (by the name of its route) or a record (a fact kind or a model) exists."""
    if kind == "page":
        return name in route_names()
    if kind == "record":
        if name in KINDS:
            return True
        try:
            apps.get_model(name)
        except (LookupError, ValueError):
            return False
        return True
    return False


def route_names() -> set[str]:
    """Every named route with its namespace, e.g. `portal:letters`."""
    names: set[str] = set()

    def walk(resolver: Any, prefix: str) -> None:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                walk(pattern, space)
            elif pattern.name:
                names.add(prefix + pattern.name)

    walk(get_resolver(), "")
    return names


def faults() -> Iterable[lint.Fault]:
    return lint.check(lawbook.book(), lawbook.all_cases(), KINDS, known)


@register("gongkai")
def check_law(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    try:
        found = list(faults())
        lawbook.calendar_offline()
    except PackError as error:
        return [Error(str(error), hint=error.right, id="gongkai.E001")]
    except CalendarError as error:
        return [Error(str(error), hint=error.remedy, id="gongkai.E002")]
    except FileNotFoundError as error:
        return [Error(str(error), hint="请检查 GONGKAI_PACKS 指向的文件夹。", id="gongkai.E003")]
    return [Error(f"{fault.where}：{fault.wrong}。", hint=fault.right, id="gongkai.E004") for fault in found]
