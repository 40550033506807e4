"""What takes effect before its act must never open anything."""

from __future__ import annotations

from typing import Any

import pytest
from gateway_kit import a_permit

from insyn.core.limits import FieldGrant, Limits
from insyn.core.permit import ClientKey, End, Permit, PurposeGrant, Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Population
from insyn.gateway.loosening import loosenings

LATER = End("2027-12-31", RefusalCode.OVERDUE_EVALUATION, "evaluation")
SOONER = End("2026-12-31", RefusalCode.OVERDUE_EVALUATION, "evaluation")
HELD = (PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"}), (FieldGrant("income", frozenset({"economy"})),)),)
MORE = (PurposeGrant("assess_loan", frozenset({"economy", "health"}), frozenset({"loan"})),)


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("granted", {"granted": False}, {"granted": True}),
        ("modes", {}, {"modes": frozenset({Mode.SUPPORT, Mode.AUTOMATED})}),
        ("versions", {}, {"versions": frozenset({"1.0", "2.0"})}),
        ("purposes", {}, {"purposes": (*a_permit().purposes, PurposeGrant("train", frozenset(), frozenset()))}),
        ("purposes", {}, {"purposes": MORE}),
        ("ends", {"ends": (SOONER,)}, {"ends": (LATER,)}),
        ("ends", {"ends": (SOONER,)}, {"ends": ()}),
        ("clients", {}, {"clients": (*a_permit().clients, ClientKey("x", "00"))}),
        ("groups", {}, {"groups": frozenset({"sex", "age"})}),
        ("reviewers", {}, {"reviewers": (*a_permit().reviewers, Reviewer("p-new", "2027-01-01"))}),
        ("human_review", {}, {"human_review": False}),
        ("explanation_due", {}, {"explanation_due": False}),
        ("notice_due", {}, {"notice_due": False}),
        ("limits", {"limits": Limits(per_day=5)}, {"limits": Limits()}),
        ("limits", {"limits": Limits(excludes=frozenset(Population))}, {"limits": Limits(excludes=frozenset({Population.MINOR}))}),
        ("purposes", {"purposes": HELD}, {"purposes": a_permit().purposes}),
        ("suppliers", {"suppliers": ("supplier-1",)}, {"suppliers": ()}),
        ("held", {"held": True}, {"held": False}),
        ("blind_share", {"blind_share": 50}, {"blind_share": 49}),
        ("unchangeable", {"unchangeable": frozenset({"age", "sex"})}, {"unchangeable": frozenset({"age"})}),
        ("changeable", {"changeable": frozenset({"income"})}, {"changeable": frozenset({"income", "debts"})}),
        ("changeable", {"changeable": frozenset({"income"})}, {"changeable": None}),
        ("bases", {"bases": {"1.0": 0.5}}, {"bases": {"1.0": 0.4}}),
        ("bases", {"bases": {"1.0": 0.5}}, {"bases": {}}),
    ],
)
def test_a_loosened_field_is_named(field: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert loosenings(a_permit(**old), a_permit(**{**old, **new})) == (field,)


@pytest.mark.parametrize(
    "new",
    [
        {},
        {"granted": False},
        {"versions": frozenset()},
        {"purposes": ()},
        {"ends": (SOONER,)},
        {"clients": ()},
        {"granted": False, "modes": frozenset(Mode), "versions": frozenset({"9"})},
        {"limits": Limits(per_day=5, hours=())},
        {"purposes": HELD},
        {"held": True, "blind_share": 1000, "unchangeable": frozenset({"age"}), "bases": {"1.0": 0.5}},
        {"changeable": frozenset({"income"})},
    ],
)
def test_what_only_tightens_loosens_nothing(new: dict[str, Any]) -> None:
    assert loosenings(a_permit(), a_permit(**new)) == ()


def test_an_end_that_comes_sooner_tightens() -> None:
    assert loosenings(a_permit(ends=(LATER,)), a_permit(ends=(SOONER,))) == ()


def test_a_first_permit_may_be_closed_but_not_open() -> None:
    closed: Permit = a_permit(granted=False)
    assert loosenings(None, closed) == ()
    assert loosenings(None, a_permit()) == ("granted",)
