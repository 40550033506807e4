from __future__ import annotations

from django.urls import path

from . import views

app_name = "decisions"
urlpatterns = [
    path("arbete/delegation/", views.delegation, name="delegation"),
    path("arbete/delegation/<int:pk>/", views.item, name="item"),
    path("arbete/system/<slug:slug>/avvikelser/", views.deviations, name="deviations"),
    path("arbete/system/<slug:slug>/avvikelser/<int:pk>/", views.deviation, name="deviation"),
    path("arbete/system/<slug:slug>/utvarderingar/", views.evaluations, name="evaluations"),
    path("delegation/", views.public_delegation, name="public_delegation"),
    path("avvikelser/", views.public_deviations, name="public_deviations"),
]
