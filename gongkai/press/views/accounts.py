"""The register of accounts, how far they reach, and the posts written for them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gongkai.files import actions as files
from gongkai.files.models import Attachment
from gongkai.files.uploads import keep_attached
from gongkai.ledger import clock, lawbook
from gongkai.ledger.models import Effect, Link
from gongkai.people.desk import OfficeRequest, office_page
from gongkai.people.models import Power
from gongkai.press import actions, acts, asks, policy
from gongkai.press.forms import rows as forms
from gongkai.press.forms.acts import matter_of
from gongkai.press.models import Account, Push, SocialPost
from gongkai.press.views.case import around, asked, enter, find, link, listed
from gongkai.ui.filters import clock as drawn
from gongkai.ui.filters import moment, rate

CHANGED = ("handle", "address", "purpose", "review_rule", "security_rule", "connector", "hook")


@office_page
@require_safe
@lawbook.steady()
def accounts(request: OfficeRequest) -> HttpResponse:
    """Accounts with their keepers, followers and last update; below, opening rate and reach by unit."""
    enter(request)
    now = clock.now()
    shown = asks.accounts(policy.cases(request.actor, Account), now)
    rows = [
        (
            link(one.url, one.account.name, one.account.platform), one.account.unit.short_name, one.account.stage_word,
            moment(one.last, now) or "没有", drawn(one.face.kind, left=one.face.left) if one.face else "—",
            f"{one.followers:,}" if one.followers is not None else "没有填",
        )
        for one in shown
    ]  # fmt: skip
    opened, having = asks.opening(request.actor.place, now)
    share = having / len(opened) if opened else None
    return listed(
        request, "accounts", "政务新媒体账号", ("账号", "开设单位", "状态", "最近更新", "更新时限", "关注人数"), rows,
        note="谁开设谁主管谁应用谁负责。启用的账号在门户公开。", numeric=1,
        add=("申请开设", reverse("press:account_new"), policy.may_open_account(request.actor)),
        empty=("还没有登记账号", "微博、微信、客户端、短视频账号都要登记，批准后启用。"),
        more={
            "below": "press/opening.html" if policy.sees_all(request.actor) else "", "opened": opened, "having": having,
            "share": rate(share), "units": len(opened),
        },
    )  # fmt: skip


@office_page
@lawbook.steady()
def account_new(request: OfficeRequest) -> HttpResponse:
    """Ask for an account."""
    if not policy.may_open_account(request.actor):
        raise Http404
    start = {"unit": next(iter(sorted(request.actor.units(Power.PRESS))), None), "connector": "file"}
    form = forms.AccountForm(request.POST or None, actor=request.actor, initial=start)

    def do() -> str:
        made = actions.request_account(by=request.actor, at=clock.now(), **form.cleaned_data)
        return reverse("press:account", args=[made.code])

    return asked(
        request,
        form,
        "申请开设账号",
        reverse("press:accounts"),
        do,
        label="申请",
        done="已申请，等新闻发布主管单位批准。",
    )


@office_page
@lawbook.steady()
def account_edit(request: OfficeRequest, number: str) -> HttpResponse:
    """Change rules, keepers and connector of an account."""
    found: Account = find(request, acts.ACCOUNTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    start = {name: getattr(found, name) for name in CHANGED}
    start |= {"keeper_a": found.keeper_a_id, "keeper_b": found.keeper_b_id}
    form = forms.AccountForm(request.POST or None, actor=request.actor, row=found, initial=start)
    url = reverse("press:account", args=[found.code])

    def do() -> str:
        actions.revise_account(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    verdict = policy.may_revise_account(request.actor, found)
    return asked(request, form, f"修改 {found.name}", url, do, verdict=verdict)


@office_page
@require_safe
@lawbook.steady()
def account(request: OfficeRequest, number: str) -> HttpResponse:
    """One account: its rules, keepers, figures and posts."""
    found: Account = find(request, acts.ACCOUNTS, number)
    fields = [
        ("平台", found.platform), ("开设单位", found.unit.name), ("状态", found.stage_word), ("标识", found.handle or "—"),
        ("A 角", found.keeper_a.name if found.keeper_a else "没有定"),
        ("B 角", found.keeper_b.name if found.keeper_b else "没有定"), ("推送方式", found.get_connector_display()),
    ]  # fmt: skip
    if found.approved_by:
        fields.append(("批准", f"{found.approved_by.name}，{moment(found.opened_at)}"))
    if found.closed_at:
        fields.append(("注销", f"{moment(found.closed_at)}，{found.reason}"))
    texts = [
        ("用途", found.purpose),
        ("审核发布规范", found.review_rule),
        ("应用安全管理规定", found.security_rule),
    ]
    months = [
        (f"{one.month:%Y年%m月}", f"{one.followers:,}", f"{one.reads:,}") for one in found.months.all()[:24]
    ]
    posts = [
        (link(reverse("press:post", args=[one.post.code]), one.post.title), moment(one.sent_at) or "没有送达",
         f"{one.reads:,}" if one.reads is not None else "没有填")
        for one in found.pushes.select_related("post__matter").order_by("-id")[:20]
    ]  # fmt: skip
    page = around(request, acts.ACCOUNTS, found) | {
        "heading": found.name,
        "fields": fields,
        "texts": [one for one in texts if one[1]],
        "address": found.address,
        "edit_url": reverse("press:account_edit", args=[found.code]),
        "may_edit": policy.may_revise_account(request.actor, found),
        "tables": [
            ("月度数据", ("月份", "关注人数", "阅读次数"), months, 2),
            ("最近的稿件", ("稿件", "送达", "阅读人数"), posts, 1),
        ],
    }
    return render(request, "press/case.html", page)


# ---- posts -------------------------------------------------------------------------------------------------------


@office_page
@require_safe
@lawbook.steady()
def posts(request: OfficeRequest) -> HttpResponse:
    """Posts, the newest first, with how many accounts have them."""
    enter(request)
    found = (
        policy.cases(request.actor, SocialPost).select_related("matter", "unit").prefetch_related("pushes")
    )
    rows = []
    for one in found[:200]:
        pushes = one.pushes.all()
        sent = sum(push.sent_at is not None for push in pushes)
        url = reverse("press:post", args=[one.code])
        name = link(url, one.title, one.code)
        rows.append((name, one.unit.short_name, one.stage_word, f"{sent}／{len(pushes)}"))
    return listed(
        request, "posts", "新媒体稿件", ("稿件", "单位", "阶段", "送达账号"), rows, numeric=1,
        note="先审后发；审定后推送到各账号，没有送到的自动重试。",
        add=("起草", reverse("press:post_new"), policy.may_draft_post(request.actor)),
        empty=("还没有稿件", "起草一条，审定后推送到账号。"),
    )  # fmt: skip


@office_page
@lawbook.steady()
def post_new(request: OfficeRequest) -> HttpResponse:
    """Write a post; `of` in the address names the document, response or press event it tells of."""
    actor = request.actor
    if not policy.may_draft_post(actor):
        raise Http404
    start: dict[str, Any] = {"unit": next(iter(sorted(actor.units(Power.PRESS))), None)}
    matter = matter_of(actor, request.GET.get("of", ""))
    note = ""
    if matter is not None:
        note = f"关于：{matter.title}（{matter.number}）"
        start |= {"title": matter.title}
    form = forms.NewPostForm(request.POST or None, actor=actor, initial=start)
    if not form.fields["accounts"].queryset.exists():  # type: ignore[attr-defined]
        note = f"{note}　您管的账号还没有启用的，请先申请开设。".strip()

    def do() -> str:
        made = actions.draft_post(by=actor, at=clock.now(), of=matter, **form.cleaned_data)
        return reverse("press:post", args=[made.code])

    return asked(
        request, form, "起草新媒体稿件", reverse("press:posts"), do, note=note, done="已保存，可以送审。"
    )


@office_page
@lawbook.steady()
def post_edit(request: OfficeRequest, number: str) -> HttpResponse:
    """Change a post before it goes out."""
    found: SocialPost = find(request, acts.POSTS, number)
    if not policy.keeps(request.actor, found.unit_id):
        raise Http404
    start = {
        "title": found.title,
        "text": found.text,
        "accounts": [one.account_id for one in found.pushes.all()],
    }
    form = forms.PostForm(request.POST or None, actor=request.actor, initial=start)
    url = reverse("press:post", args=[found.code])

    def do() -> str:
        actions.edit_post(found, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    return asked(request, form, "修改稿件", url, do, verdict=policy.may_edit_post(request.actor, found))


@office_page
@require_safe
@lawbook.steady()
def post(request: OfficeRequest, number: str) -> HttpResponse:
    """One post: what it says, where it went, what failed and when it is tried again."""
    found: SocialPost = find(request, acts.POSTS, number)
    pushes = list(found.pushes.select_related("account__unit"))
    effects = {
        one.key: one for one in Effect.objects.filter(key__in=[push.effect for push in pushes if push.effect])
    }
    keeps = policy.keeps(request.actor, found.unit_id)
    rows = [
        (
            f"{one.account.name}（{one.account.platform}）", _state(one, effects.get(one.effect)),
            f"{one.reads:,}" if one.reads is not None else "没有填",
            link(reverse("press:reads", args=[found.code, one.pk]), "填阅读人数") if keeps and one.sent_at else "",
        )
        for one in pushes
    ]  # fmt: skip
    ties = Link.objects.filter(source=found.matter_id, kind=Link.Kind.AROSE_FROM).select_related("target")
    fields = [
        ("单位", found.unit.name),
        ("起草", found.author.name if found.author else "—"),
        ("阶段", found.stage_word),
    ]
    fields += [("关于", f"{tie.target.title}（{tie.target.number}）") for tie in ties]
    page = around(request, acts.POSTS, found) | {
        "heading": found.title,
        "fields": fields,
        "texts": [("正文", found.text)],
        "edit_url": reverse("press:post_edit", args=[found.code]),
        "may_edit": policy.may_edit_post(request.actor, found),
        "tables": [("推送结果", ("账号", "结果", "阅读人数", "填报"), rows, 0)],
        "attachments": Attachment.objects.of(actions.POSTS, found.code),
        "attach_url": reverse("press:pictures", args=[found.code]),
    }
    return render(request, "press/case.html", page)


def _state(push: Push, effect: Effect | None) -> str:
    """What became of a post on its way to an account, in words."""
    if push.sent_at is not None:
        return f"{moment(push.sent_at)} 送达"
    if effect is None:
        return "没有推送"
    if effect.failed_at is not None:
        return f"试了 {effect.attempts} 次没有送到，已放弃：{effect.error}"
    if effect.attempts:
        return f"第 {effect.attempts} 次没有送到，{moment(effect.due_at)} 再试：{effect.error}"
    return "正在送"


@office_page
@require_POST
def pictures(request: OfficeRequest, number: str) -> HttpResponse:
    """Add pictures to a post before it is signed."""
    found: SocialPost = find(request, acts.POSTS, number)
    policy.may_edit_post(request.actor, found).enforce()
    keep = partial(files.attach, room=actions.POSTS, number=found.code, by=request.staff, at=clock.now())
    keep_attached(request, keep, "图片")
    return redirect("press:post", found.code)


@office_page
@lawbook.steady()
def reads(request: OfficeRequest, number: str, pk: int) -> HttpResponse:
    """Enter how many read a post on an account."""
    found: SocialPost = find(request, acts.POSTS, number)
    row = get_object_or_404(Push.objects.select_related("account"), pk=pk, post=found)
    if not policy.keeps(request.actor, row.account.unit_id):
        raise Http404
    form = forms.ReadsForm(request.POST or None, actor=request.actor, initial={"reads": row.reads})
    url = reverse("press:post", args=[found.code])

    def do() -> str:
        actions.note_reads(row, by=request.actor, at=clock.now(), **form.cleaned_data)
        return url

    return asked(
        request,
        form,
        f"{row.account.name}的阅读人数",
        url,
        do,
        verdict=policy.may_enter_reads(request.actor, row),
    )
