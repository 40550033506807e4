"""Limits at run time in plain sentences: the same for the owner, the public and the history. The class of the data is told without its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from django.utils.translation import gettext as _, gettext_lazy

from insyn.core import labels
from insyn.core.limits import Hours, Limits, in_form
from insyn.core.terms import UnknownFields
from insyn.web.language import spoken

WEEKDAYS = {
    1: gettext_lazy("Monday"),
    2: gettext_lazy("Tuesday"),
    3: gettext_lazy("Wednesday"),
    4: gettext_lazy("Thursday"),
    5: gettext_lazy("Friday"),
    6: gettext_lazy("Saturday"),
    7: gettext_lazy("Sunday"),
}


def limit_lines(limits: Limits) -> list[str]:
    """A sentence for each limit that is set; none for none."""
    return [*_of_the_person(limits), *_of_the_data(limits), *_of_time(limits)]


def stored_lines(column: Mapping[str, Any]) -> list[str]:
    """The sentences of a column as it was stored; what cannot be read says so."""
    try:
        return limit_lines(in_form(msgspec.convert(column, Limits)))
    except msgspec.ValidationError:
        return [_("Limits that this program cannot read.")]


def _of_the_person(limits: Limits) -> Iterator[str]:
    for group in sorted(limits.excludes):
        yield _("Not used for: %(group)s.") % {"group": spoken(labels.label(group)).lower()}
    if limits.never_automated:
        yield _("A person always decides in: %(names)s.") % {"names": ", ".join(sorted(limits.never_automated))}


def _of_the_data(limits: Limits) -> Iterator[str]:
    if limits.unknown_fields is UnknownFields.REFUSE:
        yield _("Data that no decision names are not taken: the call is refused.")
    elif limits.unknown_fields is UnknownFields.DROP:
        yield _("Data that no decision names are taken away before anything is kept.")
    if limits.highest_class is not None:
        yield _("Data that are more sensitive than the system is classified for are not taken.")


def _of_time(limits: Limits) -> Iterator[str]:
    if limits.per_hour is not None:
        yield _("At most %(number)d decisions or proposals an hour.") % {"number": limits.per_hour}
    if limits.per_day is not None:
        yield _("At most %(number)d decisions or proposals a day.") % {"number": limits.per_day}
    if limits.hours is not None:
        yield _("Used only: %(hours)s.") % {"hours": "; ".join(map(_hours, limits.hours)) or _("never")}


def _hours(row: Hours) -> str:
    return f"{_days(sorted(row.weekdays))} {row.begins}–{row.ends}"


def _days(days: list[int]) -> str:
    """Three days or more in a row are a span."""
    names = [str(WEEKDAYS[day]).lower() for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]}
    return ", ".join(names)
