"""What a letter wants (性质) and how much work it is, read from cue words.

Used in two ways: as features beside the words when a place has closed letters to learn from (``learn.train(…,
cues=CUES)``), and alone when it has none. The words that led to a suggestion are always given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import ahocorasick_rs

from gongkai.text.cut import normal

INQUIRY, HELP, ADVICE, COMPLAINT, REPORT = "咨询", "求助", "建议", "投诉", "举报"
SIMPLE, INVESTIGATION = "简单咨询", "调查核实"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cue words say: ``confidence`` 0..0.9 is how one-sided they are, not a measured share.

    ``words`` are the cue words found for the label, in the order of the letter.
    """

    label: str
    confidence: float
    words: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CUES: Mapping[str, tuple[str, ...]] = {
    "asks": _words(
        "咨询 请问 想问 问一下 问下 想了解 了解一下 请教 询问 求问 求解 请告知 望告知"
        " 望解答 请解答 请解释 想知道"
    ),
    "question mark": ("?",),
    "when": _words("何时 什么时候 啥时候 几时 多久 时间表 哪天 哪年 几月 何日 进度 进展"),
    "whether": _words("是否 有没有 能不能 可不可以 能否 可否 是不是 会不会 要不要 有无 吗"),
    "how": _words(
        "如何办理 怎么办理 怎样办理 如何申请 怎么申请 如何处理 怎么办"
        " 如何 怎么 怎样 哪些 多少 哪里 什么条件 什么材料 什么手续"
    ),
    "why": _words("为什么 为何 凭什么 什么原因 怎么回事"),
    "advises": _words("建议 提议 倡议 献策 意见和建议 不妨 最好 应当 可以考虑 加强 完善 推广 增设 加装 保留"),
    "hopes": _words("希望 盼望 期盼 盼 期待 但愿 恳请 请求 要求"),
    "begs": _words("求助 救助 帮帮 帮忙 帮助 救救 求救 走投无路 困难 无助 求求 急需 生活困难 低保 残疾"),
    "complains": _words("投诉 反映 强烈 诉求 再次 多次 维权 差评"),
    "reports": _words(
        "举报 检举 揭发 曝光 受贿 贪污 贿赂 索要 回扣 涉嫌"
        " 违法 违规 违纪 偷排 偷税 非法 无证 假冒 诈骗 贪腐 腐败 黑恶"
    ),
    "nuisance": _words(
        "扰民 噪音 噪声 臭 恶臭 异味 污水 油烟 粉尘 扬尘 垃圾"
        " 违建 违章 破坏 损坏 脏 堵塞 积水 漏水 断电 停水 占道"
    ),
    "neglect": _words(
        "不满 不作为 推诿 敷衍 无人 没人管 不管 置之不理 拖延 迟迟 至今 拒不 踢皮球 不理 拖欠 欺骗 霸王"
    ),
    "harm": _words("严重 影响 危害 恶劣 危险 隐患 威胁 受害 痛苦 忍无可忍 苦不堪言 受不了"),
    "acts": _words("查处 处罚 严惩 彻查 制止 整改 处理 解决 核实 调查 清理 取缔 整治 管管 查一查"),
    "thanks": _words("感谢 谢谢 辛苦 点赞 表扬"),
    "works": _words("规划 方案 建设 动工 开工 完工 竣工 通车 步行道 公园 绿化 地铁 学校"),
}

_SPEAKS_FOR: Mapping[str, Mapping[str, float]] = {
    "asks": {INQUIRY: 2.5},
    "question mark": {INQUIRY: 1.2},
    "when": {INQUIRY: 1.2},
    "whether": {INQUIRY: 0.8},
    "how": {INQUIRY: 0.6},
    "why": {COMPLAINT: 0.5},
    "advises": {ADVICE: 1.6},
    "hopes": {ADVICE: 0.4, HELP: 0.4},
    "begs": {HELP: 1.5},
    "complains": {COMPLAINT: 1.2},
    "reports": {REPORT: 1.4},
    "nuisance": {COMPLAINT: 1.0},
    "neglect": {COMPLAINT: 1.0},
    "harm": {COMPLAINT: 0.8},
    "acts": {COMPLAINT: 0.7, REPORT: 0.2},
}
"""How much a group of cue words speaks for a nature; set by hand, for a place with nothing to learn from."""

_WORK = ("nuisance", "neglect", "harm", "acts", "complains", "reports", "begs")
_CUES = [(word, group) for group, words in CUES.items() for word in words]
_FINDER = ahocorasick_rs.AhoCorasick([word for word, _ in _CUES])


def cues(text: str) -> dict[str, list[str]]:
    """The cue words of a text by group, in the order of the text."""
    found: dict[str, list[str]] = {}
    for at, _, _ in _FINDER.find_matches_as_indexes(normal(text), overlapping=True):
        word, group = _CUES[at]
        found.setdefault(group, []).append(word)
    return found


def nature_by_cues(text: str) -> Reading:
    """The nature of a letter (first line: its title, which counts twice) by cue words alone.

    Without any cue it is an inquiry with no confidence.
    """
    return _nature_by_cues(text, cues(text))


def _nature_by_cues(text: str, whole: Mapping[str, Sequence[str]]) -> Reading:
    head = cues(text.strip().partition("\n")[0])
    scores = dict.fromkeys((INQUIRY, HELP, ADVICE, COMPLAINT, REPORT), 0.0)
    for group, speaks in _SPEAKS_FOR.items():
        weight = log1p(len(whole.get(group, ()))) + log1p(len(head.get(group, ())))
        for nature, strength in speaks.items():
            scores[nature] += strength * weight
    label = max(scores, key=scores.__getitem__)
    said = [word for group, words in whole.items() if label in _SPEAKS_FOR.get(group, ()) for word in words]
    share = scores[label] / max(sum(scores.values()), 1.0)
    return Reading(label, round(0.9 * share, 3), tuple(dict.fromkeys(said)))


def time_class_by_cues(text: str) -> Reading:
    """Whether a letter only asks, or has something to look into (遵义 2020 第六条: 2 or 5 working days).

    ``SIMPLE`` only when the letter asks and names at most one thing that needs a look.
    """
    found = cues(text)
    work = [word for group in _WORK for word in found.get(group, ())]
    asks = [
        word for group in ("asks", "question mark", "when", "whether", "how") for word in found.get(group, ())
    ]
    simple = bool(asks) and len(work) <= 1 and _nature_by_cues(text, found).label == INQUIRY
    label, said, against = (SIMPLE, asks, work) if simple else (INVESTIGATION, work, asks)
    share = (1 + len(said)) / (2 + len(said) + len(against))
    return Reading(label, round(0.9 * share, 3), tuple(dict.fromkeys(said)))
