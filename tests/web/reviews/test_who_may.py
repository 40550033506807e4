"""Mandate, instruction and training must all hold: whichever ends first ends what a person may decide, and says so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.models import Mandate
from insyn.web.register.compiling import _reviewers
from insyn.web.register.models import Record
from insyn.web.reviews.standing import lacks_of

pytestmark = pytest.mark.django_db
FAR = date(2099, 12, 31)
ENDS = ("instruction_through", "training_through", "record")


def record_of(person: str, **ends: date) -> Record:
    through = {name: ends.get(name, FAR).isoformat() for name in ENDS[:2]}
    content = {"reviewers": [person], "instruction": "Läs.", **through}
    return Record(pk=1, kind=RecordKind.HUMAN_OVERSIGHT, content=content, valid_through=ends.get("record"))


@pytest.mark.parametrize(("ends", "said"), list(zip(ENDS, ("Instruktionen", "Din utbildning", "Handlingen"), strict=True)))
def test_whichever_ends_first_ends_the_right_to_decide_on_its_day(officer: Actor, ends: str, said: str) -> None:
    today = clock.today()
    holds = record_of(officer.person, **{ends: today})
    assert [held.last_day for held in _reviewers([holds], today)] == [today.isoformat()]
    assert lacks_of([holds], officer.person, today) == []
    over = record_of(officer.person, **{ends: today - timedelta(1)})
    assert list(_reviewers([over], today)) == []
    lacks = lacks_of([over], officer.person, today)
    assert len(lacks) == 1
    assert (today - timedelta(1)).isoformat() in lacks[0].what
    assert said in lacks[0].what


def test_whose_mandate_has_ended_decides_nothing_however_new_the_training_is(officer: Actor) -> None:
    today = clock.today()
    assert [held.person for held in _reviewers([record_of(officer.person)], today)] == [officer.person]
    Mandate.objects.filter(user__person=officer.person).update(last_day=today - timedelta(1))
    assert list(_reviewers([record_of(officer.person)], today)) == []
