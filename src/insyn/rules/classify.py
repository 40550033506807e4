"""The class of one use of a system, with everything that explains it.

The order is that of the law: prohibited practices first and on their own; then whether the system is high-risk; then transparency; and
``minimal`` only when every rule that decides a class is there and has answered no. Class and day are separate: what follows, and from when,
is :mod:`insyn.rules.full_result`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from insyn.core.terms import Tristate
from insyn.law.derived import Results, by_kind, high_risk, in_scope, prohibited
from insyn.law.evaluate import evaluate
from insyn.law.model import CLASSIFYING, Coverage, Evaluation, Kind, Pack, PackKind, Step


class SystemClass(StrEnum):
    """``derogated``: an item of Annex III is hit, and Article 6(3) frees it. ``undetermined``: what is known does not settle it; :attr:`Classified.protective` says what to act on until it does."""

    PROHIBITED = "prohibited"
    HIGH_RISK = "high_risk"
    TRANSPARENCY = "transparency"
    DEROGATED = "derogated"
    MINIMAL = "minimal"
    OUT_OF_SCOPE = "out_of_scope"
    UNDETERMINED = "undetermined"


class Classified(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. ``annex_items`` are those hit, ``annex_open`` those that may be; ``unknown`` the facts that would settle the class."""

    system_class: SystemClass
    protective: SystemClass
    annex_items: tuple[str, ...]
    annex_open: tuple[str, ...]
    prohibitions: tuple[str, ...]
    derogation: Tristate
    roles: tuple[str, ...]
    transparency: tuple[str, ...]
    trace: tuple[Step, ...]
    unknown: tuple[str, ...]
    packs: str
    on: date


def classify(packs: Sequence[Pack], facts: Mapping[str, Any], *, on: date) -> Classified:
    """Classify by substance on this day's packs. Raises :class:`~insyn.core.errors.InvalidInput` for a wrong answer."""
    return classified(evaluate(packs, facts, on=on), packs)


def classified(evaluation: Evaluation, packs: Sequence[Pack]) -> Classified:
    """The class that an evaluation under these packs comes to."""
    classifying = evaluation.of_kind(*CLASSIFYING)
    results = by_kind(classifying)
    found = _class(results, whole=_whole(packs))
    return Classified(
        system_class=found,
        protective=_protective(results) if found is SystemClass.UNDETERMINED else found,
        annex_items=_values(results, Kind.ANNEX_ITEM, Tristate.YES),
        annex_open=_values(results, Kind.ANNEX_ITEM, Tristate.UNKNOWN),
        prohibitions=_values(results, Kind.PROHIBITED, Tristate.YES),
        derogation=_any(results, Kind.DEROGATION),
        roles=_values(results, Kind.ROLE, Tristate.YES),
        transparency=_values(results, Kind.TRANSPARENCY, Tristate.YES),
        trace=tuple(step for result in classifying for step in result.trace),
        unknown=tuple(dict.fromkeys(fact for result in classifying for fact in result.unknown)),
        packs=evaluation.packs,
        on=evaluation.on,
    )


def _class(results: Results, *, whole: bool) -> SystemClass:
    """The class that the known answers settle; the first open question before it makes it undetermined."""
    scope = in_scope(results)
    if scope is Tristate.NO:
        return SystemClass.OUT_OF_SCOPE
    steps = (
        (prohibited(results), SystemClass.PROHIBITED),
        (high_risk(results), SystemClass.HIGH_RISK),
        (_any(results, Kind.TRANSPARENCY), SystemClass.TRANSPARENCY),
    )
    for answer, name in steps:
        if answer is Tristate.YES:
            return name
        if answer is Tristate.UNKNOWN:
            return SystemClass.UNDETERMINED
    if (
        scope is not Tristate.YES
        or not whole
        or any(Tristate.UNKNOWN in {result.result for result in results.get(kind, ())} for kind in _OF_CLASS)
    ):
        return SystemClass.UNDETERMINED
    return SystemClass.DEROGATED if _any(results, Kind.ANNEX_ITEM) is Tristate.YES else SystemClass.MINIMAL


#: Kinds of which an open answer could still change the class. A role says only who carries the duties, and a derogation matters only where
#: an item is hit: then it has already been weighed.
_OF_CLASS = frozenset({Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.TRANSPARENCY, Kind.SCOPE_OUT})


def _protective(results: Results) -> SystemClass:
    """The strictest class that the answers leave open."""
    if prohibited(results) is not Tristate.NO:
        return SystemClass.PROHIBITED
    return SystemClass.HIGH_RISK if high_risk(results) is not Tristate.NO else SystemClass.TRANSPARENCY


def _whole(packs: Sequence[Pack]) -> bool:
    """Is there a law pack that classifies, and does every one of them hold all its classes?"""
    deciding = [pack for pack in packs if pack.kind is PackKind.LAW and any(rule.kind in _OF_CLASS for rule in pack.rules.values())]
    return bool(deciding) and all(pack.coverage is Coverage.WHOLE for pack in deciding)


def _any(results: Results, kind: Kind) -> Tristate:
    answers = {result.result for result in results.get(kind, ())}
    return next((answer for answer in (Tristate.YES, Tristate.UNKNOWN) if answer in answers), Tristate.NO)


def _values(results: Results, kind: Kind, answer: Tristate) -> tuple[str, ...]:
    return tuple(sorted({result.rule.value for result in results.get(kind, ()) if result.result is answer}))
