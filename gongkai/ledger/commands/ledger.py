"""`gongkai ledger`: check, verify, explain, sweep, seal, adopt."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from gongkai.law.calendar import SHANGHAI
from gongkai.law.cases import moment
from gongkai.law.explain import end_zh
from gongkai.ledger import actions, asks, clock, lawbook, outbox, revision, seals
from gongkai.ledger.models import Matter, Obligation, Seal
from gongkai.people import actions as people
from gongkai.people.actor import Actor
from gongkai.people.models import Place
from gongkai.ui.refusal import Refused

app = typer.Typer(help="履职账本：核对、验封、说明、推进。", no_args_is_help=True)
PAGE = 500
TOLD = 50  # changed matters named before somebody signs


@app.command()
def check() -> None:
    """把每个事项从事实重算一遍，与账上的比较；应当没有差别。"""
    pks = list(Matter.objects.order_by("pk").values_list("pk", flat=True))
    different: list[int] = []
    for start in track(range(0, len(pks), PAGE), description="重算", console=Console(stderr=True)):
        different += _check(pks[start : start + PAGE])
    for number in Matter.objects.filter(pk__in=different).values_list("number", flat=True)[:20]:
        typer.echo(f"{number} 与重算不同", err=True)
    typer.echo(f"{len(pks)} 个事项，{len(different)} 个不同。")
    raise typer.Exit(1 if different else 0)


def _check(pks: list[int]) -> list[int]:
    """Matters that differ from their fold at the instant they were last folded."""
    return actions.differing(pks)


@app.command()
def verify() -> None:
    """逐个验封：每条事实和账目是否与封存时一致；指出第一处不符。"""
    rows = 0
    total = Seal.objects.count()
    for found in track(seals.verify(), total=total, description="验封", console=Console(stderr=True)):
        if isinstance(found, seals.Damage):
            typer.echo(f"不一致：{found}", err=True)
            raise typer.Exit(1)
        rows += found
    last = Seal.objects.order_by("-id").first()
    typer.echo(f"{total} 次封存，{rows} 条，全部一致。" + (f"最近一次 {last.short}。" if last else ""))


@app.command()
def explain(
    matter: Annotated[str, typer.Argument(help="事项编号，如 LY-2025-0926-0147")],
    as_of: Annotated[str, typer.Option(help="当时所知：只用此刻以前已记录的")] = "",
) -> None:
    """为什么在那一天到期：事实、条款、每一天算不算。"""
    found = Matter.objects.filter(number=matter).first()
    if found is None:
        raise typer.BadParameter(f"没有事项 {matter}。编号形如 LY-2025-0926-0147。", param_hint="MATTER")
    known = moment(as_of) if as_of else None
    states = dict(Obligation.States.choices)
    folded = asks.folded(found, known or clock.now(), known)
    working = asks.explanations(found, known or clock.now(), known)
    typer.echo(f"{found.number} {found.title}")
    for o in folded.obligations:
        due = end_zh(o.due_at) if o.due_at else "未定时限"
        typer.echo(f"\n{o.duty.says}（{due}，{states[o.state]}）")
        for number, sentence in enumerate(working[o.key].sentences, 1):
            cite = f"（{sentence.cite}）" if sentence.cite else ""
            local = "〔本地设定〕" if sentence.local else ""
            typer.echo(f"  {number}. {sentence.text}{cite}{local}")


@app.command()
def sweep() -> None:
    """推进到期的事项，送出待送的通知，封存新的事实。"""
    now = clock.now()
    folded, sent = actions.sweep_all(now), outbox.deliver_all(now)
    typer.echo(f"推进 {folded} 个事项，送出 {sent} 件，封存 {seals.seal_all(now)} 次。")


@app.command()
def adopt(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会变的，不写")] = False,
    by: Annotated[str, typer.Option("--by", help="签字人的账号；口令在终端里输入")] = "",
) -> None:
    """规则包或日历改过之后，列出会变的事项，由有“地方设定”权限的人签字，重算本地事项。没有会变的，不用签字。"""
    lawbook.reload()
    now, places = clock.now(), list(Place.objects.all())
    if dry_run:
        for place in places:
            _tell(place, now)
        return
    if not by and all(revision.is_harmless(place, now) for place in places):
        count = sum(actions.adopt(now, Actor.system(place)).matters for place in places)
        typer.echo(f"重算 {count} 个事项，账上没有变化，不用签字。")
        return
    if not is_terminal():
        raise Refused("签字要由本人在终端输入口令", remedy="请在终端里运行，或在工作台“规则修订”里签。")
    staff = people.vouch(
        by or typer.prompt("账号"),
        typer.prompt("口令", hide_input=True),
        lambda: str(typer.prompt("两步验证码")),
        at=now,
    )
    actor = Actor.of(staff, now.astimezone(SHANGHAI).date())
    _tell(staff.place, now)
    typer.confirm(f"由 {staff.name} 签字，重算{staff.place.name}的事项？", abort=True)
    signed = actions.adopt(clock.now(), actor)
    typer.echo(f"重算 {signed.matters} 个事项，{signed.changed} 个有变化。签字人 {staff.name}。")


def is_terminal() -> bool:
    """Whether a person sits before it."""
    return sys.stdin.isatty()


@lawbook.proposed()
def _tell(place: Place, now: datetime) -> None:
    """The changes at a place, duty by duty, the first pages of them."""
    found = revision.page(place, now, rows=TOLD, seen=revision.affected(place).count() or 1)
    for matter, changes in found.rows:
        typer.echo(f"  {matter.number}")
        for change in changes:
            was, will = (end_zh(due) if due else "未定时限" for due in (change.old_due, change.due))
            typer.echo(f"    {asks.says_of(place.code, change.duty)}：{was} → {will}")
    more = "以后的不再列出" if found.after else f"{len(found.rows)} 个会变"
    typer.echo(f"{place.name}：看了 {found.seen} 个事项，{more}。（未写入）")
