"""The address book. Each app names its own paths; work is under /arbete/, the rest is public."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("insyn.web.accounts.urls")),
    path("", include("insyn.web.register.urls")),
    path("", include("insyn.web.assessments.urls")),
    path("", include("insyn.web.oversight.urls")),
    path("", include("insyn.web.reviews.urls")),
    path("", include("insyn.web.residents.urls")),
    path("", include("insyn.web.rights.urls")),
    path("", include("insyn.web.history.urls")),
    path("", include("insyn.web.needs.urls")),
    path("", include("insyn.web.participation.urls")),
    path("", include("insyn.web.decisions.urls")),
    path("", include("insyn.web.assistants.urls")),
    path("", include("insyn.web.incidents.urls")),
    path("", include("insyn.web.remedies.urls")),
    path("", include("insyn.web.portfolio.urls")),
    path("", include("insyn.web.inventory.urls")),
    path("", include("insyn.web.imports.urls")),
    path("", include("insyn.web.archive.urls")),
    path("", include("insyn.web.letters.urls")),
    path("", include("insyn.web.feedback.urls")),
    path("", include("insyn.web.site.urls")),
]
