"""Kleene's three-valued logic. Unknown is never no: it stays unknown unless the other answers settle it."""

from __future__ import annotations

from collections.abc import Iterable

from insyn.core.terms import Tristate

YES, NO, UNKNOWN = Tristate.YES, Tristate.NO, Tristate.UNKNOWN


def every(answers: Iterable[Tristate]) -> Tristate:
    """One no settles it; otherwise one unknown leaves it open. Of nothing: yes."""
    found = set(answers)
    if NO in found:
        return NO
    return UNKNOWN if UNKNOWN in found else YES


def some(answers: Iterable[Tristate]) -> Tristate:
    """One yes settles it; otherwise one unknown leaves it open. Of nothing: no."""
    found = set(answers)
    if YES in found:
        return YES
    return UNKNOWN if UNKNOWN in found else NO


def opposite(answer: Tristate) -> Tristate:
    if answer is UNKNOWN:
        return UNKNOWN
    return NO if answer is YES else YES
