"""Forms of watching: sources, plans, a post seen by a person, what a list is narrowed to, judgements on a story."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from gongkai.ledger import asks as ledger
from gongkai.opinion import asks
from gongkai.opinion.models import Mode, Plan, Post, Source, Story
from gongkai.opinion.models.watch import CHANNELS
from gongkai.opinion.watching.items import MOST_TEXT, Item, own_id
from gongkai.people.actor import Actor
from gongkai.people.fields import UnitField, standing_units
from gongkai.people.models import Unit
from gongkai.text import posts
from gongkai.text.plan import MOST, PlanError, parse
from gongkai.ui.forms import DateInput, DateTimeInput, Form, choices, long_text

PERIODS = (("", "全部时间"), ("1", "最近一天"), ("3", "最近三天"), ("7", "最近七天"), ("30", "最近三十天"))


def channels(place: str) -> tuple[str, ...]:
    """The kinds of source a place watches, as its packs list them."""
    return ledger.values_of(place, "opinion.channel") or CHANNELS


class StoriesForm(Form):
    """What the list of stories is narrowed to. A value that is not on offer is not asked."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *Story.State.choices])
    kind = forms.ChoiceField(label="类型", required=False, choices=choices(posts.KINDS, "全部"))
    channel = forms.ChoiceField(label="渠道", required=False)
    topic = forms.ChoiceField(label="主题", required=False)
    unit = UnitField(label="涉及单位", required=False, empty_label="全部")
    plan = forms.ModelChoiceField(Plan.objects.none(), label="监测方案", required=False, empty_label="全部")
    days = forms.ChoiceField(label="时间", required=False, choices=PERIODS)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = choices(channels(actor.place.code), "全部")  # type: ignore[attr-defined]
        _offer_topics(self, actor)
        self.fields["unit"].queryset = standing_units(actor)  # type: ignore[attr-defined]
        self.fields["plan"].queryset = Plan.objects.filter(place=actor.place)  # type: ignore[attr-defined]

    def narrowed(self, stories: QuerySet[Story], now: datetime) -> QuerySet[Story]:
        """The stories that answer what was asked."""
        self.is_valid()
        asked = self.cleaned_data
        if state := asked.get("state"):
            stories = stories.filter(state=state)
        inside = {
            name: value
            for name, value in (("kind", asked.get("kind")), ("source__kind", asked.get("channel")))
            if value
        }
        if inside:
            stories = stories.filter(
                pk__in=Post.objects.filter(**inside, place__in=_places(stories)).values("story")
            )
        if topic := asked.get("topic"):
            stories = stories.filter(topic=topic)
        if unit := asked.get("unit"):
            stories = stories.filter(units=unit)
        if plan := asked.get("plan"):
            stories = stories.filter(plans=plan)
        if days := asked.get("days"):
            stories = stories.filter(last_at__gte=now - timedelta(days=int(days)))
        return stories


def _places(stories: QuerySet[Story]) -> Any:
    return stories.order_by().values("place").distinct()


class PostsForm(Form):
    """What posts are looked for: a plan's expression, source, kind, stance, topic, days."""

    q = forms.CharField(
        label="找什么",
        required=False,
        max_length=MOST,
        help_text="可用 且、或、非、近/5 和引号，例如：(停水 或 爆管) 且 城东",
    )
    source = forms.ModelChoiceField(Source.objects.none(), label="来源", required=False, empty_label="全部")
    kind = forms.ChoiceField(label="类型", required=False, choices=choices(posts.KINDS, "全部"))
    stance = forms.ChoiceField(
        label="态度", required=False, choices=choices((posts.NEGATIVE, posts.NEUTRAL, posts.POSITIVE), "全部")
    )
    topic = forms.ChoiceField(label="主题", required=False)
    since = forms.DateField(label="发布自", required=False, widget=DateInput)
    until = forms.DateField(label="发布至（含当天）", required=False, widget=DateInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = Source.objects.filter(place=actor.place)  # type: ignore[attr-defined]
        _offer_topics(self, actor)

    def clean_q(self) -> str:
        return _expression(self.cleaned_data["q"])

    def narrowed(self, found: QuerySet[Post]) -> QuerySet[Post]:
        """The posts that answer what was asked, but for the words, which the reader of plans compares."""
        given = {
            name: self.cleaned_data[name]
            for name in ("source", "kind", "stance", "topic")
            if self.cleaned_data.get(name)
        }
        found = found.filter(**given)
        if since := self.cleaned_data.get("since"):
            found = found.filter(published_at__gte=_midnight(since))
        if until := self.cleaned_data.get("until"):
            found = found.filter(published_at__lt=_midnight(until + timedelta(days=1)))
        return found


def _offer_topics(form: Form, actor: Actor) -> None:
    """The topics that were learned; where none were, nothing is asked."""
    if topics := asks.topics_of(actor.place):
        form.fields["topic"].choices = choices(topics, "全部")  # type: ignore[attr-defined]
    else:
        del form.fields["topic"]


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _expression(text: str) -> str:
    text = text.strip()
    if text:
        try:
            parse(text)
        except PlanError as wrong:
            raise ValidationError(f"表达式写错了。{wrong}") from None
    return text


class SourceForm(Form):
    """A source. The address and what goes with it depend on how it comes in."""

    name = forms.CharField(label="名称", max_length=64)
    kind = forms.ChoiceField(label="渠道")
    how = forms.ChoiceField(label="怎么收", choices=Source.How.choices)
    tier = forms.ChoiceField(label="媒体级别", choices=Source.Tier.choices, initial=Source.Tier.SELF)
    mode = forms.ChoiceField(label="监测方式", choices=Mode.choices, initial=Mode.DAILY)
    address = forms.CharField(
        label="地址", max_length=500, required=False,
        help_text="订阅和列表网页写网址；邮箱写 imaps://用户名@主机/文件夹；推送、文件和人工录入不用写",
    )  # fmt: skip
    selector = forms.CharField(
        label="列表里的链接",
        max_length=200,
        required=False,
        help_text="只用于列表网页，例如 ul.news a；不写就看整页的链接",
    )
    password = forms.CharField(
        label="邮箱口令", max_length=200, required=False, widget=forms.PasswordInput(render_value=False),
        help_text="只用于邮箱，加密保存；不改就空着",
    )  # fmt: skip
    every = forms.IntegerField(label="间隔（分钟）", min_value=5, max_value=10_080, initial=15)
    only_matching = forms.BooleanField(label="只收符合监测方案的，其余不留", required=False)
    is_on = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, source: Source | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.source = actor.place, source
        known = channels(actor.place.code)
        offered = known if source is None or source.kind in known else (*known, source.kind)
        inside = source is not None and source.how == Source.How.INSIDE
        ways = [way for way in Source.How.choices if (way[0] == Source.How.INSIDE) == inside]
        self.fields["how"].choices = ways  # type: ignore[attr-defined]
        self.fields["kind"].choices = (  # type: ignore[attr-defined]
            choices((source.kind,)) if source and inside else choices(offered, "请选择")
        )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        same = Source.objects.filter(place=self.place, name=name)
        if same.exclude(pk=self.source.pk if self.source else 0).exists():
            raise ValidationError("已经有同名的来源，请换一个名称。")
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        how, address = given.get("how"), given.get("address", "")
        if how in (Source.How.FEED, Source.How.PAGE) and not address.startswith(("http://", "https://")):
            self.add_error("address", "请填写以 http:// 或 https:// 开头的网址。")
        if how == Source.How.MAIL and not address.startswith("imaps://"):
            self.add_error("address", "请填写邮箱，像 imaps://用户名@主机/INBOX。")
        return given


class PlanForm(Form):
    """A plan, with its time where it is a special one."""

    name = forms.CharField(label="名称", max_length=64)
    mode = forms.ChoiceField(label="监测方式", choices=Mode.choices, initial=Mode.DAILY)
    expression = long_text(
        "表达式",
        3,
        MOST,
        help_text="且、或、非、近/5 前后留空格，可用括号和引号。例如：(停水 或 爆管) 且 (城东 或 东湖) 非 演习",
    )
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label="涉及单位", required=False, widget=forms.CheckboxSelectMultiple
    )
    from_at = forms.DateTimeField(label="开始", required=False, widget=DateTimeInput)
    until_at = forms.DateTimeField(label="结束", required=False, widget=DateTimeInput)
    is_on = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, plan: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.plan = actor.place, plan
        self.fields["units"].queryset = standing_units(actor)  # type: ignore[attr-defined]

    def clean_expression(self) -> str:
        return _expression(self.cleaned_data["expression"])

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        same = Plan.objects.filter(place=self.place, name=name)
        if same.exclude(pk=self.plan.pk if self.plan else 0).exists():
            raise ValidationError("已经有同名的方案，请换一个名称。")
        return name

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        start, end = given.get("from_at"), given.get("until_at")
        if given.get("mode") == Mode.SPECIAL and not (start and end):
            self.add_error("from_at", "专项监测要写明开始和结束。")
        if start and end and end <= start:
            self.add_error("until_at", "结束应在开始之后。")
        return given


class EntryForm(Form):
    """One thing a person saw or heard: on the phone, in the paper, on a screen."""

    source = forms.ModelChoiceField(Source.objects.none(), label="来源", empty_label="请选择")
    title = forms.CharField(label="标题", max_length=200, required=False)
    text = long_text("内容", 6, MOST_TEXT)
    published_at = forms.DateTimeField(label="发布时间", widget=DateTimeInput)
    url = forms.URLField(label="网址", required=False, max_length=500, assume_scheme="https")
    author = forms.CharField(
        label="作者", max_length=64, required=False, help_text="只用来数有多少人，存的是不能还原的摘要"
    )

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        kept = Source.objects.filter(place=actor.place, is_on=True).exclude(how=Source.How.INSIDE)
        self.fields["source"].queryset = kept  # type: ignore[attr-defined]

    def clean_published_at(self) -> datetime:
        at: datetime = self.cleaned_data["published_at"]
        if at > self.now:
            raise ValidationError("发布时间在将来，请改。")
        return at

    @property
    def item(self) -> Item:
        given = self.cleaned_data
        at, text = given["published_at"], given["text"]
        name = own_id(given["url"], at, f"{given['title']}\n{text}")
        return Item(name, text, at, given["title"], given["url"], given["author"])


class DismissForm(Form):
    reason = long_text("不处理的理由", 2, 200)


class MergeForm(Form):
    into = forms.ModelChoiceField(Story.objects.none(), label="并入哪一条", empty_label="请选择")

    def __init__(self, *args: Any, others: QuerySet[Story], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class ReadingForm(Form):
    """What a post was read as, put right."""

    kind = forms.ChoiceField(label="类型", required=False, choices=choices(posts.KINDS, "不属于这四类"))
    stance = forms.ChoiceField(label="态度", choices=choices((posts.NEGATIVE, posts.NEUTRAL, posts.POSITIVE)))
