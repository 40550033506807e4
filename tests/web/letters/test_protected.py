"""A letter to somebody with protected identity has no room for name and address, and nobody has to remember it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.web.letters import protecting
from insyn.web.letters.protecting import is_protected
from insyn.web.register.models import System
from insyn.web.residents import authority
from tests.oidc_kit.persons import PERSONS
from tests.web.oversight.conftest import holder, loans, officer
from tests.web.residents.conftest import propose_for, rights_officer

__all__ = ["holder", "loans", "officer", "propose_for", "rights_officer"]
pytestmark = pytest.mark.django_db


def test_the_draft_finds_out_who_is_protected_and_asks_nothing_while_nobody_is(
    loans: System,
    propose_for: Callable[..., str],
    officer: Actor,
    rights_officer: Actor,
    sequencer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna, bengt = propose_for("anna"), propose_for("bengt")
    before = sequencer.entries()
    assert not is_protected(loans, anna, actor=officer)
    assert sequencer.entries() == before, "no mark in the register, so nothing was opened"
    found = authority.find_person(actor=rights_officer, place="number", number=PERSONS["anna"].number)
    authority.mark_protected(actor=rights_officer, person=found, why="Skatteverkets besked.", case_number="SN 2026/5")
    assert is_protected(loans, anna, actor=officer)
    assert not is_protected(loans, bengt, actor=officer)
    assert is_protected(loans, "0" * 32, actor=officer), "what cannot be found out counts as protected"

    def down(*_words: object, **_more: object) -> str:
        raise Unreachable("down")

    monkeypatch.setattr(protecting, "number_of_case", down)
    assert is_protected(loans, bengt, actor=officer)
