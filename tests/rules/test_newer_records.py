"""What was assessed or tested anew replaces what was found before, also when it holds for a shorter time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rules_kit import record

from insyn.core.terms import Phase, RecordKind, Role
from insyn.law.model import Demand
from insyn.rules.gates import HeldRecord
from insyn.rules.records import Lack, find_record

DAY = date(2026, 11, 20)
FAR, NEAR, OVER = date(2030, 12, 31), date(2027, 6, 30), date(2026, 11, 19)
ETHICS = RecordKind.ASSESSMENT_ETHICS


def demand(kind: RecordKind, **asked: Any) -> Demand:
    return Demand(record=kind, before=Phase.IN_USE, supplied_by=(Role.SYSTEM_OWNER,), **asked)


def held(kind: RecordKind, number: int, *, day: date = date(2026, 10, 1), role: Role = Role.SYSTEM_OWNER, **told: Any) -> HeldRecord:
    return record(kind, role, record_id=str(number), recorded_on=day, **told)


def test_a_newer_assessment_counts_though_an_older_one_held_longer() -> None:
    rows = [held(ETHICS, 1, valid_through=FAR), held(ETHICS, 2, day=date(2026, 11, 1), valid_through=NEAR)]
    for order in (rows, rows[::-1]):
        found = find_record(demand(ETHICS), order, version="", on=DAY)
        assert (found.record_id, found.last_day, found.lack) == ("2", NEAR, None)


def test_two_of_the_same_day_stand_in_the_order_in_which_they_were_entered() -> None:
    rows = [held(ETHICS, 9, valid_through=FAR), held(ETHICS, 10, valid_through=NEAR)]
    assert find_record(demand(ETHICS), rows, version="", on=DAY).record_id == "10"


def test_a_newer_assessment_that_has_ended_gives_no_force_back_to_the_older_one() -> None:
    rows = [held(ETHICS, 1, valid_through=FAR), held(ETHICS, 2, valid_through=OVER)]
    assert find_record(demand(ETHICS), rows, version="", on=DAY).lack is Lack.EXPIRED
    assert find_record(demand(ETHICS), rows[:1], version="", on=DAY).lack is None  # as when the newer one is withdrawn


def test_a_record_of_a_day_to_come_replaces_nothing_yet() -> None:
    rows = [held(ETHICS, 1, valid_through=FAR), held(ETHICS, 2, day=date(2026, 11, 21), valid_through=NEAR)]
    assert find_record(demand(ETHICS), rows, version="", on=DAY).record_id == "1"


def test_the_test_of_one_version_says_nothing_of_another() -> None:
    rows = [
        held(RecordKind.VALIDATION, 1, version="1.0", valid_through=FAR),
        held(RecordKind.VALIDATION, 2, version="2.0", valid_through=OVER),
    ]
    asked = demand(RecordKind.VALIDATION, per_version=True)
    assert find_record(asked, rows, version="1.0", on=DAY).last_day == FAR
    assert find_record(asked, rows, version="2.0", on=DAY).lack is Lack.EXPIRED


def test_a_newer_second_signature_counts_as_well() -> None:
    kind, officer = RecordKind.ASSESSMENT_DATA_PROTECTION, Role.DATA_PROTECTION_OFFICER
    rows = [
        held(kind, 1, valid_through=FAR),
        held(kind, 2, role=officer, valid_through=FAR),
        held(kind, 3, role=officer, valid_through=NEAR),
    ]
    assert find_record(demand(kind, second_from=(officer,)), rows, version="", on=DAY).last_day == NEAR


@pytest.mark.parametrize("kind", [RecordKind.STOP_MANDATE, RecordKind.HUMAN_OVERSIGHT, RecordKind.TRAINING])
def test_mandates_and_trainings_stand_side_by_side_and_the_longest_counts(kind: RecordKind) -> None:
    rows = [held(kind, 1, valid_through=FAR), held(kind, 2, valid_through=NEAR)]
    assert find_record(demand(kind), rows, version="", on=DAY).record_id == "1"
