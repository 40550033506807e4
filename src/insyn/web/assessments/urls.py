from __future__ import annotations

from django.urls import path

from . import views

app_name = "assessments"
urlpatterns = [
    path("arbete/system/<slug:slug>/klassning/", views.start, name="start"),
    path("arbete/system/<slug:slug>/klassning/fragor/<str:key>/", views.topic, name="topic"),
    path("arbete/system/<slug:slug>/klassning/fragor/<str:key>/hittills/", views.so_far, name="so_far"),
    path("arbete/system/<slug:slug>/klassning/sammanfattning/", views.summary, name="summary"),
    path("arbete/system/<slug:slug>/klassning/<int:pk>/", views.classification, name="classification"),
]
