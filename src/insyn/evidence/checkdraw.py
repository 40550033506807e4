"""The part of :mod:`insyn.evidence.check` that draws again which proposals are judged blind.

The draw is a keyed hash of the record's rid, so whoever holds the key file can redo it. The share that it was made at stands sealed with the
record; of records under the permit in force it is also that permit's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from insyn.core.entries import EntryHead

from .reader import EvidenceReader
from .seal import SealedText

if TYPE_CHECKING:
    from .check import CheckReport

#: System to the epoch of its permit in force and the share that this says.
Shares = Mapping[str, tuple[int, int]]


class _SignedBody(msgspec.Struct):
    body: bytes


class _Share(msgspec.Struct):
    epoch: int
    blind_share: int = 0


def newest_shares(reader: EvidenceReader) -> Shares:
    """What the permits in force say. One that cannot be read is named elsewhere."""
    found: dict[str, tuple[int, int]] = {}
    for system, signed in reader.connection.execute("SELECT system, signed FROM permit"):
        try:
            permit = msgspec.json.decode(msgspec.json.decode(signed, type=_SignedBody).body, type=_Share)
        except (msgspec.DecodeError, TypeError):
            continue
        found[str(system)] = (permit.epoch, permit.blind_share)
    return found


def check_draw(reader: EvidenceReader, index: int, head: EntryHead, text: SealedText, shares: Shares, report: CheckReport) -> None:
    """That the entry says what the draw says."""
    drawn = text.waits and reader.keys.is_drawn(head.rid, text.blind_share)
    if bool(head.blind) != drawn:
        said = "is marked to be judged blind, and was not drawn" if head.blind else "was drawn to be judged blind, and is not marked"
        report.add("entry", index, said)
    epoch, share = shares.get(head.system, (-1, 0))
    if text.waits and head.epoch == epoch and text.blind_share != share:
        report.add("payload", index, f"was drawn at {text.blind_share} of a thousand, its permit says {share}")
