"""How right the model is, per group, on applications that it had not seen, against limits that were set first.

Ten folds of the training half: each application is scored by a model trained on the other nine. So no figure here comes from an application that
made the model, and none from the live half, which nobody has touched before it passes the gateway. "Right" means: the same as the loan
officer decided. It does not mean fair, nor that the loan was paid back; the data set cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insyn.rules.small_cells import SMALL_CELL
from insyn.supervision.intervals import Interval, wilson

from .applications import DENY, GRANT, SEED, Application
from .model import matrix, means_of, pipeline, propose

FOLDS = 10


@dataclass(frozen=True)
class Limits:
    """Round numbers with a reason each; they stand here before any run that is held against them.

    ``accuracy_over_always_grant``: better than granting everybody, or it is of no use. ``group_accuracy``: at most one proposal in five
    wrong in any group. ``grant_gap``: in no group may it grant more than five percentage points fewer than the officers did.
    ``denials_found``: of the officers' denials it must propose at least half.
    """

    accuracy_over_always_grant: float = 0.0
    group_accuracy: float = 0.80
    grant_gap: float = 0.05
    denials_found: float = 0.50


LIMITS = Limits()


@dataclass(frozen=True)
class Scored:
    """A held-out application and what the model proposed on it."""

    application: Application
    proposed: str

    @property
    def right(self) -> bool:
        return self.proposed == self.application.decided


@dataclass(frozen=True)
class Part:
    """Counts over everybody (``group`` empty) or over one group."""

    group: str
    value: str
    n: int
    right: int
    proposed_grants: int
    decided_grants: int
    denials_found: int

    @property
    def accuracy(self) -> Interval:
        interval = wilson(self.right, self.n)
        assert interval is not None  # a part is made from at least one case
        return interval

    @property
    def grant_gap(self) -> float:
        """Officers' share of grants minus the model's."""
        return (self.decided_grants - self.proposed_grants) / self.n


@dataclass(frozen=True)
class Check:
    """A limit, what was found, and whether it holds."""

    name: str
    place: str
    limit: float
    found: float
    holds: bool


def held_out(training: Sequence[Application], *, seed: int = SEED) -> list[Scored]:
    """Score every training application by a model that had not seen it."""
    from sklearn.model_selection import StratifiedKFold

    decided = [one.decided == GRANT for one in training]
    scored = []
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(decided, decided):
        part = [training[index] for index in seen]
        means = means_of(part)
        fitted = pipeline().fit(matrix(part, means), [decided[index] for index in seen])
        asked = [training[index] for index in unseen]
        scores = fitted.decision_function(matrix(asked, means))
        scored += [Scored(one, propose(float(score))) for one, score in zip(asked, scores, strict=True)]
    return scored


def count(scored: Sequence[Scored], *, group: str = "", value: str = "") -> Part:
    cases = [one for one in scored if not group or one.application.groups[group] == value]
    return Part(
        group=group,
        value=value,
        n=len(cases),
        right=sum(one.right for one in cases),
        proposed_grants=sum(one.proposed == GRANT for one in cases),
        decided_grants=sum(one.application.decided == GRANT for one in cases),
        denials_found=sum(one.proposed == DENY == one.application.decided for one in cases),
    )


def parts(scored: Sequence[Scored]) -> tuple[Part, ...]:
    """Everybody first, then every group of every dimension."""
    pairs = sorted({pair for one in scored for pair in one.application.groups.items()})
    return (count(scored), *(count(scored, group=group, value=value) for group, value in pairs))


def judge(everything: Sequence[Part], limits: Limits = LIMITS) -> tuple[Check, ...]:
    """Hold the counts against the limits. Groups of fewer than ten are counted and not judged: chance alone decides there."""
    whole, *groups = everything
    denials = whole.n - whole.decided_grants
    gain = (whole.right - whole.decided_grants) / whole.n
    found = whole.denials_found / denials
    checks = [
        Check("accuracy_over_always_grant", "", limits.accuracy_over_always_grant, gain, gain > limits.accuracy_over_always_grant),
        Check("denials_found", "", limits.denials_found, found, found >= limits.denials_found),
    ]
    for part in (part for part in groups if part.n >= SMALL_CELL):
        place, rate = f"{part.group}={part.value}", part.right / part.n
        checks.append(Check("group_accuracy", place, limits.group_accuracy, rate, rate >= limits.group_accuracy))
        checks.append(Check("grant_gap", place, limits.grant_gap, part.grant_gap, part.grant_gap <= limits.grant_gap))
    return tuple(checks)


def summary(everything: Sequence[Part], checks: Sequence[Check]) -> Mapping[str, object]:
    """The validation as JSON for the register's record: figures rounded to a tenth of a percent."""
    return {
        "method": f"{FOLDS}-fold on the training half, seed {SEED}; right = as the loan officer decided",
        "parts": [
            {
                "group": part.group,
                "value": part.value,
                "n": part.n,
                "accuracy": round(part.accuracy.rate, 3),
                "low": round(part.accuracy.low, 3),
                "high": round(part.accuracy.high, 3),
                "model_grants": round(part.proposed_grants / part.n, 3),
                "officers_granted": round(part.decided_grants / part.n, 3),
            }
            for part in everything
            if part.n >= SMALL_CELL
        ],
        "limits": [
            {"limit": one.name, "place": one.place, "limit_value": one.limit, "found": round(one.found, 3), "holds": one.holds}
            for one in checks
        ],
        "all_limits_hold": all(one.holds for one in checks),
    }
