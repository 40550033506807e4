"""Words of the work list."""

from __future__ import annotations

from django import template

from insyn.web.portfolio.kinds import kind_label

register = template.Library()


@register.filter
def kind_name(kind: str) -> str:
    """What a kind of waiting is called."""
    return kind_label(kind)
