"""Facts that are worked out from the classifying rules. A pack declares one with ``derived: <name>``.

They speak of substance, not of dates: a system listed in Annex III is ``high_risk`` here before the law's own duties begin, so that a
policy can ask for the care earlier. The law's rules carry their own first days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from insyn.core.terms import Tristate

from . import kleene
from .model import Answer, Fact, Kind, Pack, RuleResult

Results = Mapping[Kind, Sequence[RuleResult]]
#: Annex items as rules name them: Annex I by section, Annex III by point.
ANNEX_I_A, ANNEX_I_B, ANNEX_III, POINT_2 = "I.A", "I.B", "III.", "III.2"


def by_kind(results: Iterable[RuleResult]) -> Results:
    """Results as the functions below look at them."""
    found: dict[Kind, list[RuleResult]] = {}
    for result in results:
        found.setdefault(result.rule.kind, []).append(result)
    return found


def _of_kind(results: Results, kind: Kind) -> Iterable[Tristate]:
    return [result.result for result in results.get(kind, ())]


def in_scope(results: Results) -> Tristate:
    """Out of scope only by a yes; while a scope-out is open, so is this."""
    return kleene.opposite(kleene.some(_of_kind(results, Kind.SCOPE_OUT)))


def _hit(results: Results, counts: Callable[[str], bool]) -> Tristate:
    """Is an item hit of those that count?"""
    return kleene.some([result.result for result in results.get(Kind.ANNEX_ITEM, ()) if counts(result.rule.value)])


def _not_freed(results: Results) -> Tristate:
    return kleene.opposite(kleene.some(_of_kind(results, Kind.DEROGATION)))


def _of_annex_iii(item: str) -> bool:
    return item.startswith(ANNEX_III)


def high_risk_annex_iii(results: Results) -> Tristate:
    """In scope, a point of Annex III hit, and no derogation (Article 6(2) and (3))."""
    return kleene.every((in_scope(results), _hit(results, _of_annex_iii), _not_freed(results)))


def high_risk_annex_iii_not_2(results: Results) -> Tristate:
    """The same for a point other than 2, critical infrastructure, which Articles 27, 49(3) and 86 leave out."""
    other = _hit(results, lambda item: _of_annex_iii(item) and item != POINT_2)
    return kleene.every((in_scope(results), other, _not_freed(results)))


def high_risk_annex_i_a(results: Results) -> Tristate:
    """In scope, and a product of Annex I section A (Article 6(1)). Article 6(3) frees nothing here."""
    return kleene.every((in_scope(results), _hit(results, lambda item: item == ANNEX_I_A)))


def high_risk_annex_i_b(results: Results) -> Tristate:
    """In scope, and a product of Annex I section B, to which little more than Article 6(1) applies (Article 2(2))."""
    return kleene.every((in_scope(results), _hit(results, lambda item: item == ANNEX_I_B)))


def high_risk(results: Results) -> Tristate:
    """High-risk by either route."""
    return kleene.some((high_risk_annex_iii(results), high_risk_annex_i_a(results), high_risk_annex_i_b(results)))


def derogated(results: Results) -> Tristate:
    """Listed in Annex III and freed by Article 6(3), and no product of Annex I."""
    freed = kleene.some(_of_kind(results, Kind.DEROGATION))
    return kleene.every((in_scope(results), _hit(results, _of_annex_iii), freed, kleene.opposite(high_risk(results))))


def prohibited(results: Results) -> Tristate:
    return kleene.every((in_scope(results), kleene.some(_of_kind(results, Kind.PROHIBITED))))


def _values(results: Results, kind: Kind) -> tuple[str, ...]:
    """What the rules of a kind conclude; holds ``unknown`` while there may be more."""
    found = results.get(kind, ())
    said = {result.rule.value for result in found if result.result is Tristate.YES}
    open_ = {"unknown" for result in found if result.result is Tristate.UNKNOWN and result.rule.value not in said}
    return tuple(sorted(said | open_))


def annex_items(results: Results) -> tuple[str, ...]:
    return _values(results, Kind.ANNEX_ITEM)


def transparency(results: Results) -> tuple[str, ...]:
    return _values(results, Kind.TRANSPARENCY)


def roles(results: Results) -> tuple[str, ...]:
    return _values(results, Kind.ROLE)


DERIVED: Mapping[str, Callable[[Results], Answer]] = {
    "in_scope": in_scope,
    "high_risk": high_risk,
    "high_risk_annex_iii": high_risk_annex_iii,
    "high_risk_annex_iii_not_2": high_risk_annex_iii_not_2,
    "high_risk_annex_i_a": high_risk_annex_i_a,
    "high_risk_annex_i_b": high_risk_annex_i_b,
    "derogated": derogated,
    "prohibited": prohibited,
    "annex_items": annex_items,
    "transparency": transparency,
    "roles": roles,
}
#: Those that are sets; the others are yes, no or unknown.
SETS = frozenset({"annex_items", "transparency", "roles"})
#: Those worked out from roles, which come second.
OF_ROLES = frozenset({"roles"})
_HIGH_RISK = frozenset({Kind.SCOPE_OUT, Kind.ANNEX_ITEM, Kind.DEROGATION})
#: The kinds of rule that each of them looks at.
_LOOKS_AT: Mapping[str, frozenset[Kind]] = {
    **dict.fromkeys(DERIVED, _HIGH_RISK),
    "in_scope": frozenset({Kind.SCOPE_OUT}),
    "prohibited": frozenset({Kind.SCOPE_OUT, Kind.PROHIBITED}),
    "annex_items": frozenset({Kind.ANNEX_ITEM}),
    "transparency": frozenset({Kind.TRANSPARENCY}),
    "roles": frozenset({Kind.ROLE}),
}


def derive(facts: Iterable[Fact], results: Iterable[RuleResult]) -> dict[str, Answer]:
    """The answers to those of these facts that are worked out."""
    kinds = by_kind(results)
    return {fact.id: _plain(DERIVED[fact.derived](kinds)) for fact in facts if fact.derived}


def open_behind(facts: Iterable[Fact], results: Sequence[RuleResult]) -> dict[str, tuple[str, ...]]:
    """For each of these facts that is worked out, the answers by people that could still change it."""
    opened = [result for result in results if result.unknown]
    return {fact.id: _asked_by(_LOOKS_AT[fact.derived], opened) for fact in facts if fact.derived}


def _asked_by(kinds: frozenset[Kind], results: Sequence[RuleResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for result in results if result.rule.kind in kinds for name in result.unknown))


def first_stage(packs: Iterable[Pack]) -> list[Fact]:
    """The worked-out facts that hang on the class alone."""
    return [fact for pack in packs for fact in pack.facts.values() if fact.derived and fact.derived not in OF_ROLES]


def second_stage(packs: Iterable[Pack]) -> list[Fact]:
    """Those that hang on the roles."""
    return [fact for pack in packs for fact in pack.facts.values() if fact.derived in OF_ROLES]


def _plain(answer: Answer) -> Answer:
    return str(answer) if isinstance(answer, str) else answer
