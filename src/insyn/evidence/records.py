"""What goes into the store and comes out of it."""

from __future__ import annotations

import msgspec

from insyn.core.scope import target_of
from insyn.core.terms import StopScope

#: Names in the store's meta under which stands in which month a feature was last used: ``named/<system>/<feature>``.
NAMED = "named/"
#: Names in the store's meta under which stands how many decisions a system has made this hour and day: ``volume/<system>``.
VOLUME = "volume/"
#: Names in the store's meta that say that a restore took entries back without what was sealed in them: ``lost/<first>``, the last as value.
LOST = "lost/"
#: Stands in the place of a name that was not kept.
LEFT_OUT = ""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One row for supervision. Names no subject; erased with its record.

    ``month`` is ISO (2026-11); ``score_bin`` a small whole number; ``about`` the fact id of the row that this one follows.
    """

    month: str
    system: str
    version: str
    stage: str
    outcome: str
    score_bin: int | None = None
    groups: dict[str, str] = {}
    features: dict[str, str] = {}
    about: str = ""


class FactRow(Fact, frozen=True, kw_only=True):
    """A fact as it is read: ``fact_id`` is random and says nothing of the entry."""

    fact_id: str


class Appended(msgspec.Struct, frozen=True):
    """Where an entry stands once the transaction has committed. ``leaf`` is its leaf hash; ``fact_id`` empty without a fact."""

    index: int
    rid: str
    leaf: bytes
    fact_id: str = ""


class OpenedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Opened disclosure groups of a record, each with the salt of its commitment."""

    rid: str
    index: int
    leaf: bytes
    entry: bytes
    groups: dict[str, bytes]
    salts: dict[str, bytes]
    fact_id: str = ""


class Remembered(msgspec.Struct, frozen=True):
    """The answer once given under an idempotency key, and the digest of the request that it answered."""

    digest: bytes
    answer: bytes
    index: int


class WaitingRow(msgspec.Struct, frozen=True):
    """A proposal that waits for a person. ``outcome`` is that of its facts row, empty without one."""

    rid: str
    index: int
    day: str
    leaf: bytes
    outcome: str


class StopRow(msgspec.Struct, frozen=True, kw_only=True):
    """The newest stop of a system, or of what ``scope`` and the names say; ``systems``: whom a stop of a supplier holds.

    ``lifted_by`` is the index of the resume entry that lifts it, -1 while it stands.

    Times are UTC, RFC 3339; the ``_boottime_ns`` are CLOCK_BOOTTIME and mean nothing after the host has started anew.
    """

    system: str
    index: int
    rid: str
    order: str = ""
    committed_at: str = ""
    drained_at: str = ""
    committed_boottime_ns: int = 0
    drained_boottime_ns: int = 0
    lifted_by: int = -1
    scope: StopScope = StopScope.SYSTEM
    version: str = ""
    purpose: str = ""
    supplier: str = ""
    systems: tuple[str, ...] = ()
    exercise: bool = False
    ordered_at: str = ""

    @property
    def key(self) -> str:
        """Of what it is (:mod:`insyn.core.scope`)."""
        return target_of(self).key

    @property
    def stands(self) -> bool:
        return self.lifted_by < 0
