"""Do the explanations of a system tell what its model does? A deletion test on the system's own decisions, with a grade from A to E.

A decision is its payload, score, base and factors, as they were recorded. To *remove* a feature is to put background values in its place and
ask the model again (the mean over the background rows). The test, for each decision drawn:

1. Ask the model: it must give the recorded score, and base and contributions must add up to it. Otherwise this is another model's explanation.
2. Remove each feature alone, and see how far the score moves.
3. Remove the explanation's k weightiest factors one by one, and add up how far the score travels. The same for k features drawn at random,
   for its k lightest, and for the k that moved the score the most in step 2, which is as far as one can come.
4. Remove all that the explanation does not name. The score should stay where it is.
5. Remove subsets drawn at random, of up to half of the features, and set how far the score moved beside what the contributions of the subset say.

From all decisions together:

* ``gain``: (top - random) / (best - random) of step 3. 1: the factors named as the weightiest are; 0: no better than chance.
* ``agreement``: the correlation of step 5. 1: sizes and signs are right; 0: they say nothing.
* a factor is **withheld** from an explanation when it is not named, and is among the k that move the score the most; or when what is not named
  moves it by more than :data:`MATERIAL` of all movement. It is **understated** when it is among those k with less than a tenth of the weight
  that it has, and withheld when that is nothing at all. Where features work only together a feature's own movement is not its weight, so such an
  explanation is counted anew (:mod:`.explain_permutation`, :data:`RECOUNTED` of them at most) before anything is held against it.
* a factor is **turned** when it is among those k, carries a tenth of the weight or more both as it is said and as it is, and is said to speak
  for what it speaks against. This too is counted anew, and a decision of which the score moves less than half as far as it
  usually does is left out. Without a background it takes a quarter of the weight.

**Grade.** By the lower end of the 95 % intervals (bootstrap over decisions), the worse of the two::

    gain       A 0.90   B 0.75   C 0.50   D 0.25
    agreement  A 0.95   B 0.85   C 0.70   D 0.50

E is what is below, and, whatever the figures, where anything in :class:`Finding` was found. A, B and C are passed. The thresholds are round
numbers set before any system was tested. A small sample has wide intervals, and so a worse grade; under :data:`LEAST` decisions there is none.

The idea of removal is old (Samek et al. 2017; the correlation is that of Bhatt et al. 2020). What it cannot see: whether the model is right, or fair,
or whether a person understands the explanation. Background rows should be like those that the explanations start from; the test says so
where none were given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.explained import NO_FIELD, field_of
from insyn.core.messages import Factor, Outcome

from .explain_permutation import weights
from .fidelity_figures import Interval, Measured, floored, interval_of
from .predicting import Predict, Removal, Row, seeded

LEAST, MOST = 30, 300
TOP, DRAWS, RESAMPLES, SEED = 3, 8, 400, 2026
MATERIAL = 0.05
UNDERSTATED, FEW = 0.1, 0.02
#: The second where no background was given: the other decisions' values lie a little beside where the explanations start.
TURNED, TURNED_BESIDE = 0.1, 0.25
RECOUNTED, RECOUNT_ROWS, RECOUNT_ORDERS = 24, 10, 4
_NOTHING = 1e-9
_CLOSE = 1e-4
_GAIN = (("A", 0.90), ("B", 0.75), ("C", 0.50), ("D", 0.25))
_AGREEMENT = (("A", 0.95), ("B", 0.85), ("C", 0.70), ("D", 0.50))
PASSED = frozenset("ABC")
_encode = msgspec.json.Encoder(order="deterministic").encode


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision of the system, as it was recorded."""

    payload: dict[str, Any]
    score: float
    base: float = 0.0
    factors: tuple[Factor, ...]


class Finding(StrEnum):
    """What makes the grade E whatever the figures say."""

    OTHER_MODEL = "other_model"
    DOES_NOT_ADD_UP = "does_not_add_up"
    BASE_VARIES = "base_varies"
    BASE_WRONG = "base_wrong"
    WITHHELD = "withheld"
    UNDERSTATED = "understated"
    TURNED = "turned"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was tested and what came out. ``moves``: how far the score travels on average, by what was removed."""

    grade: str
    findings: tuple[Finding, ...]
    gain: Interval
    agreement: Interval
    decisions: int
    sample: int
    features: int
    top: int
    seed: int
    background: int
    background_given: bool
    moves: dict[str, float]
    withheld: int
    understated: int
    turned: int
    not_reproduced: int
    not_adding_up: int

    @property
    def passed(self) -> bool:
        return self.grade in PASSED


def examine(
    decisions: Sequence[Decision],
    predict: Predict,
    *,
    background: Sequence[Row] = (),
    sample: int = MOST,
    top: int = TOP,
    seed: int = SEED,
) -> Report:
    """Test the explanations of these decisions against the model.

    ``predict`` takes rows of payload and gives a score for each, in the unit of the explanations. ``background``: rows that stand for "nothing
    known", where the explanations start; without it some of the decisions' own payloads, and then the base itself is not tested. Raises
    :class:`InvalidInput` for too few decisions, a field without a background value, or a score that never moves.
    """
    different = len({_encode(one.payload) for one in decisions})
    if different < LEAST:
        raise InvalidInput(
            f"{different} decisions with different payloads are too few for a grade",
            place="decisions",
            mend=f"Give at least {LEAST}; {MOST} give a narrow interval.",
        )
    drawn = list(decisions) if len(decisions) <= sample else seeded(seed).sample(list(decisions), max(sample, LEAST))
    rows = list(background) or [one.payload for one in seeded(seed + 1).sample(list(decisions), 20)]
    removal = Removal(predict, rows)
    turned_from = TURNED if background else TURNED_BESIDE
    measured = [_measure(one, removal, top, seeded(f"{seed}/{number}"), turned_from) for number, one in enumerate(drawn)]
    if not any(one.best for one in measured):
        raise InvalidInput(
            "the score never moves, whatever is removed", place="predict", mend="Is this the model, and are these its fields?"
        )
    gain = interval_of(measured, Measured.gain_of, seed=seed, resamples=RESAMPLES)
    agreement = interval_of(measured, Measured.agreement_of, seed=seed, resamples=RESAMPLES)
    pairs = list(zip(drawn, measured, strict=True))
    suspects = [(decision, one) for decision, one in pairs if one.suspects]
    silenced = _confirmed([pair for pair in suspects if _silent(*pair)], predict, rows, _is_understated)
    understated = _confirmed([pair for pair in suspects if not _silent(*pair)], predict, rows, _is_understated)
    moved = math.fsum(one.whole for one in measured) / len(measured)
    turned = _confirmed([pair for pair in pairs if pair[1].turned and pair[1].whole > moved / 2], predict, rows, _is_turned)
    withheld = sum(one.withheld for one in measured) + silenced
    held = {Finding.WITHHELD: withheld, Finding.UNDERSTATED: understated, Finding.TURNED: turned}
    findings = tuple(_findings(drawn, measured, removal.at_rest() if background else None, held))
    return Report(
        grade=grade_of(gain.low, agreement.low, any_finding=bool(findings)),
        findings=findings,
        gain=gain,
        agreement=agreement,
        decisions=len(decisions),
        sample=len(drawn),
        features=max(one.features for one in measured),
        top=top,
        seed=seed,
        background=len(rows),
        background_given=bool(background),
        moves={
            name: math.fsum(getattr(one, name) for one in measured) / len(measured)
            for name in ("top", "random", "bottom", "best", "unnamed")
        },
        withheld=withheld,
        understated=understated,
        turned=turned,
        not_reproduced=sum(not one.reproduced for one in measured),
        not_adding_up=sum(not one.adds_up for one in measured),
    )


def grade_of(gain: float, agreement: float, *, any_finding: bool) -> str:
    """The grade by the lower ends of the two intervals."""
    if any_finding:
        return "E"
    return max(_step(gain, _GAIN), _step(agreement, _AGREEMENT))


def _step(value: float, steps: Iterable[tuple[str, float]]) -> str:
    return next((grade for grade, least in steps if value >= least), "E")


def _findings(
    drawn: Sequence[Decision], measured: Sequence[Measured], at_rest: float | None, held: Mapping[Finding, int]
) -> Iterator[Finding]:
    if not all(one.reproduced for one in measured):
        yield Finding.OTHER_MODEL
    if not all(one.adds_up for one in measured):
        yield Finding.DOES_NOT_ADD_UP
    moved = math.fsum(one.whole for one in measured) / len(measured)
    bases = [one.base for one in drawn]
    if max(bases) - min(bases) > _CLOSE * moved:
        yield Finding.BASE_VARIES
    elif at_rest is not None and abs(bases[0] - at_rest) > MATERIAL * moved:
        yield Finding.BASE_WRONG
    for finding, count in held.items():
        if count > (0 if finding is Finding.WITHHELD else FEW * len(measured)):
            yield finding


def _measure(decision: Decision, removal: Removal, top: int, random: Random, turned_from: float) -> Measured:
    """Steps 1 to 5 on one decision."""
    told = {factor.feature: factor.contribution for factor in decision.factors}
    features = features_of(decision)
    k = min(top, max(1, len(features) // 2))
    here = removal.score(decision.payload)
    moves = {feature: here - moved for (feature,), moved in removal.each(decision.payload, [(one,) for one in features]).items()}
    alone = {feature: abs(move) for feature, move in moves.items()}
    whole = math.fsum(alone.values())
    unnamed = tuple(feature for feature in features if feature not in told)
    by_weight = sorted(told, key=lambda feature: (-abs(told[feature]), feature))
    by_effect = sorted(features, key=lambda feature: (-alone[feature], feature))
    lightest = [*unnamed, *reversed(by_weight)]
    draws = [tuple(random.sample(features, k)) for _ in range(DRAWS)]
    subsets = [tuple(random.sample(features, random.randint(1, max(1, len(features) // 2)))) for _ in range(DRAWS)]
    travels = _travels(decision, removal, here, [tuple(by_weight[:k]), tuple(lightest[:k]), tuple(by_effect[:k]), *draws])
    after = removal.each(decision.payload, [unnamed, *subsets])
    pairs = [(math.fsum(told.get(feature, 0.0) for feature in subset), here - after[subset]) for subset in subsets]
    rest = abs(here - after[unnamed])
    return Measured(
        top=travels[0],
        bottom=travels[1],
        best=max(travels[2], travels[0]),
        random=math.fsum(travels[3:]) / DRAWS,
        unnamed=rest,
        whole=whole,
        features=len(features),
        pairs=Measured.sums(pairs),
        withheld=rest > MATERIAL * whole or any(_weighs(feature, alone, whole) for feature in by_effect[:k] if feature in unnamed),
        suspects=tuple(
            one for one in by_effect[:k] if one in told and _weighs(one, alone, whole) and _is_less(told, one, alone[one] / whole)
        ),
        turned=tuple(one for one in by_effect[:k] if _speaks_otherwise(told, one, moves[one], whole, turned_from)),
        reproduced=math.isclose(here, decision.score, rel_tol=_CLOSE, abs_tol=_CLOSE * max(whole, 1e-12)),
        adds_up=math.isclose(
            math.fsum([decision.base, *told.values()]), decision.score, rel_tol=_CLOSE, abs_tol=_CLOSE * max(whole, 1e-12)
        ),
    )


def _travels(decision: Decision, removal: Removal, here: float, orders: Sequence[tuple[str, ...]]) -> list[float]:
    """For each order, how far the score travels while its features are removed one by one. Moves to and fro do not cancel out."""
    steps = [order[: count + 1] for order in orders for count in range(len(order))]
    after = removal.each(decision.payload, steps)
    found = []
    for order in orders:
        path = [here, *(after[order[: count + 1]] for count in range(len(order)))]
        found.append(math.fsum(abs(one - two) for one, two in pairwise(path)))
    return found


def _weighs(feature: str, alone: Mapping[str, float], whole: float) -> bool:
    return alone[feature] > MATERIAL * whole


def _is_less(told: Mapping[str, float], feature: str, share: float) -> bool:
    """Is the feature given less than a tenth of this share of all weight?"""
    said = math.fsum(map(abs, told.values()))
    return abs(told[feature]) < UNDERSTATED * share * said if said > 0 else share > 0


def _speaks_otherwise(told: Mapping[str, float], feature: str, weight: float, whole: float, least: float) -> bool:
    """Is the feature said to speak the other way, with at least this share of all weight both as it is said and as it is?"""
    said = told.get(feature, 0.0)
    return said * weight < 0 and abs(weight) > least * whole and abs(said) > least * math.fsum(map(abs, told.values()))


def _silent(decision: Decision, measured: Measured) -> bool:
    """Is a suspected factor named and said to weigh nothing at all?"""
    told = {factor.feature: factor.contribution for factor in decision.factors}
    return any(abs(told[feature]) <= _NOTHING * measured.whole for feature in measured.suspects)


_Held = Callable[[Measured, Mapping[str, float], Mapping[str, float], float], bool]


def _confirmed(suspects: Sequence[tuple[Decision, Measured]], predict: Predict, rows: Sequence[Row], is_so: _Held) -> int:
    """How many of the suspected explanations a count of their own bears out; where there are many, as the first of them are."""
    asked = suspects[:RECOUNTED]
    found = sum(_bears_out(decision, measured, predict, rows[:RECOUNT_ROWS], is_so) for decision, measured in asked)
    return max(found, round(found / len(asked) * len(suspects))) if asked else 0


def _bears_out(decision: Decision, measured: Measured, predict: Predict, rows: Sequence[Row], is_so: _Held) -> bool:
    counted, _ = weights(predict, decision.payload, rows, features_of(decision), orders=RECOUNT_ORDERS)
    told = {factor.feature: factor.contribution for factor in decision.factors}
    whole = math.fsum(map(abs, counted.values()))
    return whole > 0 and is_so(measured, told, counted, whole)


def _is_understated(measured: Measured, told: Mapping[str, float], counted: Mapping[str, float], whole: float) -> bool:
    weight = {one: abs(counted[one]) for one in measured.suspects}
    return any(_is_less(told, one, weight[one] / whole) and weight[one] > MATERIAL * whole for one in measured.suspects)


def _is_turned(measured: Measured, told: Mapping[str, float], counted: Mapping[str, float], whole: float) -> bool:
    return any(_speaks_otherwise(told, one, counted[one], whole, MATERIAL) for one in measured.turned)


def features_of(decision: Decision) -> list[str]:
    """The fields of the payload, and of its fields' own fields where no factor names the whole; so also what no factor names, whatever it holds.

    Raises :class:`InvalidInput` for a factor that names none of them, or one that another names.
    """
    named: set[str] = set()
    for factor in decision.factors:
        if field_of(decision.payload, factor.feature) is NO_FIELD:
            raise InvalidInput("the factor names no field of the payload", place=f"factors.{factor.feature}")
        if factor.feature in named:
            raise InvalidInput("the field is named by two factors", place=f"factors.{factor.feature}")
        named.add(factor.feature)
    found = set(named)
    for name, value in decision.payload.items():
        if isinstance(value, Mapping) and value and name not in named:
            found |= {f"{name}.{inner}" for inner in value}
        else:
            found.add(name)
    return sorted(found)


def decision_of(outcome: Outcome) -> Decision:
    """What the test needs of an outcome. Raises :class:`InvalidInput` for one without a score."""
    if outcome.score is None:
        raise InvalidInput("an outcome without a score cannot be tested so", place="score")
    return Decision(payload=outcome.payload, score=outcome.score, base=outcome.base, factors=outcome.factors)


def read_decisions(path: Path) -> list[Decision]:
    """Decisions from a file with one JSON object on each line; other names in it are left aside. Raises :class:`InvalidInput` at the line."""
    return [_read(line, Decision, f"{path.name}:{number}") for number, line in _lines(path)]


def read_rows(path: Path) -> list[Row]:
    """Background rows from a file with one payload on each line."""
    return [_read(line, dict[str, Any], f"{path.name}:{number}") for number, line in _lines(path)]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(path)) from error
    return ((number, line) for number, line in enumerate(data.splitlines(), start=1) if line.strip())


def _read(line: bytes, kind: Any, place: str) -> Any:
    try:
        return msgspec.convert(strict_json.loads(line), kind)
    except (InvalidInput, msgspec.ValidationError) as error:
        raise InvalidInput(
            str(error), place=place, mend='One JSON object on each line: {"payload": …, "score": …, "base": …, "factors": […]}.'
        ) from error


def record_of(report: Report, *, tested_on: str) -> dict[str, Any]:
    """The report as the fields of the register's record; shares in percent, the lower ends rounded down."""
    return {
        "tested_on": tested_on,
        "grade": report.grade,
        "sample": report.sample,
        **{f"gain{end}": floored(value) for end, value in _ends(report.gain)},
        **{f"agreement{end}": floored(value) for end, value in _ends(report.agreement)},
        "withheld": report.withheld,
        "other_findings": "no" if {*report.findings} <= {Finding.WITHHELD} else "yes",
    }


def _ends(interval: Interval) -> tuple[tuple[str, float], ...]:
    return ("", interval.value), ("_low", interval.low), ("_high", interval.high)
