"""The ways around: a line that reads what its own people ask, an erasure that nobody wants any more, a queue that is crowded out."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, SubjectRecord
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.portfolio.items import collect_items
from insyn.web.register.models import Act
from insyn.web.rights import extract_views, keeping, queue
from insyn.web.rights.actions import enter_request, file_request, withdraw_request
from insyn.web.rights.models import ErasureDecision, RightsRequest
from insyn.web.rights.words import Channel, RequestKind
from tests.web.rights.conftest import ADA, BEA

pytestmark = pytest.mark.django_db(transaction=True)
RID, TOKEN = "a" * 32, "c" * 32
ABOUT_REQUESTS = ("file_request", "add_to_request", "withdraw_request", "assign_request", "extend_request", "restrict_record")


def body(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_the_acts_about_a_system_of_work_do_not_tell_its_line_that_somebody_asked(
    work_system: Any, elsewhere: Callable[..., Actor], by_code: Callable[..., Any], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    eva = elsewhere(Role.RIGHTS_OFFICER)
    enter_request(actor=eva, channel=Channel.VISIT, kind=RequestKind.OBJECTION, system=work_system, rid=RID, token=TOKEN, message="Nej.")
    asked = file_request(resident=by_code(work_system, RID), kind=RequestKind.RESTRICTION, system=work_system, rid=RID, message="Sluta.")
    keeping.restrict_record(actor=eva, request=asked, why="Vi kontrollerar.")
    told = Act.objects.filter(verb__in=ABOUT_REQUESTS)
    assert told.count() == 3
    assert not told.exclude(system=None).exists()
    history = body(sign_in(owner).get(f"/arbete/system/{work_system.slug}/akter/"))
    for word in ("Bad om något", "Den som ärendet gäller", eva.name, asked.receipt):
        assert word not in history.split("<main")[1], word


def test_an_officer_in_the_line_makes_no_extract_that_holds_a_record_of_work(
    work_system: Any, rights_officer: Actor, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = enter_request(actor=rights_officer, channel=Channel.VISIT, kind=RequestKind.EXTRACT, token=TOKEN)
    record = SubjectRecord(rid=RID, index=1, system=work_system.slug, version="1", day="2026-11-01", kind="decision")
    monkeypatch.setattr(extract_views, "find_token", lambda *_token, **_words: (record,))
    opened: list[object] = []
    monkeypatch.setattr(extract_views, "extract_of", lambda *parts, **_words: opened.append(parts) or [])
    answer = sign_in(rights_officer).post(f"/arbete/rattigheter/{asked.receipt}/utdrag/")
    assert answer.status_code == 403
    assert "utanför deras egen linje" in body(answer)
    assert opened == []


def test_entering_a_request_lists_no_record_of_work_for_the_line(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web.register.models import System

    propose(ADA)
    propose(ADA, case="SN 2026-9")
    System.objects.filter(pk=loans.pk).update(facts={**loans.facts, "aia.uses": ["work_management"]})
    words = {"channel": "letter", "kind": "human_review", "message": "Titta igen.", "number": ADA}
    answer = sign_in(rights_officer).post("/arbete/rattigheter/ny/", words)
    assert answer.status_code in (403, 422)
    assert 'name="rid"' not in body(answer)
    assert "utanför deras egen linje" in body(answer)


def test_a_case_about_several_persons_is_nobodys_request(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    propose(ADA, case="SN 2026-30")
    propose(BEA, case="SN 2026-30")
    words = {"channel": "letter", "kind": "human_review", "message": "Titta igen.", "case": "SN 2026-30", "system": "loans"}
    answer = sign_in(rights_officer).post("/arbete/rattigheter/ny/", words)
    assert answer.status_code == 422
    assert "flera personer" in body(answer)
    assert not RightsRequest.objects.exists()


def test_closed_requests_never_crowd_out_what_waits(
    by_code: Callable[..., Any], system: Any, rights_officer: Actor, user_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST", 2)
    ada = by_code(system, RID)
    for _ in range(3):
        old = file_request(resident=ada, kind=RequestKind.HUMAN_REVIEW, system=system, rid=RID)
        withdraw_request(resident=ada, request=old)
        RightsRequest.objects.filter(pk=old.pk).update(due=clock.today() - timedelta(days=9))
    waits = file_request(resident=ada, kind=RequestKind.HUMAN_REVIEW, system=system, rid=RID)
    assert waits in queue.rows_for(user_of(rights_officer), clock.today())


# ---- erasure ----


def test_a_decision_to_erase_keeps_no_identity_number(system: Any, member: Actor, by_code: Callable[..., Any]) -> None:
    asked = file_request(resident=by_code(system, RID), kind=RequestKind.ERASURE, system=system, rid=RID, message="Ta bort det.")
    for words in ({"reason": f"Gäller {ADA}.", "case_number": "KS 1"}, {"reason": "Planen.", "case_number": ADA}):
        with pytest.raises(InvalidInput, match="inget personnummer"):
            keeping.decide_erasure(actor=member, request=asked, **words)
    assert not Act.objects.filter(verb="decide_erasure").exists()


@pytest.fixture
def decision(system: Any, member: Actor, by_code: Callable[..., Any]) -> ErasureDecision:
    ada = by_code(system, RID)
    asked = file_request(resident=ada, kind=RequestKind.ERASURE, system=system, rid=RID, message="Ta bort det.")
    made = keeping.decide_erasure(actor=member, request=asked, case_number="KS 2026/41", reason="Gallringsplanen, punkt 4.")
    Act.objects.filter(pk=made.act_id).update(log_index=1)
    made.act.refresh_from_db()
    made.ada = ada
    return made


def nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_make: Any) -> Any:
        raise AssertionError("the sequencer was asked")

    monkeypatch.setattr(keeping, "_ask", asked)


def test_what_the_person_took_back_is_not_erased(decision: ErasureDecision, rights_officer: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_asked(monkeypatch)
    withdraw_request(resident=decision.ada, request=decision.request)
    with pytest.raises(ActRefused, match="tagit tillbaka"):
        keeping.carry_out_erasure(actor=rights_officer, decision=ErasureDecision.objects.get())


def test_what_came_after_the_decision_stops_it_before_a_part_is_gone(
    decision: ErasureDecision, rights_officer: Actor, system: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_is_asked(monkeypatch)
    file_request(resident=decision.ada, kind=RequestKind.RECONSIDERATION, system=system, rid=RID)
    with pytest.raises(ActRefused, match="väntar på svar"):
        keeping.carry_out_erasure(actor=rights_officer, decision=ErasureDecision.objects.get())


def test_nobody_in_the_line_carries_out_or_reads_of_the_erasure_of_an_employee(
    decision: ErasureDecision,
    rights_officer: Actor,
    system: Any,
    sign_in: Callable[..., Any],
    user_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = "/arbete/rattigheter/radering/"
    assert decision.case_number in body(sign_in(rights_officer).get(page))
    assert decision.case_number in str(collect_items(user_of(rights_officer), clock.today()))
    nothing_is_asked(monkeypatch)
    type(system).objects.filter(pk=system.pk).update(facts={"aia.uses": ["work_management"]})
    with pytest.raises(NotAllowed, match="linje"):
        keeping.carry_out_erasure(actor=rights_officer, decision=ErasureDecision.objects.get())
    assert decision.case_number not in body(sign_in(rights_officer).get(page))
    assert decision.case_number not in str(collect_items(user_of(rights_officer), clock.today()))


def test_an_elected_member_in_the_line_sees_and_decides_nothing_of_an_employees_erasure(
    work_system: Any,
    by_code: Callable[..., Any],
    member: Actor,
    elsewhere: Callable[..., Actor],
    sign_in: Callable[..., Any],
    user_of: Callable[..., Any],
) -> None:
    page, words = "/arbete/rattigheter/radering/", {"case_number": "KS 2026/47", "reason": "Gallringsplanen, punkt 4."}
    asked = file_request(resident=by_code(work_system, RID), kind=RequestKind.ERASURE, system=work_system, rid=RID, message="Ta bort det.")
    outside = elsewhere(Role.ELECTED_MEMBER)

    def of_the_person(actor: Actor) -> str:
        return body(sign_in(actor).get(page)) + str(collect_items(user_of(actor), clock.today()))

    told = of_the_person(member)
    assert asked.receipt not in told
    assert work_system.name not in told
    sign_in(member).post(page, {"what_form": "decide", "receipt": asked.receipt, "decided_on": clock.today().isoformat(), **words})
    with pytest.raises(NotAllowed, match="utanför deras egen linje"):
        keeping.decide_erasure(actor=member, request=asked, **words)
    assert not ErasureDecision.objects.exists()
    assert asked.receipt in of_the_person(outside)
    decision = keeping.decide_erasure(actor=outside, request=asked, **words)
    assert "KS 2026/47" in of_the_person(outside)
    assert "KS 2026/47" not in of_the_person(member)
    acts = body(sign_in(member).get(f"/arbete/system/{work_system.slug}/akter/"))
    assert "Beslutade om en radering" not in acts
    keeping._note_done(outside, decision, 7)
    assert not Act.objects.filter(verb__in=("decide_erasure", "carry_out_erasure")).exclude(system=None).exists()


def test_a_seat_in_another_board_opens_nothing_of_the_own_line(
    work_system: Any, by_code: Callable[..., Any], elsewhere: Callable[..., Actor], administrator: Actor, user_of: Callable[..., Any]
) -> None:
    from insyn.web.accounts.actions import appoint

    asked = file_request(resident=by_code(work_system, RID), kind=RequestKind.ERASURE, system=work_system, rid=RID, message="Ta bort det.")
    user = user_of(elsewhere(Role.ELECTED_MEMBER))
    assert queue.erasures_to_decide(user, clock.today()) == [asked]
    appoint(actor=administrator, user=user, role=Role.DELEGATE, office=work_system.office)
    assert queue.erasures_to_decide(user, clock.today()) == []
