from __future__ import annotations

from django.urls import path

from . import tree_views, views

app_name = "accounts"
urlpatterns = [
    path("logga-in/", views.sign_in, name="sign_in"),
    path("logga-ut/", views.sign_out, name="sign_out"),
    path("arbete/organisation/", tree_views.organisation, name="organisation"),
    path("arbete/organisation/<slug:slug>/", tree_views.office, name="office"),
    path("arbete/personer/", views.people, name="people"),
    path("arbete/personer/<str:person>/", views.person, name="person"),
]
