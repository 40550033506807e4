"""A draft of a classification: begun, shared, saved and thrown away, and what two at once do to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.assessments.drafts import begin_draft, discard_draft, rows_of, save_rows
from insyn.web.assessments.models import Draft
from insyn.web.register.actions import answer_facts
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
YES = {"decision.about_persons": {"answer": "yes", "evidence": "Nämndens beslut", "case": "SBN 2026/9"}}


@pytest.fixture
def draft(system: System, owner: Actor) -> Draft:
    return begin_draft(actor=owner, system=system)


def test_saving_keeps_the_answer_with_its_evidence_and_who_wrote_it(draft: Draft, owner: Actor) -> None:
    saved = save_rows(actor=owner, draft=draft, rows=YES, revision=0)
    row = saved.rows["decision.about_persons"]
    assert (row["answer"], row["evidence"], row["case"], row["name"], row["role"]) == (
        "yes",
        "Nämndens beslut",
        "SBN 2026/9",
        owner.name,
        "system_owner",
    )
    assert row["at"]
    assert (saved.saved_name, saved.revision) == (owner.name, 1)


def test_a_draft_is_no_act_and_changes_nothing_in_the_register(draft: Draft, owner: Actor, system: System) -> None:
    before = Act.objects.count()
    save_rows(actor=owner, draft=draft, rows=YES, revision=0)
    system.refresh_from_db()
    assert system.facts == {}
    assert Act.objects.count() == before


def test_who_did_not_change_an_answer_does_not_take_it_over(draft: Draft, owner: Actor, person: Callable[..., Actor]) -> None:
    save_rows(actor=owner, draft=draft, rows=YES, revision=0)
    coordinator = person(Role.AI_COORDINATOR)
    saved = save_rows(actor=coordinator, draft=draft, rows={**YES, "decision.kinds": {"answer": ["loan"]}}, revision=1)
    assert saved.rows["decision.about_persons"]["name"] == owner.name
    assert saved.rows["decision.kinds"]["name"] == coordinator.name


def test_an_empty_row_takes_the_answer_back(draft: Draft, owner: Actor) -> None:
    save_rows(actor=owner, draft=draft, rows=YES, revision=0)
    assert save_rows(actor=owner, draft=draft, rows={"decision.about_persons": {}}, revision=1).rows == {}


def test_the_second_of_two_who_save_at_once_is_told(draft: Draft, owner: Actor, person: Callable[..., Actor]) -> None:
    save_rows(actor=owner, draft=draft, rows=YES, revision=0)
    with pytest.raises(ChangedMeanwhile, match=owner.name):
        save_rows(actor=person(Role.AI_COORDINATOR), draft=draft, rows={"decision.kinds": {"answer": []}}, revision=0)
    assert set(Draft.objects.get().rows) == {"decision.about_persons"}


def test_other_offices_answer_what_asks_them_and_nothing_else(draft: Draft, person: Callable[..., Actor]) -> None:
    protection = person(Role.DATA_PROTECTION_OFFICER)
    save_rows(actor=protection, draft=draft, rows={"decision.kinds": {"answer": ["loan"]}}, revision=0)
    with pytest.raises(NotAllowed):
        save_rows(actor=protection, draft=draft, rows=YES, revision=1)
    with pytest.raises(NotAllowed):
        save_rows(actor=person(Role.AUDITOR), draft=draft, rows=YES, revision=1)


def test_another_owner_does_not_write_in_it(draft: Draft, person: Callable[..., Actor], system: System) -> None:
    other = person(Role.SYSTEM_OWNER, name="annan")
    with pytest.raises(NotAllowed):
        save_rows(actor=other, draft=draft, rows=YES, revision=0)
    with pytest.raises(NotAllowed):
        discard_draft(actor=other, draft=draft, revision=0)


@pytest.mark.parametrize("row", [{"answer": "perhaps"}, {"answer": ["loan"]}])
def test_a_wrong_answer_is_refused(draft: Draft, owner: Actor, row: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        save_rows(actor=owner, draft=draft, rows={"decision.about_persons": row}, revision=0)


def test_a_question_that_no_pack_asks_is_refused(draft: Draft, owner: Actor) -> None:
    with pytest.raises(NotAllowed):
        save_rows(actor=owner, draft=draft, rows={"no.such": {"evidence": "x"}}, revision=0)


def test_there_is_one_draft_for_a_system(draft: Draft, owner: Actor, system: System) -> None:
    with pytest.raises(ActRefused):
        begin_draft(actor=owner, system=system)


def test_what_is_answered_some_other_way_meanwhile_stands_in_the_draft(draft: Draft, owner: Actor, system: System) -> None:
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    assert rows_of(Draft.objects.get())["decision.about_persons"]["answer"] == "no"


def test_a_draft_thrown_away_leaves_the_register_as_it_was(draft: Draft, owner: Actor, system: System) -> None:
    discard_draft(actor=owner, draft=draft, revision=0)
    assert not Draft.objects.exists()
    with pytest.raises(ChangedMeanwhile):
        save_rows(actor=owner, draft=draft, rows=YES, revision=0)
