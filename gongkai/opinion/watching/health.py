"""How a source is: well, late, failing, never heard, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gongkai.opinion.models import Source

QUIET = timedelta(days=3)
"""A source that waits to be spoken to is late after so long."""


class State(StrEnum):
    FAILING = "失败"
    LATE = "晚了"
    NEVER = "从未收到"
    WELL = "正常"
    OFF = "停用"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a source with the sentence that says what to do; `face` is the clock it is drawn as."""

    state: State
    says: str

    @property
    def face(self) -> str:
        return {State.FAILING: "late", State.LATE: "soon", State.WELL: "met"}.get(self.state, "paused")


def health(source: Source, now: datetime) -> Health:
    """The health of a source at an instant."""
    if not source.is_on:
        return Health(State.OFF, "已停用，不采集。")
    if source.failures:
        again = "请核对地址和对方的要求；修好以后点“马上再试”。" if source.failures > 2 else "会自动再试。"
        return Health(State.FAILING, f"连续 {source.failures} 次失败：{source.error}{again}")
    if source.good_at is None:
        wait = "等待第一次采集。" if source.is_fetched else "还没有收到过，请核对对方是否已经开始推送或录入。"
        return Health(State.NEVER, wait)
    if source.is_fetched and now - source.good_at > 3 * timedelta(minutes=source.every) + timedelta(
        minutes=10
    ):
        return Health(State.LATE, "到时没有采集，请管理员检查后台任务是否在运行。")
    if source.how == Source.How.PUSH and now - source.good_at > QUIET:
        return Health(State.LATE, f"{QUIET.days} 天没有推送，请问一下对方。")
    return Health(State.WELL, "")
