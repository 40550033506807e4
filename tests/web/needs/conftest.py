"""A need, at each step of its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from needs_kit import WORDS, an_analysis

from insyn.core.messages import Actor
from insyn.core.terms import Role


@pytest.fixture
def coordinator(person: Callable[..., Actor]) -> Actor:
    return person(Role.AI_COORDINATOR)


@pytest.fixture
def raise_one(person: Callable[..., Actor]) -> Callable[..., Any]:
    from insyn.web.accounts.models import Office
    from insyn.web.needs.actions import raise_need
    from insyn.web.needs.models import Need

    def make(**changes: Any) -> Need:
        office = Office.objects.get(slug="kontoret")
        act = raise_need(actor=person(Role.CASE_OFFICER), office=office, **{**WORDS, **changes})
        return Need.objects.get(act=act)

    return make


@pytest.fixture
def need(raise_one: Callable[..., Any]) -> Any:
    return raise_one()


@pytest.fixture
def analysed(need: Any, coordinator: Actor) -> Any:
    from insyn.web.needs.actions import analyse_need

    analyse_need(actor=coordinator, need=need, **an_analysis())
    need.refresh_from_db()
    return need


@pytest.fixture
def for_ai(need: Any, coordinator: Actor, member: Actor) -> Any:
    """A need that was decided to be solved with AI."""
    from insyn.web.needs.actions import analyse_need, decide_need

    analyse_need(actor=coordinator, need=need, **an_analysis(chosen="Chattbot"))
    decide_need(actor=member, need=need, outcome="ai", why_sv="Störst nytta.", case_number="KS 2026/5")
    need.refresh_from_db()
    return need
