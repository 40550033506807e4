"""The municipality as a tree: boards with their administrations, companies, unions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .models import Office


def in_order(offices: Iterable[Office]) -> list[tuple[Office, int]]:
    """Each office after the one that it belongs to, by name, with its depth. One whose parent is not among them stands at the top."""
    found = sorted(offices, key=lambda office: (office.name.casefold(), office.pk))
    keys = {office.pk for office in found}
    children: dict[int | None, list[Office]] = {}
    for office in found:
        children.setdefault(office.parent_id if office.parent_id in keys else None, []).append(office)
    return list(_below(children, None, 0))


def _below(children: dict[int | None, list[Office]], parent: int | None, depth: int) -> Iterator[tuple[Office, int]]:
    for office in children.get(parent, []):
        yield office, depth
        yield from _below(children, office.pk, depth + 1)
