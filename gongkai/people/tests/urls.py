"""Only the doors of this room, with a stand-in for the office that signing in leads to."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from gongkai.people.desk import OfficeRequest, office_page


@office_page
def work(request: OfficeRequest) -> HttpResponse:
    return HttpResponse(f"{request.staff.name}：{'、'.join(request.actor.posts)}")


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("门户")


urlpatterns = [
    path("office/account/", include("gongkai.people.account_urls")),
    path("office/", include("gongkai.people.urls")),
    path("office/", include(([path("work/", work, name="work")], "office"))),
    path("", home),
]
