"""我为政府网站找错: a form for every reader, and what became of it by its code."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from gongkai.documents import actions
from gongkai.documents.models import Fault
from gongkai.ledger import clock
from gongkai.portal import throttle
from gongkai.portal.forms import FaultCodeForm, FaultForm, half_width
from gongkai.portal.shell import FAULTS, PortalRequest, personal_page, show

SENT = "fault"
PRIVATE = ("rate", "letter", "follow")  # addresses that lead to one letter
FAULT = throttle.Limit("fault", 10, 3600)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def fault(request: PortalRequest) -> HttpResponse:
    """Say which page is wrong and how; a stamp and a count by address hold floods off."""
    if request.method != "POST":
        initial = {"address": _came_from(request), "stamp": throttle.new_stamp(clock.now())}
        return _ask(request, FaultForm(initial=initial))
    given, now, who = request.POST.copy(), clock.now(), throttle.address(request)
    form, stamp = FaultForm(given), throttle.read_stamp(given.get("stamp", ""))
    if throttle.over(FAULT, who):
        form.add_error(None, "这个网络一小时内提交得太多了，请过一会儿再提交，您写的内容还在下面。")
        return _ask(request, form, 429)
    if not form.is_valid():
        return _ask(request, form)
    if objection := throttle.objection(given.get("website", ""), stamp, now):
        form.add_error(None, objection)
        if stamp is None or stamp.is_stale(now):
            given["stamp"] = throttle.new_stamp(now)
        return _ask(request, form)
    throttle.count(FAULT, who)
    fields = ("address", "kind", "words", "contact")
    written = {name: form.cleaned_data[name] for name in fields}
    row = actions.report_fault(request.place, at=now, **written)
    request.session[SENT] = row.code
    return redirect("portal:fault_sent", request.place.slug)


@require_safe
@personal_page
def sent(request: PortalRequest) -> HttpResponse:
    """The code of what was just reported. Lives in the session alone."""
    row = Fault.objects.filter(place=request.place, code=request.session.get(SENT, "")).first()
    if row is None:
        return redirect("portal:fault", request.place.slug)
    return _show(request, "fault_sent.html", {"fault": row}, [("已收到", "")])


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def follow(request: PortalRequest) -> HttpResponse:
    """What became of a reported fault. Codes are not guessed: tries are counted by address."""
    form, row, status = FaultCodeForm(request.POST if request.method == "POST" else None), None, 200
    who = throttle.address(request)
    if throttle.over(throttle.TRYING, who):
        form.add_error(None, "试的次数太多了，请十分钟后再试。") if form.is_bound else None
        status = 429
    elif form.is_bound and form.is_valid():
        throttle.count(throttle.TRYING, who)
        row = Fault.objects.filter(place=request.place, code=half_width(form.cleaned_data["code"])).first()
        if row is None:
            form.add_error("code", "没有找到，请对照提交时给您的 12 位查询码。")
    status = 422 if status == 200 and form.errors else status
    return _show(request, "fault_follow.html", {"form": form, "fault": row}, [("查处理结果", "")], status)


def _ask(request: PortalRequest, form: FaultForm, status: int = 0) -> HttpResponse:
    return _show(request, "fault.html", {"form": form}, [], status or (422 if form.errors else 200))


def _show(
    request: PortalRequest,
    template: str,
    page: dict[str, object],
    crumbs: list[tuple[str, str]],
    status: int = 200,
) -> HttpResponse:
    trail = [(FAULTS.name, "fault" if crumbs else ""), *crumbs]
    return show(request, template, page, column=FAULTS, crumbs=trail, status=status, proof=False)


def _came_from(request: PortalRequest) -> str:
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(referer).path
    return referer.split("?")[0][:300] if ours and not any(f"/{name}/" in path for name in PRIVATE) else ""
