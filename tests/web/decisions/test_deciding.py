"""A decision has a last day, rests on what was there, and is taken once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.clock import today
from insyn.web.register.actions import add_version, continue_system, decide_use, pause_system
from insyn.web.register.compiling import permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Decision, System

pytestmark = pytest.mark.django_db
LAST = today() + timedelta(days=40)


@pytest.fixture
def ready(system: System, meet_gates: Any) -> System:
    meet_gates(system)
    return System.objects.get(pk=system.pk)


def decide(actor: Actor, system: System, **changes: Any) -> Act:
    return decide_use(actor=actor, system=system, **{"versions": ["1.0"], "case_number": "NN 2026/10", **changes})


def now(system: System) -> System:
    return System.objects.get(pk=system.pk)


def test_a_decision_ends_on_its_last_day(ready: System, member: Actor) -> None:
    decide(member, ready, valid_through=LAST)
    assert ("decision", LAST.isoformat(), RefusalCode.NOT_APPROVED) in {(end.what, end.last_day, end.code) for end in issued(ready).ends}
    after = permit_of(now(ready), epoch=99, compiled_from=98, on=LAST + timedelta(days=1))
    assert [reason.code for reason in after.missing] == [RefusalCode.NOT_APPROVED]
    assert "tid" in after.missing[0].sentence.sv


def test_after_its_last_day_a_new_decision_opens_again(ready: System, member: Actor, on_the_day: Callable[[date], None]) -> None:
    decide(member, ready, valid_through=LAST)
    on_the_day(LAST + timedelta(days=1))
    decide(member, now(ready), case_number="NN 2027/1")
    assert issued(ready).granted
    assert "decision" not in {end.what for end in issued(ready).ends}


@pytest.mark.parametrize("day", [today() - timedelta(days=1), today() - timedelta(days=400)])
def test_a_decision_cannot_end_before_it_is_taken(day: date, ready: System, member: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(member, ready, valid_through=day)
    assert refused.value.place == "valid_through"
    assert now(ready).phase == Phase.ASSESSMENT


def test_going_on_after_a_pause_does_not_prolong_the_decision(sequencer: Any, ready: System, member: Actor, owner: Actor) -> None:
    decide(member, ready, valid_through=LAST)
    pause_system(actor=owner, system=now(ready), why="Paus.")
    continue_system(actor=member, system=now(ready), case_number="NN 2", why="Ordnat.")
    assert LAST.isoformat() in {end.last_day for end in issued(ready).ends if end.what == "decision"}
    later = LAST + timedelta(days=100)
    pause_system(actor=owner, system=now(ready), why="Paus.")
    continue_system(actor=member, system=now(ready), case_number="NN 3", why="Ordnat.", valid_through=later)
    assert {end.last_day for end in issued(ready).ends if end.what == "decision"} == {later.isoformat()}


def test_a_decision_before_what_it_rests_on_is_refused_in_words(ready: System, member: Actor) -> None:
    with pytest.raises(InvalidInput, match=today().isoformat()) as refused:
        decide(member, ready, decided_on=today() - timedelta(days=1))
    assert refused.value.place == "decided_on"
    assert not Decision.objects.exists()
    assert not ready.versions.filter(decided=True).exists()


def test_a_decision_ahead_of_today_is_refused(ready: System, member: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide(member, ready, decided_on=today() + timedelta(days=1))
    assert refused.value.place == "decided_on"


def test_a_system_is_not_let_go_on_before_it_was_paused(
    sequencer: Any, ready: System, member: Actor, owner: Actor, on_the_day: Callable[[date], None]
) -> None:
    decide(member, ready)
    tomorrow = today() + timedelta(days=1)
    on_the_day(tomorrow)
    pause_system(actor=owner, system=now(ready), why="Paus.")
    with pytest.raises(InvalidInput, match=tomorrow.isoformat()):
        continue_system(actor=member, system=now(ready), case_number="NN 2", why="x", decided_on=tomorrow - timedelta(days=1))


def test_the_same_decision_twice_is_done_already(ready: System, member: Actor) -> None:
    decide(member, ready, conditions="En människa beslutar.", valid_through=LAST)
    acts = Act.objects.count()
    with pytest.raises(ActRefused, match=r"NN 2026/10"):
        decide(member, now(ready), conditions="En människa beslutar.", valid_through=LAST)
    assert (Decision.objects.count(), Act.objects.count()) == (1, acts)


def test_another_decision_or_the_same_after_a_change_is_a_new_one(ready: System, member: Actor, owner: Actor) -> None:
    decide(member, ready)
    decide(member, now(ready), conditions="Bara vardagar.")
    add_version(actor=owner, system=now(ready), name="2.0")
    decide(member, now(ready), conditions="Bara vardagar.")
    assert Decision.objects.count() == 3


def test_a_page_that_is_old_decides_nothing(ready: System, member: Actor, owner: Actor) -> None:
    seen = ready.revision
    add_version(actor=owner, system=ready, name="2.0")
    with pytest.raises(ChangedMeanwhile):
        decide(member, ready, revision=seen)
    assert not Decision.objects.exists()
