"""Demonstration documents: sixty days of invented texts of 清源县 at every stage, written, signed and released by its people.

Everything goes through the actions of `documents` and `reviews` with the clock held at the time of the act, as the
letters do. What is said in them stands in `papers.toml`, what is around them in `site.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from gongkai.config.demo.county import County, holder
from gongkai.config.demo.office_hours import OfficeHours
from gongkai.documents import actions, html, policy
from gongkai.documents.models import CatalogueEntry, Confirmation, Document, Genre, Service, Stage
from gongkai.ledger import cycles
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet

HERE = Path(__file__).parent
Paper = Mapping[str, Any]
Step = Callable[[Document, Paper, datetime], datetime]

OPENNESS, PUBLISHER = "chen_li", "qian_fang"
PEOPLE = {"writer": "handle", "deputy_head": "sign", "unit_openness": "office", "secrecy": "office"}
OF_OFFICE = {"writer": "draft", "deputy_head": "head", "unit_openness": "", "secrecy": "secrecy"}
REACH = ("draft", "signing", "signed", "issued", "clearing", "cleared", "published")
ENDS_IN = {"returned": "signing", "scheduled": "cleared"}
TEXT = ("title", "summary", "number", "text", "from", "to", "note")
TRAITS = (
    "genre", "summary", "keywords", "subject", "statutory", "openness", "key_area", "plan",
    "is_policy", "is_normative", "is_important", "is_time_critical", "is_activity",
)  # fmt: skip
CHANNELS = "政府网站、政府公报、公开查阅点"


def fill(county: County, now: datetime) -> int:
    """Write the documents of the last sixty days and what is around them; how many documents."""
    with transaction.atomic():
        return Papers(county, now).tell()


def body(text: str) -> str:
    """Plain lines as HTML: lines that begin with | are the rows of a table, the first of them its heading."""
    blocks = groupby(text.strip().split("\n"), key=lambda line: line.startswith("|"))
    return "\n".join(
        _table(list(lines)) if rows else html.from_text("\n".join(lines)) for rows, lines in blocks
    )


def _table(lines: list[str]) -> str:
    head, *rows = ([cell.strip() for cell in line.strip("| ").split("|")] for line in lines)
    ths = format_html_join("", '<th scope="col">{}</th>', ((cell,) for cell in head))
    trs = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((c,) for c in row)),) for row in rows)
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", ths, trs)


class Papers(OfficeHours):
    """The documents of the county, each worked as far as `reach` says and today allows."""

    def __init__(self, county: County, now: datetime) -> None:
        super().__init__(county, now, seed=20260511)
        year = timezone.localtime(now).year
        self.years = {"year": year, "next": year + 1}
        self.made: dict[str, Document] = {}

    def tell(self) -> int:
        papers: list[Paper] = tomllib.loads((HERE / "papers.toml").read_text(encoding="utf-8"))["paper"]
        site: Paper = tomllib.loads((HERE / "site.toml").read_text(encoding="utf-8"))
        cycles.open_cycles(self.now)
        self.lay_columns(site)
        for paper in sorted(papers, key=lambda paper: -int(paper["ago"])):
            self.one(paper)
        for paper in papers:
            if paper["key"] in self.made:
                self.after(self.made[paper["key"]], paper)
        self.around(site)
        return Document.objects.filter(place=self.county.place).count()

    # -- one document ----------------------------------------------------------------------------------------------

    def one(self, paper: Paper) -> None:
        """Write a document and take it on, step by step, none of them after now."""
        reach = ENDS_IN.get(paper["reach"], paper["reach"])
        steps: tuple[Step, ...] = (self.submit, self.sign, self.issue, self.clear, self.approve, self.publish)
        if paper.get("sort") == "information":  # neither signed nor issued
            steps = (*(self.skip for _ in range(3)), *steps[3:])
        at = self.draft(paper)
        for step in steps[: REACH.index(reach)]:
            at = self.soon(at, paper)
            if at > self.now:
                return
            at = step(self.made[paper["key"]], paper, at)
            self.made[paper["key"]] = self.fresh(self.made[paper["key"]])

    def soon(self, at: datetime, paper: Paper) -> datetime:
        return self.later(at, 0.1, 0.4) if paper.get("quick") else self.later(at, 1, 6)

    def draft(self, paper: Paper) -> datetime:
        unit, at = self.county.units[paper["unit"]], self.before(paper["ago"])
        at = min(at, self.now - timedelta(minutes=5))
        said: dict[str, Any] = {
            name: self.said(paper, name) if name in TEXT else paper[name] for name in TRAITS if name in paper
        }
        document = self.do(
            at, lambda by, t: actions.draft(
                unit=unit, by=by, at=t, title=self.said(paper, "title"), html=body(self.said(paper, "text")),
                sort=paper.get("sort", "official"), **{"genre": Genre.OTHER, **said},
            ), self.who(paper, "writer"),
        )  # fmt: skip
        self.made[paper["key"]] = document
        if "attribute" in paper:
            why = {name: paper[name] for name in ("attribute", "ground", "reason") if name in paper}
            at = min(self.later(at, 0.1, 0.3), self.now)
            self.do(
                at, lambda by, t: actions.propose(document, by=by, at=t, **why), self.who(paper, "writer")
            )
        if explains := paper.get("interpretation"):
            self.do(
                at, lambda by, t: actions.interpret(
                    self.fresh(document), by=by, at=t, title=self.said(explains, "title"), form=explains["form"],
                    html=body(self.said(explains, "text")),
                ), self.who(paper, "writer"),
            )  # fmt: skip
        return at

    def skip(self, _document: Document, _paper: Paper, at: datetime) -> datetime:
        return at

    def submit(self, document: Document, paper: Paper, at: datetime) -> datetime:
        sheet = self.do(at, lambda by, t: actions.submit(document, by=by, at=t), self.who(paper, "writer"))
        if "returned" in paper and (at := self.later(at, 1, 4)) <= self.now:
            back = {"words": paper["returned"]}
            self.do(
                at, lambda by, t: reviews.return_(sheet, by=by, at=t, **back), self.who(paper, "deputy_head")
            )
        return at

    def sign(self, document: Document, paper: Paper, at: datetime) -> datetime:
        return self.agree(document, paper, at)

    def agree(self, document: Document, paper: Paper, at: datetime) -> datetime:
        """Everybody signs the running sheet of a document, one after the other."""
        sheet = Sheet.objects.running().get(matter=document.matter)
        while (step := sheet.signatures.current().first()) and at <= self.now:
            self.do(
                at, lambda by, t: reviews.sign(sheet, by=by, at=t, words="同意"), self.who(paper, step.role)
            )
            at = self.soon(at, paper)
        return at

    def issue(self, document: Document, paper: Paper, at: datetime) -> datetime:
        number, on = self.said(paper, "number"), timezone.localdate(at)
        self.do(
            at,
            lambda by, t: actions.issue(document, by=by, at=t, number=number, made_on=on),
            self.who(paper, "writer"),
        )
        return self.confirm(document, paper, at) if "confirm" in paper else at

    def confirm(self, document: Document, paper: Paper, at: datetime) -> datetime:
        """Other units are asked; those that have answered say yes."""
        asked = [self.county.units[key] for key in paper["confirm"]]
        self.do(
            at, lambda by, t: actions.ask_confirmation(document, asked, by=by, at=t, question=paper["question"]),
            self.who(paper, "writer"),
        )  # fmt: skip
        answers = paper.get("answers", dict.fromkeys(paper["confirm"], "一致，同意发布。"))
        for key, words in answers.items():
            if (at := self.later(at, 2, 8)) > self.now:
                break
            row = Confirmation.objects.get(document=document, unit=self.county.units[key])
            self.as_unit(key, "office", at, lambda by, t, row=row, words=words: actions.confirm(
                row, by=by, at=t, agrees=True, words=words,
            ))  # fmt: skip
        return at

    def clear(self, document: Document, paper: Paper, at: datetime) -> datetime:
        """Reviewed for secrets and sent to be reviewed for release, the interpretations with it."""
        explained = [one for one in policy.interpretations_of(document) if one.stage == Stage.DRAFT]
        for one in (*explained, document):
            self.do(
                at, lambda by, t, one=one: actions.review_secrecy(one, by=by, at=t, outcome=actions.MAY_GO_OUT),
                self.who(paper, "secrecy"),
            )  # fmt: skip
            at = self.later(at, 0.1, 0.4)
            self.do(
                at,
                lambda by, t, one=one: actions.clear(self.fresh(one), by=by, at=t),
                self.who(paper, "writer"),
            )
            if one.pk != document.pk:
                at = self.agree(one, paper, self.soon(at, paper))
        return at

    def approve(self, document: Document, paper: Paper, at: datetime) -> datetime:
        at = self.agree(document, paper, at)
        if paper["reach"] == "scheduled" and at <= self.now:
            on = self.next_morning()
            self.do(at, lambda by, t: actions.schedule(self.fresh(document), by=by, at=t, on=on), PUBLISHER)
        return at

    def publish(self, document: Document, _paper: Paper, at: datetime) -> datetime:
        self.do(at, lambda by, t: actions.publish(document, by=by, at=t), PUBLISHER)
        return at

    # -- after its release -----------------------------------------------------------------------------------------

    def after(self, document: Document, paper: Paper) -> None:
        """A second edition, a correction, a withdrawal with its replacement."""
        if not document.is_published:
            return
        if change := paper.get("revised"):
            self.revise(document, paper, change)
        if change := paper.get("corrected"):
            at = self.before(change["ago"])
            changed = document.text.replace(change["from"], change["to"])
            self.do(at, lambda by, t: actions.correct(
                document, by=by, at=t, title=document.title, html=changed, reason=change["reason"],
            ), PUBLISHER)  # fmt: skip
        if (old := self.made.get(paper.get("replaces", ""))) and document.published_at:
            at = self.later(document.published_at, 0.1, 0.3)
            self.do(at, lambda by, t: actions.withdraw(
                old, by=by, at=t, kind="文件废止", notice=paper["notice"], reason=paper["why"], replacement=document,
            ), PUBLISHER)  # fmt: skip

    def revise(self, document: Document, paper: Paper, change: Paper) -> None:
        at, changed = self.before(change["ago"]), document.text.replace(change["from"], change["to"])
        self.do(at, lambda by, t: actions.edit(
            document, by=by, at=t, title=document.title, html=changed, note=change["note"],
        ), self.who(paper, "writer"))  # fmt: skip
        at = self.later(at, 0.5, 2)
        self.do(at, lambda by, t: actions.review_secrecy(
            self.fresh(document), by=by, at=t, outcome=actions.MAY_GO_OUT,
        ), self.who(paper, "secrecy"))  # fmt: skip
        self.do(
            at,
            lambda by, t: actions.clear_change(self.fresh(document), by=by, at=t),
            self.who(paper, "writer"),
        )
        at = self.agree(document, paper, self.later(at, 0.5, 2))
        if at <= self.now:
            self.do(at, lambda by, t: actions.revise(self.fresh(document), by=by, at=t), PUBLISHER)

    # -- around them -----------------------------------------------------------------------------------------------

    def lay_columns(self, site: Paper) -> None:
        """The statutory columns, and those of the county's key areas."""
        actions.lay_columns(self.county.place)
        for order, column in enumerate(site["column"], 20):
            self.do(
                self.before(43),
                lambda by, t, column=column, order=order: actions.save_column(
                    self.county.place, by=by, at=t, order=order, **column
                ),
                OPENNESS,
            )

    def around(self, site: Paper) -> None:
        """Catalogue, negative list, services, a topic, a gazette issue, faults."""
        place, units, year = self.county.place, self.county.units, self.years["year"]
        rows = [
            CatalogueEntry(
                place=place, year=year, area=area, item=item, subitem=subitem, openness=openness, unit=units[unit],
                content=content, basis=basis, limit=limit, level=level, channels=CHANNELS,
            )
            for area, item, subitem, openness, unit, content, basis, limit, level in site["catalogue"]["rows"]
        ]  # fmt: skip
        self.do(self.before(30), lambda by, t: actions.revise_catalogue(
            place, year, rows, unit=None, by=by, at=t,
        ), OPENNESS)  # fmt: skip
        for entry in site["negative"]:
            more = {name: value for name, value in entry.items() if name != "unit"}
            self.as_unit(entry["unit"], "office", self.before(29), lambda by, t, more=more, entry=entry: (
                actions.list_negative(units[entry["unit"]], by=by, at=t, **more)
            ))  # fmt: skip
        for one in site["service"]:
            more = {name: value for name, value in one.items() if name not in ("unit", "papers")}
            self.as_unit(one["unit"], "office", self.before(28), lambda by, t, more=more, one=one: (
                actions.save_service(units[one["unit"]], by=by, at=t, **more)
            ))  # fmt: skip
        self.gather(site)
        for fault in site["fault"]:
            self.fault(fault)

    def gather(self, site: Paper) -> None:
        """The topic, the gazette issue and the services, with those of their documents that are published by now."""
        place, at = self.county.place, self.before(6)
        topic, printed = dict(site["topic"]), self.published(site["gazette"]["papers"])
        topic["documents"] = self.published(topic.pop("papers"))
        self.do(at, lambda by, t: actions.save_topic(place, by=by, at=t, **topic), OPENNESS)
        self.do(at, lambda by, t: actions.save_gazette(
            place, by=by, at=t, year=self.years["year"], issue=1, issued_on=timezone.localdate(t), documents=printed,
        ), OPENNESS)  # fmt: skip

        for one in site["service"]:
            service = Service.objects.get(place=place, name=one["name"])
            tied = self.published(one.get("papers", ()))
            self.as_unit(one["unit"], "office", at, lambda by, t, service=service, tied=tied: (
                actions.tie_documents(service, by=by, at=t, documents=tied)
            ))  # fmt: skip

    def fault(self, fault: Paper) -> None:
        at = self.before(fault["ago"])
        told = {name: fault[name] for name in ("address", "kind", "words")}
        found = self.do(at, lambda _by, t: actions.report_fault(self.county.place, at=t, **told), PUBLISHER)
        if fault["answer"] and (at := self.later(at, 2, 12)) <= self.now:
            self.do(
                at, lambda by, t: actions.answer_fault(found, by=by, at=t, words=fault["answer"]), PUBLISHER
            )

    # -- who, when, what -------------------------------------------------------------------------------------------

    def who(self, paper: Paper, role: str) -> str:
        """The person of the unit whose step it is."""
        if role == "head":
            return "jiang_tao"
        if paper["unit"] != "office":
            return holder(f"{paper['unit']}.{PEOPLE[role]}")
        return holder(f"office.{OF_OFFICE[role]}") if OF_OFFICE[role] else OPENNESS

    def said(self, paper: Paper, name: str) -> str:
        return str(paper[name]).format(**self.years)

    def published(self, keys: Iterable[str]) -> list[Document]:
        return [self.made[key] for key in keys if key in self.made and self.made[key].is_published]

    def fresh(self, document: Document) -> Document:
        return Document.objects.select_related("matter", "place", "unit", "issuer", "edition").get(
            pk=document.pk
        )

    def next_morning(self) -> datetime:
        at = timezone.localtime(self.now) + timedelta(days=1)
        while not self.calendar.is_working(at.date()):
            at += timedelta(days=1)
        return at.replace(hour=9, minute=0, second=0, microsecond=0)
