"""What each ground carries."""

from __future__ import annotations

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.terms import ReconsiderationGround as Ground
from insyn.web.accounts.errors import ActRefused
from insyn.web.remedies.grounds import GROUNDS, check_change, effect_of, reasons_with_ground
from insyn.web.remedies.words import Effect

NAMED = "Beslutet fick återkallas enligt sitt eget förbehåll."


@pytest.mark.parametrize(
    ("before", "after", "favourable", "effect"),
    [
        ("deny", "deny", "grant", Effect.SAME),
        ("deny", "grant", "grant", Effect.BETTER),
        ("grant", "deny", "grant", Effect.WORSE),
        ("deny", "reject", "grant", Effect.UNKNOWN),
        ("deny", "grant", "", Effect.UNKNOWN),
    ],
)
def test_what_a_change_is_to_the_person_as_far_as_the_register_tells(before: str, after: str, favourable: str, effect: Effect) -> None:
    assert effect_of(before=before, after=after, favourable=favourable) is effect


@pytest.mark.parametrize("ground", [ground for ground in Ground if ground is not Ground.MAY_CHANGE])
def test_only_section_37_may_carry_a_change_for_the_worse(ground: Ground) -> None:
    with pytest.raises(ActRefused, match="37 §"):
        check_change(ground=ground, effect=Effect.WORSE, not_worse=True, detriment_ground=NAMED)


def test_section_37_carries_it_only_with_its_ground_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_change(ground=Ground.MAY_CHANGE, effect=Effect.WORSE, not_worse=True, detriment_ground=" " * 60)
    assert refused.value.place == "detriment_ground"
    check_change(ground=Ground.MAY_CHANGE, effect=Effect.WORSE, not_worse=False, detriment_ground=NAMED)
    assert reasons_with_ground("Skälen.", NAMED).endswith(NAMED)


@pytest.mark.parametrize("ground", Ground)
def test_an_effect_that_the_register_cannot_tell_is_the_worse_until_the_officer_says_otherwise(ground: Ground) -> None:
    with pytest.raises((ActRefused, InvalidInput)):
        check_change(ground=ground, effect=Effect.UNKNOWN, not_worse=False, detriment_ground="")
    for effect in (Effect.UNKNOWN, Effect.BETTER, Effect.SAME):
        check_change(ground=ground, effect=effect, not_worse=True, detriment_ground="")


def test_every_ground_is_offered_and_what_is_law_bears_its_mark() -> None:
    assert [one.ground for one in GROUNDS] == list(Ground)
    assert {one.mark for one in GROUNDS if one.provision} <= {"K", "S"}  # none of them has been read word for word
