"""A coordinator, two offices that are asked, and a lead with competence at each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.clock import today

DUE = today() + timedelta(days=30)
NEW = {"name": "Chattbot", "kind": "generally_available", "purpose": "Svarar på frågor", "supplier": "Bolaget AB"}


@pytest.fixture
def coordinator(person: Callable[..., Actor]) -> Actor:
    return person(Role.AI_COORDINATOR)


@pytest.fixture
def company(administrator: Actor) -> Any:
    """A company of the municipality, beside the administration that is there from the start."""
    from insyn.web.accounts.actions import open_office
    from insyn.web.accounts.models import Office

    open_office(actor=administrator, slug="energi", name_sv="Energibolaget", name_en="The energy company", kind="company")
    open_office(actor=administrator, slug="namnden", name_sv="Nämnden", name_en="The board", kind="board")
    return Office.objects.get(slug="energi")


@pytest.fixture
def train(administrator: Actor, user_of: Callable[[Actor], Any]) -> Callable[..., Any]:
    """``train(actor)``: competence on record for a year, from the administrator."""
    from insyn.web.inventory.actions import record_competence
    from insyn.web.inventory.models import CompetenceRecord

    def record(actor: Actor, **more: Any) -> Any:
        words = {"what": "AI-förordningen i praktiken", "given_by": "Länsstyrelsen", "valid_through": today() + timedelta(days=400)}
        record_competence(actor=administrator, user=user_of(actor), **{**words, **more})
        return CompetenceRecord.objects.order_by("-pk").first()

    return record


@pytest.fixture
def lead(person: Callable[..., Actor], train: Callable[..., Any]) -> Actor:
    """Leads the inventory of the administration."""
    actor = person(Role.INVENTORY_LEAD)
    train(actor)
    return actor


@pytest.fixture
def other_lead(administrator: Actor, company: Any, train: Callable[..., Any]) -> Actor:
    """Leads the inventory of the company."""
    from insyn.web.accounts.actions import add_person, appoint
    from insyn.web.accounts.models import User
    from insyn.web.accounts.permissions import actor_of

    add_person(actor=administrator, username="elin", first_name="Elin", last_name="Prov", password="korrekt häst batteri")
    user = User.objects.get(username="elin")
    appoint(actor=administrator, user=user, role=Role.INVENTORY_LEAD, office=company)
    actor = actor_of(user, Role.INVENTORY_LEAD, today())
    train(actor)
    return actor


@pytest.fixture
def inventory(coordinator: Actor, lead: Actor, other_lead: Actor) -> Any:
    """An open round that the administration and the company are to answer."""
    from insyn.web.inventory.actions import open_round
    from insyn.web.inventory.models import Round

    open_round(actor=coordinator, due=DUE)
    return Round.objects.get()


@pytest.fixture
def asked(inventory: Any) -> Callable[[str], Any]:
    """``asked("energi")``: what that office is to answer, as it is now."""
    return lambda office="kontoret": inventory.assignments.select_related("office", "lead", "round").get(office__slug=office)


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """``on_the_day(day)``: the site's clock says noon of that day."""
    from insyn.web import clock

    def move(day: date) -> None:
        noon = datetime.combine(day, datetime.min.time(), tzinfo=clock.now().tzinfo) + timedelta(hours=12)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return move
