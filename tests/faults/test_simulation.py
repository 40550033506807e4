"""The stop over several hosts, in a simulation that is drawn from numbers: the same table each time."""

from __future__ import annotations

import pytest

from tests.faults.simulation import CLOCKS, DESIGNS, bad_runs, table, violated

RUNS = 60
LEASES = [design for design in DESIGNS if design.expiry]


@pytest.mark.parametrize("design", LEASES, ids=[design.name for design in LEASES])
def test_every_lease_lets_something_through_where_clocks_freeze(design: object) -> None:
    """Leases are no proof, however carefully they are counted; the last of them needs clocks that run while a host pauses."""
    assert bad_runs(design, CLOCKS["gateways' clocks freeze"], RUNS)  # type: ignore[arg-type]


def test_what_is_appended_at_the_sequencer_is_never_used_after_the_stop() -> None:
    assert violated(RUNS) == []


def test_a_callers_frozen_clock_is_what_remains_and_a_fencing_token_closes_it() -> None:
    frozen = CLOCKS["callers' clocks freeze too"]
    assert bad_runs(DESIGNS[5], frozen, 4 * RUNS) > 0
    assert bad_runs(DESIGNS[6], frozen, 4 * RUNS) == 0


def test_a_number_repeats_its_run() -> None:
    assert table(5) == table(5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_thousand_runs_of_our_design_let_nothing_through() -> None:
    assert violated(2000) == []
