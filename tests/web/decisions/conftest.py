"""A board above the office that owns the systems, its officials, and packs that ask for delegations and evaluations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.clock import today

PACKS = Path(__file__).parent / "packs"


@pytest.fixture
def with_policy(settings: Any) -> None:
    """A second policy beside those of all tests. Ask for it before anything that opens the register."""
    settings.INSYN_PACKS = [*settings.INSYN_PACKS, PACKS / "policy"]


@pytest.fixture
def with_delegation_law(settings: Any) -> None:
    """A law that asks for the board's delegation where a system decides by itself."""
    settings.INSYN_PACKS = [*settings.INSYN_PACKS, PACKS / "law"]


@pytest.fixture
def board(administrator: Actor) -> Any:
    """The board above the office where the systems are."""
    from insyn.web.accounts.actions import open_office
    from insyn.web.accounts.models import Office

    open_office(actor=administrator, slug="namnden", name_sv="Nämnden", name_en="The board", kind="board")
    found = Office.objects.get(slug="namnden")
    Office.objects.filter(slug="kontoret").update(parent=found)
    return found


@pytest.fixture
def other_board(administrator: Actor) -> Any:
    from insyn.web.accounts.actions import open_office
    from insyn.web.accounts.models import Office

    open_office(actor=administrator, slug="andra", name_sv="Andra nämnden", name_en="The other board", kind="board")
    return Office.objects.get(slug="andra")


@pytest.fixture
def secretary(person: Callable[..., Actor]) -> Actor:
    return person(Role.COUNCIL_SECRETARY)


@pytest.fixture
def delegate(person: Callable[..., Actor]) -> Actor:
    return person(Role.DELEGATE)


@pytest.fixture
def adopt(secretary: Actor, board: Any) -> Callable[..., Any]:
    """``adopt("4.1", what="use.decide")``: an item of the board's list, recorded by the secretary."""
    from insyn.web.accounts.models import Office
    from insyn.web.decisions.actions import adopt_delegation
    from insyn.web.decisions.models import DelegationItem

    def make(number: str = "4.1", **changes: Any) -> DelegationItem:
        words = {
            "board": board,
            "what": "use.decide",
            "text_sv": "Beslut att ta ett AI-system i bruk",
            "text_en": "Decision to put an AI system into use",
            "office": None if changes.get("what") == "automated_decision" else Office.objects.get(slug="kontoret"),
            "highest_class": "high",
            "decided_on": today(),
            "first_day": today(),
            "case_number": "NN 2026/9",
        }
        act = adopt_delegation(actor=changes.pop("actor", secretary), number=number, **{**words, **changes})
        return DelegationItem.objects.get(act=act)

    return make


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """``on_the_day(day)``: the site's clock says noon of that day."""

    def go(day: date) -> None:
        noon = datetime.combine(day, datetime.min.time(), tzinfo=clock.timezone.get_current_timezone()) + timedelta(hours=12)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return go
