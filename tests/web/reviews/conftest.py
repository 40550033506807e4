"""The loan system of the oversight tests, with a real sequencer and two officers who may decide in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from record_kit import assessed, name_reviewers

from insyn.core.entries import read_head
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.evidence.reader import EvidenceReader
from tests.web.oversight.conftest import holder, loans, officer, propose

__all__ = ["OWN", "QUEUE", "Desk", "holder", "loans", "officer", "propose"]
QUEUE = "/arbete/granska/"
OWN = "Jag har talat med sökanden och sett nya intyg om inkomsten."


def heads(sequencer: Any, kind: str) -> list[Any]:
    """The public entries of a kind, as they stand in the log."""
    with EvidenceReader.read_only(sequencer.home.evidence) as reader:
        found = [read_head(entry) for _, entry in reader.entries(0, 1000)]
    return [head for head in found if head.kind == kind]


class Desk:
    """One officer's browser at one case: what the page holds is sent on, as a browser does."""

    def __init__(self, browser: Any, rid: str) -> None:
        self.browser, self.rid, self.answer = browser, rid, None

    @property
    def text(self) -> str:
        return html.unescape(self.answer.content.decode())

    def open(self) -> str:
        self.answer = self.browser.post(f"{QUEUE}{self.rid}/", {"system": "loans"})
        assert self.answer.status_code == 200, self.text
        return self.text

    def send(self, go: str, **fields: str) -> Any:
        """Press a button, with the page's hidden fields and these."""
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.answer.content.decode())
        held = {name: html.unescape(value) for name, value in hidden if name != "csrfmiddlewaretoken"}
        area = re.search(r'<textarea name="letter"[^>]*>\n?(.*?)</textarea>', self.answer.content.decode(), re.DOTALL)
        letter = {"letter": html.unescape(area[1])} if area else {}
        self.answer = self.browser.post(f"{QUEUE}{self.rid}/", {**held, **letter, **fields, "go": go})
        return self.answer


@pytest.fixture
def desk(officer: Actor, sign_in: Callable[..., Any]) -> Callable[[str], Desk]:
    return lambda rid: Desk(sign_in(officer), rid)


@pytest.fixture
def colleague(loans: Any, owner: Actor, officer: Actor, person: Callable[..., Actor], sequencer: Any) -> Actor:
    """A second officer, named in a new record."""
    from tests.web.conftest import LAST_DAY

    other = person(Role.CASE_OFFICER, "kollega")
    name_reviewers(loans, owner=owner, reviewers=(officer, other), through=LAST_DAY.isoformat(), client=sequencer.client())
    return other


def assess_work(system: Any, owner: Actor) -> None:
    """The work environment is assessed, as it must be before officers' work is measured."""
    from insyn.web.register.models import Record

    act = system.acts.order_by("-at").first()
    kind = RecordKind.ASSESSMENT_WORK_ENVIRONMENT
    Record.objects.create(
        system=system,
        kind=kind,
        content=assessed(kind),
        supplied_role=Role.SAFETY_REPRESENTATIVE,
        person=owner.person,
        person_name="Prov",
        recorded_on=act.at.date(),
        act=act,
    )
