"""Limits at run time: the owner sets them. Tighter than what the decision on use covers holds at once; looser needs a new decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.limits import HIGHEST_CLASS, Limits, keeps_within
from insyn.core.messages import Actor
from insyn.core.terms import Phase, UnknownFields
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.decisions.standing import matters_of

from ..issuing import act_on
from ..limiting import DataClasses, columns_of, confidentiality_of, decided_limits, fields_granted, limits_from
from ..models import Act, DataUse, System
from ..shapes import required
from .common import fresh, only_own
from .systems import decision_no_longer_covers

T = TypeVar("T")
MOST = 10_000_000
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_OPEN = frozenset({Phase.PILOT, Phase.IN_USE})


@transaction.atomic
def set_limits(
    *,
    actor: Actor,
    system: System,
    limits: Mapping[str, Any],
    data_classes: Mapping[str, Any],
    why: str,
    revision: int | None = None,
) -> Act:
    """Set the limits of each call: all of them, so that what is left out is no limit.

    ``limits`` and ``data_classes`` are the columns of :class:`System`. Raises :class:`InvalidInput` that names the field, and
    :class:`ActRefused` for what a decision on use does not cover while the system is in use.
    """
    require(actor, "limits.set")
    system = fresh(system, revision)
    only_own(actor, system)
    why = required("why", why)
    new = _read(limits, data_classes)
    _check_numbers(new)
    _check_words(system, new)
    _check_classes(system, new)
    columns = columns_of(new)
    if columns == {"limits": system.limits, "data_classes": system.data_classes}:
        raise ActRefused(_("Nothing was changed."))
    _refuse_without_fields(system, new)
    if not keeps_within(new, decided_limits(system)):
        decision_no_longer_covers(system)
    system.limits, system.data_classes = columns["limits"], columns["data_classes"]
    return act_on(system, verb="set_limits", actor=actor, text={**columns, "why": why})


def _read(limits: Mapping[str, Any], data_classes: Mapping[str, Any]) -> Limits:
    """The limits in one form. Hours are checked as they were written: what does not fit together is a mistake, and not dropped."""
    told, data = _convert(limits, Limits), _convert(data_classes, DataClasses)
    _check_hours(told)
    return limits_from(told, data)


def _convert(column: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return strict_json.convert(dict(column), kind)
    except InvalidInput as error:
        raise InvalidInput(error.message, place=error.place.removeprefix("$."), mend=error.mend) from error


def _check_numbers(limits: Limits) -> None:
    for name in ("per_hour", "per_day"):
        most = getattr(limits, name)
        if most is not None and not 1 <= most <= MOST:
            raise InvalidInput(_("From 1 to %(limit)d.") % {"limit": MOST}, place=name, mend=_("Pause the system if it is to make none."))
    if limits.per_hour is not None and limits.per_day is not None and limits.per_hour > limits.per_day:
        raise InvalidInput(_("More in an hour than in a day: the hour would limit nothing."), place="per_hour")


def _check_hours(limits: Limits) -> None:
    for number, row in enumerate(limits.hours or ()):
        for name in ("begins", "ends"):
            if not _TIME.fullmatch(getattr(row, name)):
                raise InvalidInput(_("Write a time as 08:00, at the latest 24:00."), place=f"hours[{number}].{name}")
        if not row.weekdays or not row.weekdays <= frozenset(range(1, 8)):
            raise InvalidInput(_("Choose at least one weekday."), place=f"hours[{number}].weekdays")
        if row.begins >= row.ends:
            raise InvalidInput(
                _("The end must come after the beginning."),
                place=f"hours[{number}].ends",
                mend=_("Write hours past midnight as two lines."),
            )
    if limits.hours == ():
        raise InvalidInput(_("No hour is left in which the system may be used. Pause it instead."), place="hours")


def _check_words(system: System, limits: Limits) -> None:
    if unknown := sorted(limits.never_automated - frozenset(matters_of(system))):
        raise InvalidInput(_("The system has no such type of matter: %(names)s.") % {"names": ", ".join(unknown)}, place="never_automated")


def _check_classes(system: System, limits: Limits) -> None:
    if limits.highest_class is None:
        return
    if not system.klassa:
        raise InvalidInput(_("Enter the system's information classification (KLASSA) first."), place="highest")
    if not 0 <= limits.highest_class <= confidentiality_of(system):
        words = {"level": confidentiality_of(system)}
        raise InvalidInput(_("The system is classified for confidentiality %(level)d, and takes no higher class.") % words, place="highest")
    known = {str(category) for purpose in system.purposes for category in purpose.get("categories", ())}
    for one in limits.classes:
        if one.category not in known:
            raise InvalidInput(_("No purpose of the system has this category."), place=f"class-{one.category}")
        if not 0 <= one.level <= HIGHEST_CLASS:
            raise InvalidInput(_("Choose one of the alternatives."), place=f"class-{one.category}")


def _refuse_without_fields(system: System, limits: Limits) -> None:
    """Held to fields that nobody has decided on, a system in use would be refused every call."""
    if limits.unknown_fields is UnknownFields.LET_THROUGH or system.phase not in _OPEN:
        return
    holding = list(DataUse.objects.filter(system=system).holding(clock.today()))
    empty = [str(purpose["purpose"]) for purpose in system.purposes if not fields_granted(holding, purpose)]
    if empty:
        raise ActRefused(
            _("No decided use of data names any field for %(names)s: every call with data would be refused. Decide a use of data first.")
            % {"names": ", ".join(empty)}
        )
