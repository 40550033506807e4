"""The closed table of entry kinds, and the bytes of an entry.

An entry is public. It holds no personal data: kind, system, version, day, verdict, reason code, epoch, a random id, the digest of the
packs and commitments to sealed text. Encoding: JSON with sorted keys, integers and ASCII strings only, no floats, so the bytes are also
canonical (RFC 8785). The leaf hash is taken over exactly these bytes; nothing re-encodes to verify.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from .errors import InvalidInput

ENTRY_VERSION = 1
MAX_ENTRY_BYTES = 65_535  # tlog-tiles: an entry bundle gives each entry a 16-bit length


class EntryKind(StrEnum):
    """Kinds of entry. :data:`ALLOWED_WHILE_STOPPED` says which may follow a stop before its resume."""

    LOG_OPENED = "log_opened"
    ACT = "act"
    PERMIT = "permit"
    CLEARANCE = "clearance"
    DECISION = "decision"
    RELEASE = "release"
    REFUSAL = "refusal"
    BLIND_JUDGEMENT = "blind_judgement"
    REVIEW = "review"
    RECONSIDERATION = "reconsideration"
    OPENED = "opened"
    HISTORICAL_DECISION = "historical_decision"
    NOT_USED = "not_used"
    STOP = "stop"
    RESUME = "resume"
    SHRED = "shred"
    CLOCK_CLOSED = "clock_closed"
    CLOCK_OPENED = "clock_opened"


#: A person's decision on a case: the newest of them is what holds.
DECIDED_BY_A_PERSON = frozenset({EntryKind.REVIEW, EntryKind.RECONSIDERATION})
#: All that a person said of a proposal; each holds something sealed of its own, and is erased before the record that it is about.
SAID_BY_A_PERSON = DECIDED_BY_A_PERSON | {EntryKind.BLIND_JUDGEMENT}

#: What a system's own entries may be between a stop and the resume that lifts it (docs/terms.md).
ALLOWED_WHILE_STOPPED: Mapping[EntryKind, bool] = {
    EntryKind.LOG_OPENED: True,
    EntryKind.ACT: True,
    EntryKind.PERMIT: True,  # a permit never lifts a stop
    EntryKind.CLEARANCE: False,
    EntryKind.DECISION: False,
    EntryKind.RELEASE: False,
    EntryKind.REFUSAL: True,
    EntryKind.BLIND_JUDGEMENT: True,
    EntryKind.REVIEW: True,
    EntryKind.RECONSIDERATION: True,
    EntryKind.OPENED: True,
    EntryKind.HISTORICAL_DECISION: True,
    EntryKind.NOT_USED: True,
    EntryKind.STOP: True,
    EntryKind.RESUME: True,
    EntryKind.SHRED: True,
    EntryKind.CLOCK_CLOSED: True,
    EntryKind.CLOCK_OPENED: True,
}

_FIELDS = frozenset(
    # v, kind, system, version, day: what, whose, when (a day, never a second)
    # verdict, code: the answer and the closed reason code;   epoch: of the permit judged by
    # rid: random id of this entry;  about: rid of the entry that this one concerns;  at: index of the stop that a resume lifts
    # purpose: of a decision, or of the stop;  scope, supplier: of a stop and its resume; supplier also of a permit;  via: paper or exercise
    # packs, permit: digests;  c: commitments per disclosure group;  act: verb of an act;  origin, basis, until: log_opened and shred; basis also the ground of a reconsideration
    # blind: 1 for a proposal of the share that a person judges before seeing it
    # retention, month: the class and month whose key a disposal destroyed
    (
        "v",
        "kind",
        "system",
        "version",
        "day",
        "verdict",
        "code",
        "epoch",
        "rid",
        "about",
        "at",
        "packs",
        "permit",
        "c",
        "act",
        "origin",
        "basis",
        "until",
        "retention",
        "month",
        "purpose",
        "scope",
        "supplier",
        "via",
        "blind",
    )
)
_encoder = msgspec.json.Encoder(order="sorted")


def encode_entry(fields: Mapping[str, object]) -> bytes:
    """Return the bytes of an entry.

    Raises :class:`InvalidInput` on an unknown kind or field, a float, text that is not ASCII, or more than 65,535 bytes.
    """
    kind = fields.get("kind")
    if kind not in EntryKind._value2member_map_:
        raise InvalidInput(f"unknown entry kind {kind!r}", place="kind", mend="Use one of the closed table in core/entries.py.")
    data = _encoder.encode({"v": ENTRY_VERSION, **fields}) if _plain(fields) else b"\x80"
    if not data.isascii():  # something in it does not belong there: find what, in words
        _check_fields(fields)
        data = _encoder.encode({"v": ENTRY_VERSION, **fields})
    if len(data) > MAX_ENTRY_BYTES:
        raise InvalidInput(f"entry is {len(data)} bytes, at most {MAX_ENTRY_BYTES} fit in a bundle", place=str(kind))
    return data


_TEXT, _PLAIN, _PLAIN_AND_GROUPS = frozenset((str,)), frozenset((str, int)), frozenset((str, int, dict))


def _plain(fields: Mapping[str, object]) -> bool:
    """Whether every field may stand in an entry and holds text or an integer, commitments by group excepted. What most entries are."""
    kinds = list(map(type, fields.values()))
    if type(found := fields.get("c")) is dict:
        if kinds.count(dict) > 1 or not _TEXT.issuperset(map(type, found.values())):
            return False
        return _PLAIN_AND_GROUPS.issuperset(kinds) and _FIELDS.issuperset(fields)
    return _PLAIN.issuperset(kinds) and _FIELDS.issuperset(fields)


def _check_fields(fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise InvalidInput("field not allowed in a public entry", place=str(name), mend="Put it in the sealed payload.")
        _check_value(name, value)


def _check_value(name: str, value: object) -> None:
    if isinstance(value, str):  # first: it is nearly always one, and asking for a Mapping is slow
        if not value.isascii():
            raise InvalidInput("an entry holds ASCII text only", place=name, mend="Put free text in the sealed payload.")
    elif isinstance(value, Mapping):
        for inner, text in value.items():
            _check_value(f"{name}.{inner}", text)
    elif type(value) is not int:
        raise InvalidInput(f"an entry holds integers and text, not {type(value).__name__}", place=name)


class EntryHead(msgspec.Struct, frozen=True):
    """What a reader of the log needs of an entry. Unknown fields are ignored, missing ones are empty."""

    kind: str
    v: int = 0
    system: str = ""
    version: str = ""
    day: str = ""
    verdict: str = ""
    code: str = ""
    epoch: int = 0
    rid: str = ""
    about: str = ""
    at: int = -1
    act: str = ""
    purpose: str = ""
    scope: str = ""
    supplier: str = ""
    via: str = ""
    blind: int = 0
    c: dict[str, str] = {}
    basis: str = ""
    until: str = ""
    retention: str = ""
    month: str = ""
    permit: str = ""


_head_decoder = msgspec.json.Decoder(EntryHead)


def read_head(entry: bytes) -> EntryHead:
    """Decode the public fields of an entry. Raises :class:`InvalidInput` when it is not one."""
    try:
        return _head_decoder.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"not an entry: {error}") from error
