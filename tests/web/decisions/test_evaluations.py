"""Evaluations come in time or close the system, and what they come to happens at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, RecordKind, Role
from insyn.law.durations import after
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.decisions.evaluations import shown_evaluations
from insyn.web.register.actions import adopt_pack, continue_system, supply_record, withdraw_record
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Record, System, WorkItem

pytestmark = pytest.mark.django_db
NEXT = today() + timedelta(days=400)


def content(outcome: str = "continue", **changes: Any) -> dict[str, Any]:
    found = {"summary": "Utvärderat.", "result": "Bra.", "outcome": outcome, "participation": "Tolv sökande svarade.", **changes}
    if outcome != "stop":
        found.setdefault("next_due", NEXT.isoformat())
    return {name: value for name, value in found.items() if value is not None}


def evaluate(actor: Actor, system: System, outcome: str = "continue", **changes: Any) -> Act:
    now = System.objects.get(pk=system.pk)
    return supply_record(actor=actor, system=now, kind=RecordKind.EVALUATION, content=content(outcome, **changes))


def due(system: System) -> date | None:
    return System.objects.get(pk=system.pk).evaluation_due


def test_an_evaluation_that_says_go_on_sets_the_next_day(in_use: System, owner: Actor) -> None:
    first = due(in_use)
    evaluate(owner, in_use)
    assert (first, due(in_use)) == (today() + timedelta(days=365), NEXT)
    assert NEXT.isoformat() in {end.last_day for end in issued(in_use).ends if end.what == "evaluation"}


def test_an_evaluation_that_says_stop_pauses_the_system_at_once_and_asks_for_a_decision(
    sequencer: Any, in_use: System, owner: Actor, member: Actor
) -> None:
    evaluate(owner, in_use, "stop")
    now = System.objects.get(pk=in_use.pk)
    assert (now.phase, now.paused_from) == (Phase.PAUSED, Phase.IN_USE)
    assert [reason.code for reason in issued(now).missing] == [RefusalCode.PAUSED]
    item = WorkItem.objects.get(system=now)
    assert (item.kind, item.closed) == (WorkItem.Kind.EVALUATION_STOP, None)
    continue_system(actor=member, system=now, case_number="NN 1", why="Rättat efter utvärderingen.")
    assert issued(now).granted


def test_an_evaluation_that_asks_for_a_change_opens_work_with_a_day(in_use: System, owner: Actor) -> None:
    by = (today() + timedelta(days=30)).isoformat()
    evaluate(owner, in_use, "change", change_what="Skriv om brevet.", change_by=by)
    item = WorkItem.objects.get(system=in_use)
    assert item.kind == WorkItem.Kind.EVALUATION_CHANGE
    assert f"{by}: Skriv om brevet." in item.text_sv
    assert issued(in_use).granted


@pytest.mark.parametrize(
    ("outcome", "changes", "place"),
    [
        ("magic", {}, "outcome"),
        (None, {}, "outcome"),
        ("change", {}, "change_what"),
        ("change", {"change_what": "Brevet."}, "change_by"),
        ("change", {"change_what": "Brevet.", "change_by": "2020-01-01"}, "change_by"),
        ("change", {"change_what": "Brevet.", "change_by": (NEXT + timedelta(days=1)).isoformat()}, "change_by"),
        ("continue", {"next_due": None}, "next_due"),
        ("continue", {"next_due": today().isoformat()}, "next_due"),
        ("continue", {"participation": None}, "participation"),
    ],
)
def test_an_evaluation_with_a_fault_is_refused_and_the_field_named(
    outcome: str, changes: dict[str, Any], place: str, in_use: System, owner: Actor
) -> None:
    before = due(in_use)
    with pytest.raises(InvalidInput) as refused:
        evaluate(owner, in_use, outcome, **changes)
    assert refused.value.place == place
    assert due(in_use) == before
    assert not Record.objects.filter(kind=RecordKind.EVALUATION).exists()


def test_the_next_day_lies_no_further_away_than_the_policys_cadence(
    sequencer: Any, with_policy: None, in_use: System, owner: Actor, secretary: Actor
) -> None:
    evaluate(owner, in_use, next_due=(today() + timedelta(days=800)).isoformat())
    adopt_pack(actor=secretary, pack="kommun-prov", adopted_on=today(), case_number="KF 1")
    _hold_a_round(owner, in_use)
    year = after(today(), "P1Y")
    with pytest.raises(InvalidInput, match=year.isoformat()) as refused:
        evaluate(owner, in_use, next_due=(year + timedelta(days=1)).isoformat())
    assert refused.value.place == "next_due"
    evaluate(owner, in_use, next_due=year.isoformat())
    assert due(in_use) == year


def test_a_plan_keeps_to_the_cadence_too(with_policy: None, system: System, owner: Actor, secretary: Actor) -> None:
    adopt_pack(actor=secretary, pack="kommun-prov", adopted_on=today(), case_number="KF 1")
    late = {"summary": "Sen.", "due": (today() + timedelta(days=500)).isoformat()}
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content=late)
    assert refused.value.place == "due"


def test_a_new_plan_does_not_put_off_the_evaluation_of_a_system_in_use(in_use: System, owner: Actor) -> None:
    later = {"summary": "Senare.", "due": (today() + timedelta(days=500)).isoformat()}
    with pytest.raises(InvalidInput, match=r"utvärdering|evaluation"):
        supply_record(actor=owner, system=in_use, kind=RecordKind.EVALUATION_PLAN, content=later)
    sooner = {"summary": "Tidigare.", "due": (today() + timedelta(days=100)).isoformat()}
    assert due(in_use) == today() + timedelta(days=365)
    with pytest.raises(ActRefused, match=r"svarar|answer"):
        supply_record(actor=owner, system=in_use, kind=RecordKind.EVALUATION_PLAN, content=sooner)  # it narrows, and no log runs here


def _hold_a_round(owner: Actor, system: System) -> None:
    from insyn.web.register.contents import fields_of

    now = System.objects.get(pk=system.pk)
    words = {field.name: "x" for field in fields_of(RecordKind.PARTICIPATION_ROUND) if field.required}
    Record.objects.create(
        system=now,
        kind=RecordKind.PARTICIPATION_ROUND,
        content=words,
        supplied_role=owner.role,
        person=owner.person,
        person_name=owner.name,
        recorded_on=today(),
        act=Act.objects.filter(system=now, verb="add_version").first(),
    )


def test_where_the_policy_asks_for_it_those_affected_take_part_each_time(
    sequencer: Any, with_policy: None, in_use: System, owner: Actor, secretary: Actor
) -> None:
    adopt_pack(actor=secretary, pack="kommun-prov", adopted_on=today(), case_number="KF 1")
    year = after(today(), "P1Y").isoformat()
    with pytest.raises(ActRefused, match=r"samråd|participation"):
        evaluate(owner, in_use, next_due=year)
    _hold_a_round(owner, in_use)
    evaluate(owner, in_use, next_due=year)
    with pytest.raises(ActRefused, match=r"samråd|participation"):
        evaluate(owner, in_use, next_due=year)


def test_a_late_evaluation_is_told_with_its_days(
    sequencer: Any, in_use: System, owner: Actor, on_the_day: Callable[[date], None], client: Any
) -> None:
    on_the_day(today() + timedelta(days=360))
    evaluate(owner, in_use, next_due=(today() + timedelta(days=10)).isoformat())
    on_the_day(today() + timedelta(days=22))
    page = client.get(f"/system/{in_use.slug}/").content.decode()
    assert "12 dagar försenad" in page
    evaluate(owner, in_use, next_due=(today() + timedelta(days=90)).isoformat())
    assert [one.late for one in shown_evaluations(in_use, public=True)] == [12, 0]
    page = client.get(f"/system/{in_use.slug}/").content.decode()
    assert "Gjordes 12 dagar för sent." in page


def test_without_the_evaluation_the_day_before_it_counts_again(sequencer: Any, in_use: System, owner: Actor) -> None:
    first = due(in_use)
    evaluate(owner, in_use, next_due=(first + timedelta(days=50)).isoformat())
    record = Record.objects.get(kind=RecordKind.EVALUATION)
    withdraw_record(actor=owner, system=in_use, record=record, why="Fel system.")
    assert due(in_use) == first


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.STOP_HOLDER, Role.DELEGATE, Role.UNION_REPRESENTATIVE])
def test_who_has_no_part_in_evaluating_supplies_none(role: Role, in_use: System, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        evaluate(person(role), in_use)


def test_what_a_system_brought_is_measured_and_not_foreseen(in_use: System, owner: Actor) -> None:
    measured = {"summary": "Snabbare.", "measure": "Dagar", "expected": "10", "realised": "9", "measured_on": today().isoformat()}
    supply_record(actor=owner, system=in_use, kind=RecordKind.BENEFIT_REALISED, content=measured)
    ahead = {**measured, "measured_on": (today() + timedelta(days=1)).isoformat()}
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=in_use, kind=RecordKind.BENEFIT_REALISED, content=ahead)
    assert refused.value.place == "measured_on"
    assert Record.objects.filter(kind=RecordKind.BENEFIT_REALISED).count() == 1
