"""Words, days and lists of requests, for templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from insyn.web import clock
from insyn.web.language import spoken
from insyn.web.register.models import System
from insyn.web.rights import clocks, words
from insyn.web.rights.grounds import ABOUT, About
from insyn.web.rights.models import RightsRequest
from insyn.web.rights.queries import outcomes
from insyn.web.rights.restricted import restricted_among
from insyn.web.rights.words import RequestKind

register = template.Library()


@register.filter
def rights_word(value: object, of: str) -> str:
    """``{{ asked.kind|rights_word:"kind" }}``: what a stored word is called."""
    return spoken(words.word(of, value)) if value else ""


@register.filter
def pace(asked: RightsRequest) -> str:
    """How the request stands to its day: ``done``, ``in_time``, ``soon`` or ``overdue``."""
    return clocks.pace(asked.due, on=clock.today(), is_open=asked.is_open).value


@register.filter
def days_left(asked: RightsRequest) -> int:
    """Days until it is due; below zero when it is late."""
    return (asked.due - clock.today()).days


@register.filter
def about(kind: str) -> About:
    """What stands about a kind: its grounds and words."""
    return ABOUT[RequestKind(kind)]


@register.simple_tag
def ask_kinds() -> list[tuple[str, About]]:
    """Every kind with what stands about it, in the order in which they are offered."""
    return [(kind.value, row) for kind, row in ABOUT.items()]


@register.inclusion_tag("rights/parts/outcomes.html")
def rights_outcomes(system: System | None = None) -> dict[str, object]:
    """How requests went, for the public page of a system or, without one, for the whole municipality."""
    return {"outcomes": outcomes(system), "system": system}


@register.filter
def per_cent(share: float) -> str:
    """0.25 as 25 %."""
    return f"{round(share * 100)}\u00a0%"


@register.simple_tag
def left_alone(rows: Iterable[Any]) -> set[str]:
    """Which of the rows of a list are restricted at present."""
    return restricted_among(row.rid for row in rows)
