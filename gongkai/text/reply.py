"""Reading a reply before it is sent: does it answer, and is it fit to be read by the writer.

Nine plain questions, each answered with the words that decided it. This is advice to the clerk: nothing is
refused for it and nobody is scored by it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from gongkai.text.alike import fingerprint
from gongkai.text.cut import plain_cutter
from gongkai.text.screen import Kind, find

if TYPE_CHECKING:  # scipy takes half a second to load: only its name is wanted here
    from gongkai.text.relevance import Relevance

SHORTEST, LONGEST = 60, 2_000
SAME = 0.9
"""From this share of common runs of three characters on, two replies are one text."""
RELEVANT, SHARES_WORDS = 0.005, 0.08
"""Relevance below which a reply may be about something else: by a place's model, and by common words alone."""

_CITES = re.compile(
    r"《[^》]{2,60}》|第[一二三四五六七八九十百0-9]+条|(?:根据|按照|依据|依照)[^，。；《]{2,30}(?:规定|办法|条例|政策|要求|通知|规划)"
)
_FOUND = re.compile(
    r"经(?:现场|我局|我单位|工作人员|初步|多方|实地)?(?:查|调查|核实|核查|了解|查看|勘察|勘查|走访|检测|研究)|(?:到|赴)(?:了)?现场|实地(?:查看|踏勘|走访)"
)
_DATE = re.compile(
    r"[0-9]{4}\s?年(?:\s?[0-9]{1,2}\s?月)?(?:\s?[0-9]{1,2}\s?日)?|[0-9]{1,2}\s?月(?:\s?[0-9]{1,2}\s?日|底|初|中旬|上旬|下旬)"
    r"|[0-9一二三四五六七八九十]+\s?个?(?:工作日|日|天|周|月)(?:之)?内|(?:本周|本月|年底|月底|季度末)[前内]?"
)
_CONTACT = re.compile(
    r"(?<![0-9])(?:(?:0[0-9]{2,3}[- ]?)?[2-8][0-9]{6,7}|123[0-9]{2}|96[0-9]{3}|1[3-9][0-9]{9})(?![0-9])"
)
_NEXT = re.compile(
    r"下一步|接下来|后续|下阶段|将(?:于|在|会|进一步|继续|组织|加强|加大|督促|安排|完成|对|把|按|依法|尽快)|计划|预计|拟[于在对]|"
    r"已[^，。；]{0,16}?(?:完成|修复|整改|处理|解决|办结|更换|清理|拆除|恢复|责令|发放|落实|安装|到位)|(?:您|你)可(?:以)?(?:到|在|登录|拨打|携带|通过|向)"
)
_STALL = re.compile(
    r"(?:已)?(?:转|交|转交|转办|移交)(?:至|给|由)?(?:有关|相关|责任)(?:部门|单位)|正在(?:研究|调查|核实|办理|处理)(?:中|之中)?[，。！]|(?:进一步|积极|认真)研究(?:考虑)?[，。！]"
    r"|适时|择机|酌情|条件成熟|敬请(?:期待|关注)|(?:我们|我局|我单位)?(?:会|将)?(?:尽快|尽早|及时)(?:处理|解决|落实|办理|安排)[，。！]|不属于?(?:我局|我单位|本单位)(?:的)?(?:职责|管辖|职权)(?:范围)?[。！]"
)
_EMPTY = re.compile(r"收悉|收到|高度重视|留言已阅|感谢(?:您|你)?(?:的)?(?:关注|支持|理解|来信)")


@dataclass(frozen=True, slots=True)
class Point:
    """One question about a reply: whether it passes, a sentence for the clerk, and the words that decided."""

    id: str
    ok: bool
    says: str
    evidence: tuple[str, ...] = ()


def check(
    letter: str, reply: str, *, earlier_replies: Iterable[str] = (), relevance: Relevance | None = None
) -> list[Point]:
    """Nine points about a reply to a letter (first line: its title).

    ``relevance`` (of the place's model) knows the usual letter and reply and makes the first point sharper.
    """
    return [
        _answers(letter, reply, relevance),
        _grounds(reply),
        _when(reply),
        _contact(reply),
        _next(reply),
        _stalls(reply),
        _own_words(letter, reply, earlier_replies),
        _private(reply),
        _length(reply),
    ]


def _answers(letter: str, reply: str, relevance: Relevance | None) -> Point:
    cutter = relevance.vectoriser.cutter if relevance else plain_cutter()
    asked, said = Counter(cutter.words(letter)), Counter(cutter.words(reply))
    shared = sorted(asked.keys() & said.keys(), key=lambda word: (-len(word), -asked[word], word))[:6]
    if relevance:
        about = relevance.scores([letter], [reply])[0] >= RELEVANT
    else:
        lengths = sqrt(sum(n * n for n in asked.values()) * sum(n * n for n in said.values()))
        common = sum(asked[word] * said[word] for word in asked.keys() & said.keys())
        about = lengths > 0 and common / lengths >= SHARES_WORDS
    says = "回复谈到了来信所说的事。" if about else "回复很少谈到来信所说的事，请核对是否答非所问。"
    return Point("answers", about, says, tuple(shared))


def _grounds(reply: str) -> Point:
    words = _all(_CITES, reply) + _all(_FOUND, reply)
    says = "写明了依据或查到的事实。" if words else "没有写明依据（文件、条款）或查到的事实。"
    return Point("grounds", bool(words), says, words)


def _when(reply: str) -> Point:
    words = _all(_DATE, reply)
    return Point(
        "date", bool(words), "写明了时间。" if words else "没有写明时间：何时查的、何时办好。", words
    )


def _contact(reply: str) -> Point:
    words = _all(_CONTACT, reply)
    return Point(
        "contact", bool(words), "留了联系方式。" if words else "没有留联系电话，来信人不知向谁再问。", words
    )


def _next(reply: str) -> Point:
    words = _all(_NEXT, reply)
    says = "写明了结果或下一步。" if words else "没有写明办理结果或下一步怎么办。"
    return Point("next", bool(words), says, words)


def _stalls(reply: str) -> Point:
    words = _all(_STALL, reply)
    if not words and not (_all(_CITES, reply) + _all(_FOUND, reply) + _all(_NEXT, reply)):
        words = _all(_EMPTY, reply)
    says = f"有推托或空泛的话：{'、'.join(words)}。请写实情。" if words else "没有推托空泛的话。"
    return Point("stall", not words, says, words)


def _own_words(letter: str, reply: str, earlier_replies: Iterable[str]) -> Point:
    from gongkai.text.near import jaccard  # numpy: loaded where it is used

    mark = fingerprint(reply)
    for earlier in earlier_replies:
        if fingerprint(earlier) == mark or jaccard(earlier, reply) >= SAME:
            return Point(
                "copy", False, "与以前的一件回复几乎一字不差，请按这件来信写。", (earlier.strip()[:40],)
            )
    if jaccard(letter, reply) >= SAME:
        return Point("copy", False, "回复照抄了来信。", (reply.strip()[:40],))
    return Point("copy", True, "不是照抄的回复。")


def _private(reply: str) -> Point:
    found = [finding for finding in find(reply) if finding.kind is not Kind.LANDLINE]
    kinds = "、".join(dict.fromkeys(finding.kind.value for finding in found))
    says = f"含有{kinds}，公开前应当隐去。" if found else "没有发现个人信息。"
    return Point("private", not found, says, tuple(finding.text for finding in found))


def _length(reply: str) -> Point:
    length = len("".join(reply.split()))
    if length < SHORTEST:
        return Point("length", False, f"只有 {length} 个字，恐怕说不清楚。")
    if length > LONGEST:
        return Point("length", False, f"有 {length} 个字，太长，请把结论写在前面。")
    return Point("length", True, f"共 {length} 个字。")


def _all(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0] for match in pattern.finditer(text)))[:6]
