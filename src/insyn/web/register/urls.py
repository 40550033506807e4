from __future__ import annotations

from django.urls import path

from .views import data, decisions, entry, gates, life, limits, packs, products, start, systems, versions, work

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
    path("arbete/system/<slug:slug>/posten/", entry.entry, name="entry"),
    path("arbete/system/<slug:slug>/posten/synlighet/", entry.visibility, name="visibility"),
    path("arbete/system/<slug:slug>/posten/<slug:part>/", entry.part, name="part"),
    path("arbete/system/<slug:slug>/fakta/", systems.facts, name="facts"),
    path("arbete/system/<slug:slug>/versioner/", versions.versions, name="versions"),
    path("arbete/system/<slug:slug>/versioner/<int:pk>/", versions.version, name="version"),
    path("arbete/system/<slug:slug>/granser/", limits.limits, name="limits"),
    path("arbete/system/<slug:slug>/data/", data.data, name="data"),
    path("arbete/system/<slug:slug>/data/ny/", data.propose, name="propose_data"),
    path("arbete/system/<slug:slug>/data/<int:pk>/", data.data_use, name="data_use"),
    path("arbete/system/<slug:slug>/produkt/", products.use, name="use_product"),
    path("arbete/leverantorer/", products.suppliers, name="suppliers"),
    path("arbete/leverantorer/<int:pk>/", products.supplier, name="supplier"),
    path("arbete/produkter/", products.products, name="products"),
    path("arbete/produkter/ny/", products.register, name="register_product"),
    path("arbete/produkter/<slug:slug>/", products.product, name="product"),
    path("arbete/produkter/<slug:slug>/andra/", products.change, name="change_product"),
    path("produkt/<slug:slug>/", products.public_product, name="public_product"),
    path("arbete/system/<slug:slug>/nycklar/", systems.keys, name="keys"),
    path("arbete/system/<slug:slug>/krav/", gates.gates, name="gates"),
    path("arbete/system/<slug:slug>/krav/steg/<slug:to>/", life.step, name="step"),
    path("arbete/system/<slug:slug>/agare/", life.hand_over, name="hand_over"),
    path("arbete/system/<slug:slug>/handling/<int:pk>/", gates.record, name="record"),
    path("arbete/system/<slug:slug>/beslut/", decisions.decisions, name="decisions"),
    path("arbete/system/<slug:slug>/beslut/<int:pk>/", decisions.decision, name="decision"),
    path("arbete/system/<slug:slug>/akter/", start.acts, name="system_acts"),
]
