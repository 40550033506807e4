"""The loan system with a real sequencer, decided cases in it, and officers who may look at them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from record_kit import name_reviewers

from insyn.core.home import Home
from insyn.core.messages import Actor, Done, Open, Opened, Review
from insyn.core.terms import DisclosureGroup, ReviewVerdict, Role
from tests.web.oversight.conftest import holder, loans, officer, propose

__all__ = ["OWN", "holder", "loans", "officer", "propose"]
OWN = "Jag har räknat om skulderna och talat med sökanden om lånet."


def ask(message: Any) -> Any:
    from insyn.web import bridge

    return bridge.ask(lambda number: msgspec.structs.replace(message, id=number))


def open_record(rid: str, actor: Actor) -> Opened:
    answer = ask(Open(id=0, rid=rid, groups=tuple(DisclosureGroup)[:5], actor=actor, purpose="review", system="loans"))
    assert isinstance(answer, Opened), answer
    return answer


@pytest.fixture
def own_home(settings: Any, tmp_path: Path) -> Home:
    """A home with its own log and figures, and the keys that signed the permits."""
    (tmp_path / "secrets").symlink_to(settings.HOME.secrets)
    settings.HOME = Home(tmp_path)
    return Home(tmp_path)


@pytest.fixture
def colleague(loans: Any, owner: Actor, officer: Actor, person: Callable[..., Actor], sequencer: Any) -> Actor:
    """A second officer whom the permit names."""
    from tests.web.conftest import LAST_DAY

    other = person(Role.CASE_OFFICER, "kollega")
    name_reviewers(loans, owner=owner, reviewers=(officer, other), through=LAST_DAY.isoformat(), client=sequencer.client())
    return other


@pytest.fixture
def decide(propose: Callable[..., str], officer: Actor) -> Callable[..., str]:
    """``decide()``: a proposal to deny that the officer decided; returns its record id. ``outcome`` is what the officer decided."""

    def make(outcome: str = "deny", reasons: str = "Skulderna är för höga i förhållande till inkomsten.") -> str:
        rid = propose()
        opened = open_record(rid, officer)
        verdict = ReviewVerdict.ACCEPTED if outcome == "deny" else ReviewVerdict.CHANGED
        answer = ask(
            Review(
                id=0,
                system="loans",
                rid=rid,
                proposal=opened.leaf,
                verdict=verdict,
                outcome=outcome,
                reasons=reasons,
                heard_party=False,
                actor=officer,
                opened=opened.opened,
            )
        )
        assert isinstance(answer, Done), answer
        return rid

    return make
