"""The validation of the model, counted on applications that it had not seen."""

from __future__ import annotations

import pytest

from demo.loans.applications import DENY, GRANT, Application, applications, split
from demo.loans.validation import FOLDS, Limits, Part, Scored, count, held_out, judge, parts, summary


def application(number: int, decided: str, sex: str) -> Application:
    return Application(number=number, features={}, decided=decided, groups={"sex": sex})


SCORED = [
    *(Scored(application(n, GRANT, "female"), GRANT) for n in range(6)),
    *(Scored(application(n, GRANT, "female"), DENY) for n in range(6, 10)),
    *(Scored(application(n, GRANT, "male"), GRANT) for n in range(10, 16)),
    *(Scored(application(n, DENY, "male"), DENY) for n in range(16, 19)),
    Scored(application(19, DENY, "male"), GRANT),
]


def test_counts_are_those_of_a_hand_count() -> None:
    whole = count(SCORED)
    assert (whole.n, whole.right, whole.proposed_grants, whole.decided_grants, whole.denials_found) == (20, 15, 13, 16, 3)
    female = count(SCORED, group="sex", value="female")
    assert (female.n, female.right, female.grant_gap) == (10, 6, 0.4)


def test_a_group_that_is_treated_worse_breaks_the_limits() -> None:
    broken = {(check.name, check.place) for check in judge(parts(SCORED)) if not check.holds}
    assert broken == {
        ("accuracy_over_always_grant", ""),
        ("group_accuracy", "sex=female"),
        ("grant_gap", "sex=female"),
    }
    assert summary(parts(SCORED), judge(parts(SCORED)))["all_limits_hold"] is False


def test_a_group_of_nine_is_not_judged() -> None:
    few = Part(group="sex", value="female", n=9, right=0, proposed_grants=0, decided_grants=9, denials_found=0)
    assert all(check.place == "" for check in judge((count(SCORED), few)))


def test_limits_decide() -> None:
    strict = Limits(group_accuracy=0.95)
    assert any(not check.holds for check in judge(parts(SCORED), strict) if check.place == "sex=male")


@pytest.fixture(scope="module")
def scored() -> list[Scored]:
    return held_out(split(applications()).training)


def test_every_training_application_is_held_out_once(scored: list[Scored]) -> None:
    assert FOLDS == 10
    assert sorted(one.application.number for one in scored) == [one.number for one in split(applications()).training]


def test_the_model_holds_its_limits_on_the_real_applications(scored: list[Scored]) -> None:
    everything = parts(scored)
    assert all(check.holds for check in judge(everything))
    assert (everything[0].n, everything[0].right) == (995, 929)
    shown = summary(everything, judge(everything))
    assert shown["all_limits_hold"] is True
    assert all(part["n"] >= 10 for part in shown["parts"])  # type: ignore[attr-defined]
