"""The loan system of the oversight tests, a system about employees, officers for rights of two offices, and residents who have come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor, Factor, Outcome
from insyn.core.terms import Role
from tests.web.oversight.conftest import holder, loans, officer

__all__ = ["holder", "loans", "officer"]
ADA, BEA = "19121212-1212", "19900101-1239"


@pytest.fixture
def rights_officer(person: Callable[..., Actor]) -> Actor:
    return person(Role.RIGHTS_OFFICER)


@pytest.fixture
def elsewhere(administrator: Actor) -> Callable[..., Actor]:
    """``elsewhere(Role.RIGHTS_OFFICER)``: somebody in an office of their own, outside everybody's line."""
    from insyn.web import clock
    from insyn.web.accounts.actions import add_person, appoint, open_office
    from insyn.web.accounts.models import Office, User
    from insyn.web.accounts.permissions import actor_of

    def make(role: Role, name: str = "eva") -> Actor:
        if not Office.objects.filter(slug="annan").exists():
            open_office(actor=administrator, slug="annan", name_sv="En annan enhet", name_en="Another office", kind="administration")
        add_person(actor=administrator, username=name, first_name=name.title(), last_name="Annan", password="korrekt häst batteri")
        user = User.objects.get(username=name)
        appoint(actor=administrator, user=user, role=role, office=Office.objects.get(slug="annan"))
        return actor_of(user, role, clock.today())

    return make


@pytest.fixture
def letter_of(person: Callable[..., Actor]) -> Callable[..., Any]:
    """``letter_of(system, rid)``: the row of a code that opens the record; the code itself stands as ``typed`` on it."""
    from insyn.web.residents.actions import issue_case_code
    from insyn.web.residents.models import CaseCode

    def make(system: Any, *rids: str) -> Any:
        typed = issue_case_code(actor=person(Role.CASE_OFFICER), system=system, rids=list(rids))
        row = CaseCode.objects.order_by("-pk").first()
        row.typed = typed
        return row

    return make


@pytest.fixture
def by_code(letter_of: Callable[..., Any]) -> Callable[..., Any]:
    """``by_code(system, rid)``: a resident with a letter's code, as the acts know them. Needs no sequencer."""
    from insyn.web import clock
    from insyn.web.residents.standing import Resident, Via

    def make(system: Any, *rids: str) -> Any:
        code = letter_of(system, *rids)
        return Resident(Via.CODE, "", code, None, protected=False, until=clock.now() + timedelta(minutes=30))

    return make


def come_in(code: Any) -> Client:
    """A browser that has entered the code."""
    browser = Client()
    assert browser.post("/mitt-arende/", {"code": code.typed}).status_code == 302
    return browser


@pytest.fixture
def work_system(make_system: Callable[..., Any]) -> Any:
    """A system that schedules employees."""
    from insyn.web.register.models import System

    made = make_system("schema", name_sv="Schemastöd", name_en="Scheduling")
    System.objects.filter(pk=made.pk).update(facts={"aia.uses": ["work_management"]})
    return System.objects.get(pk=made.pk)


@pytest.fixture
def propose(loans: Any, guard: Callable[..., Any]) -> Callable[..., str]:
    """``propose(subject="…")``: a proposal about that person; returns its record id."""
    calls = guard(loans)

    def make(subject: str = ADA, case: str = "SN 2026-7", note: str = "inget särskilt") -> str:
        payload = {"debts": 42, "income": 31000, "note": note}
        factors = (Factor("debts", 42, -1.5), Factor("income", 31000, 0.5), Factor("note", note, 0.0))
        made = Outcome(outcome="deny", payload=payload, case=case, subject=subject, score=-1.0, factors=factors, notice="On the form.")
        return str(calls.decide(made).recorded.receipt.rid)

    return make
