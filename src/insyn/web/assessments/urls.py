from __future__ import annotations

from django.urls import path

from . import record_views, views, writing_views

app_name = "assessments"
urlpatterns = [
    path("arbete/system/<slug:slug>/handling/ny/<slug:kind>/", writing_views.write, name="write"),
    path("arbete/system/<slug:slug>/handling/utkast/<int:pk>/", writing_views.draft, name="record_draft"),
    path("arbete/system/<slug:slug>/handling/utkast/<int:pk>/kasta/", writing_views.discard, name="discard"),
    path("arbete/system/<slug:slug>/handling/utkast/<int:pk>/bilaga/", writing_views.attach, name="attach"),
    path("arbete/system/<slug:slug>/handling/utkast/<int:pk>/kommentar/", record_views.comment, {"on": "draft"}, name="comment_draft"),
    path("arbete/system/<slug:slug>/handling/<int:pk>/kommentar/", record_views.comment, {"on": "record"}, name="comment"),
    path("arbete/system/<slug:slug>/handling/<int:pk>/underskrift/", record_views.countersign, name="countersign"),
    path("arbete/system/<slug:slug>/handling/<int:pk>/pdf/", record_views.document, name="document"),
    path("arbete/kommentar/<int:pk>/svar/", record_views.answer, name="answer"),
    path("arbete/bilaga/<int:pk>/", record_views.attachment, name="attachment"),
    path("arbete/bilaga/<int:pk>/bort/", writing_views.remove_attachment, name="remove_attachment"),
    path("bilaga/<int:pk>/", record_views.public_attachment, name="public_attachment"),
    path("arbete/system/<slug:slug>/klassning/", views.start, name="start"),
    path("arbete/system/<slug:slug>/klassning/fragor/<str:key>/", views.topic, name="topic"),
    path("arbete/system/<slug:slug>/klassning/fragor/<str:key>/hittills/", views.so_far, name="so_far"),
    path("arbete/system/<slug:slug>/klassning/sammanfattning/", views.summary, name="summary"),
    path("arbete/system/<slug:slug>/klassning/<int:pk>/", views.classification, name="classification"),
]
