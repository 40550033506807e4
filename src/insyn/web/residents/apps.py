from __future__ import annotations

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "insyn.web.residents"
    label = "residents"
