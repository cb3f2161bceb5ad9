"""`bin/gongkai`: every verb of the house. Rooms bring their own; this file only hangs them up."""

from __future__ import annotations

import errno
import os
import sys

import django
import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongkai.config.settings")
django.setup()

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.db.utils import OperationalError, ProgrammingError  # noqa: E402

from gongkai.config import demo_command, mistakes, places  # noqa: E402
from gongkai.documents import commands as documents  # noqa: E402
from gongkai.ledger.commands import calendar, clauses, ledger, packs, replay  # noqa: E402
from gongkai.letters import commands as letters  # noqa: E402
from gongkai.opinion import commands as opinion  # noqa: E402
from gongkai.portal.baking import commands as site  # noqa: E402
from gongkai.ui.refusal import Refused  # noqa: E402

app = typer.Typer(
    help="公开 Gongkai：政务公开工作台的命令行。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(calendar.app, name="calendar")
app.add_typer(packs.app, name="packs")
app.add_typer(ledger.app, name="ledger")
letters.imports.command("documents")(documents.documents)
letters.imports.command("posts")(opinion.posts)
app.add_typer(letters.imports, name="import")
app.add_typer(documents.exports, name="export")
app.add_typer(letters.app, name="letters")
app.add_typer(opinion.app, name="opinion")
app.add_typer(site.app, name="site")
app.command("try")(replay.try_)
app.command("clauses")(clauses.clauses_)
app.command("demo")(demo_command.demo)
app.command("places")(places.places)


def main() -> None:
    """Run a verb. What was typed wrong, a refusal, a missing database, a file that cannot be read or written is said in
    words, exit code 1 or 2.
    """
    mistakes.name_panels()
    try:
        sys.exit(app(prog_name="bin/gongkai", standalone_mode=False))
    except typer.TyperException as mistake:
        if mistake.format_message():  # else the help was shown
            typer.echo(mistakes.say(mistake), err=True)
        sys.exit(mistake.exit_code)
    except typer.Abort:
        typer.echo("已停止，没有做。", err=True)
        sys.exit(1)
    except Refused as refused:
        typer.echo("。".join(filter(None, (refused.reason, refused.cite, refused.remedy))), err=True)
        sys.exit(1)
    except (OperationalError, ProgrammingError, ImproperlyConfigured) as error:
        typer.echo(f"数据库不能用：{error}。请先运行 bin/serve 建库，或检查 DATABASE_URL。", err=True)
        sys.exit(2)
    except OSError as error:
        if not error.filename:
            raise
        typer.echo(f"{error.filename}：{_why(error)}", err=True)
        sys.exit(1)


def _why(error: OSError) -> str:
    """What is wrong with a file or folder, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "没有这个文件夹或文件。请先建好文件夹，或换一个位置。"
    if isinstance(error, PermissionError):
        return "没有读写的权限。请换一个位置，或请管理这台机器的人开放权限。"
    if error.errno == errno.ENOSPC:
        return "磁盘满了。请腾出空间再试。"
    return f"不能读写（{error.strerror}）。"


if __name__ == "__main__":
    main()
