"""How much one address, or one resident, may do in a while. Either is kept as a keyed hash, and no longer than its count is needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from insyn.web import clock
from insyn.web.residents.codes import address_hash

from .models import Tries

WINDOW = timedelta(hours=1)
#: Each thing that can be done too often, with how often in an hour: sending, asking for letters, guessing numbers and keys, and pages of an
#: extract, where each of fifty records leaves entries in the log.
MOST = {"message": 10, "subscribe": 10, "follow": 30, "extract": 10}


@transaction.atomic
def count(what: str, address: str) -> bool:
    """Count one; False when the address has had its share for now."""
    forget()
    row, _made = Tries.objects.get_or_create(what=what, address=address_hash(address), defaults={"started": clock.now()})
    Tries.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count < MOST[what]


def is_used_up(what: str, address: str) -> bool:
    since = clock.now() - WINDOW
    return Tries.objects.filter(what=what, address=address_hash(address), started__gt=since, count__gte=MOST[what]).exists()


def free_again(what: str, address: str) -> datetime:
    """When the share begins anew: an hour after the first of those that are counted."""
    row = Tries.objects.filter(what=what, address=address_hash(address)).first()
    return (row.started if row else clock.now() - WINDOW) + WINDOW


def forget() -> int:
    """Drop the rows whose time is over; returns how many."""
    return Tries.objects.filter(started__lte=clock.now() - WINDOW).delete()[0]
