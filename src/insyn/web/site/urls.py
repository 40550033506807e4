from __future__ import annotations

from django.urls import path

from . import views

app_name = "site"
urlpatterns = [
    path("", views.start, name="start"),
    path("system/<slug:slug>/", views.system, name="system"),
    path("logg/", views.log, name="log"),
    path("logg/post/<int:index>/", views.log_entry, name="log_entry"),
    path("logg/data/<path:path>", views.log_data, name="log_data"),
    path("om/", views.about, name="about"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("sprak/", views.language, name="language"),
]
