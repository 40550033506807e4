from __future__ import annotations

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "insyn.web.reviews"
    label = "reviews"
