from __future__ import annotations

from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("arbete/import/", views.imports, name="imports"),
    path("arbete/import/<int:pk>/", views.one, name="one"),
    path("arbete/import/<int:pk>/steg/", views.step, name="step"),
    path("arbete/import/<int:pk>/rader.csv", views.faults, name="faults"),
]
