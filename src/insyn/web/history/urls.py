from __future__ import annotations

from django.urls import path

from . import views

app_name = "history"
urlpatterns = [
    path("system/<slug:slug>/historik/", views.of_system, name="system"),
    path("system/<slug:slug>/historik/<int:number>/", views.revision, name="revision"),
    path("arbete/system/<slug:slug>/historik/", views.work_of_system, name="work_system"),
    path("arbete/system/<slug:slug>/historik/<int:number>/", views.work_revision, name="work_revision"),
]
