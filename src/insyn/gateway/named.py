"""In which month each feature was last used in a decision, by system: a month for a name, and nothing of any case.

A feature counts as used when it contributed to the score. It is kept in the store's meta, in the transaction of the decision, the first time
in a month; so the register can put forward for removal what no decision uses. These rows are no part of any record and are not erased with
one, so a name that could be about somebody is not written. That something was left out stands there too: then nobody concludes from silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insyn.evidence.records import LEFT_OUT, NAMED

#: A program that makes up names must not fill memory and disk.
MAX_NAMES = 500
#: A date of birth has as many; the name of a feature does not.
_DIGITS = 6


class NamedFeatures:
    """What stands in the store, by system."""

    def __init__(self) -> None:
        self._months: dict[str, dict[str, str]] = {}
        self._written: dict[str, tuple[str, set[str]]] = {}  # by system, of its newest month: nearly every decision asks for these only

    def load(self, rows: Mapping[str, bytes]) -> None:
        """Take in the rows of the store's meta, so that the bound holds from one start to the next."""
        for key, month in rows.items():
            system, _, name = key.removeprefix(NAMED).partition("/")
            self._months.setdefault(system, {})[name] = month.decode(errors="replace")

    def fresh(self, system: str, names: Iterable[str], month: str) -> list[str]:
        """The names to be written: not yet written this month, fit to be kept, and with room for them; else that one was left out."""
        written = self._written.get(system)
        if written is not None and written[0] == month and written[1].issuperset(names):
            return []
        held = self._months.setdefault(system, {})
        found: dict[str, None] = {}
        room = MAX_NAMES - len(held)
        for name in names:
            known = name in held
            kept = name if known or (room > 0 and _fit(name)) else LEFT_OUT
            if held.get(kept, "") < month:
                found[kept] = None
                room -= not known and kept != LEFT_OUT
        return list(found)

    def keep(self, system: str, names: Iterable[str], month: str) -> None:
        self._months[system].update(dict.fromkeys(names, month))
        written = self._written.get(system)
        if written is None or written[0] != month:
            written = self._written[system] = month, set()
        written[1].update(names)

    def forget(self, system: str, names: Iterable[str]) -> None:
        for name in names:
            self._months[system].pop(name, None)
        self._written.clear()


def _fit(name: str) -> bool:
    """Can be shown, and holds no number that could be a person's."""
    return name != LEFT_OUT and name.isprintable() and sum(map(str.isdigit, name)) < _DIGITS
