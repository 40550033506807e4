"""The test of the explanations: what it grades well, what it finds out, and what it refuses to grade."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as changed
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Factor, Outcome
from insyn.sdk.explain_permutation import permutation_factors
from insyn.sdk.fidelity import (
    _AGREEMENT,
    _GAIN,
    LEAST,
    MATERIAL,
    PASSED,
    Decision,
    Finding,
    Report,
    decision_of,
    examine,
    grade_of,
    read_decisions,
    record_of,
)
from insyn.sdk.fidelity_figures import Measured, floored

WEIGHTS = {"income": 1.0, "debt": -2.0, "years": 0.5, "home": 0.25, "phone": 0.05, "colour": 0.0}
REST: dict[str, Any] = {**dict.fromkeys(WEIGHTS, 0.0), "living": {"rent": 1.0}}


def predict(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Not additive: a high rent weighs more where the debt is high."""
    return [math.fsum(weight * row[name] for name, weight in WEIGHTS.items()) - row["living"]["rent"] * abs(row["debt"]) for row in rows]


@cache
def honest(count: int = 60) -> tuple[Decision, ...]:
    random = Random(4)
    made = []
    for _ in range(count):
        payload = {**{name: round(random.gauss(0, 1), 3) for name in WEIGHTS}, "living": {"rent": round(random.uniform(0, 2), 3)}}
        told = permutation_factors(predict, payload, [REST], [*WEIGHTS, "living.rent"])
        made.append(Decision(payload=payload, score=told.score, base=told.base, factors=told.factors))
    return tuple(made)


def test_exact_explanations_of_a_model_with_interactions_are_passed() -> None:
    report = examine(honest(), predict, background=[REST])
    assert report.passed
    assert (report.findings, report.withheld, report.understated) == ((), 0, 0)
    assert report.agreement.low > 0.9
    assert report.moves["bottom"] < report.moves["random"] < report.moves["top"] <= report.moves["best"]
    assert report.moves["unnamed"] == pytest.approx(0.0)
    assert report.features == 7
    assert report.agreement.low <= report.agreement.value <= report.agreement.high


def withheld(decision: Decision) -> Decision:
    """The weightiest factor is left out, and its contribution lies in the base: the sum is right."""
    top, *rest = sorted(decision.factors, key=lambda factor: -abs(factor.contribution))
    return msgspec.structs.replace(decision, base=decision.base + top.contribution, factors=tuple(rest))


def emptied(decision: Decision) -> Decision:
    """The weightiest factor is named, and said to weigh nothing."""
    told = withheld(decision)
    (top,) = (factor for factor in decision.factors if factor not in told.factors)
    return msgspec.structs.replace(told, factors=(*told.factors, msgspec.structs.replace(top, contribution=0.0)))


def whispered(decision: Decision) -> Decision:
    """The weightiest factor keeps a hundredth of its weight; the second is given the rest, so that even the base is right."""
    one, two, *rest = sorted(decision.factors, key=lambda factor: -abs(factor.contribution))
    moved = one.contribution * 0.99
    told = (
        msgspec.structs.replace(one, contribution=one.contribution - moved),
        msgspec.structs.replace(two, contribution=two.contribution + moved),
    )
    return msgspec.structs.replace(decision, factors=(*told, *rest))


def hidden_in_another(decision: Decision) -> Decision:
    """The weightiest factor is left out and another is given its contribution: base and sum are right."""
    one, two, *rest = sorted(decision.factors, key=lambda factor: -abs(factor.contribution))
    return msgspec.structs.replace(
        decision, factors=(msgspec.structs.replace(two, contribution=two.contribution + one.contribution), *rest)
    )


@pytest.mark.parametrize(
    ("bend", "finding"),
    [
        (withheld, Finding.WITHHELD),
        (emptied, Finding.WITHHELD),
        (hidden_in_another, Finding.WITHHELD),
        (whispered, Finding.UNDERSTATED),
    ],
)
def test_an_explanation_without_its_top_factor_fails_however_it_is_hidden(bend: Callable[[Decision], Decision], finding: Finding) -> None:
    report = examine([bend(one) for one in honest()], predict, background=[REST])
    assert report.grade == "E"
    assert not report.passed
    assert finding in report.findings
    assert grade_of(report.gain.low, report.agreement.low, any_finding=False) in "DE", "the figures alone must give it away too"


def test_an_honest_explanation_is_not_blamed_for_features_that_work_only_together() -> None:
    """Two signs that only their product uses: each moves the score when it is taken away, and neither weighs anything by itself."""

    def together(rows: Sequence[Mapping[str, Any]]) -> list[float]:
        return [row["one"] * row["two"] + row["three"] for row in rows]

    random, rest, made = Random(1), {"one": -1, "two": -1, "three": 0.0}, []
    for _ in range(40):
        payload = {"one": random.choice((-1, 1)), "two": random.choice((-1, 1)), "three": round(random.gauss(0, 2), 2)}
        told = permutation_factors(together, payload, [rest], list(rest))
        made.append(Decision(payload=payload, score=told.score, base=told.base, factors=told.factors))
    assert any(factor.contribution == 0 and factor.value == 1 for one in made for factor in one.factors)
    assert examine(made, together, background=[rest], top=1).findings == ()
    assert Finding.WITHHELD in examine([emptied(one) for one in made], together, background=[rest], top=1).findings


def test_one_explanation_of_sixty_without_its_top_factor_is_enough_to_fail() -> None:
    first, *rest = honest()
    report = examine([withheld(first), *rest], predict, background=[REST])
    assert (report.grade, report.withheld) == ("E", 1)
    assert Finding.BASE_VARIES in report.findings


def flipped(decision: Decision) -> Decision:
    """The order is right, and for and against are not."""
    return msgspec.structs.replace(
        decision,
        base=2 * decision.score - decision.base,
        factors=tuple(msgspec.structs.replace(factor, contribution=-factor.contribution) for factor in decision.factors),
    )


def shuffled(decision: Decision) -> Decision:
    """The contributions are right, and stand at the wrong features."""
    given = [factor.contribution for factor in decision.factors]
    Random(str(decision.score)).shuffle(given)
    return msgspec.structs.replace(
        decision,
        factors=tuple(msgspec.structs.replace(factor, contribution=one) for factor, one in zip(decision.factors, given, strict=True)),
    )


def of_another_model(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, score=decision.score + 0.1, base=decision.base + 0.1)


def not_adding_up(decision: Decision) -> Decision:
    return msgspec.structs.replace(decision, base=decision.base + 0.1)


@pytest.mark.parametrize(
    ("bend", "finding"),
    [(of_another_model, Finding.OTHER_MODEL), (not_adding_up, Finding.DOES_NOT_ADD_UP), (not_adding_up, Finding.BASE_WRONG)],
)
def test_explanations_of_something_else_fail(bend: Callable[[Decision], Decision], finding: Finding) -> None:
    report = examine(
        [bend(one) for one in honest()], predict, background=[{**REST, "income": 9.0}] if finding is Finding.BASE_WRONG else [REST]
    )
    assert report.grade == "E"
    assert finding in report.findings


@pytest.mark.parametrize("bend", [flipped, shuffled])
def test_wrong_signs_and_wrong_places_are_not_passed(bend: Callable[[Decision], Decision]) -> None:
    report = examine([bend(one) for one in honest()], predict, background=[REST])
    assert report.grade == "E"
    assert max(report.agreement.value, 0.0) < 0.7


def turned(decision: Decision) -> Decision:
    """The third factor speaks the other way, and the others are given what that takes, so that base, order and sum are nearly right."""
    one, two, three, *rest = sorted(decision.factors, key=lambda factor: -abs(factor.contribution))
    others = [one, two, *rest]
    whole = math.fsum(abs(factor.contribution) for factor in others)
    told = [
        msgspec.structs.replace(factor, contribution=factor.contribution + 2 * three.contribution * abs(factor.contribution) / whole)
        for factor in others
    ]
    return msgspec.structs.replace(decision, factors=(*told, msgspec.structs.replace(three, contribution=-three.contribution)))


def test_a_top_factor_that_is_said_to_speak_for_what_it_speaks_against_fails_also_where_the_figures_are_good() -> None:
    report = examine([turned(one) if number % 5 == 0 else one for number, one in enumerate(honest())], predict, background=[REST])
    assert (report.grade, report.findings) == ("E", (Finding.TURNED,))
    assert report.turned > 1
    assert grade_of(report.gain.low, report.agreement.low, any_finding=False) in PASSED
    assert examine(honest(), predict).turned == 0, "also where other values stand in"


def test_a_field_that_holds_a_list_is_withheld_as_any_other() -> None:
    def by_list(rows: Sequence[Mapping[str, Any]]) -> list[float]:
        return [score + row["late"][0] for score, row in zip(predict(rows), rows, strict=True)]

    rest = {**REST, "late": [0.0]}
    made = [msgspec.structs.replace(one, payload={**one.payload, "late": [1.0]}) for one in honest()]
    hidden = [
        msgspec.structs.replace(one, score=one.score + 1, factors=(msgspec.structs.replace(one.factors[0], contribution=one.factors[0].contribution + 1), *one.factors[1:]))
        for one in made
    ]  # fmt: skip
    told = [msgspec.structs.replace(one, score=one.score + 1, factors=(*one.factors, Factor("late", "1", 1.0))) for one in made]
    assert Finding.WITHHELD in examine(hidden, by_list, background=[rest]).findings
    assert examine(told, by_list, background=[rest]).findings == ()
    assert Finding.WITHHELD in examine([emptied(one) for one in told], by_list, background=[rest]).findings, "and is counted anew"


def test_a_field_that_two_factors_name_is_refused() -> None:
    first, *rest = honest()
    twice = msgspec.structs.replace(first, factors=(msgspec.structs.replace(first.factors[0], contribution=99.0), *first.factors))
    with pytest.raises(InvalidInput, match="two factors") as found:
        examine([twice, *rest], predict, background=[REST])
    assert found.value.place == f"factors.{first.factors[0].feature}"


def test_one_decision_many_times_is_one() -> None:
    with pytest.raises(InvalidInput, match="1 decisions with different payloads"):
        examine(honest()[:1] * 60, predict, background=[REST])


def test_without_a_background_the_decisions_own_values_stand_in_and_the_base_is_not_tested() -> None:
    report = examine(honest(), predict)
    assert (report.background_given, report.background) == (False, 20)
    assert not {Finding.BASE_WRONG, Finding.WITHHELD, Finding.OTHER_MODEL} & set(report.findings)
    assert Finding.WITHHELD in examine([withheld(one) for one in honest()], predict).findings


def test_the_same_seed_gives_the_same_report_and_a_sample_is_drawn_by_it() -> None:
    one = examine(honest(), predict, background=[REST], sample=40)
    assert (one.sample, one.decisions) == (40, 60)
    assert one == examine(honest(), predict, background=[REST], sample=40)
    assert one.moves != examine(honest(), predict, background=[REST], sample=40, seed=1).moves


def test_too_few_decisions_get_no_grade() -> None:
    with pytest.raises(InvalidInput, match="at least 30"):
        examine(honest()[:29], predict, background=[REST])


def test_a_score_that_never_moves_gets_no_grade() -> None:
    still = [msgspec.structs.replace(one, score=1.0, base=1.0, factors=()) for one in honest()]
    with pytest.raises(InvalidInput, match="never moves"):
        examine(still, lambda rows: [1.0] * len(rows), background=[REST])


def test_a_field_cannot_be_kept_out_of_the_test_by_leaving_it_out_of_the_background() -> None:
    with pytest.raises(InvalidInput) as found:
        examine(honest(), predict, background=[{name: value for name, value in REST.items() if name != "colour"}])
    assert found.value.place == "background.colour"


@pytest.mark.parametrize(
    ("gain", "agreement", "grade"),
    [
        (0.9, 0.95, "A"),
        (0.8999, 0.95, "B"),
        (1.0, 0.85, "B"),
        (0.5, 1.0, "C"),
        (1.0, 0.6999, "D"),
        (0.25, 0.5, "D"),
        (0.2499, 1.0, "E"),
        (1.0, -1.0, "E"),
    ],
)
def test_the_worse_of_the_two_figures_decides_the_grade(gain: float, agreement: float, grade: str) -> None:
    assert grade_of(gain, agreement, any_finding=False) == grade
    assert grade_of(gain, agreement, any_finding=True) == "E"


def test_no_order_is_wrong_where_every_feature_weighs_the_same() -> None:
    measured = Measured(2, 2, 2, 2, 0, 4, 4, Measured.sums([(1, 1), (2, 2)]), False, (), (), True, True)
    assert Measured.gain_of([measured]) == 1.0
    assert Measured.gain_of([changed(measured, best=0.0, random=0.0, top=0.0)]) == 0.0


def test_the_records_figures_give_the_reports_grade() -> None:
    report = examine(honest(), predict, background=[REST])
    record = record_of(report, tested_on="2026-11-21")
    assert grade_of(record["gain_low"] / 100, record["agreement_low"] / 100, any_finding=False) == report.grade
    assert (floored(0.89999), floored(0.9), floored(1.0), floored(-0.1234)) == (89.9, 90.0, 100.0, -12.4)


def test_decisions_are_read_line_by_line_and_a_fault_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    outcome = Outcome(outcome="yes", payload={"a": 1}, case="x", score=1.0, base=0.5, factors=(Factor("a", 1, 0.5),))
    file.write_bytes(msgspec.json.encode(outcome) + b"\n\n" + msgspec.json.encode(decision_of(outcome)) + b"\n")
    assert read_decisions(file) == [decision_of(outcome)] * 2
    file.write_bytes(file.read_bytes() + b'{"payload": {}, "score": "high", "factors": []}\n')
    with pytest.raises(InvalidInput, match=r"decisions\.jsonl:4"):
        read_decisions(file)
    with pytest.raises(InvalidInput, match="score"):
        decision_of(msgspec.structs.replace(outcome, score=None))


def test_the_report_can_be_written_and_read_again() -> None:
    report = examine(honest(), predict, background=[REST])
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report


def test_the_reference_says_the_thresholds_that_hold() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "explanations.md").read_text()
    for (grade, gain), (_, agreement) in zip(_GAIN, _AGREEMENT, strict=True):
        assert f"| {grade} | {gain:.2f} | {agreement:.2f} | {'passed' if grade in PASSED else 'not passed'} |" in text
    assert f"Under {LEAST} decisions" in text
    assert f"more than {MATERIAL:.0%}".replace("%", " %") in text
