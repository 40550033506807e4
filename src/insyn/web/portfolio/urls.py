from __future__ import annotations

from django.urls import path

from . import views

app_name = "portfolio"
urlpatterns = [
    path("arbete/kalender/", views.calendar, name="calendar"),
    path("arbete/installningar/", views.settings, name="settings"),
    path("arbete/portfolj/", views.portfolio, name="portfolio"),
    path("oversikt/", views.overview, name="overview"),
    path("kalender/offentlig.ics", views.public_feed, name="public_feed"),
    path("kalender/<str:token>.ics", views.own_feed, name="own_feed"),
]
