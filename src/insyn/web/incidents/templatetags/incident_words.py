"""Words and times of orders and incidents, for templates."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template

from insyn.web.incidents import wording, words

register = template.Library()


@register.filter
def word(value: object, of: str) -> str:
    """``{{ order.state|word:"order" }}``: what a stored word is called."""
    return words.word(of, value)


@register.filter
def moment(value: datetime | None) -> str:
    """2026-11-22 10:15, in the site's time zone."""
    return wording.moment_text(value)


@register.filter
def duration(value: timedelta | None) -> str:
    """14 h 20 min; empty for none."""
    return "" if value is None else wording.duration_text(value)
