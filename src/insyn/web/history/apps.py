from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "insyn.web.history"
    label = "history"
