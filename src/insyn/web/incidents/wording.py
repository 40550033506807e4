"""Times and clocks as a person reads them. Pure, but for the reader's language and the site's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _


def moment_text(moment: datetime | None) -> str:
    """2026-11-22 10:15, in the site's time zone; empty for none."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def duration_text(length: timedelta) -> str:
    """The two largest units: 2 d 3 h, 14 h 20 min, 20 min, 45 s."""
    seconds = max(0, int(length.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": seconds}


def clock_text(due: datetime, now: datetime) -> str:
    """How much is left of a clock, or by how much it has run out."""
    words = {"time": duration_text(abs(due - now)), "moment": moment_text(due)}
    if due < now:
        return _("%(time)s too late, it was due %(moment)s") % words
    return _("%(time)s left, until %(moment)s") % words
