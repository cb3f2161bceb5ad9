"""Every door of the house: the office for staff, `/<place>/` for everybody."""

from django.urls import include, path

urlpatterns = [
    path("office/account/", include("gongkai.people.account_urls")),
    path("office/", include("gongkai.people.urls")),
    path("office/gallery/", include("gongkai.ui.urls")),
    path("office/letters/", include("gongkai.letters.urls")),
    path("office/documents/", include("gongkai.documents.urls")),
    path("office/opinion/", include("gongkai.opinion.urls")),
    path("office/press/", include("gongkai.press.urls")),
    path("office/reviews/", include("gongkai.reviews.urls")),
    path("office/", include("gongkai.office.urls")),
    path("files/", include("gongkai.files.urls")),
    path("", include("gongkai.portal.urls")),
]

handler404 = "gongkai.portal.views.lost.not_found"
