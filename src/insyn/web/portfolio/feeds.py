"""Days as iCalendar (RFC 5545). A feed holds names of systems and what happens; never who, and nothing of a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from insyn.web.language import spoken

from .items import Dated

#: A feed reaches so far back and ahead.
BACK, AHEAD = timedelta(days=60), timedelta(days=400)
_PRODUCT = "-//Insyn//Calendar//SV"


def feed(name: str, dates: Iterable[Dated], *, base: str, on: date) -> bytes:
    """The days as a calendar file. ``base``: the site's own address, without a slash at the end. Every event is a whole day and blocks no time.

    The stamp is the day itself, so that the same register gives the same bytes.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    host = base.partition("//")[2] or "insyn"
    for dated in dates:
        event = Event()
        event.add("uid", f"{dated.uid}@{host}")
        event.add("dtstamp", datetime.combine(on, time.min, tzinfo=UTC))
        event.add("dtstart", dated.day)
        event.add("summary", spoken(dated.title))
        event.add("url", base + dated.href)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()
