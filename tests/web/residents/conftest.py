"""The loan system of the oversight tests, with a real sequencer, seen from the resident's side; and residents who come in."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from insyn.core.home import Home
from insyn.core.messages import Actor, Done, Erase, Factor, Open, Opened, Outcome, Reconsider, Review
from insyn.core.terms import DisclosureGroup, ReconsiderationGround, ReviewVerdict, Role
from insyn.web.setup import prepare_home
from tests.oidc_kit.persons import CLIENT, PERSONS, SECRET
from tests.oidc_kit.provider import Provider
from tests.web.conftest import Sequencer
from tests.web.oversight.conftest import holder, loans, officer, propose

__all__ = ["holder", "loans", "officer", "propose"]
CALLBACK = "http://testserver/mina-sidor/e-legitimation/"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = Provider(CALLBACK)
    try:
        yield running.start()
    finally:
        running.clean()


@pytest.fixture
def eid(provider: Provider, settings: Any) -> Any:
    """Sign-in by e-ID is set up as an installation would."""
    from insyn.web.residents.eid_settings import EidSettings, eid_settings

    settings.ALLOWED_HOSTS = ["testserver"]
    found = eid_settings(provider.environment, https=False)
    assert isinstance(found, EidSettings)
    assert (found.client, found.secret) == (CLIENT, SECRET)
    settings.INSYN_EID = found
    return found


@pytest.fixture(scope="module")
def _log() -> Iterator[Sequencer]:
    folder = Path(tempfile.mkdtemp(prefix="in"))
    prepare_home(Home(folder), "test.example/log", 2000)
    running = Sequencer(Home(folder))
    yield running
    running.kill()
    shutil.rmtree(folder)


@pytest.fixture
def log(_log: Sequencer, settings: Any, db: None) -> Sequencer:
    """A sequencer that a whole file shares, for tests that only ask it who somebody is."""
    settings.HOME = _log.home
    if _log._process is None:
        _log.start()
    return _log


@pytest.fixture
def rights_officer(person: Callable[..., Actor]) -> Actor:
    return person(Role.RIGHTS_OFFICER)


@pytest.fixture
def secretary(person: Callable[..., Actor]) -> Actor:
    """The second person, who confirms what the rights officer notes."""
    return person(Role.COUNCIL_SECRETARY, "sekreteraren")


@pytest.fixture
def propose_for(loans: Any, guard: Callable[..., Any]) -> Callable[..., str]:
    """``propose_for("anna", case="SN 2026-1")``: a proposal about one of the persons; returns its record id."""
    calls = guard(loans)

    def make(who: str, case: str = "SN 2026-7", number: str = "", note: str = "inget särskilt") -> str:
        payload = {"debts": 42, "income": 31000, "note": note}
        factors = (Factor("debts", 42, -1.5), Factor("income", 31000, 0.5), Factor("note", note, 0.0))
        subject = number or PERSONS[who].number
        outcome = Outcome(outcome="deny", payload=payload, case=case, subject=subject, score=-1.0, factors=factors, notice="I blanketten.")
        return str(calls.decide(outcome).recorded.receipt.rid)

    return make


@pytest.fixture
def come_in(sequencer: Any) -> Callable[..., Client]:
    """``come_in("anna")``: a browser in which the person is signed in, as after the e-ID. The way there is tested by itself."""
    from insyn.web.residents.sessions import COOKIE, begin_session
    from insyn.web.residents.standing import Via

    def make(who: str) -> Client:
        browser = Client()
        _session, key = begin_session(via=Via.EID, token=token_of_person(who))
        browser.cookies[COOKIE] = key
        return browser

    return make


def token_of_person(who: str) -> str:
    from insyn.web.residents.standing import OWN_CASE, RESIDENT, token_of

    return token_of(PERSONS[who].number, actor=RESIDENT, purpose=OWN_CASE)


class Desk:
    """An officer who decides, straight to the sequencer: what the pages for that are tested for elsewhere."""

    def __init__(self, system: Any, officer: Actor, client: Any) -> None:
        self.system, self.officer, self.client = system, officer, client

    def _open(self, rid: str) -> Opened:
        groups = (DisclosureGroup.INPUT, DisclosureGroup.OUTPUT, DisclosureGroup.CASE)
        found = self.client.ask_new(
            lambda number: Open(id=number, rid=rid, groups=groups, actor=self.officer, purpose="review", system=self.system.slug)
        )
        assert isinstance(found, Opened), found
        return found

    def decide(self, rid: str, outcome: str, reasons: str, letter: str = "") -> str:
        opened = self._open(rid)
        verdict = ReviewVerdict.ACCEPTED if outcome == "deny" else ReviewVerdict.CHANGED
        done = self.client.ask_new(
            lambda number: Review(
                id=number,
                system=self.system.slug,
                rid=rid,
                proposal=opened.leaf,
                opened=opened.opened,
                verdict=verdict,
                outcome=outcome,
                reasons=reasons,
                heard_party=True,
                letter=letter,
                actor=self.officer,
            )
        )
        assert isinstance(done, Done), done
        return done.receipt.rid

    def look_again(self, rid: str, replaces: str, outcome: str, reasons: str) -> str:
        opened = self._open(rid)
        done = self.client.ask_new(
            lambda number: Reconsider(
                id=number,
                system=self.system.slug,
                rid=rid,
                replaces=replaces,
                opened=opened.opened,
                ground=ReconsiderationGround.MUST_CHANGE,
                outcome=outcome,
                reasons=reasons,
                heard_party=True,
                actor=self.officer,
            )
        )
        assert isinstance(done, Done), done
        return done.receipt.rid

    def erase(self, rid: str) -> None:
        done = self.client.ask_new(lambda number: Erase(id=number, rid=rid, basis="GDPR Art. 17(1)(d)", actor=self.officer))
        assert isinstance(done, Done), done


@pytest.fixture
def desk(loans: Any, officer: Actor, sequencer: Any) -> Desk:
    return Desk(loans, officer, sequencer.client())
