"""What the sequencer answers; the other half of the protocol of :mod:`insyn.core.messages`, which names these too."""

from __future__ import annotations

from typing import Any

import msgspec

from .refusals import Refusal
from .said import StopOrder
from .terms import Population, StopScope, StopStatus, UnknownFields
from .text import Text


class Receipt(msgspec.Struct, frozen=True):
    """Where the entry stands. ``leaf`` is the hex leaf hash. An inclusion proof is out once a checkpoint covers the index."""

    log: str
    index: int
    leaf: str
    rid: str
    day: str


class Cleared(msgspec.Struct, frozen=True, tag="cleared"):
    clearance: str
    epoch: int
    receipt: Receipt
    human_review: bool
    notice_due: bool
    explanation_due: bool
    max_age_ms: int
    population_due: tuple[Population, ...] = ()
    unknown_fields: UnknownFields = UnknownFields.LET_THROUGH


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """``stage`` is ``proposal`` until a person has decided (mode support). Usable for ``max_age_ms`` from before the caller asked.

    ``replayed`` marks an old answer for a repeated idempotency key: its receipt stands, its use was judged now. ``dropped``: fields of the
    payload that were not kept, because no decided use of data names them. ``since``: index of the newest decision to resume that covers the
    system, -1 without one; a fence at the place of the effect refuses what lies before it.
    """

    stage: str
    epoch: int
    receipt: Receipt
    max_age_ms: int
    replayed: bool = False
    dropped: tuple[str, ...] = ()
    since: int = -1


class Released(msgspec.Struct, frozen=True, tag="released"):
    """The part may leave within ``max_age_ms`` from before the caller asked. No receipt: only asked whether the clearance stands."""

    max_age_ms: int
    receipt: Receipt | None = None


class Denied(msgspec.Struct, frozen=True, tag="denied"):
    """A refusal, and where it stands in the log (refusals of unknown systems are counted, not logged).

    ``receipt`` of a replayed answer whose release is refused now is the old receipt.
    """

    refusal: Refusal
    receipt: Receipt | None = None


class Batched(msgspec.Struct, frozen=True, tag="batched"):
    answers: tuple[Recorded | Denied, ...]


class Done(msgspec.Struct, frozen=True, tag="done"):
    receipt: Receipt
    repeated: bool = False


class Proof(msgspec.Struct, frozen=True, tag="proof"):
    """``text`` is a c2sp.org/tlog-proof@v1, empty until a checkpoint covers the entry."""

    text: str
    entry: bytes


class StopReport(msgspec.Struct, frozen=True, tag="stop_report"):
    """``committed_boottime_ns`` and ``drained_boottime_ns`` are CLOCK_BOOTTIME of this host; the times UTC, RFC 3339.

    ``systems``: whom a stop of a supplier holds at present.
    """

    system: str
    status: StopStatus
    index: int = -1
    rid: str = ""
    committed_at: str = ""
    drained_at: str = ""
    committed_boottime_ns: int = 0
    drained_boottime_ns: int = 0
    scope: StopScope = StopScope.SYSTEM
    version: str = ""
    purpose: str = ""
    supplier: str = ""
    systems: tuple[str, ...] = ()


class WaitingItem(msgspec.Struct, frozen=True):
    """``blind``: a person judges it before the proposal is shown, and has not yet; ``outcome`` is then empty."""

    rid: str
    index: int
    day: str
    leaf: str
    outcome: str
    blind: bool = False


class WaitingList(msgspec.Struct, frozen=True, tag="waiting_list"):
    items: tuple[WaitingItem, ...]
    total: int


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """``groups``: decoded JSON of each opened group; ``salts``: its salt (hex), for whoever checks the commitment.

    ``followers``: rids of entries about this record, with their kind, oldest first. ``opened``: rid of the entry that this opening left.
    ``blind``: the case is to be judged before the proposal is shown, so output and factors are held back, and ``kept_back`` fields
    of the input, which then has no salt: it is not all that the entry commits to.
    """

    rid: str
    index: int
    leaf: str
    system: str
    version: str
    day: str
    groups: dict[str, Any]
    salts: dict[str, str]
    followers: tuple[tuple[str, str], ...] = ()
    opened: str = ""
    blind: bool = False
    kept_back: int = 0


class SubjectRecord(msgspec.Struct, frozen=True):
    """One record about a person: nothing of what is sealed in it. ``kind`` of its entry; ``erased``: only that it was there is left.

    The person's hash is overwritten with an erased record, so one is found only while the disposal of its month is under way.
    """

    rid: str
    index: int
    system: str
    version: str
    day: str
    kind: str
    erased: bool = False


class FoundSubject(msgspec.Struct, frozen=True, tag="found_subject"):
    """``token`` is the person's keyed hash (hex), by which the records can be found again without the number. Oldest first."""

    token: str
    records: tuple[SubjectRecord, ...]


class BundledEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its receipt (c2sp.org/tlog-proof@v1) and its opened groups, byte for byte, each with the salt of its commitment."""

    index: int
    entry: bytes
    proof: str
    groups: dict[str, bytes] = {}
    salts: dict[str, str] = {}


class Bundled(msgspec.Struct, frozen=True, tag="bundled"):
    """The record first, then entries about it, oldest first, and the entry of the permit that it was judged by."""

    entries: tuple[BundledEntry, ...]


class Found(msgspec.Struct, frozen=True, tag="found"):
    rids: tuple[str, ...]


class LogEntry(msgspec.Struct, frozen=True):
    index: int
    entry: bytes


class Entries(msgspec.Struct, frozen=True, tag="entries"):
    entries: tuple[LogEntry, ...]
    size: int


class Order(msgspec.Struct, frozen=True, tag="order"):
    order: StopOrder


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """``ready`` false: everything is refused, for the ``refusal`` given. ``counters``: counts since start, by name."""

    log: str
    size: int
    ready: bool
    max_age_ms: int
    refusal: Refusal | None = None
    counters: dict[str, int] = {}
    note: Text | None = None


Answer = (
    Cleared
    | Recorded
    | Released
    | Denied
    | Batched
    | Done
    | Proof
    | StopReport
    | WaitingList
    | Opened
    | Bundled
    | Found
    | FoundSubject
    | Entries
    | Order
    | Pong
)


class Reply(msgspec.Struct, frozen=True):
    id: int
    answer: Answer
