"""A change of packs to replay over many made-up systems, no two of which answer alike.

The change is a large one: every day of law that is still to come moves by a year, and each pack loses one gate.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from insyn.law.model import Kind, Pack
from insyn.rules.replay import RegisteredSystem

from .systems import draw_systems

ON = date(2026, 11, 20)


def made_up(packs: Iterable[Pack], count: int, *, seed: int = 3) -> list[RegisteredSystem]:
    """Systems with random answers to two thirds of the questions."""
    drawn = draw_systems(packs, count, answered=2 / 3, seed=seed)
    return [RegisteredSystem(id=f"system-{number}", owner=f"p-{number % 500}", facts=facts) for number, facts in enumerate(drawn)]


def changed(packs: Iterable[Pack]) -> tuple[Pack, ...]:
    """Each pack with one gate taken away and every later day of its calendar moved by a year."""
    return tuple(_changed(pack) for pack in packs)


def _changed(pack: Pack) -> Pack:
    rules = dict(pack.rules)
    if gate := next((slug for slug, rule in rules.items() if rule.kind is Kind.GATE), None):
        del rules[gate]
    calendar = {
        name: msgspec.structs.replace(entry, day=entry.day + timedelta(days=365)) if entry.day > ON else entry
        for name, entry in pack.calendar.items()
    }
    return msgspec.structs.replace(pack, rules=rules, calendar=calendar)
