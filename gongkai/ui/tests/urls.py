"""The addresses of these tests: the gallery, an act that is refused, an act that breaks."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from gongkai.ui.refusal import Verdict


def refuse(request: HttpRequest) -> HttpResponse:
    Verdict.no("还没有核实记录。", "留言办理办法 第五条", "请先添加核实记录。").enforce()
    return HttpResponse("办结")


def allow(request: HttpRequest) -> HttpResponse:
    Verdict.yes().enforce()
    return HttpResponse("办结")


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("坏了")


urlpatterns = [
    path("gallery/", include("gongkai.ui.urls")),
    path("refuse/", refuse),
    path("allow/", allow),
    path("crash/", crash),
]
