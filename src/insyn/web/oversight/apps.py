from __future__ import annotations

from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "insyn.web.oversight"
    label = "oversight"
