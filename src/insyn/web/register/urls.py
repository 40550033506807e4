from __future__ import annotations

from django.urls import path

from .views import decisions, gates, packs, start, systems, work

app_name = "register"
urlpatterns = [
    path("arbete/", start.start, name="start"),
    path("arbete/akter/", start.acts, name="acts"),
    path("arbete/regelpaket/", packs.rule_packs, name="packs"),
    path("arbete/regelpaket/andring/", packs.pack_change, name="pack_change"),
    path("arbete/regelpaket/texter/<path:pack>/", packs.pack_history, name="pack_history"),
    path("arbete/uppgift/<int:pk>/", work.work_item, name="work_item"),
    path("arbete/system/", start.systems, name="systems"),
    path("arbete/system/nytt/", systems.register, name="register"),
    path("arbete/system/<slug:slug>/", systems.overview, name="system"),
    path("arbete/system/<slug:slug>/beskrivning/", systems.describe, name="describe"),
    path("arbete/system/<slug:slug>/fakta/", systems.facts, name="facts"),
    path("arbete/system/<slug:slug>/versioner/", systems.versions, name="versions"),
    path("arbete/system/<slug:slug>/nycklar/", systems.keys, name="keys"),
    path("arbete/system/<slug:slug>/krav/", gates.gates, name="gates"),
    path("arbete/system/<slug:slug>/handling/<int:pk>/", gates.record, name="record"),
    path("arbete/system/<slug:slug>/beslut/", decisions.decisions, name="decisions"),
    path("arbete/system/<slug:slug>/beslut/<int:pk>/", decisions.decision, name="decision"),
    path("arbete/system/<slug:slug>/akter/", start.acts, name="system_acts"),
]
