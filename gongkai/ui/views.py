"""The gallery: every component in every state, with an invented county's words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongkai.ui.charts import Figure, Square
from gongkai.ui.differences import differences
from gongkai.ui.filters import CLOCKS, GRADES
from gongkai.ui.forms import DateInput, DateTimeInput, Form
from gongkai.ui.parts import Door, Doors, Filter, Option
from gongkai.ui.refusal import Verdict

CHINA = timedelta(hours=8)
RULES = "《清源县群众留言办理办法》"


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component. `?desk=office` shows them as dense as the clerks see them."""
    page = specimens()
    if request.GET.get("desk") == "office":
        return render(request, "ui/gallery_office.html", page | {"nav": page["rail"], "site_name": "清源县"})
    return render(request, "ui/gallery.html", page)


def specimens() -> dict[str, object]:
    """Return what the components of the gallery are given."""
    now = _at(2025, 9, 29, 9, 20)
    return {
        "now": now,
        "site_name": "清源县人民政府",
        "home_url": "#",
        "nav": tuple(
            Door(word, f"#{n}", n == 2)
            for n, word in enumerate(["查文件", "申请公开", "写信", "提意见", "看回应", "履职公示"])
        ),
        "rail": (
            Doors("本人", (Door("我的工作", "#work", True, 18), Door("信件", "#letters", beside=11))),
            Doors("全县", (Door("看板", "#board"),)),
        ),
        "me": ["王敏", "县住建局"],
        "me_links": [{"label": "换岗、请假", "url": "#leave"}, {"label": "退出", "url": "#out"}],
        "crumbs": [{"label": "首页", "url": "#"}, {"label": "组件陈列"}],
        "footer_links": tuple(Door(word, "#") for word in ("信息公开指南", "信息公开年报", "制度落实")),
        "footer_lines": ("主办：清源县人民政府办公室", "网站标识码 0000000000"),
        "proof": {"at": now, "seal": "7f3a 91c0 e2d4 5b18", "url": "#verify"},
        "colours": COLOURS,
        "clocks": [
            (state, word, left, when)
            for (state, word), (left, when) in zip(CLOCKS.items(), WHEN, strict=True)
        ],
        "grades": GRADES[::-1],
        "due": _at(2025, 10, 11),
        "late": _at(2025, 9, 27),
        "provisional": _at(2026, 1, 9),
        "soon": now + timedelta(hours=14, minutes=40),
        "days": _days(),
        "rolled": _rolled(),
        "sentences": SENTENCES,
        "local_sentences": [{"text": "应在 30 分钟内重新交办。", "local": True}],
        "stages": [
            ("收到", "done"),
            ("交办", "done"),
            ("核实", "now"),
            ("审签", "next"),
            ("答复", "next"),
            ("评价", "next"),
        ],
        "story": {
            "card": None,
            "standing": [_owed("答复来信人", "soon", "剩 1 个工作日", _at(2025, 10, 11))],
            "settled": [
                _owed("签收", "met", "", _at(2025, 9, 27)),
                _owed("交办", "metlate", "", _at(2025, 9, 26)),
            ],
            "count": 3,
        },
        "events": [
            {"title": "还没发生", "text": "浅色空心圆", "state": "next"},
            {"at": now, "title": "打开办理", "by": "王敏", "text": "实心圆加环：现在这一步", "state": "now"},
            {
                "at": _at(2025, 9, 26, 10, 41),
                "title": "县水务局退回",
                "by": "李强",
                "text": "方块：退回、逾期",
                "state": "bad",
            },
            {"at": _at(2025, 9, 26, 10), "title": "收到", "by": "网站", "text": "空心圆：已经发生"},
        ],
        "yes": Verdict.yes(),
        "no": Verdict.no(
            "这封信按“核实”办理，还没有核实记录。", f"{RULES}第五条第二款", "请先添加核实记录。"
        ),
        "form": SampleForm(initial={"title": "清河路井盖缺失", "when": now, "reply": "短信"}),
        "wrong": SampleForm({"wrong-mobile": "1380000000", "wrong-day": "昨天"}, prefix="wrong"),
        "options": [
            {"value": "", "label": "全部", "checked": True},
            {"value": "1", "label": "网站"},
            {"value": "2", "label": "来访", "disabled": True},
        ],
        "filters": [
            Filter(
                "kind",
                "种类",
                [Option("", "全部", 18), Option("letter", "信件", 11), Option("file", "文件", 3)],
            ),
            Filter("mine", "轮到谁", [Option("1", "轮到我办", 5)]),
        ],
        "page": Paginator(range(240), 20).page(2),
        "head": ["渠道", "类型", "条数"],
        "rows": [["清源论坛", "论坛", 182], ["12345 热线", "来电", 37]],
        "facts": [
            ("发文字号", "清政发〔2025〕21号"),
            ("有效性", "尚未施行（10月15日起有效）"),
            ("成文日期", "2025年9月22日"),
            ("发布日期", "2025年9月28日 10:30"),
        ],
        "contact": [("单位", "县住建局"), ("科室", "物业管理科"), ("电话", "0000-1234500")],
        "lines": differences("<p>每台电梯补贴15万元。</p>", "<p>每台电梯补贴18万元，由县财政承担。</p>"),
        "words": ["电梯", "物业", "维修基金"],
        "letter": "7幢电梯从6月起三天两头停，老人下不了楼。物业说等维修基金。\n\n请问归谁管？",
        "acts": [("采用", "suggestion", "take", ""), ("改派", "suggestion", "other", "second")],
        "doors": [
            ("#d0", "查文件", "现行有效 2,318 件，可按文号、单位、日期找"),
            ("#d1", "申请公开", "找不到的可以申请，20 个工作日内答复"),
            ("#d2", "写信", "咨询 2 个工作日、核实 5 个工作日内答复"),
            ("#d3", "提意见", "2 项草案正在征求意见，都会反馈采纳情况"),
            ("#d4", "看回应", "大家关心的事，政府怎么说、做到哪一步"),
        ],
        "live": [("late", 1), ("today", 4), ("soon", 11), ("ample", 39)],
        "calm": [("ample", 2)],
        "rising": [88, 90, 91, 89, 93, 92, 94, 96],
        "falling": [98, 97, 96, 95, 93, 92, 91, 90],
        "flat": [100, 100, 100],
        "bars": [("县住建局", 64), ("城关街道办事处", 31), Figure("县农业农村局", 5, True, "#g-chart")],
        "squares": SQUARES,
        "unplaced": [square._replace(row=None) for square in SQUARES[:2]],
        "volumes": [3, 4, 5, 7, 11, 17, 27, 41, 58, 54, 44, 36, 31],
        "work": _work(),
        "matrix": MATRIX,
        "said": [
            Message(messages.SUCCESS, "已送审签。"),
            Message(messages.WARNING, "这封信今天 24:00 到期。"),
            Message(messages.ERROR, "没有发出：手机号不对。"),
        ],
    }


class SampleForm(Form):
    """One field of every widget."""

    title = forms.CharField(label="标题", help_text="一句话，30 字以内", max_length=30)
    mobile = forms.RegexField(
        r"^\d{11}$", label="手机号", error_messages={"invalid": "手机号应为 11 位数字，请检查。"}
    )
    body = forms.CharField(label="内容", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    unit = forms.ChoiceField(
        label="您要找的单位", choices=[("", "不清楚，请代为分送"), ("1", "县住建局")], required=False
    )
    reply = forms.ChoiceField(
        label="希望怎样答复",
        choices=[("短信", "短信"), ("电话", "电话"), ("书面", "书面")],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="涉及哪些方面",
        choices=[("1", "住房"), ("2", "出行"), ("3", "看病")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    day = forms.DateField(label="事情发生的日子", widget=DateInput, required=False)
    when = forms.DateTimeField(label="希望回电的时间", widget=DateTimeInput, required=False)
    photo = forms.FileField(label="照片", help_text="JPG 或 PNG，10 MB 以内", required=False)
    agree = forms.BooleanField(label="同意公开这封信的内容（不含姓名和电话）", help_text="不同意也会照常办理")


COLOURS = (
    ("red", "绛 --red"),
    ("ink", "墨 --ink"),
    ("ink2", "--ink-2"),
    ("ink3", "--ink-3"),
    ("paper", "宣 --paper"),
    ("sunk", "--sunk"),
    ("blue", "石青 --blue"),
    ("bluew", "--blue-wash"),
    ("soon", "--soon-bg"),
    ("today", "--today-bg"),
    ("late", "--late-bg"),
    ("focus", "--focus"),
)

# What is left, and when the state is shown, in the order of CLOCKS.
WHEN = (
    ("剩 4 个工作日", "离第一次预警还远"),
    ("剩 1 个工作日", "到了规则的预警点"),
    ("还剩 14 小时", "截止在今天之内"),
    ("已过 3 个工作日", "过了截止时刻，仍要办"),
    ("早 1 个工作日", "截止前办完"),
    ("晚 2 个工作日", "过了截止才办完，永远记为逾期"),
    ("约 2026年1月8日", "截止要用到还没公布的放假安排"),
    ("等申请人补正", "规则允许停表的期间"),
    ("改按申请公开办理", "情况变了，不用再办"),
)

SENTENCES = (
    {"text": "您的信在 2025年9月26日 10:00 收到。收到当天不算。"},
    {
        "text": "这封信需要上门核实，应在 5 个工作日内办完并答复。",
        "cite": f"{RULES}第六条",
        "cite_url": "#art6",
    },
    {
        "text": "9月28日是星期日，因国庆调休上班，算 1 天；10月1日至8日放假，不算。",
        "cite": "国务院办公厅2025年放假安排",
        "cite_url": "#notice",
    },
    {"text": "第 5 个工作日是10月10日，到当天 24:00 为止。"},
)

SQUARES = [
    Square("北山乡", 0, "#north", 1, 2),
    Square("石门镇", 12, "#stone", 1, 3),
    Square("河口镇", 4, "#river", 2, 1),
    Square("城关街道办", 31, "#town", 2, 2),
    Square("城东街道", 38, "#east", 2, 3),
    Square("南桥镇", 9, "#bridge", 3, 2),
    Square("茶园林场", 3, "#tea"),
]
MATRIX = (
    ("县住建局", (("信件答复", (("late", 1), ("today", 2), ("ample", 6))), ("申请答复", ()))),
    ("县水务局", (("信件答复", (("ample", 3),)), ("申请答复", (("soon", 1),)))),
)


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of Chinese local time."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - CHINA


class Day(NamedTuple):
    date: date
    kind: str = "workday"


class Counted(NamedTuple):
    day: Day
    role: str
    number: int | None = None


def _days() -> list[Counted]:
    """Five working days over the holiday of October 2025, the make-up Sunday included."""
    return [
        Counted(Day(date(2025, 9, 26)), "start"),
        Counted(Day(date(2025, 9, 27), "weekend"), "off"),
        Counted(Day(date(2025, 9, 28), "makeup"), "on", 1),
        Counted(Day(date(2025, 9, 29)), "on", 2),
        Counted(Day(date(2025, 9, 30)), "on", 3),
        *(Counted(Day(date(2025, 10, n), "holiday"), "off") for n in range(1, 9)),
        Counted(Day(date(2025, 10, 9)), "on", 4),
        Counted(Day(date(2025, 10, 10)), "due", 5),
    ]


def _owed(says: str, kind: str, left: str, due: datetime) -> dict[str, object]:
    """A duty beside a case."""
    face, cite = {"kind": kind, "left": left}, f"{RULES}第六条"
    return {"says": says, "face": face, "whom": "县住建局 · 对来信人", "clock": {"due_at": due}, "cite": cite}


def _rolled() -> list[Counted]:
    """Natural days that end in a holiday, after a day on which the clock stood still."""
    return [
        Counted(Day(date(2025, 9, 28)), "start"),
        Counted(Day(date(2025, 9, 29)), "paused"),
        *(Counted(Day(date(2025, 9, 29) + timedelta(days=n)), "on", n) for n in range(1, 6)),
        *(Counted(Day(date(2025, 10, n), "holiday"), "rolled") for n in range(5, 9)),
        Counted(Day(date(2025, 10, 9)), "due"),
    ]


def _work() -> list[dict[str, object]]:
    """Two groups of the work list."""

    def row(state: str, left: str, title: str, number: str, due: datetime, act: str) -> SimpleNamespace:
        url, source = f"#{number}", "网站来信 · 咨询"
        return SimpleNamespace(
            state=state, left=left, title=title, url=url, source=source, number=number, due=due, act=act
        )

    late = row(
        "late",
        "已过 1 个工作日",
        "公租房租金减免今年还有没有",
        "LY-2025-0924-0131",
        _at(2025, 9, 27),
        "写答复",
    )
    soon = row(
        "soon",
        "剩 2 个工作日",
        "关于印发清源县城镇燃气安全排查整治工作方案及其任务分工、时间安排和责任清单的通知",
        "GW-2025-0196",
        _at(2025, 10, 10),
        "保密审查",
    )
    return [
        {"state": "late", "word": "已逾期", "count": 1, "note": "先办这一件", "rows": [late]},
        {"state": "soon", "word": "将到期", "count": 4, "rows": [soon], "more": 3, "more_url": "#more"},
    ]
