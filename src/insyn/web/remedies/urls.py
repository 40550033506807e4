from __future__ import annotations

from django.urls import path, re_path

from . import error_views, followup_views, views

app_name = "remedies"
urlpatterns = [
    path("arbete/omprovning/", views.work, name="work"),
    re_path(r"^arbete/omprovning/(?P<rid>[0-9a-f]{32})/$", views.case, name="case"),
    path("arbete/omprovning/fel/", error_views.error_list, name="errors"),
    path("arbete/omprovning/fel/<int:pk>/", error_views.error, name="error"),
    path("arbete/omprovning/fel/<int:pk>/csv/", error_views.error_csv, name="error_csv"),
    path("arbete/system/<slug:slug>/fel/", error_views.new_error, name="new_error"),
    path("arbete/system/<slug:slug>/uppfoljning/", followup_views.followup, name="followup"),
]
