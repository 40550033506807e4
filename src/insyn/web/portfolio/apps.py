from __future__ import annotations

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "insyn.web.portfolio"
    label = "portfolio"
