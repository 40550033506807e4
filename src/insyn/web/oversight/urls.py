from __future__ import annotations

from django.urls import path, re_path

from insyn.web.reviews import case_views, queue_views

from . import views, wide_views

app_name = "oversight"
urlpatterns = [
    path("arbete/system/<slug:slug>/stopp/", views.stop, name="stop"),
    re_path(r"^arbete/system/(?P<slug>[-\w]+)/stopp/(?P<order>[0-9a-f]{32})/$", views.stop_state, name="stop_state"),
    path("arbete/system/<slug:slug>/stopp/ovning/", views.exercise, name="exercise"),
    path("arbete/stopp/", wide_views.wide_stop, name="wide_stop"),
    re_path(r"^arbete/stopp/(?P<order>[0-9a-f]{32})/$", wide_views.wide_state, name="wide_state"),
    path("arbete/stopp/alla/", wide_views.wide_stops, name="wide_stops"),
    path("arbete/stopp/papper/", wide_views.paper, name="paper"),
    re_path(r"^arbete/stopp/papper/(?P<order>[0-9a-f]{32})/$", wide_views.paper_state, name="paper_state"),
    path("arbete/system/<slug:slug>/stopp/alla/", views.stops, name="stops"),
    path("arbete/granska/", queue_views.queue, name="queue"),
    re_path(r"^arbete/granska/(?P<rid>[0-9a-f]{32})/$", case_views.case, name="case"),
]
