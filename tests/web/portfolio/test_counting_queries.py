"""The start page asks the database as many questions of sixty systems as of three, for whoever it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web.clock import today
from insyn.web.portfolio.items import collect_items
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Decision, Record, System

pytestmark = pytest.mark.django_db
EVERYBODY = [role for role in Role if role is not Role.UNION_REPRESENTATIVE]


def fill(system: System, count: int) -> None:
    """Systems in use with something in each that waits: a decision that ends, a record to sign, a duty that nobody has, a round to read."""
    from insyn.web.decisions.models import Deviation
    from insyn.web.participation.models import Contribution, Round
    from insyn.web.register.datauses import DataUse

    soon = today() + timedelta(days=9)
    for number in range(count):
        one = System.objects.create(
            slug=f"system-{count}-{number}", name_sv="S", name_en="S", owner=system.owner, office=system.office, phase=Phase.IN_USE,
            kind=system.kind, reach=system.reach,
        )  # fmt: skip
        _row(Decision, system=one, what="use", decided_on=today(), valid_through=soon)
        Record.objects.create(
            system=one, kind=RecordKind.ASSESSMENT_DATA_PROTECTION, content={"summary": "Klart."}, supplied_role=Role.SYSTEM_OWNER,
            person="p-other", person_name="Någon", recorded_on=today(), valid_through=soon, act=an_act(),
        )  # fmt: skip
        _row(Deviation, system=one, act=an_act(), state="proposed", rule="x/y", last_day=soon)
        _row(DataUse, system=one, act=an_act(), outcome="allowed", decided_on=today(), valid_through=soon)
        round_ = _row(Round, system=one, act=an_act(), slug=f"r-{count}-{number}", state="open", opens=today(), closes=soon)
        _row(Contribution, round=round_, act=an_act(), moderation="waiting")


def an_act() -> Act:
    with transaction.atomic():
        actor = Actor(person="p-other", name="Någon", role="system_owner", office="Kontoret")
        return write_act(verb="decide_use", actor=actor, text={})


def _row(model: Any, **values: Any) -> Any:
    """A row with what it must have: whatever is not named is empty of its kind."""
    from django.db import models

    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in values or field.has_default() or field.null:
            continue
        if field.is_relation:
            values[field.name] = an_act() if field.related_model is Act else values["system"].owner
            continue
        if isinstance(field, models.DateTimeField):
            values[field.name] = f"{today().isoformat()}T12:00:00Z"
        elif isinstance(field, models.DateField):
            values[field.name] = today()
        elif isinstance(field, models.CharField | models.TextField):
            values[field.name] = values.get(field.name, f"{len(model.objects.all())}"[: field.max_length or 9])
        else:
            values[field.name] = 1
    known = {field.name for field in model._meta.concrete_fields}
    return model.objects.create(**{name: value for name, value in values.items() if name in known})


def test_what_waits_costs_as_many_queries_for_sixty_systems_as_for_three(
    system: System, owner: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    users = {role: user_of(owner if role is Role.SYSTEM_OWNER else person(role)) for role in EVERYBODY}
    fill(system, 3)
    few = {role: asked(user) for role, user in users.items()}
    fill(system, 57)
    many = {role: asked(user) for role, user in users.items()}
    assert {role: queries for role, (queries, _) in many.items()} == {role: queries for role, (queries, _) in few.items()}
    assert [role for role in EVERYBODY if len(many[role][1]) < len(few[role][1])] == []
    assert len(many[Role.SYSTEM_OWNER][1]) > len(few[Role.SYSTEM_OWNER][1]) > 3


def asked(user: Any) -> tuple[int, list[Any]]:
    collect_items(user, today())  # what a process reads once is read
    with CaptureQueriesContext(connection) as queries:
        found = collect_items(user, today())
    return len(queries), found
