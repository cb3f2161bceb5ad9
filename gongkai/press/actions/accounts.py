"""Accounts and posts: asked for, approved, closed; written, signed, pushed through a connector by the outbox."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gongkai.files.models import Attachment
from gongkai.ledger import actions as ledger
from gongkai.ledger import outbox
from gongkai.ledger.models import Effect, Fact, Link, Matter
from gongkai.notices import webhooks
from gongkai.notices.models import Delivery
from gongkai.notices.undelivered import Undelivered
from gongkai.people.actor import Actor
from gongkai.people.models import Staff, Unit
from gongkai.press import facts, policy
from gongkai.press.actions.report import ACCOUNTS, POSTS, around, need, opened, report, without_numbers
from gongkai.press.models import Account, AccountMonth, Push, SocialPost
from gongkai.reviews import actions as reviews
from gongkai.reviews.models import Sheet
from gongkai.text import screen
from gongkai.ui.refusal import Refused
from gongkai.vault import cipher

PUSH = "press.push"
FOLDER = "posts"
PICTURES = 20 << 20  # bytes of the pictures of a post that is pushed to an address
RULES = ("handle", "address", "purpose", "review_rule", "security_rule", "connector", "hook")


@transaction.atomic
def request_account(
    *,
    unit: Unit,
    platform: str,
    name: str,
    by: Actor,
    at: datetime,
    keeper_a: Staff | None = None,
    keeper_b: Staff | None = None,
    secret: str = "",
    **fields: Any,
) -> Account:
    """Ask for an account of a unit (谁开设谁主管谁应用谁负责). It is used once the press office has approved it."""
    policy.may_open_account(by, unit.pk).enforce()
    name = need(name, "没有写账号名称", "请写账号的全称。")
    account = Account(
        matter=opened(ACCOUNTS, name, unit, at), place=unit.place, unit=unit, title=name[:200], platform=platform,
        stage=Account.Stage.ASKED,
    )  # fmt: skip
    _fill(account, fields, keeper_a, keeper_b, secret)
    account.save()
    report(account, facts.ACCOUNT_REQUESTED, by, at, unit=unit.code, platform=platform)
    return account


def _fill(
    account: Account, fields: dict[str, Any], keeper_a: Staff | None, keeper_b: Staff | None, secret: str
) -> None:
    if unknown := set(fields) - set(RULES):
        raise TypeError(f"not a field of an account: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(account, name, value)
    account.keeper_a, account.keeper_b = keeper_a, keeper_b
    if account.is_called:
        if not account.hook:
            raise Refused("没有写接口网址", remedy="推送到接口的账号，请写接口网址。")
        try:
            webhooks.check(account.hook)
        except Undelivered as error:
            raise Refused(str(error), remedy="请核对接口网址，或请运维把主机加入名单。") from None
    if secret:
        account.secret = cipher.seal(secret)


def _locked(account: Account) -> Account:
    rows = Account.objects.select_for_update(of=("self",)).select_related("matter__place", "place", "unit")
    return rows.get(pk=account.pk)


@transaction.atomic
def revise_account(
    account: Account,
    *,
    by: Actor,
    at: datetime,
    keeper_a: Staff | None = None,
    keeper_b: Staff | None = None,
    secret: str = "",
    **fields: Any,
) -> Account:
    """Change the entry of an account: its rules, its keepers, how it is reached. An empty secret leaves the kept one."""
    account = _locked(account)
    policy.may_revise_account(by, account).enforce()
    _fill(account, fields, keeper_a, keeper_b, secret)
    if account.stage == Account.Stage.ACTIVE and not policy.case_of_account(account)["rules"]:
        raise Refused("运行的账号不能没有两项规定", remedy="请写明审核发布规范和应用安全管理规定。")
    account.save()
    report(account, facts.ACCOUNT_REVISED, by, at, unit=account.unit.code)
    around(account.place, f"account:{account.pk}", at)
    return account


@transaction.atomic
def activate(account: Account, *, by: Actor, at: datetime) -> Account:
    """Approve an account: from now on it is used, stands on the portal and has to stay alive."""
    account = _locked(account)
    policy.may_activate(by, account).enforce()
    account.move_to(Account.Stage.ACTIVE)
    account.opened_at, account.approved_by = at, by.staff
    account.save()
    report(account, facts.ACCOUNT_ACTIVATED, by, at, unit=account.unit.code, platform=account.platform)
    around(account.place, f"account:{account.pk}", at)
    return account


@transaction.atomic
def close_account(account: Account, *, by: Actor, at: datetime, reason: str) -> Account:
    """Close an account, with the reason."""
    account = _locked(account)
    policy.may_close_account(by, account).enforce()
    account.move_to(Account.Stage.CLOSED)
    account.closed_at, account.reason = at, need(reason, "没有写注销理由", "请写明为什么注销。")[:300]
    account.save()
    report(
        account,
        facts.ACCOUNT_CLOSED,
        by,
        at,
        unit=account.unit.code,
        reason=screen.mask(account.reason)[:200],
    )
    around(account.place, f"account:{account.pk}", at)
    return account


@transaction.atomic
def note_month(
    account: Account, *, by: Actor, at: datetime, month: date, followers: int, reads: int = 0
) -> AccountMonth:
    """Enter followers and reads of an account for a month; entered again they replace what stood."""
    policy.may_revise_account(by, account).enforce()
    row, _made = AccountMonth.objects.update_or_create(
        account=account, month=month.replace(day=1), defaults={"followers": followers, "reads": reads}
    )
    return row


@transaction.atomic
def note_update(account: Account, *, by: Actor, at: datetime) -> Account:
    """Note that an account was updated by its own means; once a day is enough."""
    account = _locked(account)
    policy.may_revise_account(by, account).enforce()
    if account.stage != Account.Stage.ACTIVE:
        raise Refused("账号没有启用")
    _is_alive(account, by, at)
    return account


def _is_alive(account: Account, by: Actor, at: datetime) -> None:
    """Record that an account was updated, at most once a day: its matter stays small."""
    last = Fact.objects.filter(matter=account.matter_id, kind=str(facts.ACCOUNT_UPDATED)).last()
    if last is None or timezone.localdate(last.happened_at) != timezone.localdate(at):
        report(account, facts.ACCOUNT_UPDATED, by, at, unit=account.unit.code)


# ---- posts -------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_post(
    *,
    unit: Unit,
    title: str,
    text: str,
    accounts: Iterable[Account],
    by: Actor,
    at: datetime,
    of: Matter | None = None,
) -> SocialPost:
    """Write something for accounts. `of` is the matter it tells of: a press event, a response, a document."""
    policy.may_draft_post(by, unit.pk).enforce()
    title = need(title, "没有标题", "请写标题。")
    post = SocialPost.objects.create(
        matter=opened(POSTS, title, unit, at), place=unit.place, unit=unit, title=title[:200], author=by.staff,
        text=need(text, "没有正文", "请写正文。"), stage=SocialPost.Stage.DRAFT,
    )  # fmt: skip
    _choose(post, accounts, by)
    fact = report(post, facts.POST_DRAFTED, by, at, unit=unit.code)
    if of is not None:
        if not policy.plannable(by).filter(pk=of.pk).exists():
            raise Refused("没有这个事项", remedy="请核对编号。")
        ledger.link(Link.Kind.AROSE_FROM, post.matter, of, fact)
    return post


def _choose(post: SocialPost, accounts: Iterable[Account], by: Actor) -> None:
    chosen = list(accounts)
    if not chosen:
        raise Refused("没有选账号", remedy="请至少选一个账号。")
    for account in chosen:
        if account.place_id != post.place_id or not policy.keeps(by, account.unit_id):
            raise Refused(f"“{account}”不归您管", remedy="请选本单位的账号。")
    post.pushes.exclude(account__in=chosen).filter(pushed_at=None).delete()
    Push.objects.bulk_create([Push(post=post, account=one) for one in chosen], ignore_conflicts=True)


def _locked_post(post: SocialPost) -> SocialPost:
    rows = SocialPost.objects.select_for_update(of=("self",)).select_related("matter__place", "unit")
    return rows.get(pk=post.pk)


@transaction.atomic
def edit_post(
    post: SocialPost, *, by: Actor, at: datetime, title: str, text: str, accounts: Iterable[Account]
) -> SocialPost:
    """Change a post before it goes out; what was signed has to be signed again."""
    post = _locked_post(post)
    policy.may_edit_post(by, post).enforce()
    if post.stage == SocialPost.Stage.SIGNED:
        post.move_to(SocialPost.Stage.DRAFT)
    post.title, post.text = need(title, "没有标题", "请写标题。")[:200], need(text, "没有正文", "请写正文。")
    post.save()
    _choose(post, accounts, by)
    report(post, facts.POST_DRAFTED, by, at, unit=post.unit.code)
    return post


@transaction.atomic
def submit_post(post: SocialPost, *, by: Actor, at: datetime) -> Sheet:
    """Send a post to be signed."""
    post = _locked_post(post)
    policy.may_submit_post(by, post).enforce()
    without_numbers(f"{post.title}\n{post.text}")
    post.move_to(SocialPost.Stage.REVIEWING).save()
    points = [("发到", "、".join(str(one.account) for one in post.pushes.select_related("account")))]
    pictures = Attachment.objects.of(POSTS, post.code)
    points += [("图片", "、".join(one.name for one in pictures))] if pictures else []
    if sum(one.size for one in pictures) > PICTURES and any(one.is_called for one in post.accounts.all()):
        raise Refused(
            "图片太大，推送不出去",
            remedy=f"推送到接口的，图片合计不超过 {PICTURES >> 20} MB，请压缩后再送审。",
        )
    return reviews.submit(
        post.matter, policy.POST, unit=post.unit, title=post.title, text=post.text, case={}, by=by, at=at,
        points=points,
    )  # fmt: skip


def post_signed(sheet: Sheet, by: Actor, at: datetime) -> None:
    """All have signed the post."""
    post = _locked_post(SocialPost.objects.only("pk").get(matter=sheet.matter_id))
    post.move_to(SocialPost.Stage.SIGNED).save()
    report(post, facts.POST_SIGNED, by, at, unit=post.unit.code)


def post_unsigned(sheet: Sheet, by: Actor, at: datetime, ground: str) -> None:
    """Returned or taken back."""
    post = _locked_post(SocialPost.objects.only("pk").get(matter=sheet.matter_id))
    post.move_to(SocialPost.Stage.DRAFT).save()


@transaction.atomic
def push(post: SocialPost, *, by: Actor, at: datetime) -> SocialPost:
    """Send a signed post to its accounts by the outbox; where it was given up, once more."""
    post = _locked_post(post)
    policy.may_push(by, post).enforce()
    waiting = list(post.pushes.filter(sent_at=None))
    keys = [one.effect for one in waiting if one.effect]
    running = Effect.objects.filter(key__in=keys, failed_at=None, done_at=None).values_list("key", flat=True)
    again = [one for one in waiting if one.effect not in set(running)]
    if not again:
        raise Refused("没有要推送的账号", remedy="都已送达，或者正在送。")
    for one in again:
        one.effect, one.pushed_at = f"{PUSH}:{one.pk}:{at.isoformat()}", at
        one.save(update_fields=["effect", "pushed_at"])
        outbox.post(PUSH, one.effect, {"push": one.pk}, at)
    post.move_to(SocialPost.Stage.PUSHED).save()
    report(post, facts.POST_PUSHED, by, at, unit=post.unit.code, accounts=len(again))
    return post


@transaction.atomic
def deliver(pk: int, now: datetime) -> None:
    """Give one post to one account through its connector. Called by the outbox; safe to call again."""
    row = (
        Push.objects.select_for_update(of=("self",))
        .select_related("post__matter", "account__unit")
        .get(pk=pk)
    )
    if row.sent_at is not None:
        return
    post, account = row.post, row.account
    if account.is_called:
        message = Delivery(
            key=row.effect, unit=account.unit, title=post.title, body=post.text, number=post.matter.number
        )
        secret = cipher.unseal(account.secret) if account.secret else ""
        as_form = account.connector == Account.Connector.FORM
        webhooks.give(account.hook, secret, message, now, webhooks.Enclosures(_pictures(post), as_form))
    else:
        _write(post, account, now)
    row.sent_at = now
    row.save(update_fields=["sent_at"])
    system = Actor.system(account.place)
    details = {"unit": account.unit.code, "platform": account.platform, "account": account.name}
    ledger.record(facts.POST_SENT, matter=post.matter, by=system, at=now, details=details)
    _is_alive(account, system, now)


def _pictures(post: SocialPost) -> list[webhooks.Enclosed]:
    """The pictures of a post as they go along with it. Raises Undelivered when they are too many bytes for a call."""
    pictures = list(Attachment.objects.of(POSTS, post.matter.number))
    if (size := sum(one.size for one in pictures)) > PICTURES:
        raise Undelivered(f"图片共 {size / 2**20:.1f} MB，超过接口的 {PICTURES >> 20} MB")
    return [webhooks.Enclosed(one.name, one.media_type, one.path.read_bytes()) for one in pictures]


def _write(post: SocialPost, account: Account, now: datetime) -> None:
    """The connector of an account without an interface: JSON, text and pictures in a folder for whoever fetches them."""
    number = post.matter.number
    folder = Path(settings.HOME) / "outbox" / FOLDER / f"{number}-{account.pk}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pictures = list(Attachment.objects.of(POSTS, number))
    for one in pictures:
        shutil.copyfile(one.path, folder / one.name)
    message = {
        "number": number, "platform": account.platform, "account": account.name, "handle": account.handle,
        "unit": account.unit.code, "title": post.title, "text": post.text, "at": timezone.localtime(now).isoformat(),
        "pictures": [{"name": one.name, "digest": one.digest} for one in pictures],
    }  # fmt: skip
    _put(folder / "post.json", json.dumps(message, ensure_ascii=False, indent=2))
    _put(folder / "post.txt", f"{post.title}\n\n{post.text}\n")


def _put(file: Path, text: str) -> None:
    part = file.with_name(f".{file.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(file)


@transaction.atomic
def note_reads(row: Push, *, by: Actor, at: datetime, reads: int) -> Push:
    """Enter how many read a post on an account."""
    policy.may_enter_reads(by, row).enforce()
    row.reads = reads
    row.save(update_fields=["reads"])
    return row
