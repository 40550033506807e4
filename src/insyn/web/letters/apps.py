from __future__ import annotations

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "insyn.web.letters"
    label = "letters"
