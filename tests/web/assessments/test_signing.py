"""Two signatures where a gate asks for two; comments by those who look over, and their answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from record_kit import ASSESSED

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.assessments.commenting import answer_comment, comment_record
from insyn.web.assessments.models import Comment, Countersignature, RecordDraft
from insyn.web.assessments.record_drafts import begin_record, supply_draft
from insyn.web.assessments.signing import countersign_record, seconds_of
from insyn.web.assessments.waiting import items
from insyn.web.clock import today
from insyn.web.register import packs
from insyn.web.register.actions import supply_record, withdraw_record
from insyn.web.register.compiling import gates_of
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db

KIND = RecordKind.ASSESSMENT_DATA_PROTECTION
People = Callable[..., Actor]
SignIn = Callable[[Actor], Any]


@pytest.fixture
def record(owner: Actor, system: System) -> Record:
    act = supply_record(actor=owner, system=system, kind=KIND, content=ASSESSED, case_number="KS 2026/1")
    return Record.objects.get(act=act)


@pytest.fixture
def officer(person: People) -> Actor:
    return person(Role.DATA_PROTECTION_OFFICER)


def gate(system: System) -> Any:
    found = gates_of(system, packs.in_force(today()), versions=["1.0"], on=today())
    return next(one for one in found if one.demands is KIND)


def path(record: Record, what: str = "") -> str:
    return f"/arbete/system/lanestod/handling/{record.pk}/{what}"


def test_the_page_says_whose_signature_it_waits_for(sign_in: SignIn, owner: Actor, record: Record) -> None:
    page = sign_in(owner).get(path(record)).content.decode()
    assert "Väntar på en andra underskrift" in page
    assert "Dataskyddsombud" in page
    assert path(record, "underskrift/") not in page, "nobody signs twice"


def test_the_second_signature_opens_the_gate_with_the_same_words_in_another_name(
    sign_in: SignIn, owner: Actor, officer: Actor, record: Record, system: System
) -> None:
    assert not gate(system).met
    page = sign_in(officer).get(path(record, "underskrift/")).content.decode()
    assert "Fel förslag" in page, "what is signed stands there in full"
    system.refresh_from_db()
    assert sign_in(officer).post(path(record, "underskrift/"), {"revision": system.revision}).url == path(record)
    second = Countersignature.objects.get().record
    assert (second.content, second.person, second.supplied_role) == (record.content, officer.person, Role.DATA_PROTECTION_OFFICER)
    assert second.act.verb == "countersign_record"
    assert second.act.text["countersigns"] == record.act_id
    assert gate(system).met
    page = sign_in(owner).get(path(record)).content.decode()
    assert "Väntar på en andra underskrift" not in page
    assert officer.name in page


def test_nobody_signs_as_the_second_what_they_supplied_themselves(owner: Actor, person: People, record: Record) -> None:
    both = person(Role.DATA_PROTECTION_OFFICER, name="system_owner")
    assert both.person == owner.person
    with pytest.raises(NotAllowed):
        countersign_record(actor=both, record=record)


def test_an_office_that_no_gate_names_as_the_second_may_not_sign(person: People, record: Record) -> None:
    for role in (Role.CASE_OFFICER, Role.UNION_REPRESENTATIVE, Role.AUDITOR, Role.AI_COORDINATOR):
        with pytest.raises(NotAllowed):
            countersign_record(actor=person(role), record=record)
    assert not Countersignature.objects.exists()


def test_a_second_signature_is_given_once(officer: Actor, record: Record) -> None:
    countersign_record(actor=officer, record=record)
    acts = Act.objects.count()
    with pytest.raises(ActRefused, match="redan"):
        countersign_record(actor=officer, record=record)
    assert Act.objects.count() == acts


def test_what_is_withdrawn_or_changed_meanwhile_is_not_signed(owner: Actor, officer: Actor, record: Record, system: System) -> None:
    with pytest.raises(ChangedMeanwhile):
        countersign_record(actor=officer, record=record, revision=0)
    withdraw_record(actor=owner, system=system, record=record, why="Fel.")
    with pytest.raises(ActRefused):
        countersign_record(actor=officer, record=record)


def test_a_record_of_which_no_gate_asks_two_takes_no_second(owner: Actor, officer: Actor, system: System) -> None:
    day = (today() + timedelta(days=90)).isoformat()
    act = supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content={"summary": "x", "due": day})
    record = Record.objects.get(act=act)
    assert seconds_of(record, on=today()).wanted == ()
    with pytest.raises(ActRefused):
        countersign_record(actor=officer, record=record)


def test_the_officers_own_opinion_counts_as_the_second_as_it_does_for_the_gate(officer: Actor, record: Record, system: System) -> None:
    supply_record(actor=officer, system=system, kind=KIND, content=ASSESSED)
    assert not seconds_of(record, on=today()).waits


def test_the_signature_waits_on_the_officers_work_list(officer: Actor, record: Record, user_of: Callable[[Actor], Any]) -> None:
    found = items(user_of(officer), frozenset({officer.role}), today())
    assert [(item.kind, item.href) for item in found] == [("second_signature", path(record, "underskrift/"))]


# Comments


def test_those_who_look_over_comment_and_who_wrote_it_answers(
    sign_in: SignIn, owner: Actor, officer: Actor, record: Record, user_of: Callable[[Actor], Any]
) -> None:
    assert sign_in(officer).post(path(record, "kommentar/"), {"text": "Vem gallrar?"}).url == path(record)
    comment = Comment.objects.get()
    assert comment.act.verb == "comment_record"
    assert comment.act.text["record"] == record.act_id
    found = items(user_of(owner), frozenset({owner.role}), today())
    assert [(item.kind, item.href) for item in found] == [("comment", f"/arbete/kommentar/{comment.pk}/svar/")]
    assert sign_in(owner).post(f"/arbete/kommentar/{comment.pk}/svar/", {"text": "Registratorn."}).url == path(record)
    page = sign_in(officer).get(path(record)).content.decode()
    assert "Vem gallrar?" in page
    assert "Registratorn." in page


def test_a_comment_is_answered_once_and_by_who_it_is_for(owner: Actor, officer: Actor, person: People, record: Record) -> None:
    comment_record(actor=officer, about=record, text="Varför?")
    comment = Comment.objects.get()
    with pytest.raises(NotAllowed):
        answer_comment(actor=person(Role.CASE_OFFICER), comment=comment, text="Därför.")
    answer_comment(actor=owner, comment=comment, text="Därför.")
    with pytest.raises(ActRefused, match="redan"):
        answer_comment(actor=owner, comment=comment, text="Eller så.")
    comment.refresh_from_db()
    assert comment.answer == "Därför."


def test_an_auditor_looks_and_does_not_comment(sign_in: SignIn, person: People, record: Record) -> None:
    auditor = person(Role.AUDITOR)
    assert sign_in(auditor).get(path(record)).status_code == 200
    assert sign_in(auditor).get(path(record, "kommentar/")).status_code == 403
    with pytest.raises(NotAllowed):
        comment_record(actor=auditor, about=record, text="Hm")


def test_a_draft_that_was_supplied_while_somebody_read_it_takes_no_comment(owner: Actor, officer: Actor, system: System) -> None:
    read = begin_record(actor=owner, system=system, kind=KIND, content={}, about={})
    supply_draft(actor=owner, draft=RecordDraft.objects.get(pk=read.pk), draft_revision=0, kind=KIND, content=ASSESSED)
    with pytest.raises(ActRefused):
        comment_record(actor=officer, about=read, text="Det här når ingen.")
    assert not Comment.objects.exists()


def test_an_empty_or_endless_comment_is_refused(officer: Actor, record: Record) -> None:
    for text in ("  ", "x" * 5_001):
        with pytest.raises(InvalidInput) as refused:
            comment_record(actor=officer, about=record, text=text)
        assert refused.value.place == "text"


def test_a_comment_opens_and_closes_nothing(officer: Actor, record: Record, system: System) -> None:
    before = System.objects.get(pk=system.pk)
    comment_record(actor=officer, about=record, text="Hm")
    after = System.objects.get(pk=system.pk)
    assert (before.epoch, before.revision) == (after.epoch, after.revision)
