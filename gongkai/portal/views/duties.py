"""What the government owes: how long things may take, how it was kept, every clause, the chart, the seals."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone

from gongkai.documents import articles
from gongkai.ledger import asks, clock, lawbook
from gongkai.ledger import clauses as table
from gongkai.ledger.asks import Kept
from gongkai.ledger.models import Seal
from gongkai.ledger.vocabulary import says_of_record
from gongkai.people.models import Place
from gongkai.portal import figures
from gongkai.portal import flow as chart
from gongkai.portal.shell import CLAUSES, OWED, TIMES, PortalRequest, public_page, show
from gongkai.portal.terms import terms

LATEST_SEALS = 20
YEAR = timedelta(days=365)


# ---- how long ------------------------------------------------------------------------------------------


@public_page
def times(request: PortalRequest) -> HttpResponse:
    """Every duty with its length and article, and how it was kept over the last year."""
    place, now = request.place, clock.now()
    kept = asks.kept(asks.at_place(place), now - YEAR, now)
    taken = figures.taken(place, now)
    rows = [(term, kept.get((id,), Kept()), taken.get(id)) for id, term in terms(place.code).items()]
    rows.sort(key=lambda row: row[0].claimant != "writer")  # what people write and wait for stands first
    page = {
        "groups": [
            ("对群众", [row for row in rows if row[0].is_for_people]),
            ("政府内部各环节", [row for row in rows if not row[0].is_for_people]),
        ],
        "since": now - YEAR,
    }
    return show(request, "times.html", page, column=TIMES, crumbs=[("办理时限", "")])


@public_page
def flow(request: PortalRequest) -> HttpResponse:
    """The chart of how a letter is handled, with the same in a table."""
    return show(
        request,
        "flow.html",
        {"chart": chart.flow(request.place.code)},
        column=TIMES,
        crumbs=[("办理时限", "times"), ("办理流程图", "")],
    )


# ---- how it was kept -----------------------------------------------------------------------------------


@public_page
def owed(request: PortalRequest) -> HttpResponse:
    """A month by duty and by unit, as it is or as it was known at the end of a day."""
    asked = _asked(request)
    account = figures.account(request.place, asked.month, asked.now, asked.known_at)
    page = {
        "account": account,
        "months": figures.months(asked.now),
        "asked": asked,
        "seal": Seal.objects.filter(sealed_at__lte=account.until).defer("digests").order_by("-id").first(),
        "files": request.GET.urlencode(),
    }
    return show(request, "owed.html", page, column=OWED, crumbs=[("履职公示", "")])


@public_page
def owed_csv(request: PortalRequest) -> HttpResponse:
    """The same figures as a table: UTF-8 with a mark, as spreadsheets expect."""
    asked = _asked(request)
    account = figures.account(request.place, asked.month, asked.now, asked.known_at)
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(
        [
            "地区",
            "月份",
            "截至",
            "分组",
            "名称",
            "到期",
            "按时",
            "逾期",
            "其中已补办",
            "原则上时限未赶上",
            "正在办",
            "其中已逾期",
        ]
    )
    until = timezone.localtime(account.until).strftime("%Y-%m-%d %H:%M")
    for group, line in _grouped(account):
        kept = line.kept
        rows.writerow(
            [
                *(request.place.name, account.month.id, until, group, line.label),
                *(kept.due, kept.met, kept.late, kept.made_good, kept.soft_missed),
                *(line.load.total, line.load.late),
            ]
        )
    response = HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.place.slug}-{account.month.id}.csv"'
    return response


@public_page
def owed_json(request: PortalRequest) -> HttpResponse:
    """The same figures for programs."""
    asked = _asked(request)
    account = figures.account(request.place, asked.month, asked.now, asked.known_at)
    lines = [
        {"group": group, "name": line.label, **asdict(line.kept), "open": asdict(line.load)}
        for group, line in _grouped(account)
    ]
    found = {
        "place": request.place.code,
        "month": account.month.id,
        "until": timezone.localtime(account.until).isoformat(),
        "known_at": account.known_at and timezone.localtime(account.known_at).isoformat(),
        "lines": lines,
    }
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


@dataclass(frozen=True, slots=True)
class Asked:
    """What an account is asked for: a month, and the day at whose end it was known, if any."""

    month: figures.Month
    now: datetime
    day: date | None
    known_at: datetime | None


def _asked(request: PortalRequest) -> Asked:
    """What cannot be read, or lies ahead, is this month as it is now."""
    now = clock.now()
    choices = {month.id: month for month in figures.months(now)}
    month = choices.get(request.GET.get("month", ""), figures.month_of(now))
    try:
        day = date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return Asked(month, now, None, None)
    end = figures.midnight(day + timedelta(days=1))
    if end > now or end <= month.since:
        return Asked(month, now, None, None)
    return Asked(month, now, day, end)


def _grouped(account: figures.Account) -> Iterator[tuple[str, figures.Line]]:
    yield from (("职责", line) for line in account.duties)
    yield from (("单位", line) for line in account.units)


# ---- every clause --------------------------------------------------------------------------------------

STATES = {"done": "已落实", "by_people": "由人落实", "not_yet": "尚未落实"}
WORDS = {
    "duty": "时限",
    "gate": "关口",
    "list": "分类",
    "route": "分工",
    "review": "审签",
    "indicator": "考核",
    "page": "页面",
    "record": "记录",
}
PAGES = {
    "write": "写信",
    "follow": "查进度",
    "letters": "来信公开",
    "times": "办理时限",
    "owed": "履职公示",
    "clauses": "制度落实",
    "flow": "办理流程图",
    "seals": "怎样核对数字",
    "search": "搜索",
    "documents": "查文件",
    "openness": "政府信息公开",
    "units": "各单位公开的信息",
    "topics": "专题",
    "gazettes": "政府公报",
    "services": "办事服务",
    "catalogue": "公开目录",
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """One thing that carries a clause out, in words, and where it can be seen."""

    kind: str
    says: str
    url: str = ""
    kept: Kept | None = None


@public_page
def clauses(request: PortalRequest) -> HttpResponse:
    """Every clause of the regulations that hold here: what it asks, what carries it out, how it is kept."""
    place, now = request.place, clock.now()
    kept = asks.kept(asks.at_place(place), now - YEAR, now)
    rows = list(table.table(lawbook.rules(place.code).packs))
    carriers = _Carriers(place, {duty: row for (duty,), row in kept.items()})
    heads = {pack.head.id: pack.head for pack in lawbook.rules(place.code).packs}
    texts = {id: articles.source_of(head.title, head.number, place) for id, head in heads.items()}
    state = request.GET.get("state", "")
    shown = [row for row in rows if state in ("", row.state)]
    counts = Counter(row.state for row in rows)
    page = {
        "packs": [
            (
                heads[id],
                [
                    {
                        "row": row,
                        "word": STATES[row.state],
                        "text_url": text.address(row.cite) if (text := texts[row.pack]) else "",
                        "carriers": [carriers.of(one) for one in row.carried_by],
                    }
                    for row in of_pack
                ],
            )
            for id, of_pack in groupby(shown, key=lambda row: row.pack)
        ],
        "counts": counts,
        "total": len(rows),
        "state": state if state in STATES else "",
        "states": [(id, word, counts[id]) for id, word in STATES.items()],
    }
    return show(request, "clauses.html", page, column=CLAUSES, crumbs=[("制度落实", "")])


class _Carriers:
    """Puts `duty:letter.answer` and the like into words, with the rules of a place."""

    def __init__(self, place: Place, kept: dict[str, Kept]) -> None:
        self.place, self.kept = place, kept
        self.rules, self.terms = lawbook.rules(place.code), terms(place.code)

    def of(self, name: str) -> Carrier:
        kind, _, id = name.partition(":")
        says, url = getattr(self, f"_{kind}")(id)
        return Carrier(WORDS[kind], says, url, self.kept.get(id) if kind == "duty" else None)

    def _duty(self, id: str) -> tuple[str, str]:
        term = self.terms.get(id)
        return (f"{term.says}，{term.length}", f"{self._to('times')}#{id}") if term else (id, "")

    def _gate(self, id: str) -> tuple[str, str]:
        found = next((gate for gate in self.rules.gates if gate.id == id), None)
        return (f"{found.says}的，系统不放行" if found else id, "")

    def _list(self, id: str) -> tuple[str, str]:
        found = self.rules.lists.get(id)
        return (f"{found.says}：{'、'.join(found.values)}" if found else id, "")

    def _route(self, id: str) -> tuple[str, str]:
        found = self.rules.routes.get(id, ())
        return (found[0][1].says if found else id, "")

    def _review(self, id: str) -> tuple[str, str]:
        found = self.rules.reviews.get(id)
        return ("→".join(step.says for step in found.step) if found else id, "")

    def _indicator(self, id: str) -> tuple[str, str]:
        found = self.rules.indicators.get(id)
        return (found.says if found else id, "")

    def _page(self, id: str) -> tuple[str, str]:
        space, _, name = id.partition(":")
        if space == "portal" and name in PAGES:
            return PAGES[name], self._to(name)
        return "工作台里的页面", ""

    def _record(self, id: str) -> tuple[str, str]:
        return says_of_record(id), ""

    def _to(self, name: str) -> str:
        return reverse(f"portal:{name}", args=[self.place.slug])


# ---- seals ---------------------------------------------------------------------------------------------


@public_page
def seals(request: PortalRequest) -> HttpResponse:
    """How to check that nothing was changed afterwards: the last seals, and one looked up by its digits."""
    digits = "".join(request.GET.get("digits", "").lower().split())
    page: dict[str, Any] = {
        "seals": Seal.objects.defer("digests").order_by("-id")[:LATEST_SEALS],
        "digits": digits,
        "looked": bool(digits),
    }
    if len(digits) >= 8 and all(digit in "0123456789abcdef" for digit in digits):
        page["found"] = Seal.objects.filter(root__startswith=digits).defer("digests").order_by("-id").first()
    return show(request, "seals.html", page, column=OWED, crumbs=[("履职公示", "owed"), ("怎样核对数字", "")])
