"""Who may see and change people, posts, units, leave and the roster. Nobody sees another place."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from gongkai.people.actor import Actor, must_be_apart
from gongkai.people.asks import holders_of
from gongkai.people.models import (
    AccountEvent,
    Holding,
    HoldingQuerySet,
    Leave,
    LeaveQuerySet,
    Post,
    Power,
    Staff,
    Unit,
    UnitQuerySet,
    Watch,
)
from gongkai.ui.refusal import Verdict

ASK_ADMINISTRATOR = "请找本地负责人员与单位管理的人办理。"


# ---- which rows ---------------------------------------------------------------------------------


def visible_units(actor: Actor) -> UnitQuerySet:
    """Units of one's own place, closed ones too."""
    return Unit.objects.filter(place=actor.place)


def visible_posts(actor: Actor) -> QuerySet[Post]:
    return Post.objects.filter(unit__place=actor.place)


def visible_staff(actor: Actor) -> QuerySet[Staff]:
    """All of one's place for who administers; else oneself and the people of the units one signs for."""
    here = Staff.objects.filter(place=actor.place)
    if actor.may(Power.ADMINISTER):
        return here
    mine = Holding.objects.filter(post__unit__in=actor.units(Power.SIGN)).values("staff")
    return here.filter(Q(pk=actor.staff.pk if actor.staff else None) | Q(pk__in=mine))


def visible_holdings(actor: Actor) -> HoldingQuerySet:
    return Holding.objects.filter(staff__place=actor.place)


def visible_leaves(actor: Actor) -> LeaveQuerySet:
    """Leave of the people one sees."""
    return Leave.objects.filter(staff__in=visible_staff(actor))


def visible_watches(actor: Actor) -> QuerySet[Watch]:
    """The roster of one's place: everybody may have to call."""
    return Watch.objects.filter(unit__place=actor.place)


def visible_events(actor: Actor) -> QuerySet[AccountEvent]:
    """The account log of one's place, and failed sign-ins with names that belong to nobody. Auditors only."""
    if not actor.may(Power.AUDIT):
        return AccountEvent.objects.none()
    return AccountEvent.objects.filter(Q(place=actor.place) | Q(place=None))


# ---- may they -----------------------------------------------------------------------------------


def may_administer(actor: Actor) -> Verdict:
    if actor.may(Power.ADMINISTER):
        return Verdict.yes()
    return Verdict.no("您没有人员与单位管理权限。", remedy=ASK_ADMINISTRATOR)


def may_change_unit(actor: Actor, unit: Unit) -> Verdict:
    return _administers(actor, unit.place_id)


def may_change_staff(actor: Actor, staff: Staff) -> Verdict:
    return _administers(actor, staff.place_id)


def may_close(actor: Actor, unit: Unit) -> Verdict:
    """A unit is closed or renamed once."""
    if not (verdict := may_change_unit(actor, unit)):
        return verdict
    if unit.closed_on is not None:
        return Verdict.no("这个单位已经撤并。", remedy="如果日期写错了，请在“修改”里改正。")
    return Verdict.yes()


def may_remove_post(actor: Actor, post: Post) -> Verdict:
    """Only a post that nobody ever held goes away; what was done in it stays explained."""
    if not (verdict := may_change_unit(actor, post.unit)):
        return verdict
    if post.holdings.exists():
        return Verdict.no(
            "有人担任或担任过这个岗位，要留作记录。", remedy="请免去现任，或者改岗位名称和权限。"
        )
    return Verdict.yes()


def may_add_post(actor: Actor, unit: Unit, powers: list[str]) -> Verdict:
    """May a new post of a unit give these powers?"""
    if not (verdict := may_change_unit(actor, unit)):
        return verdict
    if pair := must_be_apart(powers):
        return Verdict.no(f"{_named(pair)}不能放在同一个岗位上。", remedy="请分成两个岗位，由两个人担任。")
    return Verdict.yes()


def may_give(actor: Actor, post: Post, powers: list[str], on: date) -> Verdict:
    """May a post give these powers? Not when one of its holders would then hold two that must be apart."""
    if not (verdict := may_add_post(actor, post.unit, powers)):
        return verdict
    for holding in post.holdings.not_over(on).select_related("staff"):
        if pair := must_be_apart([*powers, *_powers(holding.staff, on, but=post)]):
            return Verdict.no(
                f"{holding.staff.name}会同时有{_named(pair)}两项权限。", remedy="请先免去其中一个岗位。"
            )
    if Power.ADMINISTER in post.powers and Power.ADMINISTER not in powers:
        return _somebody_else_administers(actor, on, but_post=post)
    return Verdict.yes()


def may_appoint(actor: Actor, staff: Staff, post: Post, on: date) -> Verdict:
    """May this person hold this post, from a day on?"""
    for place in (staff.place_id, post.unit.place_id):
        if not (verdict := _administers(actor, place)):
            return verdict
    if not staff.is_active:
        return Verdict.no(f"{staff.name}的账号已停用。", remedy="请先启用账号。")
    if post.unit.closed_on is not None and post.unit.closed_on <= on:
        return Verdict.no(f"{post.unit.name}已经撤并。", remedy="请到承接单位的岗位上任职。")
    if pair := must_be_apart([*post.powers, *_powers(staff, on)]):
        return Verdict.no(
            f"{staff.name}会同时有{_named(pair)}两项权限。", remedy="请换一个人，或先免去其中一个岗位。"
        )
    return Verdict.yes()


def may_end(actor: Actor, holding: Holding, on: date) -> Verdict:
    """May this person be relieved of this post?"""
    if not (verdict := may_change_staff(actor, holding.staff)):
        return verdict
    if holding.until_on is not None and holding.until_on <= on:
        return Verdict.no("这项任职已经结束。")
    if Power.ADMINISTER in holding.post.powers:
        return _somebody_else_administers(actor, on, but_staff=holding.staff)
    return Verdict.yes()


def may_disable(actor: Actor, staff: Staff, on: date) -> Verdict:
    """Anybody but oneself and the last administrator."""
    if not (verdict := may_change_staff(actor, staff)):
        return verdict
    if not staff.is_active:
        return Verdict.no(f"{staff.name}的账号已经停用。")
    if actor.staff and actor.staff.pk == staff.pk:
        return Verdict.no("不能停用自己的账号。", remedy="请另一位有人员与单位管理权限的人来停用。")
    return _somebody_else_administers(actor, on, but_staff=staff)


def may_reset(actor: Actor, staff: Staff) -> Verdict:
    """May they set a new password, or take the second factor off, for somebody else?"""
    if not (verdict := may_change_staff(actor, staff)):
        return verdict
    if actor.staff and actor.staff.pk == staff.pk:
        return Verdict.no("不能给自己重设。", remedy="请在“我的账号”里修改口令和两步验证。")
    return Verdict.yes()


def may_enter_leave(actor: Actor, staff: Staff) -> Verdict:
    """One's own leave, that of the people one signs for, and anybody's for who administers."""
    if actor.staff and actor.staff.pk == staff.pk:
        return Verdict.yes()
    if visible_staff(actor).filter(pk=staff.pk).exists():
        return Verdict.yes()
    return Verdict.no("只能登记本人和本单位人员的请假。", remedy="请由本人、本单位审签人或管理员登记。")


def may_roster(actor: Actor, unit: Unit) -> Verdict:
    """The unit's signer, the openness desk and the administrator draw up the roster."""
    everywhere = actor.may(Power.ADMINISTER) or actor.may(Power.OVERSEE)
    if (everywhere and unit.place_id == actor.place.pk) or actor.may(Power.SIGN, unit.pk):
        return Verdict.yes()
    return Verdict.no(f"您不能给{unit.short_name}排班。", remedy="请由该单位审签人、政务公开科或管理员排班。")


def may_audit(actor: Actor) -> Verdict:
    if actor.may(Power.AUDIT):
        return Verdict.yes()
    return Verdict.no("您没有审计权限。", remedy=ASK_ADMINISTRATOR)


def _administers(actor: Actor, place: str) -> Verdict:
    if not (verdict := may_administer(actor)):
        return verdict
    return (
        Verdict.yes()
        if place == actor.place.pk
        else Verdict.no("不是本地区的单位或人员。", remedy=ASK_ADMINISTRATOR)
    )


def _powers(staff: Staff, on: date, but: Post | None = None) -> list[str]:
    """All powers a person has or will have by their posts, whether or not they act in them today."""
    holdings = staff.holdings.not_over(on).select_related("post")
    return [power for h in holdings if but is None or h.post_id != but.pk for power in h.post.powers]


def _named(pair: tuple[str, str]) -> str:
    return "和".join(f"“{Power(power).label}”" for power in pair)


def _somebody_else_administers(
    actor: Actor, on: date, but_staff: Staff | None = None, but_post: Post | None = None
) -> Verdict:
    """Refuse what would leave a place without anybody who can give posts to others."""
    held = Holding.objects.in_force(on).filter(
        post__unit__place=actor.place, rank=Holding.Rank.A, staff__is_active=True
    )
    if but_staff is not None:
        if but_staff not in holders_of(actor.place, Power.ADMINISTER, on):
            return Verdict.yes()
        held = held.exclude(staff=but_staff)
    if but_post is not None:
        held = held.exclude(post=but_post)
    if any(Power.ADMINISTER in h.post.powers for h in held.select_related("post")):
        return Verdict.yes()
    return Verdict.no("这样以后就没有人能管理人员与单位了。", remedy="请先让另一个人担任有这项权限的岗位。")
