"""The order of a system's life: which step may follow which, and how far along each step is.

``needs_analysis → development | procurement → assessment → decision → pilot → in_use ⇄ paused → retired → archived``. A system can be
refused, stopped or given up from anywhere before its end, and go back to assessment once a decision is near or taken.
"""

from __future__ import annotations

from collections.abc import Mapping

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

#: One step on. What ends a life or leads back is the same for many phases and stands below.
_ON: Mapping[Phase, tuple[Phase, ...]] = {
    Phase.NEEDS_ANALYSIS: (Phase.DEVELOPMENT, Phase.PROCUREMENT),
    Phase.DEVELOPMENT: (Phase.ASSESSMENT,),
    Phase.PROCUREMENT: (Phase.ASSESSMENT,),
    Phase.ASSESSMENT: (Phase.DECISION,),
    Phase.DECISION: (Phase.PILOT, Phase.IN_USE),
    Phase.PILOT: (Phase.IN_USE, Phase.PAUSED),
    Phase.IN_USE: (Phase.PAUSED,),
    Phase.PAUSED: (Phase.PILOT, Phase.IN_USE),
    Phase.STOPPED: (),
    Phase.RETIRED: (Phase.ARCHIVED,),
    Phase.ARCHIVED: (),
    Phase.REFUSED: (),
}
#: From here the owner may take the system back and assess it anew.
_BACK = frozenset({Phase.DECISION, Phase.PILOT, Phase.IN_USE, Phase.PAUSED, Phase.STOPPED})
_ENDED = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})


def comes_no_later(first: Phase, second: Phase) -> bool:
    """Must what is due before ``first`` be there when ``second`` begins? Nothing is due before a phase that ends a system."""
    return second in _STEP and _STEP.get(first, 0) <= _STEP[second]


def steps_on(phase: Phase) -> tuple[Phase, ...]:
    """The phases that come next in the order of a life; two where there is a choice, none at its end."""
    return _ON[phase]


def may_follow(phase: Phase, to: Phase) -> bool:
    """Is there a transition from ``phase`` to ``to``? Who may take it and what it demands is asked elsewhere."""
    if to in _ON[phase]:
        return True
    if to is Phase.ASSESSMENT:
        return phase in _BACK
    if to in (Phase.REFUSED, Phase.STOPPED, Phase.RETIRED):
        return phase not in _ENDED and phase is not to
    return False


def leads_back(phase: Phase, to: Phase) -> bool:
    """Does the transition undo what was asked for or decided? Then no gate is asked: nothing opens by it."""
    return to is Phase.ASSESSMENT and phase in _BACK
