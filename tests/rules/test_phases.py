"""The order of a system's life: every transition that there is, and none besides."""

from __future__ import annotations

from itertools import pairwise

import pytest

from insyn.core.terms import Phase
from insyn.rules.phases import comes_no_later, leads_back, may_follow, steps_on

NEEDS, DEVELOPMENT, PROCUREMENT, ASSESSMENT, DECISION, PILOT, IN_USE, PAUSED, RETIRED, ARCHIVED, REFUSED, STOPPED = Phase
GIVEN_UP = {REFUSED, STOPPED, RETIRED}
TABLE = {
    NEEDS: {DEVELOPMENT, PROCUREMENT, *GIVEN_UP},
    DEVELOPMENT: {ASSESSMENT, *GIVEN_UP},
    PROCUREMENT: {ASSESSMENT, *GIVEN_UP},
    ASSESSMENT: {DECISION, *GIVEN_UP},
    DECISION: {PILOT, IN_USE, ASSESSMENT, *GIVEN_UP},
    PILOT: {IN_USE, PAUSED, ASSESSMENT, *GIVEN_UP},
    IN_USE: {PAUSED, ASSESSMENT, *GIVEN_UP},
    PAUSED: {PILOT, IN_USE, ASSESSMENT, *GIVEN_UP},
    STOPPED: {ASSESSMENT, REFUSED, RETIRED},
    RETIRED: {ARCHIVED},
    ARCHIVED: set(),
    REFUSED: set(),
}


@pytest.mark.parametrize("phase", Phase)
def test_from_each_phase_lead_exactly_these_transitions(phase: Phase) -> None:
    assert {to for to in Phase if may_follow(phase, to)} == TABLE[phase]


@pytest.mark.parametrize("phase", Phase)
def test_no_phase_follows_itself(phase: Phase) -> None:
    assert not may_follow(phase, phase)


def test_a_life_runs_from_the_need_to_the_archive() -> None:
    way = [NEEDS, PROCUREMENT, ASSESSMENT, DECISION, PILOT, IN_USE, PAUSED, IN_USE]
    assert all(to in steps_on(phase) for phase, to in pairwise(way))
    assert (steps_on(RETIRED), steps_on(ARCHIVED), steps_on(REFUSED)) == ((ARCHIVED,), (), ())


def test_only_the_way_back_to_assessment_undoes_what_was_decided() -> None:
    back = {(phase, to) for phase in Phase for to in Phase if leads_back(phase, to)}
    assert back == {(phase, ASSESSMENT) for phase in (DECISION, PILOT, IN_USE, PAUSED, STOPPED)}


def test_what_is_due_before_an_earlier_step_is_due_before_every_later_one() -> None:
    way = [NEEDS, DEVELOPMENT, ASSESSMENT, DECISION, PILOT, IN_USE]
    for number, first in enumerate(way):
        assert all(comes_no_later(first, later) for later in way[number:])
        assert not any(comes_no_later(first, earlier) for earlier in way[:number])


@pytest.mark.parametrize("end", [RETIRED, ARCHIVED, REFUSED])
def test_nothing_is_due_before_an_end(end: Phase) -> None:
    assert not any(comes_no_later(first, end) for first in Phase)
