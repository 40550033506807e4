from __future__ import annotations

from django.urls import path, re_path

from . import case_views, lead_views, queue_views

app_name = "reviews"
urlpatterns = [
    path("arbete/granska/fordela/", queue_views.share, name="share"),
    re_path(r"^arbete/granska/(?P<rid>[0-9a-f]{32})/ovning/$", case_views.made, name="made"),
    path("arbete/system/<slug:slug>/granskning/", lead_views.lead, name="lead"),
]
