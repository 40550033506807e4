"""What is left alone is opened for nobody but the person; what is erased was decided by one and carried out by another."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.archive.actions import lift_hold, put_hold
from insyn.web.archive.models import HoldOn
from insyn.web.oversight.opening import open_case
from insyn.web.relay import relay_once
from insyn.web.rights import keeping
from insyn.web.rights.actions import file_request
from insyn.web.rights.models import ErasureDecision
from insyn.web.rights.words import RequestKind
from tests.web.rights.conftest import come_in

pytestmark = pytest.mark.django_db(transaction=True)


def opened(system: Any, rid: str, actor: Actor, purpose: str) -> str:
    return open_case(system, rid, actor=actor, purpose=purpose, language="sv").rid


def test_a_restricted_case_is_opened_for_the_person_and_for_claims_alone(
    loans: Any,
    propose: Callable[..., str],
    by_code: Callable[..., Any],
    officer: Actor,
    rights_officer: Actor,
    letter_of: Callable[..., Any],
    sign_in: Callable[..., Any],
) -> None:
    rid, other = propose(), propose(case="SN 2026-8")
    asked = file_request(resident=by_code(loans, rid), kind=RequestKind.RESTRICTION, system=loans, rid=rid, message="Uppgiften är fel.")
    with pytest.raises(NotAllowed):
        keeping.restrict_record(actor=officer, request=asked, why="Vi kontrollerar.")
    mark = keeping.restrict_record(actor=rights_officer, request=asked, why="Vi kontrollerar.")
    with pytest.raises(ActRefused, match="redan"):
        keeping.restrict_record(actor=rights_officer, request=asked, why="Igen.")
    for purpose in ("review", "reconsideration", "supervision"):
        with pytest.raises(Refused) as refused:
            opened(loans, rid, officer, purpose)
        assert refused.value.refusal.code is RefusalCode.RECORD_RESTRICTED
    for purpose in ("own_case", "extract", "legal_claim"):
        assert opened(loans, rid, officer, purpose) == rid
    assert opened(loans, other, officer, "review") == other
    queue = html.unescape(sign_in(officer).get("/arbete/granska/").content.decode())
    assert queue.count("Begränsad</span>") == 1, "one of the two is marked"
    page = html.unescape(come_in(letter_of(loans, rid)).get(f"/mina-sidor/begaran/{asked.receipt}/").content.decode())
    assert "Uppgifterna vilar sedan" in page
    file_request(resident=by_code(loans, rid), kind=RequestKind.RECONSIDERATION, system=loans, rid=rid)
    assert opened(loans, rid, officer, "reconsideration") == rid, "the person has asked for it"
    keeping.lift_restriction(actor=rights_officer, restriction=mark, why="Den stämde.")
    assert opened(loans, rid, officer, "review") == rid


@pytest.fixture
def erasure(loans: Any, propose: Callable[..., str], by_code: Callable[..., Any]) -> Any:
    rid = propose()
    return file_request(resident=by_code(loans, rid), kind=RequestKind.ERASURE, system=loans, rid=rid, message="Ta bort det.")


def decided(actor: Actor, asked: Any) -> ErasureDecision:
    return keeping.decide_erasure(actor=actor, request=asked, case_number="KS 2026/41", reason="Gallringsplanen, punkt 4.")


def test_an_erasure_is_decided_by_one_and_carried_out_by_another(
    erasure: Any, member: Actor, rights_officer: Actor, officer: Actor, sequencer: Any, sign_in: Callable[..., Any]
) -> None:
    with pytest.raises(NotAllowed):
        decided(rights_officer, erasure)
    decision = decided(member, erasure)
    with pytest.raises(ActRefused, match="på väg till loggen"):
        keeping.carry_out_erasure(actor=rights_officer, decision=decision)
    relay_once(sequencer.client())
    decision = ErasureDecision.objects.get()
    page = html.unescape(sign_in(rights_officer).get("/arbete/rattigheter/radering/").content.decode())
    assert "KS 2026/41" in page
    sign_in(rights_officer).post("/arbete/rattigheter/radering/", {"what_form": "run", "decision": str(decision.pk)})
    decision.refresh_from_db()
    shreds = sequencer.entries("shred")
    assert [index for index, _head in shreds] == [decision.done_index]
    assert keeping.carry_out_erasure(actor=rights_officer, decision=decision).done_index == decision.done_index
    assert len(sequencer.entries("shred")) == 1
    with pytest.raises(Refused) as refused:
        opened(erasure.system, erasure.rid, officer, "own_case")
    assert refused.value.refusal.code is RefusalCode.RECORD_ERASED


def test_what_a_legal_hold_keeps_is_not_erased(
    erasure: Any, member: Actor, rights_officer: Actor, person: Callable[..., Actor], sequencer: Any
) -> None:
    secretary = person(Role.COUNCIL_SECRETARY)
    hold = put_hold(actor=secretary, system=erasure.system, on=HoldOn.RECORD, what=erasure.rid, why="Tillsyn.", case_number="KS 2026/42")
    assert any(finding.stops for finding in keeping.archive_check(erasure))
    with pytest.raises(ActRefused, match="bevarande"):
        decided(member, erasure)
    lift_hold(actor=member, hold=hold, why="Tillsynen är klar.", case_number="KS 2026/43")
    decision = decided(member, erasure)
    put_hold(actor=secretary, system=erasure.system, on=HoldOn.CASE, what="SN 2026-7", why="Tvist.", case_number="KS 2026/44")
    relay_once(sequencer.client())
    with pytest.raises(ActRefused, match="bevarande"):
        keeping.carry_out_erasure(actor=rights_officer, decision=ErasureDecision.objects.get())
    decision.refresh_from_db()
    assert decision.done_index is None
    assert sequencer.entries("shred") == []


def test_what_is_kept_for_good_or_is_being_tried_is_not_erased(system: Any, member: Actor, by_code: Callable[..., Any]) -> None:
    ada = by_code(system, "a" * 32)
    erasure = file_request(resident=ada, kind=RequestKind.ERASURE, system=system, rid="a" * 32, message="Ta bort det.")
    file_request(resident=ada, kind=RequestKind.RECONSIDERATION, system=system, rid="a" * 32)
    with pytest.raises(ActRefused, match="väntar på svar"):
        decided(member, erasure)
    erasure.system.retention_class = "preserve"
    assert "bevaras" in keeping.archive_check(erasure)[0].text
