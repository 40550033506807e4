from __future__ import annotations

from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("logga-in/", views.sign_in, name="sign_in"),
    path("logga-ut/", views.sign_out, name="sign_out"),
    path("arbete/personer/", views.people, name="people"),
    path("arbete/personer/<str:person>/", views.person, name="person"),
]
