from __future__ import annotations

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "insyn.web.inventory"
    label = "inventory"
