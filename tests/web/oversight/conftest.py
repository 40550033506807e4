"""A system in use with a real sequencer behind it, and people who may stop, review and decide."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor, Factor, Outcome
from insyn.core.terms import Role

OUTCOMES = {"grant": {"sv": "Bevilja", "en": "Grant"}, "deny": {"sv": "Avslå", "en": "Deny"}}
FACTORS = {
    "debts": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts in relation to income"}, "unit": "%"},
    "income": {"label": {"sv": "Inkomst", "en": "Income"}, "unit": {"sv": "kr", "en": "SEK"}},
    "note": {"label": {"sv": "Anteckning", "en": "Note"}},
}


@pytest.fixture
def loans(sequencer: Any, make_system: Callable[..., Any], meet_gates: Callable[..., None], member: Actor) -> Any:
    """A loan system that the sequencer holds a granted permit for."""
    from insyn.web import relay
    from insyn.web.register.actions import decide_use
    from insyn.web.register.models import System

    system = make_system("loans", outcomes=OUTCOMES, factors=FACTORS, favourable_outcome="grant")
    meet_gates(system)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2026/2")
    relay.relay_once(sequencer.client())
    return System.objects.get(pk=system.pk)


@pytest.fixture
def holder(person: Callable[..., Actor]) -> Actor:
    return person(Role.STOP_HOLDER)


@pytest.fixture
def officer(person: Callable[..., Actor]) -> Actor:
    return person(Role.CASE_OFFICER)


@pytest.fixture
def propose(loans: Any, guard: Callable[..., Any]) -> Callable[..., str]:
    """``propose(note="...")``: a proposal that waits for a person; returns its record id."""
    calls = guard(loans)

    def make(note: str = "inget särskilt", case: str = "SN 2026-7") -> str:
        payload = {"debts": 42, "income": 31000, "note": note}
        factors = (Factor("debts", 42, -1.5), Factor("income", 31000, 0.5), Factor("note", note, 0.0))
        answer = calls.decide(Outcome(outcome="deny", payload=payload, case=case, score=-1.0, factors=factors, notice="On the form."))
        return str(answer.recorded.receipt.rid)

    return make


def open_stop_page(client: Any, slug: str = "loans") -> str:
    """The token of the page's form."""
    page = client.get(f"/arbete/system/{slug}/stopp/")
    assert page.status_code == 200, page.content.decode()
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def follow_until(client: Any, address: str, words: str, *, seconds: float = 15.0) -> str:
    """Look at the page again and again, as the browser does, until it says the words."""
    deadline = time.monotonic() + seconds
    while True:
        text = str(client.get(address).content.decode())
        if words in text:
            return text
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
