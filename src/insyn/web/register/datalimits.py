"""What decided data uses let a permit hold, and until when. Reads; changes nothing.

A version that learned from residents' data is granted only while a data use decided for exactly that holds. From the first data use that is
decided for a system, a purpose and a category of data are granted only with a data use of their own; before it, the records alone speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from insyn.core.permit import End
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.terms import Tristate
from insyn.core.text import Text

from .datauses import DataUse
from .models import System, Version
from .purposes import DataOutcome, PurposeKind


@dataclass(frozen=True)
class DataLimits:
    """``versions`` and ``purposes``: what is left of those asked about. ``lacking``: reasons where nothing is left."""

    versions: frozenset[str]
    purposes: tuple[dict[str, object], ...]
    ends: tuple[End, ...]
    lacking: tuple[Reason, ...]


@dataclass(frozen=True)
class Uncovered:
    """A purpose, or categories of data in it, that no decided data use covers."""

    purpose: Mapping[str, object]
    categories: tuple[str, ...]
    whole: bool


def limits_of(system: System, versions: Sequence[Version], on: date) -> DataLimits:
    """What the system's data uses leave of its versions and purposes on the day."""
    rows = list(DataUse.objects.filter(system=system).exclude(decided_on=None))
    holding = {row.pk: row for row in rows if row.holds(on)}
    told = _told(system, versions)
    kept = [version for version in versions if learning_allowed(told[version.pk], holding)]
    purposes = covered(system.purposes, holding.values()) if is_ruled(rows) else not_refused(system.purposes, rows)
    relied_on = [*_learned((told[version.pk] for version in kept), holding), *(_ordinary(holding.values()) if is_ruled(rows) else ())]
    lapsed = sorted(version.name for version in versions if version not in kept)
    return DataLimits(
        versions=frozenset(version.name for version in kept),
        purposes=purposes,
        ends=tuple(_ends(relied_on)),
        lacking=(*_no_version(lapsed if not kept else []), *_no_purpose(bool(system.purposes) and not purposes)),
    )


def is_ruled(rows: Iterable[DataUse]) -> bool:
    """Has a data use in ordinary work ever been allowed for the system? From then on each purpose needs its own."""
    return any(row.purpose_kind == PurposeKind.ORDINARY and row.outcome == DataOutcome.ALLOWED for row in rows)


def days_of_data(system: System, versions: Sequence[Version], on: date) -> list[date]:
    """When the data uses that the versions and the purposes rest on were decided."""
    holding = {row.pk: row for row in DataUse.objects.filter(system=system).holding(on)}
    relied_on = [*_learned(_told(system, versions).values(), holding), *_ordinary(holding.values())]
    return [row.decided_on for row in relied_on if row.decided_on is not None]


def _told(system: System, versions: Sequence[Version]) -> dict[int, list[Mapping[str, object]]]:
    known = list(system.versions.all())
    return {version.pk: told_of(version, known) for version in versions}


def told_of(version: Version, known: Iterable[Version]) -> list[Mapping[str, object]]:
    """What the version learned from, as far as anybody has said.

    One that says nothing learned what the version before it did; and the same model under another name (by its digest) learned the same.
    """
    by_key = {one.pk: one for one in known}
    same = [one for one in by_key.values() if one.pk == version.pk or (version.digest and one.digest == version.digest)]
    return [learned for one in same for learned in _own_or_before(one, dict(by_key))]


def _own_or_before(version: Version, left: dict[int, Version]) -> list[Mapping[str, object]]:
    now: Version | None = version
    while now is not None and not now.learned_from:
        now = left.pop(now.previous_id, None)
    return list(now.learned_from) if now is not None else []


def needs_data_use(learned: Mapping[str, object]) -> bool:
    """Only a plain no means that nothing was learned from residents' data."""
    return learned.get("residents_data") != Tristate.NO


def learning_allowed(learned_from: Iterable[Mapping[str, object]], holding: Mapping[int, DataUse]) -> bool:
    """Does a data use hold for each thing that the version learned from residents' data, decided for exactly that kind of purpose?"""
    return all(_allowed(learned, holding) for learned in learned_from)


def _allowed(learned: Mapping[str, object], holding: Mapping[int, DataUse]) -> bool:
    if not needs_data_use(learned):
        return True
    number = learned.get("data_use")
    found = holding.get(number) if isinstance(number, int) else None
    return found is not None and found.purpose_kind == learned.get("purpose")


def covered(purposes: Iterable[Mapping[str, object]], holding: Iterable[DataUse]) -> tuple[dict[str, object], ...]:
    """Each purpose with the categories that a data use covers; a purpose without any is left out."""
    holding = list(holding)
    found = []
    for purpose in purposes:
        allowed = _categories(purpose, holding)
        if allowed is not None and (allowed or not purpose.get("categories")):
            found.append({**purpose, "categories": sorted(allowed & _asked(purpose))})
    return tuple(found)


def not_refused(purposes: Iterable[Mapping[str, object]], rows: Iterable[DataUse]) -> tuple[dict[str, object], ...]:
    """The purposes without what a decision has refused, for a system where no data use was ever allowed."""
    refused: dict[str, set[str]] = {}
    for row in _ordinary(rows):
        if row.outcome == DataOutcome.REFUSED:
            refused.setdefault(row.purpose, set()).update(row.categories)
    found = []
    for purpose in purposes:
        taken = refused.get(str(purpose.get("purpose")))
        left = _asked(purpose) - (taken or set())
        if taken is None or left:
            found.append({**purpose, "categories": sorted(left)} if taken else dict(purpose))
    return tuple(found)


def uncovered(purposes: Iterable[Mapping[str, object]], holding: Iterable[DataUse]) -> list[Uncovered]:
    """What :func:`covered` leaves out."""
    holding = list(holding)
    found = []
    for purpose in purposes:
        allowed = _categories(purpose, holding)
        lacking = tuple(sorted(_asked(purpose) - (allowed or frozenset())))
        if allowed is None or lacking:
            found.append(Uncovered(purpose=purpose, categories=lacking, whole=allowed is None))
    return found


def _asked(purpose: Mapping[str, object]) -> frozenset[str]:
    categories = purpose.get("categories")
    return frozenset(categories) if isinstance(categories, list | tuple) else frozenset()


def _categories(purpose: Mapping[str, object], holding: Iterable[DataUse]) -> frozenset[str] | None:
    """The categories that are decided for the purpose; ``None`` where no data use is."""
    rows = [row for row in _ordinary(holding) if row.purpose == purpose.get("purpose")]
    return frozenset(category for row in rows for category in row.categories) if rows else None


def _ordinary(holding: Iterable[DataUse]) -> list[DataUse]:
    return [row for row in holding if row.purpose_kind == PurposeKind.ORDINARY]


def _learned(told: Iterable[Iterable[Mapping[str, object]]], holding: Mapping[int, DataUse]) -> list[DataUse]:
    numbers = {learned.get("data_use") for one in told for learned in one if needs_data_use(learned)}
    return [row for number, row in sorted(holding.items()) if number in numbers]


def _ends(rows: Iterable[DataUse]) -> list[End]:
    """Time closes the whole permit; the next act opens what does not rest on that data use."""
    days = {row.pk: row.valid_through for row in rows if row.valid_through is not None}
    return [
        End(last_day=day.isoformat(), code=RefusalCode.RECORD_EXPIRED, what=f"data_use {number}") for number, day in sorted(days.items())
    ]


def _no_version(lapsed: Sequence[str]) -> list[Reason]:
    names = ", ".join(lapsed)
    detail = Text(
        f"Version {names} har lärt sig av invånares uppgifter, och inget gällande beslut tillåter det.",
        f"Version {names} learned from residents' data, and no decision that holds allows it.",
    )
    return [reason(RefusalCode.VERSION_NOT_ALLOWED, detail=detail)] if lapsed else []


def _no_purpose(nothing_left: bool) -> list[Reason]:
    detail = Text("Ingen gällande dataanvändning är beslutad för något ändamål.", "No data use that holds is decided for any purpose.")
    return [reason(RefusalCode.OUTSIDE_PURPOSE, detail=detail)] if nothing_left else []


def public_data(system: System, *, hidden: bool, on: date) -> list[DataUse] | None:
    """The uses of data that hold, for everybody to read; ``None`` where none was ever decided, or who reads them is not everybody."""
    decided = DataUse.objects.filter(system=system, outcome=DataOutcome.ALLOWED)
    if hidden or not decided.exists():
        return None
    return list(decided.holding(on).select_related("deciding"))
