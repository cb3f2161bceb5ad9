"""The one style sheet a page loads.

There is no build: the parts are plain CSS, and `python -m gongkai.ui.styles` joins them, layer by layer, into
`static/ui/all.css`. A test fails when that file is stale.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "ui"
BUNDLE = FOLDER / "all.css"

# A later layer wins over an earlier one, whatever the selectors. Within a layer the later file wins.
LAYERS: dict[str, tuple[str, ...]] = {
    "tokens": ("tokens.css", "base.css"),
    "components": (
        "components/frame.css",
        "components/section.css",
        "components/clock.css",
        "components/why.css",
        "components/tag.css",
        "components/verdict.css",
        "components/form.css",
        "components/notice.css",
        "components/table.css",
        "components/timeline.css",
        "components/chart.css",
        "components/tiles.css",
        "components/portal.css",
        "components/letter.css",
        "components/office.css",
        "components/work.css",
        "components/case.css",
        "components/board.css",
        "components/opinion.css",
        "components/document.css",
        "components/plain.css",
        "components/gallery.css",
    ),
    "utilities": ("utilities.css", "print.css"),
}


def bundle() -> str:
    """Return the whole style sheet, about 56 KB, 13 KB compressed."""
    order = ", ".join(["bootstrap", *LAYERS])
    layers = [_layer(name, "".join(_plain(part) for part in parts)) for name, parts in LAYERS.items()]
    return f'@charset "UTF-8";\n@layer {order};\n' + _layer("bootstrap", bootstrap()) + "".join(layers)


def bootstrap() -> str:
    """Return what the pages use of Bootstrap: its variables, Reboot and `.visually-hidden`.

    That is 11 KB of 232 KB. Buttons, grid and the rest are ours, so a phone need not fetch them.
    Raises ValueError when a new version of the vendored file is laid out differently.
    """
    source = (FOLDER / "vendor" / "bootstrap.min.css").read_text(encoding="utf-8")
    reboot = source.index("[hidden]{display:none!important}") + len("[hidden]{display:none!important}")
    hidden = source.index(".visually-hidden,")
    return (
        source[:reboot].removeprefix('@charset "UTF-8";')
        + source[hidden : source.index(".stretched-link", hidden)]
    )


def _plain(part: str) -> str:
    """Return one of our files without comments and needless space, a rule a line."""
    text = re.sub(r"/\*.*?\*/", "", (FOLDER / part).read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", text).strip().replace("}", "}\n")


def _layer(name: str, text: str) -> str:
    return f"@layer {name} {{\n{text.rstrip()}\n}}\n"


if __name__ == "__main__":
    BUNDLE.write_text(bundle(), encoding="utf-8")
