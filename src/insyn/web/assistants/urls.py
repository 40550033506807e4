from __future__ import annotations

from django.urls import path

from . import views

app_name = "assistants"
urlpatterns = [
    path("arbete/assistenter/", views.assistants, name="assistants"),
    path("arbete/assistenter/<slug:slug>/", views.assistant, name="assistant"),
]
