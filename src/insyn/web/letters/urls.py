from __future__ import annotations

from django.urls import path

from . import views

app_name = "letters"
urlpatterns = [
    path("s/<slug:slug>/", views.short, name="short"),
    path("system/<slug:slug>/information.json", views.public_notices, name="public"),
    path("arbete/system/<slug:slug>/information/", views.notices, name="notices"),
    path("arbete/system/<slug:slug>/information/<int:pk>/", views.way, name="way"),
    path("arbete/system/<slug:slug>/brevtexter/", views.texts, name="texts"),
]
