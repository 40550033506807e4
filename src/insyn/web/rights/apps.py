from __future__ import annotations

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "insyn.web.rights"
    label = "rights"
