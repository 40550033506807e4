"""The provider's addresses: django-oauth-toolkit's own, and the page where one chooses who to be."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path
from django.utils.html import escape

from .persons import PERSONS


def choose(request: HttpRequest) -> HttpResponse:
    """Who to be, or to break off."""
    after = request.GET.get("next", "/")
    who = request.GET.get("who", "")
    if who == "break-off":
        asked = parse_qs(urlsplit(after).query)
        told = urlencode({"error": "access_denied", "state": asked["state"][0]})
        return HttpResponseRedirect(f"{asked['redirect_uri'][0]}?{told}")
    if who in PERSONS:
        login(request, User.objects.get(username=who), backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(after)
    rows = "".join(
        f'<li><a href="?{escape(urlencode({"next": after, "who": name}))}">{escape(person.name)}</a></li>'
        for name, person in PERSONS.items()
    )
    off = escape(urlencode({"next": after, "who": "break-off"}))
    return HttpResponse(
        f'<!doctype html><html lang="sv"><title>Vem är du?</title><h1>Vem är du?</h1><ul>{rows}</ul><p><a href="?{off}">Avbryt</a></p></html>'
    )


urlpatterns = [
    path("valj/", choose),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
