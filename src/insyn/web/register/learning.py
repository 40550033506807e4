"""What a version has learned from, and how its configuration differs from another's."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import Tristate

from .datalimits import needs_data_use
from .datauses import DataUse, PurposeKind
from .models import System, Version
from .shapes import worded

#: The purposes of learning; in ordinary use nothing is learned.
LEARNING = (PurposeKind.TRAINING, PurposeKind.TUNING, PurposeKind.TESTING, PurposeKind.SUPPLIER_IMPROVEMENT)
MAX_LEARNED = 40
MAX_SOURCE = 400
MAX_CONFIGURATION = 200_000
#: A diff of longer texts is made of their first lines: it is made while somebody waits.
MAX_DIFF_LINES = 4_000
_MAX_CHAIN = 200


def check_learned(system: System, told: Iterable[Mapping[str, Any]], on: date) -> list[dict[str, Any]]:
    """What a version was trained, tuned or tested on, as it may be stored.

    Raises :class:`InvalidInput` for what was learned from residents' data, or perhaps was, without a data use that is decided for exactly
    that kind of purpose and holds on the day.
    """
    rows = list(told)
    if len(rows) > MAX_LEARNED:
        raise InvalidInput(_("At most %(limit)d lines.") % {"limit": MAX_LEARNED}, place="learned_from")
    holding = {row.pk: row for row in DataUse.objects.filter(system=system).holding(on)}
    return [_learned(f"learned_from[{number}]", row, holding) for number, row in enumerate(rows)]


def refuse_silence(system: System) -> None:
    """Once somebody has proposed that a system learns from residents' data, to say nothing of a version is no answer.

    Raises :class:`InvalidInput`.
    """
    if DataUse.objects.filter(system=system, purpose_kind__in=LEARNING).exists():
        raise InvalidInput(
            _(
                "It is proposed or decided that this system learns from residents' data. Say what this version learned from, also if it is nothing of theirs."
            ),
            place="learned_from",
        )


def _learned(place: str, row: Mapping[str, Any], holding: Mapping[int, DataUse]) -> dict[str, Any]:
    if row.get("purpose") not in LEARNING:
        raise InvalidInput(_("Choose one of the alternatives."), place=f"{place}.purpose")
    source = worded(f"{place}.source", str(row.get("source", "")), MAX_SOURCE)
    if row.get("residents_data") not in set(Tristate):
        raise InvalidInput(_("Say whether it holds residents' data: yes, no or unknown."), place=f"{place}.residents_data")
    found = {"purpose": str(row["purpose"]), "source": source, "residents_data": str(row["residents_data"]), "data_use": None}
    if needs_data_use(found):
        found["data_use"] = _decided(place, row, holding)
    return found


def _decided(place: str, row: Mapping[str, Any], holding: Mapping[int, DataUse]) -> int:
    number = row.get("data_use")
    found = holding.get(number) if isinstance(number, int) else None
    if found is None or found.purpose_kind != row["purpose"]:
        words = {"purpose": PurposeKind(row["purpose"]).label.lower()}
        raise InvalidInput(
            _("It learned from residents' data, or perhaps did, and no decided use of data for %(purpose)s allows that.") % words,
            place=f"{place}.data_use",
            mend=_("The owner proposes the use of data; an elected member or a delegate decides it."),
        )
    return found.pk


def chain_of(version: Version) -> list[Version]:
    """The version and those before it, newest first."""
    by_key = {one.pk: one for one in version.system.versions.all()}
    chain, key = [], version.pk
    while key in by_key and len(chain) < _MAX_CHAIN:
        chain.append(by_key.pop(key))
        key = chain[-1].previous_id
    return chain


@dataclass(frozen=True)
class DiffLine:
    """A line of a configuration: ``same``, ``gone`` or ``new``; ``skip`` stands for equal lines that are left out."""

    state: str
    text: str

    @property
    def sign(self) -> str:
        return {"gone": "−", "new": "+"}.get(self.state, "")


def diff(before: str, after: str, *, around: int = 3) -> list[DiffLine]:
    """The two texts line by line, equal parts shortened. Empty when they are the same."""
    old, new = before.splitlines()[:MAX_DIFF_LINES], after.splitlines()[:MAX_DIFF_LINES]
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around)
    found: list[DiffLine] = []
    end = 0
    for group in groups:
        if group[0][1] > end:
            found.append(DiffLine("skip", str(group[0][1] - end)))
        for opcode in group:
            found += _lines(opcode, old, new)
        end = group[-1][2]
    if found and end < len(old):
        found.append(DiffLine("skip", str(len(old) - end)))
    return found


def _lines(opcode: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[DiffLine]:
    kind, old_from, old_to, new_from, new_to = opcode
    if kind == "equal":
        yield from (DiffLine("same", line) for line in old[old_from:old_to])
        return
    yield from (DiffLine("gone", line) for line in old[old_from:old_to])
    yield from (DiffLine("new", line) for line in new[new_from:new_to])
