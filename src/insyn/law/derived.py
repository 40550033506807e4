"""Facts that are worked out from the classifying rules. A pack declares one with ``derived: <name>``.

They speak of substance, not of dates: a system listed in Annex III is ``high_risk`` here before the law's own duties begin, so that a
policy can ask for the care earlier. The law's rules carry their own first days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from insyn.core.terms import Tristate

from . import kleene
from .model import Answer, Fact, Kind, Pack, RuleResult

Results = Sequence[RuleResult]


def _of_kind(results: Results, kind: Kind) -> Iterable[Tristate]:
    return (result.result for result in results if result.rule.kind is kind)


def in_scope(results: Results) -> Tristate:
    """Out of scope only by a yes; while a scope-out is open, so is this."""
    return kleene.opposite(kleene.some(_of_kind(results, Kind.SCOPE_OUT)))


def high_risk(results: Results) -> Tristate:
    """In scope, some item hit, and no derogation (Article 6(2) and (3))."""
    hit = kleene.some(_of_kind(results, Kind.ANNEX_ITEM))
    freed = kleene.some(_of_kind(results, Kind.DEROGATION))
    return kleene.every((in_scope(results), hit, kleene.opposite(freed)))


def prohibited(results: Results) -> Tristate:
    return kleene.every((in_scope(results), kleene.some(_of_kind(results, Kind.PROHIBITED))))


def annex_items(results: Results) -> tuple[str, ...]:
    """The items hit; holds ``unknown`` while another may be."""
    items = [result for result in results if result.rule.kind is Kind.ANNEX_ITEM]
    hit = {result.rule.value for result in items if result.result is Tristate.YES}
    open_ = {"unknown" for result in items if result.result is Tristate.UNKNOWN}
    return tuple(sorted(hit | open_))


DERIVED: Mapping[str, Callable[[Results], Answer]] = {
    "in_scope": in_scope,
    "high_risk": high_risk,
    "prohibited": prohibited,
    "annex_items": annex_items,
}
#: The kinds of rule that each of them looks at.
_LOOKS_AT: Mapping[str, frozenset[Kind]] = {
    "in_scope": frozenset({Kind.SCOPE_OUT}),
    "high_risk": frozenset({Kind.SCOPE_OUT, Kind.ANNEX_ITEM, Kind.DEROGATION}),
    "prohibited": frozenset({Kind.SCOPE_OUT, Kind.PROHIBITED}),
    "annex_items": frozenset({Kind.ANNEX_ITEM}),
}


def derive(packs: Sequence[Pack], results: Results) -> dict[str, Answer]:
    """The answers to every derived fact of the packs."""
    return {fact.id: _plain(DERIVED[fact.derived](results)) for fact in _derived_facts(packs)}


def open_behind(packs: Sequence[Pack], results: Results) -> dict[str, tuple[str, ...]]:
    """For each derived fact, the answers by people that could still change it."""
    return {
        fact.id: tuple(dict.fromkeys(name for result in results if result.rule.kind in _LOOKS_AT[fact.derived] for name in result.unknown))
        for fact in _derived_facts(packs)
    }


def _derived_facts(packs: Sequence[Pack]) -> Iterable[Fact]:
    return (fact for pack in packs for fact in pack.facts.values() if fact.derived)


def _plain(answer: Answer) -> Answer:
    return str(answer) if isinstance(answer, str) else answer
