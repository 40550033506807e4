"""Is the explanation of an outcome right, as far as it can be seen from the outcome itself? Pure.

Whether it is *true* of the model cannot be seen here: that is what the test of fidelity is for (:mod:`insyn.sdk.fidelity`). What can be seen:
1. every factor names a field of the payload, once, and says the value that stands there;
2. base and contributions add up to the score, and the base is the version's own, so that no factor hides in it;
3. every citation stands in the payload, word for word, where it says;
4. what would have had to be different: fields with the value that they have, another one beside it, another outcome, and nothing that a
   person cannot or should not have to change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from insyn.core.explained import NO_FIELD, PLAIN, field_of
from insyn.core.messages import Asked, Citation, Counterfactual, Outcome
from insyn.core.permit import Permit
from insyn.core.protected import is_protected, plain_name
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.text import Text

_RELATIVE_ERROR = 1e-6
_INCONSISTENT = RefusalCode.EXPLANATION_INCONSISTENT
_NO_FIELD = Text("Uppgiften finns inte i indata.", "There is no such field in the payload.")
_TWICE = Text("Uppgiften står två gånger.", "The field is named twice.")
_OTHER_VALUE = Text("I indata står ett annat värde.", "Another value stands in the payload.")
_OTHER_BASE = Text("Versionens utgångsvärde är ett annat.", "The version's base is another.")
_NOT_THERE = Text("Den citerade texten står inte där.", "The quoted text does not stand there.")
_SAME_OUTCOME = Text("Utfallet är detsamma.", "The outcome is the same.")
_NO_CHANGE = Text("Värdet är detsamma.", "The value is the same.")


def judge_explanation(permit: Permit, asked: Asked, outcome: Outcome) -> Iterator[Reason]:
    """A reason for each thing that is missing or does not agree.

    Citations explain a text; where there is a score its factors are due, whatever is cited.
    """
    cited = outcome.citations or ()
    if not outcome.factors and permit.explanation_due and not (cited and outcome.score is None):
        yield reason(RefusalCode.EXPLANATION_MISSING, place="factors")
    if outcome.factors:
        yield from _factors(outcome)
        if outcome.score is None or not adds_up(outcome.base, [factor.contribution for factor in outcome.factors], outcome.score):
            yield reason(_INCONSISTENT, place="score")
        if not _is_declared(permit, asked.version, outcome.base):
            yield reason(_INCONSISTENT, place="base", detail=_OTHER_BASE)
    for number, citation in enumerate(cited):
        yield from _citation(outcome.payload, citation, f"citations[{number}]")
    if outcome.counterfactual:
        yield from _counterfactual(permit, outcome, outcome.counterfactual)


def adds_up(base: float, contributions: list[float], score: float) -> bool:
    """Whether base and contributions sum to the score, within a millionth of the greatest of the numbers."""
    try:
        total = math.fsum([base, *contributions])
    except OverflowError:
        return False
    scale = max(abs(score), abs(base), *map(abs, contributions))
    return abs(total - score) <= _RELATIVE_ERROR * scale


def _factors(outcome: Outcome) -> Iterator[Reason]:
    seen: set[str] = set()
    for number, factor in enumerate(outcome.factors):
        held = field_of(outcome.payload, factor.feature)
        if held is NO_FIELD:
            yield reason(_INCONSISTENT, place=f"factors[{number}].feature", detail=_NO_FIELD)
        elif factor.feature in seen:
            yield reason(_INCONSISTENT, place=f"factors[{number}].feature", detail=_TWICE)
        elif isinstance(held, PLAIN) and not same(held, factor.value):
            yield reason(_INCONSISTENT, place=f"factors[{number}].value", detail=_OTHER_VALUE)
        seen.add(factor.feature)


def same(held: Any, told: Any) -> bool:
    """Equal, numbers within a millionth. Yes and no are also 1 and 0, as a model sees them; nothing else is told as another kind.

    Whole numbers are equal or not, also written with a decimal point: two days of one month, as 20261121, are within a millionth of each other.
    """
    if isinstance(held, int | float) and isinstance(told, int | float):
        if _is_whole(held) and _is_whole(told):
            return held == told
        try:
            return math.isclose(held, told, rel_tol=_RELATIVE_ERROR)
        except OverflowError:  # a whole number beyond every float
            return False
    return type(held) is type(told) and bool(held == told)


def _is_whole(number: float) -> bool:
    return isinstance(number, int) or number.is_integer()


def _is_declared(permit: Permit, version: str, base: float) -> bool:
    declared = permit.bases.get(version)
    return declared is None or math.isclose(base, declared, rel_tol=_RELATIVE_ERROR, abs_tol=_RELATIVE_ERROR)


def _citation(payload: dict[str, Any], citation: Citation, place: str) -> Iterator[Reason]:
    held = field_of(payload, citation.field)
    if held is NO_FIELD:
        yield reason(_INCONSISTENT, place=f"{place}.field", detail=_NO_FIELD)
    elif not isinstance(held, str) or not _stands(held, citation):
        yield reason(_INCONSISTENT, place=f"{place}.text", detail=_NOT_THERE)


def _stands(held: str, citation: Citation) -> bool:
    """Exactly there: neither past the end, nor blanks and signs that say nothing."""
    whole = citation.end - citation.start == len(citation.text) and any(sign.isalnum() for sign in citation.text)
    return whole and held.startswith(citation.text, citation.start)


def _counterfactual(permit: Permit, outcome: Outcome, told: Counterfactual) -> Iterator[Reason]:
    if told.outcome == outcome.outcome:
        yield reason(_INCONSISTENT, place="counterfactual.outcome", detail=_SAME_OUTCOME)
    seen: set[str] = set()
    for number, change in enumerate(told.changes):
        place = f"counterfactual.changes[{number}]"
        held = field_of(outcome.payload, change.feature)
        if not may_change(permit, change.feature):
            yield reason(RefusalCode.COUNTERFACTUAL_NOT_ALLOWED, place=f"{place}.feature")
        elif held is NO_FIELD:
            yield reason(_INCONSISTENT, place=f"{place}.feature", detail=_NO_FIELD)
        elif change.feature in seen:
            yield reason(_INCONSISTENT, place=f"{place}.feature", detail=_TWICE)
        elif not isinstance(held, PLAIN) or not same(held, change.value):
            yield reason(_INCONSISTENT, place=f"{place}.value", detail=_OTHER_VALUE)
        elif same(change.value, change.needed):
            yield reason(_INCONSISTENT, place=f"{place}.needed", detail=_NO_CHANGE)
        seen.add(change.feature)


def may_change(permit: Permit, feature: str) -> bool:
    """May a counterfactual ask for it? Only where the register says so: not for a group, or for what is protected whatever the register says.

    A field within a field is also what it is within, and a group under whatever it stands.
    """
    if is_protected(feature):
        return False
    name = plain_name(feature)
    parts = name.split(".")
    named = {name, *(".".join(parts[:count]) for count in range(1, len(parts)))}
    if not named.isdisjoint(map(plain_name, permit.unchangeable)) or not {name, *parts}.isdisjoint(map(plain_name, permit.groups)):
        return False
    return permit.changeable is None or not named.isdisjoint(map(plain_name, permit.changeable))


def rests_on(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Each place in the explanation that names a field, with the field."""
    for number, factor in enumerate(outcome.factors):
        yield f"factors[{number}].feature", factor.feature
    for number, citation in enumerate(outcome.citations or ()):
        yield f"citations[{number}].field", citation.field
    for number, change in enumerate(outcome.counterfactual.changes if isinstance(outcome.counterfactual, msgspec.Struct) else ()):
        yield f"counterfactual.changes[{number}].feature", change.feature
