from __future__ import annotations

from django.urls import path

from . import views

app_name = "needs"
urlpatterns = [
    path("behov/", views.public_needs, name="public_needs"),
    path("behov/<slug:number>/", views.public_need, name="public_need"),
    path("arbete/behov/", views.needs, name="needs"),
    path("arbete/behov/nytt/", views.new_need, name="new"),
    path("arbete/behov/<slug:number>/", views.need, name="need"),
    path("arbete/behov/<slug:number>/analys/", views.analysis, name="analysis"),
    path("arbete/behov/<slug:number>/system/", views.begin, name="begin"),
]
