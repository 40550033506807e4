"""What a reader may be told of the decisions that an error touched, besides the list itself.

System, version and day of a decision stand in the public log, and so does whether a person followed the proposal: of these anything may be
counted. What the system said, and the groups and features, do not. Whoever chooses one day and one outcome learns what one person got. The
auditor, the data protection officer and the officers who decide on the cases may open them anyway. The owner and the coordinator may not:

1. A look that names an outcome, a group or a feature is counted over whole months, so that two looks cannot be subtracted to a day, and told
   by its order of magnitude only. Where few have it, or few lack it, nothing is told; not that there are none either.
2. Where few of the days chosen have it or lack it, they do not open the list: it would be that answer.
3. In a list that is open, how each decision ended is not said beside who decided it, and how many were changed only when all are done,
   neither number is few, and nothing has been added to the list since.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

import msgspec

from insyn.evidence.affected import Counted, Sought
from insyn.rules.small_cells import SMALL_CELL, few
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import holds
from insyn.web.oversight.queries import may_review
from insyn.web.register.models import System

from .models import ErrorFound
from .queries import Progress


@dataclass(frozen=True)
class Magnitude:
    """So many at least over the months that ``first`` and ``last`` lie in, or nothing where that tells of few."""

    first: date
    last: date
    at_least: int | None


def sees_each(user: User, system: System, on: date) -> bool:
    """May the reader open the decisions of the system one by one, so that counting them tells nothing new?"""
    return holds(user, "reconsider.each", on) is not None or may_review(system, user.person, on)


def names_what_is_sealed(sought: Sought) -> bool:
    """Does it name anything that the public log does not tell of a decision?"""
    return bool(sought.outcome or sought.group or sought.feature)


def public_part(sought: Sought) -> Sought:
    """All decisions among which it looks."""
    return msgspec.structs.replace(sought, outcome="", group="", value="", feature="", feature_value="")


def whole_months(sought: Sought) -> Sought:
    """The same over the whole of the months in which its days lie, as far as they have been."""
    end = sought.last.replace(day=calendar.monthrange(sought.last.year, sought.last.month)[1])
    return msgspec.structs.replace(sought, first=sought.first.replace(day=1), last=min(end, max(clock.today(), sought.last)))


def tells_of_few(found: Counted, among: Counted) -> bool:
    """Have few of them what is sought, or do few lack it?"""
    return bool(few({"have": found.decided, "lack": among.decided - found.decided}))


def magnitude(sought: Sought, found: Counted, among: Counted) -> Magnitude:
    """``found`` and ``among`` as counted over ``sought``."""
    return Magnitude(sought.first, sought.last, None if tells_of_few(found, among) else 10 ** (len(str(found.decided)) - 1))


def shown_months(months: dict[str, int]) -> dict[str, int]:
    """Months of the list, without those of few and as many more as hide them."""
    hidden = few(months)
    return {month: n for month, n in months.items() if month not in hidden}


def shown_number(n: int) -> int | None:
    """The number; nothing where it is few."""
    return None if 0 < n < SMALL_CELL else n


def tells_how_it_ended(error: ErrorFound, progress: Progress) -> bool:
    """May the numbers of changed and unchanged decisions be shown to whoever does not see each?"""
    settled = {"changed": progress.changed, "unchanged": progress.unchanged}
    added = error.cases.exclude(since=error.end_index).exists()
    return progress.open == 0 and not few(settled) and not added
