"""Stop orders: who may give one, and what it does.

An order counts when the register's key signed it and its actor is a stop holder of the system, or when a stop holder's personal key did.
For a system that has no permit at all every order of the register counts: stopping is never harder than registering.
"""

from __future__ import annotations

from dataclasses import replace

from insyn.core.entries import EntryKind
from insyn.core.errors import SignatureInvalid
from insyn.core.messages import StopOrder
from insyn.core.permit import Permit, StopHolder
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.signing import Signed, verify
from insyn.core.spool import read_order
from insyn.core.terms import DisclosureGroup
from insyn.core.wire import STOP_CONTEXT
from insyn.evidence.records import StopRow
from insyn.evidence.store import EvidenceStore

from .clock import Reading, rfc3339
from .state import State, Stop
from .step import Step, encode_group

REGISTER = "register"
REMEMBERED = "stop"


def check_order(signed: Signed, *, state: State, register_public: bytes, today: str) -> StopOrder | Refusal:
    """The order, or why it does not count. Raises :class:`InvalidInput` for what is no order at all."""
    order = read_order(signed)
    permit = state.permits.get(order.system)
    if signed.key == REGISTER:
        public: bytes | None = register_public
        mandated = permit is None or holder_of(permit, order.actor.person, today) is not None
    else:
        holder = holder_of(permit, signed.key, today) if permit and signed.key == order.actor.person else None
        public = public_of(holder)
        mandated = holder is not None
    if public is None:
        return refuse(RefusalCode.NOT_STOP_HOLDER, place="order.key")
    try:
        verify(signed, context=STOP_CONTEXT, public=public)
    except SignatureInvalid:
        return refuse(RefusalCode.SIGNATURE_INVALID, place="order")
    return order if mandated else refuse(RefusalCode.NOT_STOP_HOLDER, place="order.actor")


def holder_of(permit: Permit, person: str, today: str) -> StopHolder | None:
    return next((held for held in permit.stop_holders if held.person == person and held.last_day >= today), None)


def personal_key(state: State, person: str, today: str) -> list[bytes]:
    """Public keys under which a person may speak on the control socket: those of valid stop mandates."""
    holders = (holder_of(permit, person, today) for permit in state.permits.values())
    return [public for holder in holders if (public := public_of(holder))]


def public_of(holder: StopHolder | None) -> bytes | None:
    """The holder's personal public key, ``None`` without one (or with one that is no key)."""
    try:
        return bytes.fromhex(holder.public) or None if holder else None
    except ValueError:
        return None


def close_first(state: State, system: str) -> None:
    """Nothing of the system passes from here on, whatever becomes of the commit."""
    state.stops.setdefault(system, Stop())


def has_entry(store: EvidenceStore, order: StopOrder) -> bool:
    """Whether the order came before, by socket or spool."""
    return store.remembered(REMEMBERED, order.order) is not None


def enter_stop(step: Step, order: StopOrder) -> StopRow:
    """Append the stop of an order that has no entry yet. The newest stop of a system counts."""
    public: dict[str, object] = {"system": order.system, "epoch": step.state.epoch(order.system)}
    if step.store.index_of(order.order) is None:
        public["rid"] = order.order
    appended = step.append(EntryKind.STOP, public, private={DisclosureGroup.ORDER: encode_group(order)})
    row = StopRow(system=order.system, index=appended.index, rid=appended.rid, order=order.order, committed_at=step.at)
    step.tx.put_stop(row)
    step.tx.remember(client=REMEMBERED, key=order.order, digest=b"", answer=b"{}", index=appended.index)
    return row


def committed(row: StopRow, now: Reading, *, max_age_ms: int) -> Stop:
    """The stop as it stands after its commit; ``now`` is read after the commit, so that *drained* is never said too early."""
    drained_ns = now.boottime_ns + max_age_ms * 1_000_000
    return Stop(
        index=row.index,
        rid=row.rid,
        committed_at=now.utc,
        drained_at=rfc3339(now.after_ms(max_age_ms)),
        committed_ns=now.boottime_ns,
        drained_ns=drained_ns,
    )


def kept(row: StopRow, now: Reading, *, max_age_ms: int) -> Stop:
    """A stop found in the store at start: when it drained is not known, so it counts from now."""
    stop = committed(row, now, max_age_ms=max_age_ms)
    return replace(stop, committed_at=row.committed_at) if row.committed_at else stop
