"""Disposal from the web: decided by one, carried out by another, counted before, kept by a legal hold; and all of it is in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.evidence.disposal import holdings
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.archive.actions import decide_disposal, dispose_month, lift_hold, put_hold
from insyn.web.archive.models import HoldOn
from insyn.web.register.models import Act
from insyn.web.relay import relay_once

pytestmark = pytest.mark.django_db(transaction=True)
OLD = "2026-03"
PAGE, HOLDS = "/arbete/arkiv/", "/arbete/arkiv/bevara-tills-vidare/"


def decided(member: Actor, loans: Any, sequencer: Any, **changes: Any) -> Any:
    words = {"retention": "standard", "months": [OLD], "case_number": "KS 2026/77", "reason": "Gallringsplan 4.2"}
    decision = decide_disposal(actor=member, system=loans, **{**words, **changes})
    relay_once(sequencer.client())
    decision.act.refresh_from_db()
    return decision


def test_the_page_counts_what_there_is_and_destroys_only_what_is_decided(
    old_records: list[str], loans: Any, sequencer: Any, member: Actor, secretary: Actor, sign_in: Callable[..., Client]
) -> None:
    browser = sign_in(secretary)
    page = browser.get(PAGE).content.decode()
    assert OLD in page
    assert "Inget gallringsbeslut" in page
    decision = decided(member, loans, sequencer)
    page = browser.get(PAGE).content.decode()
    assert "Beslutat: KS 2026/77" in page
    answer = browser.post(f"{PAGE}gallra/", {"decision": decision.pk, "month": OLD}, follow=True)
    assert "är gallrad" in answer.content.decode()
    (row,) = [row for row in holdings(sequencer.home.evidence) if row.month == OLD]
    assert row.disposed > 0
    assert "Gallrad: post" in browser.get(PAGE).content.decode()
    again = dispose_month(actor=secretary, decision=decision, month=OLD)
    assert again.index == row.disposed


def test_whoever_decided_does_not_carry_it_out_and_only_the_named_offices_do_either(
    old_records: list[str], loans: Any, sequencer: Any, member: Actor, person: Callable[..., Actor], secretary: Actor
) -> None:
    with pytest.raises(NotAllowed):
        decided(secretary, loans, sequencer)
    decision = decided(member, loans, sequencer)
    with pytest.raises(NotAllowed):
        dispose_month(actor=person(Role.AUDITOR), decision=decision, month=OLD)
    with pytest.raises(ActRefused, match="inget gallringsbeslut"):
        dispose_month(actor=secretary, decision=decision, month="2026-02")


def test_a_month_that_is_none_or_not_over_is_refused_and_so_is_what_is_kept_for_good(loans: Any, sequencer: Any, member: Actor) -> None:
    for months in ([], ["2026"], ["2099-01"], ["2026-13"]):
        with pytest.raises(InvalidInput) as refused:
            decided(member, loans, sequencer, months=months)
        assert refused.value.place == "months"
    with pytest.raises(InvalidInput, match="arkivmyndigheten"):
        decided(member, loans, sequencer, retention="preserve")


def test_a_legal_hold_is_in_force_at_once_and_lifted_by_a_decision_only(
    old_records: list[str], loans: Any, sequencer: Any, member: Actor, secretary: Actor, sign_in: Callable[..., Client]
) -> None:
    decision = decided(member, loans, sequencer)
    browser = sign_in(secretary)
    with pytest.raises(ActRefused):
        put_hold(actor=secretary, system=loans, on=HoldOn.RECORD, what="ab" * 16, why="Tillsyn.", case_number="X")
    assert not Act.objects.filter(verb="put_hold").exists(), "a hold on a record that is not there leaves nothing"
    fields = {"what_form": "put", "system": "loans", "on": "case", "what": f"SN {OLD}-1", "case_number": "IMY 2026-9", "why": "Tillsyn."}
    assert browser.post(HOLDS, fields).status_code == 302
    act = Act.objects.get(verb="put_hold")
    assert act.log_index is not None
    assert f"SN {OLD}-1" not in str(act.text)
    with pytest.raises(ActRefused, match="bevarande"):
        dispose_month(actor=secretary, decision=decision, month=OLD)
    assert "bevarar 1 handling" in browser.get(PAGE).content.decode()
    hold = loans.legal_holds.get()
    with pytest.raises(NotAllowed):
        lift_hold(actor=secretary, hold=hold, why="Klart.", case_number="KS 2026/80")
    lifted = sign_in(member).post(HOLDS, {"what_form": "lift", "hold": hold.pk, "why": "Klart.", "case_number": "KS 2026/80"})
    assert lifted.status_code == 302
    dispose_month(actor=secretary, decision=decision, month=OLD)
    assert "hävt" in browser.get(HOLDS).content.decode()


def test_a_lifting_that_lacks_something_is_shown_again_at_its_hold(
    old_records: list[str], loans: Any, member: Actor, secretary: Actor, sign_in: Callable[..., Client]
) -> None:
    first, hold = (
        put_hold(actor=secretary, system=loans, on=HoldOn.RECORD, what=rid, why="Tvist.", case_number="KS 2026/81")
        for rid in old_records[:2]
    )
    page = (
        sign_in(member).post(HOLDS, {"what_form": "lift", "hold": hold.pk, "why": "Tvisten är slut.", "case_number": ""}).content.decode()
    )
    assert 'href="#lift-case_number"' in page
    assert 'id="lift-case_number"' in page
    assert page.count("Tvisten är slut.") == 1
    assert page.count("<details open>") == 1
    assert f'id="why-{first.pk}"' in page
    assert f'id="why-{hold.pk}"' not in page
    assert "En handling <span" in page


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 40])
def test_a_disposal_of_a_decision_that_is_no_number_is_not_found(number: str, secretary: Actor, sign_in: Callable[..., Client]) -> None:
    assert sign_in(secretary).post(f"{PAGE}gallra/", {"decision": number, "month": OLD}).status_code == 404


def test_the_register_still_agrees_with_the_log(
    old_records: list[str], loans: Any, sequencer: Any, member: Actor, secretary: Actor
) -> None:
    from insyn.evidence.reader import EvidenceReader
    from insyn.web.register.checking import check_register

    decision = decided(member, loans, sequencer)
    hold = put_hold(actor=secretary, system=loans, on=HoldOn.SYSTEM, why="Tvist.", case_number="KS 2026/81")
    lift_hold(actor=member, hold=hold, why="Klart.", case_number="KS 2026/82")
    dispose_month(actor=secretary, decision=decision, month=OLD)
    relay_once(sequencer.client())

    def findings() -> list[str]:
        found: list[str] = []
        root_key = bytes.fromhex(sequencer.home.root_key.read_text())
        with EvidenceReader.read_only(sequencer.home.evidence, root_key=root_key) as reader:
            check_register(reader, lambda table, row, message: found.append(table))
        return found

    assert findings() == []
    type(decision).objects.update(case_number="KS 2026/1")
    type(hold).objects.update(why="Ingenting.")
    assert findings() == ["archive_disposaldecision", "archive_legalhold"]
