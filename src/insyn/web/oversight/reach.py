"""What a person may stop beyond one system: suppliers, and everything. Reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from insyn.core.permit import Permit
from insyn.web.register.issuing import newest_permits
from insyn.web.register.models import Supplier, System

from .queries import is_wide


@dataclass(frozen=True)
class WideReach:
    """``suppliers``: short name and name of each that the person may stop. ``everything``: all at once."""

    suppliers: tuple[tuple[str, str], ...]
    everything: bool

    @property
    def any(self) -> bool:
        return self.everything or bool(self.suppliers)


def suppliers_in_use() -> list[tuple[str, str]]:
    """Short name and name of each supplier that some entry names."""
    named = System.objects.exclude(supplier="").values("supplier")
    rows = Supplier.objects.filter(Q(products__systems__isnull=False) | Q(name__in=named)).distinct().order_by("name")
    return [(row.short, row.name) for row in rows]


def wide_reach(person: str, on: date) -> WideReach:
    """By a wide mandate all; otherwise the suppliers of which the person may stop each system, and everything if that is each system there is."""
    offered = suppliers_in_use()
    if is_wide(person, on):
        return WideReach(tuple(offered), everything=True)
    permits = newest_permits()
    suppliers = tuple(one for one in offered if _each(person, [permit for permit in permits if one[0] in permit.suppliers], on))
    return WideReach(suppliers, everything=_each(person, permits, on))


def _each(person: str, permits: list[Permit], on: date) -> bool:
    held = (any(one.person == person and one.last_day >= on.isoformat() for one in permit.stop_holders) for permit in permits)
    return bool(permits) and all(held)
