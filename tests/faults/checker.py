"""What must hold after every run, whatever happened in it. Two readers: Insyn's own verifier, and a small one that shares no code with it.

1. The log: the verifier reads what was published, with the log's public key only, and feeds the stop rule.
2. The same again by hand: the tree's root from the entries' bytes, and the predicate of the stop from their fields.
3. Nothing acknowledged is lost: each receipt's entry stands at its index, under its leaf hash.
4. Nothing is accepted from *drained* on, by the callers' own clock readings; nothing from before a stop passes a fence that was told of it.
5. ``insyn check``: every sealed record is what the log says it is.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway_kit import Town

from insyn.core.stop_rule import StopRule
from insyn.evidence.check import check
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader
from insyn.tlog.errors import TlogError
from insyn.tlog.read import reader_of
from insyn.tlog.verify import verify_log

_PASSES = {"clearance", "decision", "release"}
_NAMES = ("system", "version", "purpose")


@dataclass
class StopSeen:
    """A stop as its orderer was told. ``drained_ns``: the earliest boot time from which it was called drained."""

    index: int
    drained_ns: int
    lifted_ns: int | None = None  # boot time when its resume was sent
    fenced_ns: int | None = None  # boot time when the fence had been told of it


@dataclass
class Promised:
    """Everything that was acknowledged to anybody in a run."""

    receipts: list[dict[str, Any]] = field(default_factory=list)  # index, leaf, rid; those of callers with accepted_ns
    stops: list[StopSeen] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)  # ids of the stop orders that were acknowledged or lie in the spool


def violations_of(town: Town, promised: Promised) -> list[str]:
    """What does not hold, in words; empty when all is well. The sequencer has ended."""
    with EvidenceReader.read_only(town.home.evidence) as reader:
        entries = [data for _, data in reader.entries(0, 1_000_000)]
        note = reader.checkpoint_note()
        if note:
            Publisher(reader, town.home.public).publish()
        stood = {row.order for row in reader.stops().values()}
    return [
        *(_verified(town) if note else ()),  # a run that ended before its first checkpoint has published nothing
        *_by_hand(entries, note),
        *_lost(entries, promised.receipts),
        *_orders_lost(entries, stood, promised.orders),
        *_accepted_late(promised),
        *_passed_the_fence(promised),
        *(f"insyn check: {finding}" for finding in check(town.home.evidence, town.root_key, town.signer.vkey).findings),
    ]


# ------------------------------------------------------------------------------------------------------------------- 1 and 2


def _verified(town: Town) -> list[str]:
    rule = StopRule()
    try:
        verify_log(reader_of(str(town.home.public)), town.signer.vkey, on_entry=rule.observe)
    except TlogError as error:
        return [f"insyn verify: {error}"]
    return [f"insyn verify --stops: entry {found.index}: {found.message}" for found in rule.violations]


def _by_hand(entries: Sequence[bytes], note: str) -> list[str]:
    found = list(passed_a_stop(json.loads(entry) for entry in entries))
    if not note:
        return found
    _, size, root = note.splitlines()[:3]
    if int(size) > len(entries) or root_by_hand(entries[: int(size)]) != base64.b64decode(root):
        found.append(f"by hand: the {size} entries of the checkpoint have another root")
    return found


def passed_a_stop(heads: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The predicate, written as it is said: nothing that a stop covers, and nothing at all while the clock is not trusted.

    A supplier's stop is taken to cover everything: the town of a run has one system, and its permit names the supplier.
    """
    in_force: dict[tuple[str, ...], int] = {}
    closed = False
    for index, head in enumerate(heads):
        kind = head["kind"]
        if kind == "stop" and "about" not in head:
            in_force[_named(head)] = index
        elif kind == "resume":
            if in_force.pop(_named(head), None) != head["at"]:
                yield f"by hand: entry {index} lifts a stop that is not the newest in force"
        elif kind in ("clock_closed", "clock_opened"):
            closed = kind == "clock_closed"
        elif kind in _PASSES:
            by = [
                at
                for (_, *names), at in in_force.items()
                if all(name in ("", head[field]) for field, name in zip(_NAMES, names, strict=True))
            ]
            if by or closed:
                yield f"by hand: entry {index} is a {kind}, and " + (f"entry {by[0]} stops it" if by else "the clock is not trusted")


def _named(head: dict[str, Any]) -> tuple[str, ...]:
    return (head.get("supplier", ""), *(head.get(name, "") for name in _NAMES))


def root_by_hand(entries: Sequence[bytes]) -> bytes:
    """The root of RFC 6962, section 2.1, by its definition: layer upon layer, an odd node is carried up."""
    layer = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
    if not layer:
        return hashlib.sha256().digest()
    while len(layer) > 1:
        pairs = [hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(layer[::2], layer[1::2], strict=False)]
        layer = pairs + layer[len(pairs) * 2 :]
    return layer[0]


# ------------------------------------------------------------------------------------------------------------------- 3 and 4


def _lost(entries: Sequence[bytes], receipts: Iterable[dict[str, Any]]) -> list[str]:
    found = []
    for receipt in receipts:
        index = receipt["index"]
        if index >= len(entries):
            found.append(f"lost: entry {index} was acknowledged, the log has {len(entries)}")
        elif hashlib.sha256(b"\0" + entries[index]).hexdigest() != receipt["leaf"]:
            found.append(f"lost: entry {index} is not the one that was acknowledged")
    return found


def _orders_lost(entries: Sequence[bytes], stood: set[str], orders: Iterable[str]) -> list[str]:
    named = {head.get("rid") for head in map(json.loads, entries) if head["kind"] == "stop"} | stood
    return [f"lost: the stop order {order} is not in the log" for order in orders if order not in named]


def _accepted_late(promised: Promised) -> list[str]:
    """A repeated answer bears its old index and is judged anew, so it is held to the time between *drained* and the resume only."""
    found = []
    for line in promised.receipts:
        at = line.get("accepted_ns")
        if at is None:
            continue
        for stop in promised.stops:
            while_stopped = stop.drained_ns <= at < (stop.lifted_ns or at + 1)
            from_before = line["index"] < stop.index and at >= stop.drained_ns and not line["replayed"]
            if while_stopped or from_before:
                late = (at - stop.drained_ns) / 1e6
                found.append(f"accepted late: entry {line['index']}, {late:.1f} ms after the stop at {stop.index} was drained")
    return found


def _passed_the_fence(promised: Promised) -> list[str]:
    return [
        f"passed the fence: entry {line['index']} had an effect after the fence was told of the stop at {stop.index}"
        for line in promised.receipts
        for stop in promised.stops
        if line["index"] < stop.index and stop.fenced_ns is not None and line.get("effect_ns", 0) > stop.fenced_ns
    ]
