from __future__ import annotations

from django.urls import path

from . import bundle_views, views

app_name = "archive"
urlpatterns = [
    path("arbete/arkiv/", views.overview, name="overview"),
    path("arbete/arkiv/gallra/", views.run, name="run"),
    path("arbete/arkiv/bevara-tills-vidare/", views.holds, name="holds"),
    path("arbete/arkiv/bevispaket/", bundle_views.bundle, name="bundle"),
]
