"""The order of a system's life, as far as gates need it."""

from __future__ import annotations

from insyn.core.terms import Phase

#: Development and procurement are two ways to the same step.
_STEP = {
    Phase.NEEDS_ANALYSIS: 0,
    Phase.DEVELOPMENT: 1,
    Phase.PROCUREMENT: 1,
    Phase.ASSESSMENT: 2,
    Phase.DECISION: 3,
    Phase.PILOT: 4,
    Phase.IN_USE: 5,
    Phase.PAUSED: 5,  # comes back to use, so every gate of use is asked
    Phase.STOPPED: 5,
}


def comes_no_later(first: Phase, second: Phase) -> bool:
    """Must what is due before ``first`` be there when ``second`` begins? Nothing is due before a phase that ends a system."""
    return second in _STEP and _STEP.get(first, 0) <= _STEP[second]
