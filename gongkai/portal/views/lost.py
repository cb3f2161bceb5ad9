"""An address that leads nowhere: an old one of a document leads to it for good, any other gets a friendly page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse

from gongkai.documents.models import Address
from gongkai.people.models import Place
from gongkai.portal.shell import HOME, frame


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Follow an old address (301), else say what can be done (404). Two queries at most."""
    path = request.get_full_path()
    known = Address.objects.filter(path__in={path, request.path}, place__is_open=True)
    if old := known.select_related("place", "document__matter").first():
        return HttpResponsePermanentRedirect(
            reverse("portal:document", args=[old.place.slug, old.document.code])
        )
    slug = request.path_info.strip("/").split("/")[0]
    place = Place.objects.filter(slug=slug, is_open=True).first()
    if place is None:
        return render(request, "404.html", status=404)
    return render(
        request, "portal/lost.html", frame(place, HOME, [("没有这一页", "")], proof=False), status=404
    )
