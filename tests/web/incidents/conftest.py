"""An assistant that Insyn cannot hold, the people who stop it, and the law that ships."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Reach, RecordKind, Role, SystemKind

ROOT = Path(__file__).resolve().parents[3]
TEST_LAW = ROOT / "tests" / "web" / "packs"
ROUTE = {"what": "Stäng av licensen i adminportalen.", "channel": "08-123 45", "out_of_hours": "Jourtelefon 08-999", "promised_minutes": 60}


@pytest.fixture
def real_law(settings: Any) -> None:
    """The law that ships, in place of the test law. Ask for it before the register is opened."""
    settings.INSYN_PACKS = (ROOT / "packs",)


@pytest.fixture
def law_with_class(settings: Any, tmp_path: Path) -> None:
    """The test law, with a class worked out: without a rule that hits, no system is of high risk."""
    shutil.copytree(TEST_LAW, tmp_path / "packs")
    facts = tmp_path / "packs" / "test-law" / "facts.yaml"
    question = "    question:\n      sv: Hög risk?\n      en: High risk?\n"
    facts.write_text(facts.read_text() + "  - id: class.high_risk\n    type: tristate\n" + question + "    derived: high_risk\n")
    settings.INSYN_PACKS = (tmp_path / "packs",)


@pytest.fixture
def holder(person: Callable[..., Actor]) -> Actor:
    return person(Role.STOP_HOLDER)


@pytest.fixture
def technician(person: Callable[..., Actor]) -> Actor:
    return person(Role.TECHNICIAN)


@pytest.fixture
def assistant(make_system: Callable[..., Any], owner: Actor, holder: Actor) -> Any:
    """A generally available assistant, with a stop holder."""
    from insyn.web.clock import today
    from insyn.web.register.actions import supply_record
    from insyn.web.register.models import System

    system = make_system(
        "assistent", name_sv="Textassistenten", name_en="Text assistant", reach=Reach.CONTRACT_ONLY, kind=SystemKind.GENERALLY_AVAILABLE
    )
    content = {"summary": "Klart.", "person": holder.person, "last_day": (today() + timedelta(days=300)).isoformat()}
    supply_record(actor=owner, system=system, kind=RecordKind.STOP_MANDATE, content=content)
    return System.objects.get(pk=system.pk)


@pytest.fixture
def way(assistant: Any, owner: Actor, technician: Actor, user_of: Callable[[Actor], Any]) -> Any:
    """The way to stop the assistant: the technician."""
    from insyn.web.incidents.routes import set_stop_route

    return set_stop_route(actor=owner, system=assistant, to_kind="technician", to_user=user_of(technician), **ROUTE)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """``at(moment)``: the site's clock says this from now on."""
    from insyn.web import clock

    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)
