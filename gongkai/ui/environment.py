"""Where the house's pages are drawn: Jinja templates that name things and never call them.

`{{ letter.is_answered }}` is the method's answer, as in Django's own language; what is not there is nothing, and every
value is escaped. Templates of libraries (mail, widgets of forms) stay in Django's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from functools import cache, lru_cache
from typing import Any

import jinja2
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.template import defaultfilters as django
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import LoopContext
from markupsafe import Markup, escape

from gongkai.ui.filters import FILTERS, component, query, still


def _into_lines(split: Callable[..., str]) -> Callable[[object], Markup]:
    """A filter of Django's that makes lines of words: what is drawn already (`marked`) is not escaped again."""

    def lines(value: object) -> Markup:
        return Markup(split(value, autoescape=not hasattr(value, "__html__")))

    return lines


BORROWED = {
    "filesizeformat": django.filesizeformat,
    "floatformat": django.floatformat,
    "linebreaks": _into_lines(django.linebreaks_filter),
    "linebreaksbr": _into_lines(django.linebreaksbr),
    "truncatechars": django.truncatechars,
}


SPECIAL = re.compile("[&<>\"']")


def said(value: object) -> str:
    """A value as a page says it, escaped. Most are plain words or drawn already: those are not wrapped anew (2 µs each)."""
    kind = type(value)
    if kind is Markup or (kind is str and SPECIAL.search(value) is None):  # type: ignore[call-overload]
        return value  # type: ignore[return-value]
    return escape(value)


class Generator(CodeGenerator):
    """Writes `environment.said(…)` where Jinja writes `escape(…)`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        assert frame.eval_ctx.autoescape, "every value of a page is escaped"
        self.write("environment.said(")


class Environment(jinja2.Environment):
    """Made by Django's Jinja engine; see the module."""

    code_generator_class = Generator
    said = staticmethod(said)

    def __init__(self, **options: Any) -> None:
        # no end to what is kept: the house has a few hundred templates, and a dict is asked more cheaply than a queue
        super().__init__(**options | {"undefined": jinja2.ChainableUndefined, "cache_size": -1})
        self.filters |= BORROWED | FILTERS
        self.globals |= {
            "component": component,
            "query": query,
            "still": still,
            "static": cache(static),
            "url_for": url_for,
        }

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template sees besides what it is given, as one plain dict: Jinja's chain of two is copied slowly."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What `obj.attribute` is: a key of a dict, an attribute, a field of a form, the answer of a method."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        try:
            value = getattr(obj, attribute)
        except (AttributeError, ObjectDoesNotExist):
            return self.getitem(obj, attribute)
        if (
            type(value) is str
            or not callable(value)
            or isinstance(obj, LoopContext)
            or isinstance(value, jinja2.Undefined)
        ):
            return value
        if getattr(value, "alters_data", False):  # `delete` and its like, as Django marks them
            return self.undefined(obj=obj, name=attribute)
        return value if getattr(value, "do_not_call_in_templates", False) else value()


def url_for(page: str, *args: object) -> str:
    """The address of a page by its name, `letters:detail`."""
    return _address(settings.ROOT_URLCONF, page, args)


@lru_cache(maxsize=4096)
def _address(urls: str, page: str, args: tuple[object, ...]) -> str:
    return reverse(page, args=args)
