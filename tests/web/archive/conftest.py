"""A system in use with a real sequencer behind it, records of an old month, and people of the archive."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from insyn.core.messages import Actor, Factor, Outcome
from insyn.core.terms import DisclosureGroup, Role

OLD = "2026-03"


@pytest.fixture
def loans(sequencer: Any, make_system: Callable[..., Any], meet_gates: Callable[..., None], member: Actor) -> Any:
    """A loan system that the sequencer holds a granted permit for."""
    from insyn.web import relay
    from insyn.web.register.actions import decide_use
    from insyn.web.register.models import System

    outcomes = {"grant": {"sv": "Bevilja", "en": "Grant"}, "deny": {"sv": "Avslå", "en": "Deny"}}
    factors = {"debts": {"label": {"sv": "Skulder", "en": "Debts"}, "unit": "%"}, "note": {"label": {"sv": "Anteckning", "en": "Note"}}}
    system = make_system("loans", outcomes=outcomes, factors=factors, favourable_outcome="grant")
    meet_gates(system)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2026/2")
    relay.relay_once(sequencer.client())
    return System.objects.get(pk=system.pk)


@pytest.fixture
def propose(loans: Any, guard: Callable[..., Any]) -> Callable[..., str]:
    """``propose()``: a proposal; returns its record id."""
    calls = guard(loans)

    def make(note: str = "inget särskilt", case: str = "SN 2026-7") -> str:
        factors = (Factor("debts", 42, -1.5), Factor("note", note, 0.0))
        payload = {"debts": 42, "note": note}
        answer = calls.decide(Outcome(outcome="deny", payload=payload, case=case, score=-1.5, factors=factors, notice="On the form."))
        return str(answer.recorded.receipt.rid)

    return make


@pytest.fixture
def old_records(loans: Any, sequencer: Any) -> list[str]:
    """Three records of a month that is over, as the sequencer of that month would have left them."""
    from insyn.evidence.store import EvidenceStore

    sequencer.kill()
    root_key = bytes.fromhex(sequencer.home.root_key.read_text())
    store = EvidenceStore.open(
        folder=sequencer.home.evidence, root_key=root_key, origin="test.example/log", clock=lambda: datetime.now(UTC)
    )
    made = []
    with store.transaction() as transaction:
        for number in range(3):
            public = {"kind": "decision", "system": "loans", "version": "1.0", "day": f"{OLD}-03", "verdict": "proposal", "epoch": 1}
            private = {DisclosureGroup.INPUT: b'{"note":"gammalt"}', DisclosureGroup.OUTPUT: b'{"outcome":"deny"}'}
            rid = secrets.token_hex(16)
            made.append(transaction.append(public={**public, "rid": rid}, private=private, case=f"SN {OLD}-{number}").rid)
    store.close()
    sequencer.start()
    return made


@pytest.fixture
def secretary(person: Callable[..., Actor]) -> Actor:
    return person(Role.COUNCIL_SECRETARY)


@pytest.fixture
def auditor(person: Callable[..., Actor]) -> Actor:
    return person(Role.AUDITOR)
