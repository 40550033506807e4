"""Competence: recorded by somebody else, demanded from the first inventory round on, and it ages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.inventory.actions import record_competence, withdraw_competence
from insyn.web.inventory.competence import require_competence, takes_competence
from insyn.web.inventory.models import CompetenceRecord, Round
from insyn.web.register.actions import supply_record
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db
NEXT_YEAR = today() + timedelta(days=365)


def test_before_the_first_round_nobody_is_asked_for_competence(owner: Actor) -> None:
    require_competence(owner, today())


def test_from_the_first_round_on_an_assessment_takes_competence(system: System, inventory: Round, owner: Actor, train: Any) -> None:
    with pytest.raises(NotAllowed, match=r"(?i)kompetens|competence"):
        supply_record(actor=owner, system=system, kind=RecordKind.ASSESSMENT_DATA_PROTECTION, content={})
    assert not Record.objects.exists()
    train(owner)
    with pytest.raises(InvalidInput):  # now it is the content that is looked at
        supply_record(actor=owner, system=system, kind=RecordKind.ASSESSMENT_DATA_PROTECTION, content={})


def test_from_the_first_round_on_a_classification_takes_competence(system: System, inventory: Round, owner: Actor, train: Any) -> None:
    from insyn.web.assessments.actions import record_classification

    with pytest.raises(NotAllowed, match=r"(?i)kompetens|competence"):
        record_classification(actor=owner, system=system, draft_revision=0)
    train(owner)
    with pytest.raises(ActRefused):  # now it is the draft that is missing
        record_classification(actor=owner, system=system, draft_revision=0)


def test_only_assessments_and_classifications_take_it() -> None:
    taking = {kind for kind in RecordKind if takes_competence(kind)}
    assert RecordKind.CLASSIFICATION in taking
    assert {kind for kind in taking if kind != RecordKind.CLASSIFICATION} == {k for k in RecordKind if k.value.startswith("assessment_")}


def test_competence_ages(inventory: Round, owner: Actor, train: Any, on_the_day: Callable[[date], None]) -> None:
    record = train(owner, valid_through=today() + timedelta(days=10))
    require_competence(owner, record.valid_through)
    with pytest.raises(NotAllowed, match=record.valid_through.isoformat()):
        require_competence(owner, record.valid_through + timedelta(days=1))


def test_a_withdrawn_record_counts_no_longer(inventory: Round, owner: Actor, coordinator: Actor, train: Any) -> None:
    record = train(owner)
    with pytest.raises(InvalidInput):
        withdraw_competence(actor=coordinator, record=record, why=" ")
    withdraw_competence(actor=coordinator, record=record, why="Fel person")
    with pytest.raises(NotAllowed):
        require_competence(owner, today())
    with pytest.raises(ActRefused):
        withdraw_competence(actor=coordinator, record=record, why="Igen")
    assert CompetenceRecord.objects.filter(pk=record.pk).exists()


def test_nobody_records_their_own_competence(coordinator: Actor, user_of: Any) -> None:
    with pytest.raises(NotAllowed):
        record_competence(actor=coordinator, user=user_of(coordinator), what="Kurs", given_by="Mig", valid_through=NEXT_YEAR)


@pytest.mark.parametrize("role", [Role.SYSTEM_OWNER, Role.INVENTORY_LEAD, Role.ELECTED_MEMBER, Role.AUDITOR])
def test_other_offices_record_no_competence(role: Role, person: Callable[..., Actor], administrator: Actor, user_of: Any) -> None:
    with pytest.raises(NotAllowed):
        record_competence(actor=person(role), user=user_of(administrator), what="Kurs", given_by="Någon", valid_through=NEXT_YEAR)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("what", {"what": " "}),
        ("given_by", {"given_by": ""}),
        ("what", {"what": "x" * 301}),
        ("first_day", {"first_day": today() + timedelta(days=1)}),
        ("valid_through", {"valid_through": today() - timedelta(days=1)}),
        ("valid_through", {"valid_through": today() + timedelta(days=4000)}),
    ],
)
def test_a_record_of_competence_that_cannot_be_is_refused(
    coordinator: Actor, owner: Actor, user_of: Any, field: str, changed: dict[str, Any]
) -> None:
    words = {"what": "Kurs", "given_by": "Någon", "valid_through": NEXT_YEAR, **changed}
    with pytest.raises(InvalidInput) as refused:
        record_competence(actor=coordinator, user=user_of(owner), **words)
    assert refused.value.place == field
    assert not Act.objects.filter(verb="record_competence").exists()


def test_the_same_training_is_recorded_once(owner: Actor, train: Any) -> None:
    train(owner)
    with pytest.raises(ActRefused):
        train(owner)
