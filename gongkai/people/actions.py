"""What changes people, posts, units, leave and the roster. Every act leaves a line in the account log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import NotRequired, TypedDict

from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from gongkai.people import policy
from gongkai.people.actor import Actor
from gongkai.people.models import (
    AccountEvent,
    Duty,
    Holding,
    Leave,
    Place,
    Post,
    Power,
    Responsibility,
    Staff,
    Unit,
    Watch,
)
from gongkai.people.passwords import one_time_password
from gongkai.ui.refusal import Refused

What = AccountEvent.What


class UnitCard(TypedDict):
    """What is written down about a unit."""

    name: str
    short_name: str
    code: str
    kind: str
    superior: NotRequired[Unit | None]
    phone: NotRequired[str]
    address: NotRequired[str]
    competence: NotRequired[str]
    webhook: NotRequired[str]
    opened_on: NotRequired[date | None]
    closed_on: NotRequired[date | None]
    map_row: NotRequired[int | None]
    map_column: NotRequired[int | None]


class StaffCard(TypedDict):
    """What is written down about a person."""

    name: str
    phone: str
    email: str


# ---- accounts -----------------------------------------------------------------------------------


@transaction.atomic
def first_administrator(
    *,
    code: str,
    slug: str,
    place_name: str,
    government: str,
    username: str,
    name: str,
    password: str,
    at: datetime,
) -> Staff:
    """Found the first place of an empty installation, its government office and its first administrator.

    Raises Refused as soon as anybody has an account.
    """
    if Staff.objects.exists():
        raise Refused("已经有账号了，不能再建第一个管理员。", remedy="请登录后在“人员”里新增。")
    place, _ = Place.objects.get_or_create(
        code=code,
        defaults={"slug": slug, "name": place_name, "level": level_of(code), "government": government},
    )
    office, _ = Unit.objects.get_or_create(
        place=place,
        name=f"{government}办公室",
        defaults={"code": f"{code}-01", "short_name": f"{place_name}政府办", "kind": Unit.Kind.OFFICE},
    )
    Responsibility.objects.get_or_create(unit=office, duty=Duty.OPENNESS)
    post = Post.objects.create(unit=office, name="系统管理", powers=[Power.ADMINISTER])
    staff = Staff.objects.create_user(username, password, name=name, place=place)
    Holding.objects.create(staff=staff, post=post)
    _log(What.PLACE_FOUNDED, Actor(place, staff), at, whom=staff, about=f"{place}，第一位管理员")
    return staff


def level_of(code: str) -> str:
    """The level that an administrative division code stands for (GB/T 2260): xx0000 province, xxxx00 city."""
    if code.endswith("0000"):
        return str(Place.Level.PROVINCE)
    return str(Place.Level.CITY if code.endswith("00") else Place.Level.COUNTY)


def note(
    what: str, staff: Staff | None, *, at: datetime, address: str | None = None, about: str = ""
) -> None:
    """Write down what a person did at the door: signed in or out, failed to, turned on a second factor.

    `staff` is None when somebody tried a name that nobody has; the name is not kept.
    """
    AccountEvent.objects.create(
        at=at,
        place=staff.place if staff else None,
        by=staff,
        whom=staff,
        what=what,
        about=about,
        address=address,
    )


def vouch(login: str, password: str, code: Callable[[], str], *, at: datetime) -> Staff:
    """The person who proves at a terminal who they are: by password, and by the code of the second factor if it is on.

    `code` asks for it. What failed and what held are both in the account log. Raises Refused.
    """
    staff = Staff.objects.filter(username=login.strip().lower()).select_related("place").first()
    if staff is None or not staff.check_password(password):
        note(What.SIGN_IN_FAILED, staff, at=at, about="终端：口令不对" if staff else "终端：没有这个账号")
        raise Refused("账号或口令不对")
    if not staff.is_active or staff.must_change_password:
        note(What.SIGN_IN_FAILED, staff, at=at, about="终端：账号停用或还没有改一次性口令")
        raise Refused("这个账号已停用，或还没有改过一次性口令", remedy="请先在网页上登录。")
    second = Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).first()
    if second is not None and not second.wrap().validate_code(code()):
        note(What.SIGN_IN_FAILED, staff, at=at, about="终端：验证码不对")
        raise Refused("验证码不对，或已过时")
    note(What.SIGNED_IN, staff, at=at, about="终端")
    return staff


@transaction.atomic
def change_password(staff: Staff, password: str, *, at: datetime, address: str | None = None) -> None:
    """Take a person's own new password, which the form has checked. All their other sessions end with it."""
    staff.set_password(password)
    staff.must_change_password = False
    staff.save(update_fields=["password", "must_change_password"])
    note(What.PASSWORD_CHANGED, staff, at=at, address=address)


@transaction.atomic
def add_staff(card: StaffCard, *, username: str, by: Actor, at: datetime) -> tuple[Staff, str]:
    """Give a person an account. Returns it with the one-time password, which is not kept anywhere."""
    policy.may_administer(by).enforce()
    password = one_time_password()
    staff = Staff.objects.create_user(username, password, place=by.place, must_change_password=True, **card)
    _log(What.STAFF_ADDED, by, at, whom=staff, about=f"账号 {username}")
    return staff, password


@transaction.atomic
def change_staff(staff: Staff, card: StaffCard, *, by: Actor, at: datetime) -> None:
    """Correct a person's name and how to reach them."""
    staff = _locked(staff)
    policy.may_change_staff(by, staff).enforce()
    if changed := _write(staff, card):
        _log(What.STAFF_CHANGED, by, at, whom=staff, about=changed)


@transaction.atomic
def change_own_card(
    staff: Staff,
    *,
    phone: str,
    email: str,
    quiet_from: time | None,
    quiet_until: time | None,
    at: datetime,
) -> None:
    """A person says how to reach them and when not to."""
    staff = _locked(staff)
    card = {"phone": phone, "email": email, "quiet_from": quiet_from, "quiet_until": quiet_until}
    if changed := _write(staff, card):
        note(What.STAFF_CHANGED, staff, at=at, about=changed)


@transaction.atomic
def reset_password(staff: Staff, *, by: Actor, at: datetime) -> str:
    """Return a one-time password for somebody locked out. Their sessions end and they must change it."""
    staff = _locked(staff)
    policy.may_reset(by, staff).enforce()
    password = one_time_password()
    staff.set_password(password)
    staff.must_change_password = True
    staff.save(update_fields=["password", "must_change_password"])
    _log(What.PASSWORD_RESET, by, at, whom=staff)
    return password


@transaction.atomic
def remove_second_factor(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Take the second factor off the account of somebody who lost their phone."""
    staff = _locked(staff)
    policy.may_reset(by, staff).enforce()
    removed, _ = Authenticator.objects.filter(user=staff).delete()
    if removed:
        _log(What.SECOND_FACTOR_OFF, by, at, whom=staff, about="由管理员解除")


@transaction.atomic
def disable(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Close an account at once, sessions and all. The person and what they did stay."""
    staff = _locked(staff)
    policy.may_disable(by, staff, timezone.localdate(at)).enforce()
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    _log(What.STAFF_DISABLED, by, at, whom=staff)


@transaction.atomic
def enable(staff: Staff, *, by: Actor, at: datetime) -> None:
    """Let a person sign in again."""
    staff = _locked(staff)
    policy.may_change_staff(by, staff).enforce()
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    _log(What.STAFF_ENABLED, by, at, whom=staff)


# ---- units and posts ----------------------------------------------------------------------------


@transaction.atomic
def open_unit(card: UnitCard, *, duties: Iterable[str], by: Actor, at: datetime) -> Unit:
    """Add a unit to one's place, with what it answers for."""
    policy.may_administer(by).enforce()
    unit = Unit.objects.create(place=by.place, **card)
    _answer_for(unit, duties)
    _log(What.UNIT_OPENED, by, at, about=unit.name)
    return unit


@transaction.atomic
def change_unit(unit: Unit, card: UnitCard, *, duties: Iterable[str], by: Actor, at: datetime) -> None:
    """Correct what is written about a unit. A new name by decision is `rename_unit`."""
    unit = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    policy.may_change_unit(by, unit).enforce()
    was = unit.short_name
    changed = _write(unit, card)
    if _answer_for(unit, duties):
        changed = "；".join(filter(None, [changed, "职能"]))
    if changed:
        _log(What.UNIT_CHANGED, by, at, about=f"{was}：{changed}")


@transaction.atomic
def close_unit(unit: Unit, *, on: date, successor: Unit, by: Actor, at: datetime) -> None:
    """Merge a unit into another from a day on, which takes over what it answers for, and on that day the units below it.

    Its row and posts stay; its open work is not moved.
    """
    unit = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    policy.may_close(by, unit).enforce()
    if successor.pk == unit.pk or successor.place_id != unit.place_id:
        raise Refused("承接单位应是本地区的另一个单位。", remedy="请重新选择承接单位。")
    both = Responsibility.objects.filter(unit__in=[unit, successor])
    _answer_for(successor, both.values_list("duty", flat=True))
    unit.closed_on = on
    unit.successor = successor
    unit.save(update_fields=["closed_on", "successor"])
    hand_over_parts(at)
    _log(What.UNIT_CLOSED, by, at, about=f"{unit.name}，自 {on:%Y-%m-%d} 起由{successor.name}承接")


@transaction.atomic
def rename_unit(
    unit: Unit, *, on: date, name: str, short_name: str, code: str, by: Actor, at: datetime
) -> Unit:
    """Give a unit a new name from a day on: the old row keeps its name and ends, a new one goes on with its
    duties, posts and holders. Holders keep their posts in the old unit, to finish what is open there.
    """
    unit = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    policy.may_close(by, unit).enforce()
    renamed = Unit.objects.create(
        place=unit.place,
        code=code,
        name=name,
        short_name=short_name,
        kind=unit.kind,
        superior=unit.superior,
        phone=unit.phone,
        address=unit.address,
        competence=unit.competence,
        webhook=unit.webhook,
        opened_on=on,
        map_row=unit.map_row,
        map_column=unit.map_column,
    )
    _answer_for(renamed, unit.responsibilities.values_list("duty", flat=True))
    for post in unit.posts.all():
        again = Post.objects.create(unit=renamed, name=post.name, section=post.section, powers=post.powers)
        for holding in post.holdings.not_over(on):
            Holding.objects.create(
                staff=holding.staff,
                post=again,
                rank=holding.rank,
                from_on=max(on, holding.from_on or on),
                until_on=holding.until_on,
            )
    unit.closed_on = on
    unit.successor = renamed
    unit.save(update_fields=["closed_on", "successor"])
    hand_over_parts(at)
    _log(What.UNIT_RENAMED, by, at, about=f"{unit.name}，自 {on:%Y-%m-%d} 起称{name}")
    return renamed


def hand_over_parts(now: datetime) -> int:
    """Put the units below those whose last day is over under their successors; how many. Safe to run at any time."""
    on = timezone.localdate(now)
    parts = Unit.objects.standing(on).filter(superior__closed_on__lte=on, superior__successor__isnull=False)
    successor = Unit.objects.filter(pk=OuterRef("superior")).values("successor")[:1]
    return parts.exclude(pk=F("superior__successor")).update(superior=Subquery(successor))


@transaction.atomic
def add_post(unit: Unit, *, name: str, section: str, powers: list[str], by: Actor, at: datetime) -> Post:
    """Add a post with the powers it gives."""
    policy.may_add_post(by, unit, powers).enforce()
    post = Post.objects.create(unit=unit, name=name, section=section, powers=powers)
    _log(What.POST_ADDED, by, at, about=f"{post}：{_labels(powers)}")
    return post


@transaction.atomic
def change_post(post: Post, *, name: str, section: str, powers: list[str], by: Actor, at: datetime) -> None:
    """Rename a post or change what it lets its holders do, from now on."""
    _lock(by.place)
    post = Post.objects.select_related("unit").get(pk=post.pk)
    policy.may_give(by, post, powers, timezone.localdate(at)).enforce()
    was = _labels(post.powers)
    post.name, post.section, post.powers = name, section, powers
    post.save(update_fields=["name", "section", "powers"])
    _log(What.POST_CHANGED, by, at, about=f"{post}：{was} → {_labels(powers)}")


@transaction.atomic
def remove_post(post: Post, *, by: Actor, at: datetime) -> None:
    """Take away a post that nobody ever held."""
    _lock(by.place)
    policy.may_remove_post(by, post).enforce()
    named = str(post)
    post.delete()
    _log(What.POST_REMOVED, by, at, about=named)


@transaction.atomic
def appoint(
    staff: Staff,
    post: Post,
    *,
    rank: str,
    from_on: date | None,
    until_on: date | None,
    by: Actor,
    at: datetime,
) -> Holding:
    """Put a person into a post as A or B. Raises Refused when two powers would meet that must be apart."""
    _lock(by.place)
    on = max(timezone.localdate(at), from_on or date.min)
    policy.may_appoint(by, staff, post, on).enforce()
    if staff.holdings.not_over(on).filter(post=post).exists():
        raise Refused(f"{staff.name}已经在{post}任职。", remedy="要换 A、B 角，请先免去现在的。")
    holding = Holding.objects.create(staff=staff, post=post, rank=rank, from_on=from_on, until_on=until_on)
    _log(What.APPOINTED, by, at, whom=staff, about=f"{post}（{holding.get_rank_display()}）")
    return holding


@transaction.atomic
def end_holding(holding: Holding, *, on: date, by: Actor, at: datetime) -> None:
    """Relieve a person of a post from a day on."""
    _lock(by.place)
    policy.may_end(by, holding, on).enforce()
    holding.until_on = max(on, holding.from_on or on)
    holding.save(update_fields=["until_on"])
    _log(
        What.HOLDING_ENDED,
        by,
        at,
        whom=holding.staff,
        about=f"{holding.post}，自 {holding.until_on:%Y-%m-%d} 起",
    )


# ---- leave and roster ---------------------------------------------------------------------------


@transaction.atomic
def enter_leave(
    staff: Staff, *, first_on: date, last_on: date, reason: str, by: Actor, at: datetime
) -> Leave:
    """Write down that a person is away, first and last day included; B of their posts stands in."""
    staff = _locked(staff)
    policy.may_enter_leave(by, staff).enforce()
    if staff.leaves.filter(first_on__lte=last_on, last_on__gte=first_on).exists():
        raise Refused("这几天里已经登记过请假。", remedy="请先取消原来的，再重新登记。")
    leave = Leave.objects.create(staff=staff, first_on=first_on, last_on=last_on, reason=reason)
    _log(What.LEAVE_ENTERED, by, at, whom=staff, about=_days(leave))
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: Actor, at: datetime) -> None:
    """Call a leave off; one that has begun ends yesterday, so what B did meanwhile stays explained."""
    policy.may_enter_leave(by, leave.staff).enforce()
    today = timezone.localdate(at)
    if leave.last_on < today:
        raise Refused("这次请假已经过去，要留作记录。")
    about = _days(leave)
    if leave.first_on < today:
        leave.last_on = today - timedelta(days=1)
        leave.save(update_fields=["last_on"])
    else:
        leave.delete()
    _log(What.LEAVE_CANCELLED, by, at, whom=leave.staff, about=about)


@transaction.atomic
def roster(
    unit: Unit,
    staff: Staff,
    *,
    starts_at: datetime,
    ends_at: datetime,
    phone: str,
    days: int,
    by: Actor,
    at: datetime,
) -> list[Watch]:
    """Put a person on duty, on `days` days running at the same hours (1 for once)."""
    staff = _locked(staff)
    policy.may_roster(by, unit).enforce()
    shifts = [timedelta(days=n) for n in range(days)]
    for shift in shifts:
        if staff.watches.filter(starts_at__lt=ends_at + shift, ends_at__gt=starts_at + shift).exists():
            raise Refused(
                f"{staff.name}在 {timezone.localtime(starts_at + shift):%Y-%m-%d %H:%M} 这一班已经有值班。",
                remedy="请换时间或换人。",
            )
    watches = Watch.objects.bulk_create(
        Watch(unit=unit, staff=staff, starts_at=starts_at + shift, ends_at=ends_at + shift, phone=phone)
        for shift in shifts
    )
    _log(What.WATCH_ADDED, by, at, whom=staff, about=f"{_watch(watches[0])}，{days} 班")
    return watches


@transaction.atomic
def remove_watch(watch: Watch, *, by: Actor, at: datetime) -> None:
    """Take a shift out of the roster before it is over."""
    policy.may_roster(by, watch.unit).enforce()
    if watch.ends_at <= at:
        raise Refused("这一班已经值完，要留作记录。")
    about = _watch(watch)
    watch.delete()
    _log(What.WATCH_REMOVED, by, at, whom=watch.staff, about=about)


# ---- the log ------------------------------------------------------------------------------------


def note_export(*, rows: int, by: Actor, at: datetime) -> None:
    """Write down that the account log was taken out of the system."""
    policy.may_audit(by).enforce()
    _log(What.LOG_EXPORTED, by, at, about=f"{rows} 条")


def _log(what: str, by: Actor, at: datetime, *, whom: Staff | None = None, about: str = "") -> None:
    AccountEvent.objects.create(at=at, place=by.place, by=by.staff, whom=whom, what=what, about=about[:255])


def _lock(place: Place) -> None:
    """One change of posts at a place at a time: two could together give one person what must be apart."""
    Place.objects.select_for_update(of=("self",)).get(pk=place.pk)


def _locked(staff: Staff) -> Staff:
    return Staff.objects.select_for_update(of=("self",)).select_related("place").get(pk=staff.pk)


def _write(row: models.Model, values: Mapping[str, object]) -> str:
    """Save the fields that differ and name them with what they were and are; '' when nothing differs."""
    named = []
    for name, value in values.items():
        was = getattr(row, name)
        if was == value:
            continue
        setattr(row, name, value)
        field = row._meta.get_field(name)
        label = str(getattr(field, "verbose_name", name))
        named.append(
            label if isinstance(field, models.TextField) else f"{label} {was or '空'} → {value or '空'}"
        )
    if named:
        row.save(update_fields=list(values))
    return "；".join(named)


def _answer_for(unit: Unit, duties: Iterable[str]) -> bool:
    """Make the unit answer for just these duties. True when that changes anything."""
    wanted = set(duties)
    now = set(unit.responsibilities.values_list("duty", flat=True))
    unit.responsibilities.filter(duty__in=now - wanted).delete()
    Responsibility.objects.bulk_create(Responsibility(unit=unit, duty=duty) for duty in sorted(wanted - now))
    return wanted != now


def _labels(powers: Iterable[str]) -> str:
    held = set(powers)
    return "、".join(power.label for power in Power if power in held) or "无权限"


def _days(leave: Leave) -> str:
    return f"{leave.first_on:%Y-%m-%d} 至 {leave.last_on:%Y-%m-%d}"


def _watch(watch: Watch) -> str:
    start, end = timezone.localtime(watch.starts_at), timezone.localtime(watch.ends_at)
    return f"{watch.unit} {start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}"
