from __future__ import annotations

from django.urls import path, re_path

from . import review_views, views

app_name = "oversight"
urlpatterns = [
    path("arbete/system/<slug:slug>/stopp/", views.stop, name="stop"),
    re_path(r"^arbete/system/(?P<slug>[-\w]+)/stopp/(?P<order>[0-9a-f]{32})/$", views.stop_state, name="stop_state"),
    path("arbete/system/<slug:slug>/stopp/alla/", views.stops, name="stops"),
    path("arbete/granska/", review_views.queue, name="queue"),
    re_path(r"^arbete/granska/(?P<rid>[0-9a-f]{32})/$", review_views.case, name="case"),
]
