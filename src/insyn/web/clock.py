"""The one place where the web site reads the clock; tests set it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """Aware, UTC."""
    return timezone.now()


def today() -> date:
    """The day in the site's time zone."""
    return timezone.localdate(now())
