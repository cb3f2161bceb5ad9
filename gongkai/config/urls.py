"""Every door of the house: the office for staff, `/<place>/` for everybody."""

from django.urls import include, path

office = [
    path("account/", include("gongkai.people.account_urls")),
    path("gallery/", include("gongkai.ui.urls")),
    path("letters/", include("gongkai.letters.urls")),
    path("documents/", include("gongkai.documents.urls")),
    path("opinion/", include("gongkai.opinion.urls")),
    path("press/", include("gongkai.press.urls")),
    path("reviews/", include("gongkai.reviews.urls")),
    path("", include("gongkai.people.urls")),
    path("", include("gongkai.office.urls")),
]
urlpatterns = [
    path("office/", include(office)),
    path("files/", include("gongkai.files.urls")),
    path("", include("gongkai.portal.urls")),
]

handler404 = "gongkai.portal.views.lost.not_found"
