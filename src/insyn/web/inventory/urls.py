from __future__ import annotations

from django.urls import path

from . import views

app_name = "inventory"
urlpatterns = [
    path("arbete/inventering/", views.rounds, name="rounds"),
    path("arbete/inventering/kompetens/", views.competence, name="competence"),
    path("arbete/inventering/<int:pk>/", views.one_round, name="round"),
    path("arbete/inventering/svar/<int:pk>/", views.assignment, name="assignment"),
    path("arbete/inventering/anmalt/<int:pk>/", views.reported, name="reported"),
]
