"""The model of Lånestöd: a logistic regression on nine features, with exact Shapley values.

The score is in log-odds of "grant"; 0 is even odds, and the proposal is ``grant`` from there up. In log-odds the contributions add up
exactly, so that the gateway can check base + contributions = score on every call.

**Left out on purpose:** ethnicity, sex, marital status, age, children, schooling, and every figure about the neighbourhood (see
``FORBIDDEN_COLUMNS``). That keeps the model from using them by name. It does not make the model fair: debt, credit history and self-employment are
unevenly spread between groups and stand in for them, and the officers' decisions that it learned from may have been unfair themselves.
That is why the groups are followed up on the proposals. Two features deserve doubt of their own: whether the credit history "meets guidelines" and whether information "could not
be verified" were partly judged by the lender, perhaps with the outcome in mind, and they make the model look better than it would be on
applications that nobody has looked at.

Payment history on earlier mortgages, delinquent accounts and cosigners were tried on the training half and left out: beside the guideline
feature their weights were near 0 and pointed the wrong way, and a factor shown to a resident must mean what it says.

**What is missing** is replaced by the training mean, so that it counts neither for nor against: its contribution is exactly 0, and it is
shown as missing.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from insyn.core.messages import Counterfactual, Outcome
from insyn.sdk import Choosable, Direction, Explanation, Movable, find_counterfactual, linear_factors

from .applications import DENY, FEATURES, GRANT, LOAN_TO_PRICE_CAP, Application, Value

NAMES = tuple(feature.name for feature in FEATURES)
THRESHOLD = 0.0  # log-odds
#: What an applicant has power over, and how far: a smaller loan, less debt, papers that bear out what was said. Never the past, never who one is.
CHANGEABLE: Mapping[str, Movable | Choosable] = {
    "housing_expense_ratio": Movable(10, 60, 1, Direction.DOWN),
    "other_debt_ratio": Movable(0, 60, 1, Direction.DOWN),
    "loan_to_price": Movable(0.5, LOAN_TO_PRICE_CAP, 0.05, Direction.DOWN),
    "unverified_information": Choosable((False,)),
}


@dataclass(frozen=True)
class LoanModel:
    """What was learned, in the features' own units. ``means`` are those of the training half."""

    coefficients: Mapping[str, float]
    means: Mapping[str, float]
    intercept: float

    @property
    def digest(self) -> str:
        """Hex SHA-256 of everything that was learned; it stands in the register beside the version."""
        learned = {"coefficients": dict(self.coefficients), "means": dict(self.means), "intercept": self.intercept, "threshold": THRESHOLD}
        return hashlib.sha256(json.dumps(learned, sort_keys=True).encode()).hexdigest()

    def columns(self, features: Mapping[str, Value]) -> dict[str, float]:
        """The features as numbers, with the training mean for what is missing."""
        return {name: self.means[name] if (value := features[name]) is None else float(value) for name in NAMES}

    def explain(self, features: Mapping[str, Value]) -> Explanation:
        """Score with exact Shapley values; a missing feature is shown as ``None``."""
        return linear_factors(self.coefficients, self.columns(features), self.means, self.intercept, shown=dict(features))

    def scores(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """The score of each row, as whoever tests the explanations asks for it: without them."""
        return [
            math.fsum([self.intercept, *(self.coefficients[name] * value for name, value in self.columns(row).items())]) for row in rows
        ]

    @property
    def base(self) -> float:
        """The score of an application of which nothing is known: what every explanation starts from."""
        return self.scores([self.means])[0]

    def counterfactual(self, features: Mapping[str, Value]) -> Counterfactual | None:
        """The fewest and smallest changes with which the proposal would have been to grant; none where it is that, or where none is enough."""
        if propose(self.scores([features])[0]) == GRANT:
            return None
        return find_counterfactual(lambda rows: [propose(score) for score in self.scores(rows)], features, CHANGEABLE, wanted=GRANT).found


def propose(score: float) -> str:
    return GRANT if score >= THRESHOLD else DENY


def outcome_of(model: LoanModel, application: Application, *, notice: str) -> Outcome:
    """What is recorded about one application: proposal, factors, the input as the model saw it, groups for supervision."""
    explanation = model.explain(application.features)
    return Outcome(
        outcome=propose(explanation.score),
        score=explanation.score,
        base=explanation.base,
        factors=explanation.factors,
        payload=dict(application.features),
        case=application.case,
        subject=application.subject,
        groups=dict(application.groups),
        notice=notice,
        counterfactual=model.counterfactual(application.features) or msgspec.UNSET,
    )


def means_of(training: Sequence[Application]) -> dict[str, float]:
    """The mean of each feature over the applications that have it."""
    known = {name: [float(value) for one in training if (value := one.features[name]) is not None] for name in NAMES}
    return {name: sum(values) / len(values) for name, values in known.items()}


def pipeline() -> Any:
    """Standardise, then logistic regression (scikit-learn's own settings: L2 penalty, C = 1)."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def matrix(applications: Sequence[Application], means: Mapping[str, float]) -> list[list[float]]:
    return [[means[name] if (value := one.features[name]) is None else float(value) for name in NAMES] for one in applications]


def fit(training: Sequence[Application]) -> LoanModel:
    """Train, and write the weights back into the features' own units."""
    means = means_of(training)
    fitted = pipeline().fit(matrix(training, means), [one.decided == GRANT for one in training])
    scaler, regression = fitted[0], fitted[-1]
    weights = [float(weight / scale) for weight, scale in zip(regression.coef_[0], scaler.scale_, strict=True)]
    shift = sum(weight * float(mean) for weight, mean in zip(weights, scaler.mean_, strict=True))
    return LoanModel(
        coefficients=dict(zip(NAMES, weights, strict=True)),
        means=means,
        intercept=float(regression.intercept_[0]) - shift,
    )
