"""Recording a classification: one act, one entry, one record; the answers become the register's, and nothing of it is ever changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.assessments.actions import record_classification
from insyn.web.assessments.drafts import begin_draft, save_rows
from insyn.web.assessments.models import Classification, Draft
from insyn.web.clock import today
from insyn.web.register.actions import answer_facts, decide_use, describe_system
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Outbox, Record, System

pytestmark = pytest.mark.django_db
ROWS = {
    "decision.about_persons": {"answer": "yes", "evidence": "Nämndens beslut"},
    "decision.kinds": {"answer": ["loan"]},
}


@pytest.fixture
def drafted(system: System, owner: Actor) -> Draft:
    return save_rows(actor=owner, draft=begin_draft(actor=owner, system=system), rows=ROWS, revision=0)


@pytest.fixture
def recorded(drafted: Draft, owner: Actor, system: System) -> Classification:
    record_classification(actor=owner, system=system, draft_revision=1, case_number="SBN 2026/9")
    return Classification.objects.get()


def test_the_answers_become_the_registers_and_the_draft_is_gone(recorded: Classification, system: System) -> None:
    system.refresh_from_db()
    assert system.facts == {"decision.about_persons": "yes", "decision.kinds": ["loan"]}
    assert not Draft.objects.exists()


def test_it_is_one_act_with_one_entry_and_one_record(drafted: Draft, owner: Actor, system: System) -> None:
    before = Act.objects.exclude(verb="renew_permit").count()
    act = record_classification(actor=owner, system=system, draft_revision=1)
    assert act.verb == "record_classification"
    assert Outbox.objects.filter(act=act).count() == 1
    later = Act.objects.exclude(verb="renew_permit").count()
    assert later - before == 1
    record = Record.objects.get(kind="classification")
    assert (record.person, record.supplied_role, record.act) == (owner.person, "system_owner", act)
    assert record.content["summary"].startswith("Klass ")


def test_the_act_carries_the_digest_of_all_that_is_kept(recorded: Classification) -> None:
    kept = {name: getattr(recorded, name) for name in ("rows", "result", "reasons", "topics")}
    digest = hashlib.sha256(msgspec.json.Encoder(order="sorted").encode(kept)).hexdigest()
    assert recorded.digest == digest == recorded.act.text["classification"]


def test_it_keeps_questions_in_the_words_that_were_answered(recorded: Classification) -> None:
    questions = {one["fact"]: one for topic in recorded.topics for one in topic["questions"]}
    assert questions["decision.kinds"]["answers"]["loan"] == {"sv": "Lån", "en": "Loan"}
    assert recorded.result["packs_digest"] == recorded.packs


def test_it_is_never_changed_or_deleted(recorded: Classification) -> None:
    recorded.case_number = "annat"
    with pytest.raises(TypeError):
        recorded.save()
    with pytest.raises(TypeError):
        recorded.delete()


def test_a_new_draft_begins_from_it_with_its_evidence(recorded: Classification, owner: Actor, system: System) -> None:
    again = begin_draft(actor=owner, system=system)
    assert again.rows["decision.about_persons"]["evidence"] == "Nämndens beslut"


def test_an_answer_taken_back_is_gone_from_the_register(recorded: Classification, owner: Actor, system: System) -> None:
    draft = begin_draft(actor=owner, system=system)
    save_rows(actor=owner, draft=draft, rows={"decision.kinds": {}}, revision=0)
    record_classification(actor=owner, system=system, draft_revision=1)
    system.refresh_from_db()
    assert system.facts == {"decision.about_persons": "yes"}


def test_what_was_not_looked_at_is_not_recorded(drafted: Draft, owner: Actor, system: System) -> None:
    seen = System.objects.get(pk=system.pk).revision
    describe_system(actor=owner, system=system, summary_sv="Ny.")
    with pytest.raises(ChangedMeanwhile):
        record_classification(actor=owner, system=system, draft_revision=1, revision=seen)
    with pytest.raises(ChangedMeanwhile):
        record_classification(actor=owner, system=system, draft_revision=0)
    assert not Classification.objects.exists()


def test_without_a_draft_or_an_answer_there_is_nothing_to_record(system: System, owner: Actor) -> None:
    with pytest.raises(ActRefused):
        record_classification(actor=owner, system=system, draft_revision=0)
    begin_draft(actor=owner, system=system)
    with pytest.raises(ActRefused):
        record_classification(actor=owner, system=system, draft_revision=0)


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.ELECTED_MEMBER, Role.AUDITOR])
def test_others_do_not_record(drafted: Draft, system: System, person: Callable[..., Actor], role: Role) -> None:
    with pytest.raises(NotAllowed):
        record_classification(actor=person(role), system=system, draft_revision=1)


def test_a_day_that_has_passed_is_refused(drafted: Draft, owner: Actor, system: System) -> None:
    with pytest.raises(InvalidInput):
        record_classification(actor=owner, system=system, draft_revision=1, valid_through=today() - timedelta(days=1))


def test_an_act_that_fails_leaves_nothing(drafted: Draft, owner: Actor, system: System, monkeypatch: Any) -> None:
    from insyn.web.assessments import actions

    def fails(*_: Any) -> None:
        raise ActRefused("no")

    monkeypatch.setattr(actions, "followed", fails)
    before = Act.objects.count()
    with pytest.raises(ActRefused):
        record_classification(actor=owner, system=system, draft_revision=1)
    assert (Act.objects.count(), Classification.objects.count(), Draft.objects.count()) == (before, 0, 1)


def test_a_stricter_answer_closes_a_running_system_at_once(
    sequencer: Any, system: System, owner: Actor, member: Actor, meet_gates: Callable[..., None]
) -> None:
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    meet_gates(system, leave_out=(RecordKind.ASSESSMENT_DATA_PROTECTION,))
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/1")
    assert issued(system).granted
    draft = save_rows(actor=owner, draft=begin_draft(actor=owner, system=system), rows=ROWS, revision=0)
    record_classification(actor=owner, system=system, draft_revision=draft.revision)
    now = System.objects.get(pk=system.pk)
    assert not issued(now).granted
    assert "test-law/privacy" in {reason.rule for reason in issued(now).missing}
    assert Act.objects.filter(system=system, verb="narrow").exclude(log_index=None).exists()  # in the log before the act itself
