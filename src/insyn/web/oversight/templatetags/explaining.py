"""What the page part about an explanation asks for."""

from __future__ import annotations

from django import template

from insyn.web import clock
from insyn.web.assessments.fidelity import ExplanationTest, explanation_test as test_of
from insyn.web.register.models import System
from insyn.web.residents import plain

register = template.Library()


@register.filter
def weighty(factors: list[plain.FactorLine]) -> list[plain.FactorLine]:
    """The factors that are shown at once."""
    return plain.significant(factors)


@register.filter
def lighter(factors: list[plain.FactorLine]) -> list[plain.FactorLine]:
    """Those that are shown when asked for."""
    return factors[len(plain.significant(factors)) :]


@register.simple_tag
def explanation_test(system: System, version: str) -> ExplanationTest:
    """How the explanations of this version were tested, and what came out."""
    return test_of(system, version, clock.today())
