"""Every door of the house: the office for staff, `/<place>/` for everybody."""

from django.urls import include, path

urlpatterns = [
    path("office/account/", include("gongkai.people.account_urls")),
    path("office/letters/", include("gongkai.letters.urls")),
    path("office/", include("gongkai.office.urls")),
    path("", include("gongkai.portal.urls")),
]
