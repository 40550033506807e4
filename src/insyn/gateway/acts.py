"""Acts from the register: appended byte for byte and exactly once; what they loosen takes effect only when their entry stands.

1. An act that came before gets its old receipt.
2. The bytes are an entry as our encoder writes it, of the act, the system and a kind that an act may have.
3. A permit is signed, is of this system, was compiled from the epoch in force, and stands by digest in the entry.
4. A resume names the newest stop of exactly what it lifts, which is still in force. A permit never lifts a stop, and takes none upon
   itself by changing its supplier: what a supplier's stop holds stays held, and a permit that names the supplier later is held too.
5. The entry, the permit and the lifted stop are one transaction; memory follows after the commit.
"""

from __future__ import annotations

import hashlib

import msgspec

from insyn.core import strict_json
from insyn.core.entries import ENTRY_VERSION, EntryKind, encode_entry, read_head
from insyn.core.errors import InvalidInput, SignatureInvalid
from insyn.core.messages import Answer, Denied, Done, Narrow, SubmitAct
from insyn.core.permit import Permit, open_permit, permit_digest
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.scope import Target, target_of
from insyn.core.signing import Signed
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence.records import Appended

from . import disposing, orders
from .loosening import loosenings
from .step import Step

REMEMBERED = "register"
_KINDS = frozenset({EntryKind.ACT.value, EntryKind.PERMIT.value, EntryKind.RESUME.value})
_canonical = msgspec.json.Encoder(order="deterministic").encode


def submit(step: Step, message: SubmitAct) -> Answer:
    digest = hashlib.sha256(_canonical(msgspec.structs.replace(message, id=0))).digest()
    if repeated := _came_before(step, message.act, digest) or _taken_back(step, message):
        return repeated
    fields = _read_entry(message)
    permit = None
    if message.permit is not None:
        opened = _open(step, message.permit)
        if isinstance(opened, Denied):
            return opened
        permit = opened
        _check_permit_entry(message.permit, permit, message.system, fields)
        if not _follows(step, permit):
            return step.only_counted(RefusalCode.EPOCH_OLD, place="permit.compiled_from")
    # A stop that is ordered and not durable yet has the index -1, and nothing lifts it.
    lifted = target_of(read_head(message.entry)) if message.resume_of is not None else None
    if lifted and not 0 <= (message.resume_of or 0) == step.state.stop_index(lifted.key):
        return step.only_counted(RefusalCode.RESUME_LATE, place="resume_of")
    appended = step.append_bytes(message.entry)
    step.tx.remember(client=REMEMBERED, key=message.act, digest=digest, answer=b"{}", index=appended.index)
    if message.permit is not None and permit is not None:
        put_in_force(step, message.permit, permit)
    if lifted:
        _lift(step, lifted, appended)
    disposing.change_hold(step, message, appended)
    return Done(receipt=step.receipt_of(appended.index))


def narrow(step: Step, message: Narrow) -> Answer:
    """A permit that only tightens: in force with this commit, its act made from the log afterwards."""
    digest = hashlib.sha256(_canonical(msgspec.structs.replace(message, id=0))).digest()
    if repeated := _came_before(step, message.act, digest):
        return repeated
    permit = _open(step, message.permit)
    if isinstance(permit, Denied):
        return permit
    if not _follows(step, permit):
        return step.only_counted(RefusalCode.EPOCH_OLD, place="permit.compiled_from")
    if loosened := loosenings(step.state.permits.get(permit.system), permit):
        names = ", ".join(loosened)
        detail = Text(f"Tillståndet vidgar: {names}.", f"The permit loosens: {names}.")
        return Denied(refuse(RefusalCode.INVALID_REQUEST, place="permit", detail=detail))
    public: dict[str, object] = {
        "system": permit.system,
        "rid": message.act,
        "act": "narrow",
        "epoch": permit.epoch,
        "packs": permit.packs,
        "permit": permit_digest(message.permit.body),
        "supplier": ",".join(permit.suppliers),
    }
    if isinstance(message.commitment, str):
        public["c"] = {DisclosureGroup.ACT.value: message.commitment}
    appended = step.append(EntryKind.PERMIT, public)
    step.tx.remember(client=REMEMBERED, key=message.act, digest=digest, answer=b"{}", index=appended.index)
    put_in_force(step, message.permit, permit)
    return Done(receipt=step.receipt(appended))


def put_in_force(step: Step, signed: Signed, permit: Permit) -> None:
    step.tx.put_permit(permit.system, permit.epoch, signed)
    orders.hold_too(step, permit)
    step.after.append(lambda: step.state.permits.update({permit.system: permit}))


def _came_before(step: Step, act: str, digest: bytes) -> Answer | None:
    found = step.store.remembered(REMEMBERED, act)
    if found is None:
        return None
    if found.digest != digest:
        return step.only_counted(RefusalCode.IDEMPOTENCY_CONFLICT, place="act")
    return Done(receipt=step.receipt_of(found.index), repeated=True)


def _taken_back(step: Step, message: SubmitAct) -> Answer | None:
    """An act whose entry a restore took back from the published log: it stands, although no answer to it is remembered."""
    index = step.store.index_of(message.act)
    if index is None or step.store.entry(index) != message.entry:
        return None
    return Done(receipt=step.receipt_of(index), repeated=True)


def _open(step: Step, signed: Signed) -> Permit | Denied:
    try:
        return open_permit(signed, public=step.settings.register_public)
    except SignatureInvalid:
        return step.only_counted(RefusalCode.SIGNATURE_INVALID, place="permit")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"not a permit: {error}", place="permit") from error


def _follows(step: Step, permit: Permit) -> bool:
    held = step.state.epoch(permit.system)
    return permit.compiled_from == held and permit.epoch == held + 1


def _read_entry(message: SubmitAct) -> dict[str, object]:
    """The fields of the act's entry. Raises :class:`InvalidInput` for bytes that our encoder would not have written."""
    fields = strict_json.loads(message.entry)
    if not isinstance(fields, dict) or fields.get("v") != ENTRY_VERSION or encode_entry(fields) != message.entry:
        raise InvalidInput("not an entry as core.entries writes it", place="entry", mend="Send the bytes of encode_entry.")
    head = read_head(message.entry)
    if head.kind not in _KINDS:
        raise InvalidInput(f"an act has no entry of kind {head.kind}", place="entry.kind")
    if head.system != message.system or head.rid != message.act:
        raise InvalidInput("the entry is of another act or system", place="entry")
    if (head.kind == EntryKind.PERMIT) > (message.permit is not None):
        raise InvalidInput("a permit's entry comes with its permit", place="permit")
    if (head.kind == EntryKind.RESUME) != (message.resume_of is not None) or head.at != (
        -1 if message.resume_of is None else message.resume_of
    ):
        raise InvalidInput("a resume's entry names the stop that it lifts, and nothing else does", place="resume_of")
    return fields


def _check_permit_entry(signed: Signed, permit: Permit, system: str, fields: dict[str, object]) -> None:
    if permit.system != system:
        raise InvalidInput("the permit is of another system", place="permit.system")
    if fields.get("permit") != permit_digest(signed.body) or fields.get("epoch") != permit.epoch:
        raise InvalidInput("the entry does not hold the permit's digest and epoch", place="entry.permit")
    if fields.get("supplier", "") != ",".join(permit.suppliers):
        raise InvalidInput("the entry does not name the permit's suppliers", place="entry.supplier")


def _lift(step: Step, of: Target, resume: Appended) -> None:
    row = step.store.stops()[of.key]
    covers = orders.covering(step.state, of)
    step.tx.put_stop(msgspec.structs.replace(row, lifted_by=resume.index))
    step.after.append(lambda: step.state.clearances.drop_of(covers))
    step.after.append(lambda: step.state.note_resume(orders.held_by(row), resume.index))
    step.after.append(lambda: step.state.stops.__delitem__(of.key))
    if of.key in step.state.held:
        step.after.append(lambda: step.state.held.__delitem__(of.key))
