"""Which requests a person sees, and the choice among them. Reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet

from insyn.core.terms import Role
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.oversight.queries import systems_to_review

from .clocks import Pace, pace
from .employees import outside_every_line, outside_the_line, systems_of_work
from .models import RightsRequest
from .words import Channel, RequestKind, RequestState

#: So many requests are fetched at most: the longest overdue are first among them.
MOST = 2000


@dataclass(frozen=True)
class Chosen:
    """The reader's choice; empty is everything that waits."""

    kind: str = ""
    channel: str = ""
    system: str = ""
    mine: str = ""
    pace: str = ""
    state: str = RequestState.OPEN.value

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Chosen:
        """From an address; words that are none of ours choose nothing."""
        return cls(
            kind=_one_of(RequestKind, given.get("slag", "")),
            channel=_one_of(Channel, given.get("vag", "")),
            system=given.get("system", ""),
            mine=_one_of(("mine", "nobody", "passed_on"), given.get("vem", "")),
            pace=_one_of(Pace, given.get("tid", "")),
            state=_one_of(RequestState, given.get("lage", "")) or RequestState.OPEN.value,
        )

    def query(self) -> str:
        named = {"slag": self.kind, "vag": self.channel, "system": self.system, "vem": self.mine, "tid": self.pace, "lage": self.state}
        return urlencode({name: value for name, value in named.items() if value}) + "&"


def _one_of(words: Iterable[str], value: str) -> str:
    return value if value in {str(one) for one in words} else ""


def rows_for(user: User, on: date) -> list[RightsRequest]:
    """Every request that the person may see by one of their mandates, the soonest due first."""
    roles = [str(role) for role in PERMISSIONS["rights.see"]]
    mandates = list(user.mandates.valid(on).filter(role__in=roles).select_related("office__parent", "user"))
    if not mandates:
        return []
    rows = [
        *_fetched(RightsRequest.objects.filter(state=RequestState.OPEN)),
        *_fetched(RightsRequest.objects.exclude(state=RequestState.OPEN)),
    ]
    rows.sort(key=lambda row: (row.due, row.pk))
    of_work = systems_of_work({row.system for row in rows if row.system})
    reviewed = {system.pk for system in systems_to_review(user.person, on)} if _is(mandates, Role.CASE_OFFICER) else set()
    wide = [mandate for mandate in mandates if mandate.role != Role.CASE_OFFICER]
    return [row for row in rows if _sees(row, wide, of_work, reviewed)]


def erasures_to_decide(user: User, on: date) -> list[RightsRequest]:
    """What waits for a decision on erasure, the soonest due first; nothing that employees of the person's own line have asked for."""
    waiting = RightsRequest.objects.filter(kind=RequestKind.ERASURE, state=RequestState.OPEN, erasures=None).exclude(rid="")
    return [row for row in _fetched(waiting) if outside_every_line(row.system, user, on)]


def _fetched(rows: QuerySet[RightsRequest]) -> QuerySet[RightsRequest]:
    """Those that wait and those that are closed are fetched apart, so that old answers never crowd out what waits."""
    return rows.select_related("system__office", "assigned_to").order_by("due", "id")[:MOST]


def _is(mandates: Iterable[Mandate], role: Role) -> bool:
    return any(mandate.role == role for mandate in mandates)


def _sees(row: RightsRequest, wide: list[Mandate], of_work: set[int], reviewed: set[int]) -> bool:
    if row.system_id in of_work:
        return any(outside_the_line(row.system, mandate.user, mandate.office) for mandate in wide)
    return bool(wide) or row.system_id in reviewed


def choose(rows: Iterable[RightsRequest], chosen: Chosen, user: User, on: date) -> list[RightsRequest]:
    """The rows that the choice leaves."""
    wanted = {name: value for name, value in (("kind", chosen.kind), ("channel", chosen.channel), ("state", chosen.state)) if value}
    return [
        row
        for row in rows
        if all(getattr(row, name) == value for name, value in wanted.items())
        and chosen.system in ("", row.system.slug if row.system else "")
        and chosen.pace in ("", pace(row.due, on=on, is_open=row.is_open))
        and _of(row, chosen.mine, user)
    ]


def _of(row: RightsRequest, mine: str, user: User) -> bool:
    match mine:
        case "mine":
            return row.assigned_to_id == user.pk
        case "nobody":
            return row.assigned_to_id is None
        case "passed_on":
            return bool(row.escalated_to)
    return True


def counts(rows: Iterable[RightsRequest], user: User, on: date) -> dict[str, int]:
    """How many wait, are late, are soon due, are mine and are nobody's."""
    waiting = [row for row in rows if row.is_open]
    paces = [pace(row.due, on=on, is_open=True) for row in waiting]
    return {
        "open": len(waiting),
        "overdue": paces.count(Pace.OVERDUE),
        "soon": paces.count(Pace.SOON),
        "mine": sum(row.assigned_to_id == user.pk for row in waiting),
        "nobody": sum(row.assigned_to_id is None for row in waiting),
    }
