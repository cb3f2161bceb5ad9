"""What is wrong with a command as it was typed, in Chinese: where, what, and what to do. Typer says it in English only."""

from __future__ import annotations

import re

import typer
from typer import rich_utils

WRONG = (
    (r"Missing (?:argument|option|parameter) '(.+?)'\..*", "缺少 {0}"),
    (r"Missing command\.", "没有写要做哪一件事"),
    (r"No such command '(.+?)'\. Did you mean (.+)\?", "没有 {0} 这个命令，是不是 {1}？"),
    (r"No such command '(.+?)'\.", "没有 {0} 这个命令"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", "没有选项 {0}，是不是 {1}？"),
    (r"No such option: (\S+)", "没有选项 {0}"),
    (r"Got unexpected extra argument\S* \((.+)\)", "多写了 {0}"),
    (r"Option '(.+)' requires an argument\.", "选项 {0} 后面要写一个值"),
    (r"Option '(.+)' does not take a value\.", "选项 {0} 后面不写值"),
    (r"Invalid value for '?(.+?)'?: (.+)", "{0}：{1}"),
    (r"Invalid value: (.+)", "{0}"),
)
WRONG_VALUES = (
    (r"\w+ '(.+)' does not exist\.", "没有文件 {0}。请核对文件名和它所在的文件夹"),
    (r"\w+ '(.+)' is a directory\.", "{0} 是文件夹，这里要写一个文件"),
    (r"\w+ '(.+)' is a file\.", "{0} 是文件，这里要写一个文件夹"),
    (r"\w+ '(.+)' is not (?:read|writ)able\.", "没有读写 {0} 的权限"),
    (r"Input should be a valid integer.*", "应为整数"),
    (r"Input should be a valid number.*", "应为数字"),
    (r"Input should be greater than or equal to (\S+)", "不能小于 {0}"),
    (r"Input should be less than or equal to (\S+)", "不能大于 {0}"),
)


def say(error: typer.TyperException) -> str:
    """The mistake in words, and where to read how the command is written. What is not known here stays as Typer says it."""
    words = _said(error.format_message(), WRONG)
    end = "" if words.endswith(("。", "？")) else "。"
    context: typer.Context | None = getattr(error, "ctx", None)
    return f"{words}{end}写法见 {context.command_path if context else 'bin/gongkai'} --help。"


def _said(message: str, table: tuple[tuple[str, str], ...]) -> str:
    for english, chinese in table:
        if found := re.fullmatch(english, message, re.DOTALL):
            return chinese.format(*(_said(part, WRONG_VALUES).replace("'", "") for part in found.groups()))
    return message


def name_panels() -> None:
    """Chinese headings on the pages of `--help`."""
    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[缺省：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
