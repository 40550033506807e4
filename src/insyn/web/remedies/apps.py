from __future__ import annotations

from django.apps import AppConfig


class RemediesConfig(AppConfig):
    name = "insyn.web.remedies"
    label = "remedies"
