"""A record of negotiation opens the gate of its own section, and closes the union's part also where the employer recorded the end."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from rules_kit import record

from insyn.core.terms import Phase, RecordKind, Role
from insyn.law.model import Demand
from insyn.rules.gates import HeldRecord, _is_about
from insyn.rules.records import Lack, find_record

DAY = date(2026, 11, 20)
DEMAND = Demand(record=RecordKind.MBL_SECTION_11, before=Phase.DEVELOPMENT, supplied_by=(Role.UNION_REPRESENTATIVE,))


def held(role: Role, *, stands_for: Role | None = None, about: str = "") -> HeldRecord:
    return msgspec.structs.replace(record(RecordKind.MBL_SECTION_11, role), stands_for=stands_for, about=about)


def test_what_the_owner_says_alone_is_not_the_unions_part() -> None:
    assert find_record(DEMAND, [held(Role.SYSTEM_OWNER)], version="", on=DAY).lack is Lack.WRONG_ROLE


def test_the_recorded_end_closes_the_unions_part() -> None:
    ended = held(Role.SYSTEM_OWNER, stands_for=Role.UNION_REPRESENTATIVE)
    assert find_record(DEMAND, [ended], version="", on=DAY).lack is None


def test_a_record_stands_for_no_other_office_than_the_one_it_names() -> None:
    other = held(Role.SYSTEM_OWNER, stands_for=Role.SAFETY_REPRESENTATIVE)
    assert find_record(DEMAND, [other], version="", on=DAY).lack is Lack.WRONG_ROLE


@pytest.mark.parametrize(
    ("about", "gate", "opens"),
    [
        ("mbl_section_11", "mbl_section_11", True),
        ("mbl_section_11", "mbl_section_38", False),
        ("mbl_section_38", "mbl_section_11", False),
        ("mbl_section_13", "mbl_section_13", True),
        ("mbl_section_38", "a_policys_own_gate", True),
        ("", "mbl_section_38", True),
    ],
)
def test_a_negotiation_under_one_section_opens_no_gate_of_another(about: str, gate: str, opens: bool) -> None:
    assert _is_about(held(Role.UNION_REPRESENTATIVE, about=about), gate) is opens
