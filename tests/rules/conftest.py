"""The shipped packs as Lindvalla has them, and ways to ask for gates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import settings
from rules_kit import DAY, LOAN_FACTS, SUPPLIED, all_packs, record

from insyn.core.terms import Phase
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.model import Pack
from insyn.rules.gates import GateState, HeldRecord, evaluate_gates

settings.register_profile("steady", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("steady")


@pytest.fixture(scope="session")
def lindvalla() -> tuple[Pack, ...]:
    """Law, and the policy that Lindvalla's council has adopted."""
    adopted = next(pack for pack in all_packs() if pack.id == "kommun/lindvalla")
    act = Adoption(pack=adopted.id, digest=adopted.digest, adopted_on=date(2026, 9, 1))
    return packs_in_force(all_packs(), [act], on=DAY)


@pytest.fixture
def full_set() -> list[HeldRecord]:
    return [record(kind, role) for kind, role in SUPPLIED]


@pytest.fixture
def gates_of(lindvalla: tuple[Pack, ...]) -> Callable[..., dict[str, GateState]]:
    """The gates by rule id."""

    def ask(records: list[HeldRecord], **changes: Any) -> dict[str, GateState]:
        given = {"packs": lindvalla, "facts": LOAN_FACTS, "version": "1.0", "before": Phase.IN_USE, "on": DAY}
        return {gate.rule: gate for gate in evaluate_gates(records=records, **(given | changes))}

    return ask
