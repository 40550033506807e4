"""Limits at run time: what a permit holds of each call beyond purpose, version and mode. Values, and the narrower of two of them. Pure.

The default of every field is "no limit", so a permit from before limits were written opens as it was. Judging is done by the gateway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from .terms import Population, UnknownFields

HIGHEST_CLASS = 4  # of KLASSA; what nobody has classified counts as this
_STRICTNESS = {UnknownFields.LET_THROUGH: 0, UnknownFields.DROP: 1, UnknownFields.REFUSE: 2}


class Hours(msgspec.Struct, frozen=True):
    """Hours of some weekdays (1 is Monday), by the municipality's clock: from ``begins`` until ``ends``, "08:00" to "24:00"."""

    weekdays: frozenset[int]
    begins: str
    ends: str


class CategoryClass(msgspec.Struct, frozen=True):
    """How bad it is if somebody reads data of the category who should not: 0 to 4, as KLASSA puts it."""

    category: str
    level: int


class FieldGrant(msgspec.Struct, frozen=True):
    """A field of the payload, and the categories of data that it may be sent under. ``applicant.income`` is a field one level down."""

    name: str
    categories: frozenset[str]


class Limits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """See the module. A limit that this program does not know makes the permit unreadable, rather than being overlooked.

    ``excludes``: for whom the system may not be used. ``hours``: ``None`` is always, an empty tuple never. ``never_automated``: types of
    matter. ``highest_class``: of the data that the system may be given; ``None`` holds no class, and ``classes`` then says nothing.
    """

    unknown_fields: UnknownFields = UnknownFields.LET_THROUGH
    excludes: frozenset[Population] = frozenset()
    per_hour: int | None = None
    per_day: int | None = None
    hours: tuple[Hours, ...] | None = None
    never_automated: frozenset[str] = frozenset()
    highest_class: int | None = None
    classes: tuple[CategoryClass, ...] = ()

    def class_of(self, category: str) -> int:
        """The class of a category; the highest where nobody has said."""
        return next((one.level for one in self.classes if one.category == category), HIGHEST_CLASS)


def in_form(limits: Limits) -> Limits:
    """The same limits written in one way only, so that equal limits are equal values."""
    hours = None if limits.hours is None else _merged(limits.hours)
    return msgspec.structs.replace(
        limits, hours=hours, classes=() if limits.highest_class is None else _classes((one.category, one.level) for one in limits.classes)
    )


def narrower_limits(old: Limits, new: Limits) -> Limits:
    """What keeps within both."""
    return Limits(
        unknown_fields=max(old.unknown_fields, new.unknown_fields, key=_STRICTNESS.__getitem__),
        excludes=old.excludes | new.excludes,
        per_hour=_least(old.per_hour, new.per_hour),
        per_day=_least(old.per_day, new.per_day),
        hours=_within_both(old.hours, new.hours),
        never_automated=old.never_automated | new.never_automated,
        highest_class=_least(old.highest_class, new.highest_class),
        classes=_higher(old, new),
    )


def keeps_within(limits: Limits, others: Limits) -> bool:
    """Do these limits let nothing through that the others do not? In doubt no."""
    return narrower_limits(others, limits) == in_form(limits)


def fields_of_both(old: tuple[FieldGrant, ...] | None, new: tuple[FieldGrant, ...] | None) -> tuple[FieldGrant, ...] | None:
    """The fields that both grant, under the categories of both; ``None`` grants every field."""
    if old is None or new is None:
        return new if old is None else old
    held = {field.name: field.categories for field in old}
    both = [FieldGrant(field.name, field.categories & held.get(field.name, frozenset())) for field in new]
    return tuple(sorted((field for field in both if field.categories), key=lambda field: field.name))


def fields_within(narrow: tuple[FieldGrant, ...] | None, wide: tuple[FieldGrant, ...] | None) -> bool:
    if wide is None or narrow is None:
        return wide is None
    held = {field.name: field.categories for field in wide}
    return all(field.categories <= held.get(field.name, frozenset()) for field in narrow)


def _least(one: int | None, other: int | None) -> int | None:
    return min((number for number in (one, other) if number is not None), default=None)


def _higher(old: Limits, new: Limits) -> tuple[CategoryClass, ...]:
    """The higher class of each category, where a class is held at all."""
    holding = [limits for limits in (old, new) if limits.highest_class is not None]
    named = {one.category for limits in holding for one in limits.classes}
    return _classes((category, max(limits.class_of(category) for limits in holding)) for category in named)


def _classes(classes: Iterable[tuple[str, int]]) -> tuple[CategoryClass, ...]:
    """In order; the highest class is what silence says too."""
    return tuple(CategoryClass(category, level) for category, level in sorted(classes) if level < HIGHEST_CLASS)


# ------------------------------------------------------------------------------------------------------------------------ hours


def _within_both(old: tuple[Hours, ...] | None, new: tuple[Hours, ...] | None) -> tuple[Hours, ...] | None:
    if old is None or new is None:
        left = new if old is None else old
        return None if left is None else _merged(left)
    return _merged(
        Hours(one.weekdays & other.weekdays, max(one.begins, other.begins), min(one.ends, other.ends)) for one in old for other in new
    )


def _merged(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """Hours that overlap or meet are one; weekdays with the same hours stand together."""
    rows = list(hours)
    days: dict[tuple[str, str], set[int]] = {}
    for weekday in range(1, 8):
        spans = sorted((row.begins, row.ends) for row in rows if weekday in row.weekdays and row.begins < row.ends)
        for span in _joined(spans):
            days.setdefault(span, set()).add(weekday)
    return tuple(Hours(frozenset(found), begins, ends) for (begins, ends), found in sorted(days.items()))


def _joined(spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    now: tuple[str, str] | None = None
    for begins, ends in spans:
        if now is not None and begins <= now[1]:
            now = (now[0], max(now[1], ends))
            continue
        if now is not None:
            yield now
        now = (begins, ends)
    if now is not None:
        yield now
