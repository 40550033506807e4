"""Reads for residents and for those who answer them."""

from __future__ import annotations

from datetime import datetime, timedelta

from .codes import address_hash
from .models import CodeTries

MOST_TRIES = 10
TRIES_WINDOW = timedelta(minutes=15)


def too_many_tries(address: str, now: datetime, *, scope: str = "", most: int = MOST_TRIES) -> bool:
    """Whether the address has used up its tries for now."""
    tries = CodeTries.objects.filter(address=address_hash(address, scope), started__gt=now - TRIES_WINDOW).first()
    return tries is not None and tries.count >= most
