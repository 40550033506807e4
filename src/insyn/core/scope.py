"""What a stop is of: one system, one version or purpose of it, every system of a supplier, or everything.

A stop's *key* names what it holds. Two stops with one key are two orders about the same thing, and the newest counts; stops with different
keys never lift each other. No system's short name holds a space or a star, so no key is mistaken for another.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from .errors import InvalidInput
from .terms import StopScope

#: The key of a stop of everything.
EVERYTHING = "*"
_NAMES = ("system", "version", "purpose", "supplier")
_NEEDED = {
    StopScope.SYSTEM: {"system"},
    StopScope.VERSION: {"system", "version"},
    StopScope.PURPOSE: {"system", "purpose"},
    StopScope.SUPPLIER: {"supplier"},
    StopScope.EVERYTHING: set[str](),
}
WIDE = frozenset({StopScope.SUPPLIER, StopScope.EVERYTHING})


class Scoped(Protocol):
    """Whatever says what a stop is of: an order, an entry, a row, a question."""

    @property
    def scope(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def supplier(self) -> str: ...


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """See the module."""

    scope: StopScope = StopScope.SYSTEM
    system: str = ""
    version: str = ""
    purpose: str = ""
    supplier: str = ""

    @property
    def key(self) -> str:
        match self.scope:
            case StopScope.SYSTEM:
                return self.system
            case StopScope.VERSION:
                return version_key(self.system, self.version)
            case StopScope.PURPOSE:
                return purpose_key(self.system, self.purpose)
            case StopScope.SUPPLIER:
                return supplier_key(self.supplier)
            case StopScope.EVERYTHING:
                return EVERYTHING

    @property
    def wide(self) -> bool:
        return self.scope in WIDE

    def public(self) -> dict[str, object]:
        """Its fields in an entry. A stop of a whole system says its system and nothing more, as it always did."""
        scope = {} if self.scope is StopScope.SYSTEM else {"scope": self.scope.value}
        return {**scope, **{name: text for name in _NAMES if (text := getattr(self, name))}}


def version_key(system: str, version: str) -> str:
    return f"{system} version {version}"


def purpose_key(system: str, purpose: str) -> str:
    return f"{system} purpose {purpose}"


def supplier_key(supplier: str) -> str:
    return f" supplier {supplier}"


def target_of(thing: Scoped) -> Target:
    """What it is of. Raises :class:`InvalidInput` for an unknown scope, a missing name, or one that does not belong to the scope."""
    try:
        scope = StopScope(thing.scope or StopScope.SYSTEM)
    except ValueError as error:
        raise InvalidInput(f"no scope {thing.scope!r}", place="scope") from error
    names = {name: str(getattr(thing, name)) for name in _NAMES}
    needed = _NEEDED[scope]
    for name, text in names.items():
        if (name in needed) != bool(text):
            raise InvalidInput(f"a stop of scope {scope} " + (f"names a {name}" if name in needed else f"names no {name}"), place=name)
    if not names["version"].isascii():
        raise InvalidInput("a version in the log is ASCII", place="version", mend="Stop the whole system.")
    return Target(scope=scope, **names)
