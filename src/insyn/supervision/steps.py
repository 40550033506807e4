"""How people decide, as it may be shown: in steps that never change once they are out, and that tell of nobody when they are subtracted.

Whoever reads a total on two days has the difference. If one case lies between, that is how one officer decided, or what became of one
person's case. So what is shown grows by steps only:

1. A step is of whole months that have ended. A month in which somebody, but fewer than :data:`~insyn.rules.small_cells.SMALL_CELL`, had the
   one outcome or the other is joined to the months after it until neither side is few. Until then nothing of it is shown.
2. A step that is out is never counted again, whatever is erased or decided anew later. So the difference of any two tables, of any two days,
   is a sum of steps, and no cell of it is few but above nothing.
3. Within a step, versions and grounds with a cell of few are shown as one row with others, so that the whole does not give them back.

Each measure has steps of its own: judgements made before the proposal was shown are fewer than decisions, and wait longer.

*None at all* is shown: that nobody departed from forty proposals is what supervision must see, and here it outweighs that it tells of each.
A decision that is looked at again in two steps is in both. If the file is lost, the months that have ended are cut into steps anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

import msgspec

from insyn.core.followup import ANCHORED, OVERRIDDEN, RECONSIDERED, WITH_FINAL, WITH_PROPOSAL, Followup, Ground, Looked, Period, Share, Step
from insyn.rules.small_cells import Tally, is_few, join, tells_of_few

from .intervals import wilson

#: The row of grounds, and the name of versions, that stand together.
SEVERAL = ""
#: Of one month and version: all cases of the measure, and those with its outcome.
_COUNTED: Mapping[str, Callable[[Period], Tally]] = {
    OVERRIDDEN: lambda one: Tally(one.reviews or 0, (one.changed or 0) + (one.rejected or 0)),
    WITH_PROPOSAL: lambda one: Tally(one.judged or 0, one.with_proposal or 0),
    WITH_FINAL: lambda one: Tally(one.decided or 0, one.with_final or 0),
    ANCHORED: lambda one: Tally(one.differed or 0, one.anchored or 0),
}


def share(k: int, n: int) -> Share | None:
    """``k`` of ``n`` with its interval, four decimals; ``None`` of nothing."""
    found = wilson(k, n)
    return None if found is None else Share(n, k, round(found.rate, 4), round(found.low, 4), round(found.high, 4))


def in_steps(before: Followup | None, counted: Followup, *, on: date) -> Followup:
    """What may be shown on the day: what was shown before, and the steps that have closed since."""
    shown = before or Followup(system=counted.system, day="")
    new = {measure: list(_closed(shown.steps, measure, months, on)) for measure, months in _months_of(counted).items()}
    steps = (*shown.steps, *(step for measure in sorted(new) for step in new[measure]))
    return msgspec.structs.replace(
        _totals(shown, steps),
        day=on.isoformat(),
        drawn=counted.drawn,  # who was drawn stands in the public entry of each proposal
        steps=steps,
        periods=(*shown.periods, *(row for step in new[OVERRIDDEN] for row in _rows(counted.periods, step))),
        grounds=_grounds(shown.grounds, (row for step in new[RECONSIDERED] for row in _by_ground(counted.looked, step))),
    )


def _months_of(counted: Followup) -> dict[str, dict[str, Tally]]:
    """The tally of each month, by measure."""
    found: dict[str, dict[str, Tally]] = {measure: {} for measure in (*_COUNTED, RECONSIDERED)}
    for one in counted.periods:
        for measure, tally_of in _COUNTED.items():
            found[measure][one.month] = found[measure].get(one.month, Tally()) + tally_of(one)
    found[RECONSIDERED] = {one.month: Tally(one.decisions, one.changed) for one in counted.looked if not one.ground}
    return found


def _closed(steps: Iterable[Step], measure: str, months: Mapping[str, Tally], on: date) -> Iterator[Step]:
    """The steps that the months since the last one make, the oldest first."""
    since = max((step.last for step in steps if step.measure == measure), default="")
    first, joined = "", Tally()
    for month in sorted(month for month, tally in months.items() if since < month < on.isoformat()[:7] and tally.n):
        first, joined = first or month, joined + months[month]
        if not tells_of_few(joined):
            yield Step(measure=measure, first=first, last=month, n=joined.n, k=joined.favourable)
            first, joined = "", Tally()


def _totals(shown: Followup, steps: tuple[Step, ...]) -> Followup:
    sums = {measure: _sum(step for step in steps if step.measure == measure) for measure in (*_COUNTED, RECONSIDERED)}
    decided = sums[OVERRIDDEN]
    shares = {measure: share(sums[measure].favourable, sums[measure].n) for measure in _COUNTED}
    return msgspec.structs.replace(
        shown,
        reviews=decided.n,
        judged=sums[WITH_PROPOSAL].n,
        reconsidered=sums[RECONSIDERED].n,
        reconsidered_changed=sums[RECONSIDERED].favourable,
        accepted=share(decided.n - decided.favourable, decided.n),
        **shares,
    )


def _sum(steps: Iterable[Step]) -> Tally:
    return sum((Tally(step.n, step.k) for step in steps), start=Tally())


# ------------------------------------------------------------------------------------------------------------- within a step


def _rows(periods: Iterable[Period], step: Step) -> Iterator[Period]:
    """The step by version; versions with a cell of few stand together. Of blind judgements nothing: they have steps of their own."""
    versions: dict[str, tuple[int, int, int]] = {}
    for one in periods:
        if step.first <= one.month <= step.last and one.reviews:
            before = versions.get(one.version, (0, 0, 0))
            changed, rejected = one.changed or 0, one.rejected or 0
            versions[one.version] = (before[0] + one.reviews - changed - rejected, before[1] + changed, before[2] + rejected)
    joined = join({version: (accepted, changed + rejected) for version, (accepted, changed, rejected) in versions.items()})
    for version in sorted(versions.keys() - joined):
        yield _row(step, version, versions[version])
    if joined:
        accepted, changed, rejected = (sum(versions[version][place] for version in joined) for place in range(3))
        yield _row(step, ", ".join(sorted(joined)), (accepted, changed, rejected))


def _row(step: Step, version: str, cells: tuple[int, int, int]) -> Period:
    accepted, changed, rejected = cells
    apart = not (is_few(changed) or is_few(rejected))
    nothing = dict.fromkeys(("judged", "with_proposal", "decided", "with_final", "differed", "anchored"))
    return Period(
        version=version,
        month=step.months,
        reviews=sum(cells),
        accepted=accepted,
        changed=changed if apart else None,
        rejected=rejected if apart else None,
        **nothing,
    )


def _by_ground(looked: Iterable[Looked], step: Step) -> Iterator[Ground]:
    """The step by ground; those with a cell of few stand together, and nothing is said of them where they are few together."""
    grounds: dict[str, Tally] = {}
    for one in looked:
        if one.ground and step.first <= one.month <= step.last:
            grounds[one.ground] = grounds.get(one.ground, Tally()) + Tally(one.decisions, one.changed)
    joined = join({ground: (tally.n - tally.favourable, tally.favourable) for ground, tally in grounds.items()})
    for ground in sorted(grounds.keys() - joined):
        yield Ground(ground, grounds[ground].n, grounds[ground].favourable)
    together = sum((grounds[ground] for ground in joined), start=Tally())
    if not tells_of_few(together):
        yield Ground(SEVERAL, together.n, together.favourable)


def _grounds(before: Iterable[Ground], new: Iterable[Ground]) -> tuple[Ground, ...]:
    sums: dict[str, Tally] = {}
    for one in (*before, *new):
        sums[one.ground] = sums.get(one.ground, Tally()) + Tally(one.decisions or 0, one.changed or 0)
    return tuple(Ground(ground, tally.n, tally.favourable) for ground, tally in sorted(sums.items()))
