"""The address book. Each app names its own paths; work is under /arbete/, the rest is public."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("insyn.web.accounts.urls")),
    path("", include("insyn.web.register.urls")),
    path("", include("insyn.web.assessments.urls")),
    path("", include("insyn.web.oversight.urls")),
    path("", include("insyn.web.residents.urls")),
    path("", include("insyn.web.site.urls")),
]
