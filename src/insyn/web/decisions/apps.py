from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "insyn.web.decisions"
    label = "decisions"
