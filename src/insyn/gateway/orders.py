"""Stop orders: who may give one, and what it does.

An order counts when the register's key signed it and its actor is a stop holder, or when a stop holder's personal key did.
- Who may stop a system may stop each of its versions and purposes.
- Who may stop each of the systems that a supplier has may stop the supplier; who may stop every system may stop everything. The wide stop
  holders, a list of the register's, may stop whatever they like.
- Where no permit names what is to be stopped, every order of the register counts: stopping is never harder than registering.
- An order on paper counts by the mandate of who gave it or of who enters it; a personal key only ever speaks for its own person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import msgspec

from insyn.core.entries import EntryKind
from insyn.core.errors import SignatureInvalid
from insyn.core.messages import Asked, StopOrder
from insyn.core.permit import Permit, StopHolder
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.scope import Target, supplier_key, target_of
from insyn.core.signing import Signed, verify
from insyn.core.spool import read_order
from insyn.core.terms import DisclosureGroup, StopScope
from insyn.core.wire import STOP_CONTEXT
from insyn.evidence.records import StopRow
from insyn.evidence.store import EvidenceStore

from .clock import Reading, rfc3339
from .state import State, Stop
from .step import Step, encode_group

REGISTER = "register"
REMEMBERED = "stop"
PAPER, EXERCISE = "paper", "exercise"


def check_order(signed: Signed, *, state: State, register_public: bytes, today: str, waited: bool = False) -> StopOrder | Refusal:
    """The order, or why it does not count. Raises :class:`InvalidInput` for what is no order at all.

    ``waited``: it came while nobody answered. Then nobody hears that a name is unknown, and the permit that names it may be on its way.
    """
    order = read_order(signed)
    refusal = _check_giver(signed, order, state=state, register_public=register_public, today=today)
    if refusal is None and not waited and not _is_known(state, target_of(order)):
        refusal = refuse(RefusalCode.STOP_TARGET_UNKNOWN, place="order.scope")
    return refusal or order


def _check_giver(signed: Signed, order: StopOrder, *, state: State, register_public: bytes, today: str) -> Refusal | None:
    over = [state.permits[system] for system in systems_of(state, target_of(order)) if system in state.permits]
    if signed.key == REGISTER:
        keys = [register_public]
        mandated = not over or any(may_stop(state, over, person, today) for person in _givers(order))
    else:
        mandated = signed.key in _givers(order)[-1:] and may_stop(state, over, signed.key, today)
        keys = _keys_of(state, over, signed.key, today) if mandated else []
    if not keys:
        return refuse(RefusalCode.NOT_STOP_HOLDER, place="order.key")
    if not any(_holds(signed, key) for key in keys):
        return refuse(RefusalCode.SIGNATURE_INVALID, place="order")
    return None if mandated else refuse(RefusalCode.NOT_STOP_HOLDER, place="order.actor")


def _givers(order: StopOrder) -> list[str]:
    """Who gave the order and, for one on paper, last who enters it."""
    entered = [order.entered_by.person] if order.entered_by and order.via == PAPER else []
    return [order.actor.person, *entered]


def _holds(signed: Signed, public: bytes) -> bool:
    try:
        verify(signed, context=STOP_CONTEXT, public=public)
    except SignatureInvalid:
        return False
    return True


def may_stop(state: State, over: Iterable[Permit], person: str, today: str) -> bool:
    """Whether the person holds a mandate over each of these systems, or a wide one."""
    if _wide(state, person, today):
        return True
    over = list(over)
    return bool(over) and all(holder_of(permit, person, today) is not None for permit in over)


def systems_of(state: State, of: Target) -> list[str]:
    """The systems that the order is about: one, those with a permit that names the supplier, or every one with a permit."""
    if of.scope is StopScope.EVERYTHING:
        return sorted(state.permits)
    if of.scope is StopScope.SUPPLIER:
        return sorted(system for system, permit in state.permits.items() if of.supplier in permit.suppliers)
    return [of.system]


def _is_known(state: State, of: Target) -> bool:
    """A misspelt name must not look like a stop. What a permit that is open does not name gets no yes anyway."""
    permit = state.permits.get(of.system)
    if of.scope is StopScope.VERSION and permit and permit.granted:
        return of.version in permit.versions
    if of.scope is StopScope.PURPOSE and permit and permit.granted:
        return any(grant.purpose == of.purpose for grant in permit.purposes)
    return of.scope is not StopScope.SUPPLIER or bool(systems_of(state, of)) or of.key in state.stops


def holder_of(permit: Permit, person: str, today: str) -> StopHolder | None:
    return next((held for held in permit.stop_holders if held.person == person and held.last_day >= today), None)


def _wide(state: State, person: str, today: str) -> list[StopHolder]:
    return [held for held in state.wide.holders if held.person == person and held.last_day >= today]


def _keys_of(state: State, permits: Iterable[Permit], person: str, today: str) -> list[bytes]:
    """The person's public stop keys in these permits and in the wide list."""
    found = [holder_of(permit, person, today) for permit in permits]
    return list(dict.fromkeys(public for held in (*found, *_wide(state, person, today)) if (public := public_of(held))))


def personal_key(state: State, person: str, today: str) -> list[bytes]:
    """Public keys under which a person may speak on the control socket: those of valid stop mandates."""
    return _keys_of(state, state.permits.values(), person, today)


def public_of(holder: StopHolder | None) -> bytes | None:
    """The holder's personal public key, ``None`` without one (or with one that is no key)."""
    try:
        return bytes.fromhex(holder.public) or None if holder else None
    except ValueError:
        return None


def covering(state: State, of: Target) -> Callable[[Asked], bool]:
    """What a stop of this covers, as the state stands now."""
    held = state.held.get(of.key, frozenset())
    match of.scope:
        case StopScope.EVERYTHING:
            return lambda asked: True
        case StopScope.SUPPLIER:
            return lambda asked: asked.system in held
        case StopScope.VERSION:
            return lambda asked: (asked.system, asked.version) == (of.system, of.version)
        case StopScope.PURPOSE:
            return lambda asked: (asked.system, asked.purpose) == (of.system, of.purpose)
        case StopScope.SYSTEM:
            return lambda asked: asked.system == of.system


def held_by(row: StopRow) -> tuple[str, ...]:
    """The systems that the stop of a row is about; empty for everything."""
    return (row.system,) if row.system else row.systems


def close_first(state: State, of: Target) -> None:
    """Nothing that the stop covers passes from here on, whatever becomes of the commit."""
    state.stops.setdefault(of.key, Stop())
    if of.scope is StopScope.SUPPLIER:
        state.held[of.key] = state.held.get(of.key, frozenset()) | frozenset(systems_of(state, of))


def has_entry(store: EvidenceStore, order: StopOrder) -> bool:
    """Whether the order came before, by socket or spool."""
    return store.remembered(REMEMBERED, order.order) is not None


def enter_stop(step: Step, order: StopOrder) -> StopRow:
    """Append the stop of an order that has no entry yet, and for a supplier one entry for each system. The newest stop of a thing counts."""
    of = target_of(order)
    public = of.public()
    if order.via == PAPER or order.exercise:
        public["via"] = EXERCISE if order.exercise else PAPER
    if of.system:
        public["epoch"] = step.state.epoch(of.system)
    if step.store.index_of(order.order) is None:
        public["rid"] = order.order
    appended = step.append(EntryKind.STOP, public, private={DisclosureGroup.ORDER: encode_group(order)})
    held = sorted(step.state.held.get(of.key, ()))
    for system in held:
        _hold(step, of, system, about=appended.rid)
    row = StopRow(
        system=of.system,
        scope=of.scope,
        version=of.version,
        purpose=of.purpose,
        supplier=of.supplier,
        systems=tuple(held),
        index=appended.index,
        rid=appended.rid,
        order=order.order,
        committed_at=step.at,
        exercise=order.exercise,
        ordered_at=order.ordered_at,
    )
    step.tx.put_stop(row)
    step.tx.remember(client=REMEMBERED, key=order.order, digest=b"", answer=b"{}", index=appended.index)
    return row


def _hold(step: Step, of: Target, system: str, *, about: str) -> None:
    """The public entry by which a supplier's stop holds one system."""
    step.append(EntryKind.STOP, {**of.public(), "system": system, "about": about, "epoch": step.state.epoch(system)})


def hold_too(step: Step, permit: Permit) -> None:
    """A system whose permit names a supplier that is stopped is held from the entry of that permit on."""
    for supplier in permit.suppliers:
        key = supplier_key(supplier)
        if key not in step.state.stops or permit.system in step.state.held.get(key, ()):
            continue
        row = step.store.stops().get(key)
        if row is not None and row.stands:
            _hold(step, target_of(row), permit.system, about=row.rid)
            step.tx.put_stop(msgspec.structs.replace(row, systems=(*row.systems, permit.system)))
        step.after.append(lambda key=key: _held_in_memory(step.state, key, permit.system))  # type: ignore[misc]


def _held_in_memory(state: State, key: str, system: str) -> None:
    state.held[key] = state.held.get(key, frozenset()) | {system}


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
