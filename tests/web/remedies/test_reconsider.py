"""A decision is looked at again: with a real sequencer, through the pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.entries import EntryKind
from insyn.core.messages import Actor
from insyn.core.terms import DisclosureGroup, Role
from insyn.web import clock
from insyn.web.remedies.models import RemedyCase
from insyn.web.remedies.words import CaseState, Source
from tests.web.remedies.conftest import OWN, open_record

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = {"ground": "must_change", "outcome": "grant", "reasons": OWN, "heard_party": "on"}


class Page:
    """The case in an officer's browser."""

    def __init__(self, client: Any, rid: str, receipt: str = "") -> None:
        self.client, self.rid, self.receipt = client, rid, receipt
        self.answer = client.post(f"/arbete/omprovning/{rid}/", {"system": "loans", "receipt": receipt})

    @property
    def text(self) -> str:
        return html.unescape(self.answer.content.decode())

    def send(self, step: str = "decide", **fields: str) -> str:
        seal = re.search(r'name="seal" value="([^"]+)"', self.answer.content.decode())
        assert seal, self.text
        held = {"system": "loans", "receipt": self.receipt, "seal": seal[1], "step": step}
        self.answer = self.client.post(f"/arbete/omprovning/{self.rid}/", {**held, **fields})
        return self.text


@pytest.fixture
def page(sign_in: Callable[..., Any], colleague: Actor) -> Callable[..., Page]:
    return lambda rid, actor=colleague, receipt="": Page(sign_in(actor), rid, receipt)


def last_again(rid: str, actor: Actor) -> dict[str, Any]:
    """The newest reconsideration of the record, opened."""
    newest = [one for one, kind in open_record(rid, actor).followers if kind == EntryKind.RECONSIDERATION][-1]
    return dict(open_record(newest, actor).groups[DisclosureGroup.REVIEW])


def test_the_officer_sees_what_was_decided_changes_it_and_the_earlier_decision_stays(
    decide: Callable[..., str], page: Callable[..., Page], officer: Actor, colleague: Actor, sequencer: Any
) -> None:
    """A draft of the letter decides nothing; whoever took part before is warned; nothing of the case lies in the register afterwards."""
    rid = decide()
    one = page(rid)
    assert "Skulderna är för höga" in one.text
    assert "Det här gäller nu" in one.text
    letter = re.search(r'<textarea name="letter"[^>]*>(.*?)</textarea>', one.send("draft", **GOOD), re.DOTALL)
    assert letter
    assert OWN in letter[1]
    assert sequencer.entries("reconsideration") == []
    one.send(**GOOD, letter=re.sub(r"\[Skriv: [^\]]*\]", "ifyllt", letter[1]))
    assert one.answer.status_code == 302, one.text
    entry = [head for _, head in sequencer.entries("reconsideration")][-1]
    assert (entry.about, entry.verdict, entry.basis) == (rid, "changed", "must_change")
    sealed = last_again(rid, colleague)
    assert (sealed["outcome"], sealed["reasons"], sealed["heard_party"]) == ("grant", OWN, True)
    assert OWN in sealed["letter"]
    assert sealed["replaces"] == next(one for one, kind in open_record(rid, colleague).followers if kind == EntryKind.REVIEW)
    held = everything_in_the_register()
    assert OWN not in held
    assert "SN 2026-7" not in held
    again = page(rid, officer)
    assert "Skulderna är för höga" in again.text
    assert OWN in again.text
    assert "Du deltog i det tidigare beslutet" in again.text
    other = {**GOOD, "reasons": "Beslutet om bifall står fast efter en ny prövning av underlaget."}
    again.send(**other)
    assert again.answer.status_code == 422  # nobody has said that no other officer can do it
    again.send(**other, mine="on")
    assert again.answer.status_code == 302, again.text


def everything_in_the_register() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        tables = [name for (name,) in cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return "".join(str(cursor.execute(f'SELECT * FROM "{table}"').fetchall()) for table in tables)


def test_what_may_not_be_decided_is_refused_and_what_was_written_comes_back(
    decide: Callable[..., str], page: Callable[..., Page], sequencer: Any, colleague: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the worse without a named ground; with reasons that are empty, short or copied; on a page that is too old."""
    from insyn.web.remedies import views

    rid, named = decide("grant"), "Sökanden har lämnat oriktiga uppgifter om inkomsten."
    one = page(rid)
    for fields, says in (
        ({"ground": "must_change"}, "till den berördas nackdel"),
        ({"ground": "may_change"}, "37 § andra stycket"),
        ({"ground": "may_change", "detriment_ground": "Ja."}, "37 § andra stycket"),
    ):
        text = one.send(**{**GOOD, **fields, "outcome": "deny"})
        assert one.answer.status_code == 422
        assert says in text
        assert OWN in text
    for reasons in ("", "Kort.", "Skulderna är för höga i förhållande till inkomsten."):  # the last is the earlier decision's
        one.send(**{**GOOD, "reasons": reasons})
        assert one.answer.status_code == 422
    monkeypatch.setattr(views, "SEAL_SECONDS", -1)
    text = one.send(**GOOD)
    assert one.answer.status_code == 422
    assert "öppen för länge" in text
    assert OWN in text
    assert sequencer.entries("reconsideration") == []
    monkeypatch.undo()
    one.send(**{**GOOD, "ground": "may_change", "outcome": "deny", "detriment_ground": named})
    assert one.answer.status_code == 302, one.text
    assert named in last_again(rid, colleague)["reasons"]


def test_of_two_officers_at_once_the_second_reads_the_first_ones_decision_and_keeps_the_text(
    decide: Callable[..., str], propose: Callable[..., str], sign_in: Callable[..., Any], colleague: Actor, person: Callable[..., Actor]
) -> None:
    """And a proposal that nobody has decided leads to the review, and an officer whom the permit does not name to nothing."""
    rid = decide()
    first, second = Page(sign_in(colleague), rid), Page(sign_in(colleague), rid)
    first.send(**GOOD)
    text = second.send(**{**GOOD, "reasons": "En annan bedömning av samma ärende, med andra skäl."})
    assert second.answer.status_code == 422
    assert "Någon annan har beslutat" in text
    assert OWN in text  # the newest decision
    assert "En annan bedömning av samma ärende" in text
    undecided = Page(sign_in(colleague), propose())
    assert undecided.answer.status_code == 302
    assert undecided.answer["Location"].startswith("/arbete/granska/")
    other = Page(sign_in(person(Role.CASE_OFFICER, "utan-mandat")), rid)
    assert other.answer.status_code == 403
    assert "Skulder" not in other.text


def test_cases_are_settled_by_a_later_entry_also_by_the_relay_when_it_was_cut_off(
    decide: Callable[..., str], page: Callable[..., Page], owner: Actor, sequencer: Any, loans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insyn.web.relay import relay_once
    from insyn.web.remedies import actions

    rid = decide()
    page(rid).send(**GOOD)
    opened = actions.open_cases(actor=owner, system=loans, rids=[rid, rid], why="Skulderna lästes fel.", source=Source.OFFICER)
    assert actions.open_cases(actor=owner, system=loans, rids=[rid], why="En gång till.", source=Source.OFFICER) == opened
    relay_once(sequencer.client())  # reads the reconsideration that was before the case
    assert [case.state for case in RemedyCase.objects.filter(rid=rid)] == [CaseState.OPEN]
    monkeypatch.setattr(actions, "_settle", lambda *gone: None)
    page(rid).send(**{**GOOD, "reasons": "Beslutet om bifall står fast efter en ny prövning av underlaget.", "mine": "on"})
    assert RemedyCase.objects.get(rid=rid).state == CaseState.OPEN
    for _ in range(2):
        relay_once(sequencer.client())
    settled = RemedyCase.objects.get(rid=rid)
    assert (settled.state, settled.ground) == (CaseState.UNCHANGED, "must_change")
    assert settled.index == sequencer.entries("reconsideration")[-1][0]


def test_a_request_is_linked_by_its_receipt_and_one_about_another_decision_is_not(
    decide: Callable[..., str], page: Callable[..., Page], loans: Any, colleague: Actor
) -> None:
    from insyn.web.register.models import Act
    from insyn.web.remedies.queries import reconsidered_for
    from insyn.web.rights.models import RightsRequest

    rid, day = decide(), clock.today()
    asked = RightsRequest.objects.create(
        system=loans, rid=rid, receipt="AB12-CD34", asked_on=day, law_due=day + timedelta(days=30), due=day, act=Act.objects.first()
    )
    assert reconsidered_for(asked.receipt) is None
    one = page(rid, receipt=asked.receipt)
    one.send(**{**GOOD, "ground": "asked_for_human"})
    assert one.answer.status_code == 302, one.text
    found = reconsidered_for(asked.receipt)
    assert found is not None
    assert (found.state, found.rid) == (CaseState.CHANGED, rid)
    assert last_again(rid, colleague)["request"] == asked.act_id
    assert "det kvittot" in page(decide(), receipt=asked.receipt).text


def test_a_decision_of_which_nobody_was_told_is_looked_at_again_only_with_a_notice(
    decide: Callable[..., str], page: Callable[..., Page], colleague: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule came later than the decision, so nothing in the case says how the person concerned was told that AI helped."""
    from dataclasses import replace

    from insyn.web.remedies import opening

    real, rid = opening.open_case, decide()
    monkeypatch.setattr(opening, "open_case", lambda *args, **kwargs: replace(real(*args, **kwargs), notice=""))
    one = page(rid)
    assert "Var får personen veta att AI har hjälpt till?" in one.text
    one.send(**GOOD)
    assert one.answer.status_code == 422
    assert OWN in one.text
    one.send(**GOOD, channel="call", notice_step="I samtalet om omprövningen")
    assert one.answer.status_code == 302, one.text
    assert last_again(rid, colleague)["notice"] == {"channel": "call", "step": "I samtalet om omprövningen", "words": ""}
    again = page(rid)
    assert "Var får personen veta" not in again.text, "an earlier decision tells how"


def test_reasons_pasted_as_a_list_or_with_commas_are_copied_all_the_same(decide: Callable[..., str], page: Callable[..., Page]) -> None:
    one = page(decide())
    for reasons in (
        "Skulder i förhållande till inkomst: 42\u00a0%, det talade emot, inkomst: 31\u00a0000\u00a0kr, det talade för",
        "Skulderna är för höga i förhållande till inkomsten\nInkomst\t31\u00a0000\u00a0kr\nDet talade emot",
    ):
        one.send(**{**GOOD, "reasons": reasons})
        assert one.answer.status_code == 422, one.text
