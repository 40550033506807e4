"""The part of :mod:`insyn.evidence.check` that draws again which proposals are judged blind.

The draw is a keyed hash of the case (:meth:`~insyn.evidence.keys.KeyFile.drawn_by`), so whoever holds the key file can redo it from what is
sealed. The share that it was made at stands sealed with the record; of records under the permit in force it is also that permit's.

At first the record's own id was drawn. Such records say so, and are drawn again as they were; once a case has been drawn, no record is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from insyn.core.entries import EntryHead
from insyn.core.subject import plain_subject
from insyn.core.terms import DisclosureGroup

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


class _Case(msgspec.Struct):
    """What the sealed record says of case and person, as much as is needed here."""

    case: str = ""
    subject: str = ""


@dataclass
class Draws:
    """The shares of the permits in force, and the index of the first record whose case was drawn, -1 before there is one."""

    shares: Shares
    by_case_since: int = -1


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


def check_draw(
    reader: EvidenceReader, index: int, head: EntryHead, text: SealedText, case_tag: bytes | None, draws: Draws, report: CheckReport
) -> None:
    """That the entry says what the draw says, and that the record lies under the case by which it was drawn."""
    by = head.rid
    if text.by_case:
        draws.by_case_since = index if draws.by_case_since < 0 else draws.by_case_since
        try:
            said = msgspec.json.decode(text.groups.get(DisclosureGroup.CASE, b"{}"), type=_Case)
        except msgspec.DecodeError:
            report.add("payload", index, "does not say of which case it is")
            return
        subject = plain_subject(said.subject, on=date.fromisoformat(head.day)) if said.subject else ""
        by = reader.keys.drawn_by(head.system, head.rid, case=said.case, subject=subject)
        if (reader.keys.tag("case", head.system, said.case) if said.case.strip() else None) != case_tag:
            report.add("payload", index, "lies under another case than its own")
    elif text.waits and text.blind_share and draws.by_case_since >= 0:
        report.add("payload", index, f"was drawn by its own id, although cases are drawn since entry {draws.by_case_since}")
    drawn = text.waits and reader.keys.is_drawn(by, text.blind_share)
    if bool(head.blind) != drawn:
        marked = "is marked to be judged blind, and was not drawn" if head.blind else "was drawn to be judged blind, and is not marked"
        report.add("entry", index, marked)
    epoch, share = draws.shares.get(head.system, (-1, 0))
    if text.waits and head.epoch == epoch and text.blind_share != share:
        report.add("payload", index, f"was drawn at {text.blind_share} of a thousand, its permit says {share}")
