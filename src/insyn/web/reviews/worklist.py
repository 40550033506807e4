"""What waits for a person, over all systems that they may decide: gathered, filtered, sorted, a page at a time. Nothing of a case is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from insyn.core.errors import Unreachable
from insyn.core.messages import Waiting, WaitingList
from insyn.web import bridge
from insyn.web.accounts.models import User
from insyn.web.register.models import System

from . import calibration
from .models import Claim

#: The sequencer gives the oldest of one system, so many at a time.
SHOWN = 500
PER_PAGE = 25

ORDERS = ("oldest", "newest", "system")
WHOSE = ("mine", "nobody", "others")
KINDS = ("blind", "asked")


@dataclass(frozen=True)
class Row:
    """One waiting case. ``blind``: to be judged before the proposal is shown. ``asked``: a resident has asked that a person looks."""

    system: System
    rid: str
    day: date
    age: int
    blind: bool = False
    asked: bool = False
    claim: Claim | None = None

    @property
    def key(self) -> str:
        """What the forms of the queue call the row."""
        return f"{self.system.slug}/{self.rid}"


@dataclass(frozen=True)
class Found:
    """Every waiting case that could be read. ``totals`` by system may be more than the rows."""

    rows: list[Row] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    unreachable: bool = False

    @property
    def total(self) -> int:
        return sum(self.totals.values())

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Wanted:
    """What the reader asked to see. A word that is none of ours counts as nothing asked."""

    system: str = ""
    age: int = 0
    whose: str = ""
    kind: str = ""
    order: str = "oldest"

    def covers(self, row: Row, person: str) -> bool:
        return (
            self.system in ("", row.system.slug)
            and row.age >= self.age
            and self.whose in ("", whose(row, person))
            and (self.kind == "" or (row.blind if self.kind == "blind" else row.asked))
        )


def wanted(query: Mapping[str, str]) -> Wanted:
    """From an address's words."""
    age = query.get("age", "")
    return Wanted(
        system=query.get("system", ""),
        age=int(age) if age.isdecimal() and len(age) < 5 else 0,
        whose=query.get("whose", "") if query.get("whose") in WHOSE else "",
        kind=query.get("kind", "") if query.get("kind") in KINDS else "",
        order=query.get("order", "") if query.get("order") in ORDERS else "oldest",
    )


def whose(row: Row, person: str) -> str:
    """``mine``, ``nobody`` or ``others``."""
    if row.claim is None:
        return "nobody"
    return "mine" if row.claim.user.person == person else "others"


def gather(systems: Iterable[System], person: str, on: date, *, asked: frozenset[str] = frozenset()) -> Found:
    """Everything that waits in the systems, with who has taken what. Asks the sequencer once a system; leaves no entry."""
    systems = list(systems)
    claims = {claim.rid: claim for claim in Claim.objects.filter(system__in=systems).select_related("user")}
    rows: list[Row] = []
    totals: dict[str, int] = {}
    unreachable = False
    for system in systems:
        try:
            answer = bridge.ask(lambda number, system=system: Waiting(id=number, system=system.slug, limit=SHOWN))
        except Unreachable:
            unreachable = True
            continue
        if not isinstance(answer, WaitingList):
            continue
        real = [_row(system, item.rid, date.fromisoformat(item.day), on, item.blind, asked, claims) for item in answer.items]
        made = _made(system, person, on, claims) if real else []
        rows += real + made
        totals[system.slug] = answer.total + len(made)
    return Found(rows, totals, unreachable)


def _row(system: System, rid: str, day: date, on: date, blind: bool, asked: frozenset[str], claims: Mapping[str, Claim]) -> Row:
    return Row(system, rid, day, max((on - day).days, 0), blind=blind, asked=rid in asked, claim=claims.get(rid))


def _made(system: System, person: str, on: date, claims: Mapping[str, Claim]) -> list[Row]:
    """Made-up cases come only among real ones, where they do not stand out; the person's own, and those that a colleague gave them."""
    given = {claim.rid for claim in claims.values() if claim.user.person == person}
    found = [turn for turn in calibration.turns(system, on) if turn.person == person or turn.rid in given]
    return [_row(system, turn.rid, turn.day, on, False, frozenset(), claims) for turn in found]


def chosen(found: Found, want: Wanted, person: str) -> list[Row]:
    """The rows that the reader asked for, in the order they asked for. Within a day by id, which tells nothing."""
    rows = [row for row in found.rows if want.covers(row, person)]
    if want.order == "system":
        return sorted(rows, key=lambda row: (row.system.name, row.day, row.rid))
    return sorted(rows, key=lambda row: (row.day, row.rid), reverse=want.order == "newest")


def counts(found: Found, person: str) -> dict[str, int]:
    """How many are the reader's own, a colleague's, nobody's."""
    told = Counter(whose(row, person) for row in found.rows)
    return {name: told[name] for name in WHOSE}


def load(found: Found, people: Iterable[User]) -> list[tuple[User, int]]:
    """How many waiting cases each has taken. Of what they have done, how fast or how well, nothing is counted here."""
    taken = Counter(row.claim.user_id for row in found.rows if row.claim)
    return [(user, taken[user.pk]) for user in people]
