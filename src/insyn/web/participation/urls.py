from __future__ import annotations

from django.urls import path

from .views import negotiations, public, rounds, safety

app_name = "participation"
urlpatterns = [
    path("delta/", public.rounds, name="public_rounds"),
    path("delta/<slug:slug>/", public.one_round, name="public_round"),
    path("arbete/inflytande/", negotiations.influence, name="influence"),
    path("arbete/inflytande/forbund/", negotiations.unions, name="unions"),
    path("arbete/system/<slug:slug>/forhandling/", negotiations.negotiations, name="negotiations"),
    path("arbete/system/<slug:slug>/forhandling/<int:pk>/", negotiations.negotiation, name="negotiation"),
    path("arbete/system/<slug:slug>/arbetsmiljo/", safety.work_environment, name="safety"),
    path("arbete/system/<slug:slug>/samrad/", rounds.rounds, name="rounds"),
    path("arbete/system/<slug:slug>/samrad/nytt/", rounds.new_round, name="new_round"),
    path("arbete/system/<slug:slug>/samrad/<int:pk>/", rounds.one_round, name="round"),
    path("arbete/system/<slug:slug>/samrad/<int:pk>/forslag/<int:number>/", rounds.proposal, name="proposal"),
]
