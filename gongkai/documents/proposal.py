"""A proposed disclosure attribute, with the words that led to it. Advice only: a person decides and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gongkai.text import screen

SECRET, UNDECIDED, INTERNAL, FORBIDDEN = (
    "国家秘密、商业秘密、个人隐私",
    "未定事项、往来函件、执法案卷",
    "内部管理",
    "法律法规禁止公开",
)
CONCERNS, INSTITUTION = "涉及群众切身利益", "机构职能和办事程序"
CUES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("不予公开", SECRET, re.compile("绝密|机密|秘密★|涉密|国家秘密|商业秘密|技术秘密|投标报价|患者|病历")),
    ("不予公开", UNDECIDED, re.compile("妥否.{0,4}请批示|当否.{0,4}请批示|征求.{0,6}意见稿|讨论稿|过程稿|磋商|调查笔录|案卷|立案审批|拟处罚")),
    ("不予公开", INTERNAL, re.compile("人事任免|任免职|干部考察|考勤|值班安排|公务用车|办公用房|内部通报|机关后勤|保密工作|会务")),
    ("不予公开", FORBIDDEN, re.compile("依法不得公开|禁止公开|未成年人犯罪|国家安全")),
    ("主动公开", CONCERNS, re.compile("补贴|补助|救助|低保|医保|社保|养老|入学|招生|学区|收费标准|物价|水价|征收|拆迁|安置|公租房|就业|惠民|环境质量|食品安全|停水|停电|公交|招聘|招考|公示|管理办法|实施细则|实施方案|规划")),
    ("主动公开", INSTITUTION, re.compile("机构职能|主要职责|内设机构|办事指南|办理程序|办理流程|权责清单|服务指南|公开指南")),
)  # fmt: skip
UPWARD = {"请示": UNDECIDED, "报告": UNDECIDED, "函": UNDECIDED, "纪要": UNDECIDED}
NUMBERS = (screen.Kind.IDENTITY, screen.Kind.MOBILE, screen.Kind.CARD)
ENOUGH_PERSONS = 3  # persons named with a number that the text would expose


@dataclass(frozen=True, slots=True)
class Proposal:
    """An attribute, its ground and the words of the text that speak for it."""

    attribute: str
    ground: str
    words: tuple[str, ...]
    because: str


def propose(title: str, text: str, genre: str) -> list[Proposal]:
    """What the text speaks for, strongest first; the residual rule (依申请公开) when nothing does. Pure.

    Reasons to withhold come before reasons to open: what is wrongly opened cannot be taken back.
    """
    found: list[Proposal] = []
    whole = f"{title}\n{text}"
    for attribute, ground, cue in CUES:
        words = tuple(dict.fromkeys(cue.findall(whole)))
        if words:
            found.append(Proposal(attribute, ground, words[:6], f"文中写到“{'”“'.join(words[:3])}”"))
    private = [one for one in screen.find(whole) if one.kind in NUMBERS]
    if len(private) >= ENOUGH_PERSONS:
        found.insert(0, Proposal("不予公开", SECRET, (), f"文中有 {len(private)} 处身份证、电话或银行卡号"))
    if upward := UPWARD.get(genre):
        found.append(Proposal("不予公开", upward, (genre,), f"文种是“{genre}”，多属未定事项或往来函件"))
    found.sort(key=lambda one: one.attribute != "不予公开")
    if any(one.attribute == "主动公开" for one in found) and genre in UPWARD:
        found = [one for one in found if one.words != (genre,)] + [
            one for one in found if one.words == (genre,)
        ]
    return found or [Proposal("依申请公开", "", (), "没有应当主动公开或不予公开的情形，可以依申请公开")]
