"""Reads for residents and for those who answer them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from insyn.web.register.models import System

from .codes import address_hash
from .models import CaseCode, CodeTries, RightsRequest

MOST_TRIES = 10
TRIES_WINDOW = timedelta(minutes=15)


def too_many_tries(address: str, now: datetime) -> bool:
    """Whether the address has used up its tries for now."""
    tries = CodeTries.objects.filter(address=address_hash(address), started__gt=now - TRIES_WINDOW).first()
    return tries is not None and tries.count >= MOST_TRIES


def open_requests(systems: Iterable[System]) -> list[RightsRequest]:
    """Requests that nobody has answered, the oldest first."""
    return list(RightsRequest.objects.filter(system__in=list(systems), answered_on=None).select_related("system", "act"))


def requests_of(code: CaseCode) -> list[RightsRequest]:
    """What was asked with this code."""
    return list(code.requests.select_related("act"))
