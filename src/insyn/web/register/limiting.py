"""Limits at run time, as the register holds them: from the entry and the decided uses of data to what a permit carries. Reads; changes nothing.

The owner tightens alone and at once. What lets more through than the decision on use covers needs a new decision; so the entry keeps beside
its limits those that the newest decision was taken on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from insyn.core.limits import CategoryClass, FieldGrant, Limits, in_form
from insyn.core.terms import Mode, UnknownFields
from insyn.web.decisions.standing import matters_of, never_automated

from .datauses import DataUse
from .models import System
from .purposes import PurposeKind

_encode = msgspec.json.Encoder(order="deterministic").encode


class DataClasses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The highest class that the system may be given, and the class of each category that anybody has classified."""

    highest: int | None = None
    classes: dict[str, int] = {}


def limits_of_entry(system: System) -> Limits:
    """What the entry says."""
    return limits_from(msgspec.convert(system.limits, Limits), msgspec.convert(system.data_classes, DataClasses))


def limits_from(limits: Limits, data: DataClasses) -> Limits:
    """The limits that the two columns of an entry hold, in one form."""
    classes = tuple(CategoryClass(category, level) for category, level in sorted(data.classes.items()))
    return in_form(msgspec.structs.replace(limits, highest_class=data.highest, classes=classes))


def columns_of(limits: Limits) -> dict[str, dict[str, Any]]:
    """The columns of an entry that hold these limits. The classes stand by themselves: they tell an attacker where it hurts."""
    classes = {"highest": limits.highest_class, "classes": {one.category: one.level for one in limits.classes}}
    return {
        "limits": as_stored(msgspec.structs.replace(limits, highest_class=None, classes=())),
        "data_classes": {} if limits.highest_class is None else classes,
    }


def as_stored(limits: Limits) -> dict[str, Any]:
    """Plain values, lists in order."""
    stored: dict[str, Any] = msgspec.json.decode(_encode(in_form(limits)))
    return stored


def decided_limits(system: System) -> Limits:
    """What the newest decision on use covers; no limits at all for a decision from before they were written.

    A type of matter that the system no longer has is not missed where nobody names it any more.
    """
    held = msgspec.convert(system.limits_decided, Limits)
    return in_form(msgspec.structs.replace(held, never_automated=held.never_automated & frozenset(matters_of(system))))


def confidentiality_of(system: System) -> int:
    """How sensitive the data are that the system is classified for; nothing at all while nobody has classified it."""
    return int(system.klassa.get("confidentiality", 0))


def permit_limits(system: System) -> Limits:
    """What the permit carries: the entry's limits, never a class above the system's own, and what the municipality never automates."""
    held = limits_of_entry(system)
    if held.highest_class is not None:
        held = msgspec.structs.replace(held, highest_class=min(held.highest_class, confidentiality_of(system)))
    if Mode.AUTOMATED in system.modes:
        forbidden = never_automated() & frozenset(matters_of(system))
        held = msgspec.structs.replace(held, never_automated=held.never_automated | forbidden)
    return in_form(held)


def holds_fields(system: System) -> bool:
    """Is a field that no decided use of data names refused or dropped?"""
    return limits_of_entry(system).unknown_fields is not UnknownFields.LET_THROUGH


def fields_granted(holding: Iterable[DataUse], purpose: Mapping[str, Any]) -> tuple[FieldGrant, ...]:
    """The fields in decided use for a purpose, each under the categories of the uses that name it, as far as the purpose has them."""
    within, found = frozenset(purpose.get("categories", ())), dict[str, frozenset[str]]()
    for row in holding:
        categories = within & frozenset(row.categories)
        if row.purpose_kind == PurposeKind.ORDINARY and row.purpose == purpose.get("purpose") and categories:
            for field in row.fields_in_use():
                found[field["name"]] = found.get(field["name"], frozenset()) | categories
    return tuple(FieldGrant(name, categories) for name, categories in sorted(found.items()))
