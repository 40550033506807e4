"""Words of reconsiderations, for templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.translation import get_language

from insyn.core import labels
from insyn.core.terms import ReconsiderationGround
from insyn.web.language import spoken
from insyn.web.remedies import words
from insyn.web.remedies.models import RemedyCase
from insyn.web.residents.plain import number_text

register = template.Library()


@register.filter
def remedy_word(value: object, of: str) -> str:
    """``{{ row.state|remedy_word:"case" }}``: what a stored word is called."""
    if of == "ground":
        return spoken(labels.label(ReconsiderationGround(str(value)))) if value in set(ReconsiderationGround) else str(value)
    return words.word(of, value)


@register.filter
def of_rid(cases: Mapping[str, RemedyCase], rid: str) -> RemedyCase | None:
    """The case about the decision, if there is one."""
    return cases.get(rid)


@register.filter
def per_cent(share: float) -> str:
    """0.125 as 12.5, or 12,5, without a sign."""
    return number_text(round(100 * share, 1), language=get_language() or "sv")
