"""`gongkai ledger`: check, verify, explain, sweep, seal, adopt."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from gongkai.law.cases import moment
from gongkai.law.explain import end_zh
from gongkai.ledger import actions, asks, clock, lawbook, outbox, seals
from gongkai.ledger.models import Matter, Obligation, Seal

app = typer.Typer(help="履职账本：核对、验封、说明、推进。", no_args_is_help=True)
PAGE = 500


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
def adopt(dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出会变的，不写")] = False) -> None:
    """规则包或日历改过之后，重算受影响的事项。"""
    lawbook.reload()
    count, changed = actions.adopt(clock.now(), None, dry=dry_run)
    for number in Matter.objects.filter(pk__in=changed).values_list("number", flat=True)[:50]:
        typer.echo(f"  {number}")
    typer.echo(f"重算 {count} 个事项，{len(changed)} 个有变化。" + ("（未写入）" if dry_run else ""))
