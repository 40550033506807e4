"""Focus areas, as far as somebody has stated them: of the need that a system began from, otherwise of its needs analysis."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from insyn.web.register.contents.life import FOCUS_AREAS

from .models import Standing


def by_focus_area(rows: QuerySet[Standing]) -> tuple[dict[str, int], dict[str, str]]:
    """How many of the systems serve each focus area (empty word: none stated), and what the areas are called."""
    area = Coalesce("system__need__focus_area", "focus_area")
    counts = dict(rows.order_by().values_list(area).annotate(count=Count("pk")))
    return counts, {word: str(name) for word, name in FOCUS_AREAS}
