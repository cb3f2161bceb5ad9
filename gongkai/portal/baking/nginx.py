"""The configuration of nginx from its template in `deploy/`, and the page that is shown while the application is down."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

TEMPLATE = Path(__file__).resolve().parents[3] / "deploy" / "nginx.conf"
DOWN = ".down.html"


def configuration(site: Path, static: Path, upstream: str, listen: str) -> str:
    """The template filled in. `site` is the folder of the baked pages, `static` that of the collected files."""
    policy = settings.CONTENT_SECURITY_POLICY
    headers = {
        "Content-Security-Policy": f'"{policy}"', "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }  # fmt: skip
    text = TEMPLATE.read_text(encoding="utf-8")
    given = {
        "headers": " ".join(f"add_header {name} {value} always;" for name, value in headers.items()),
        "site": str(site),
        "static": str(static),
        "upstream": upstream,
        "listen": listen,
        "policy": policy,
    }
    for name, value in given.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def write_down_page(site: Path) -> None:
    """Put the page that nginx shows when the application does not answer beside the places."""
    site.mkdir(parents=True, exist_ok=True)
    (site / DOWN).write_text(render_to_string("portal/down.html"), encoding="utf-8")
