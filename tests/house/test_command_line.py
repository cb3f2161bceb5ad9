"""A command typed wrong: place, cause and remedy in Chinese, exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def typed(monkeypatch, capsys):
    """Run `bin/gongkai` as typed; the exit code, what it printed and what it complained of."""
    from gongkai.config import cli

    def run(words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gongkai", *words.split()])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return left.value.code or 0, printed.out, printed.err

    return run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "import letters nofile.csv --place qingyuan",
            "file：没有文件 nofile.csv。请核对文件名和它所在的文件夹。写法见 bin/gongkai import letters --help。",
        ),
        (f"import letters {ROOT}", f"file：{ROOT} 是文件夹，这里要写一个文件。写法见"),
        ("import letters", "缺少 file。写法见 bin/gongkai import letters --help。"),
        ("import letter", "没有 letter 这个命令，是不是 letters？写法见 bin/gongkai import --help。"),
        ("import nothing", "没有 nothing 这个命令。写法见"),
        ("places --foo", "没有选项 --foo。写法见 bin/gongkai places --help。"),
        ("places --ad", "没有选项 --ad，是不是 --add？写法见"),
        ("places x y", "多写了 x y。写法见"),
        ("site bake --place", "选项 --place 后面要写一个值。写法见 bin/gongkai"),
        ("places --add=x", "选项 --add 后面不写值。写法见"),
        ("site bake --processes x", "--processes：应为整数。写法见"),
        ("calendar due 2026-01-01 -- -1", "amount：不能小于 0。写法见"),
        ("calendar due 2026-13-01 3", "START：2026-13-01 不是日期。例如 2026-09-18。写法见"),
    ],
)
def test_what_was_typed_wrong_is_said_in_chinese(typed, words, said):
    code, _, complaint = typed(words)

    assert complaint.startswith(said)
    assert code == 2


def test_the_exit_code_of_a_verb_stays(typed, monkeypatch):
    assert typed("packs check")[0] == 0
    assert typed("import")[0] == 2


def test_help_has_chinese_headings(typed):
    code, shown, _ = typed("import letters --help")

    assert code == 0
    for word in ("参数", "选项", "[必填]"):
        assert word in shown
    assert "命令" in typed("import --help")[1]
