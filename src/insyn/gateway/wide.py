"""The list of those who may stop a supplier or everything: signed by the register, kept in the store, one number higher each time."""

from __future__ import annotations

import msgspec

from insyn.core.entries import EntryKind
from insyn.core.errors import InvalidInput, SignatureInvalid
from insyn.core.messages import Answer, Done, KeepStopHolders
from insyn.core.permit import StopHolders, open_stop_holders, permit_digest
from insyn.core.refusals import RefusalCode
from insyn.core.signing import Signed
from insyn.evidence.store import EvidenceStore

from .step import Step

META = "stop_holders"


class _Kept(msgspec.Struct, frozen=True):
    signed: Signed
    index: int


_kept = msgspec.json.Decoder(_Kept)
_encode = msgspec.json.Encoder().encode


def load(store: EvidenceStore, public: bytes) -> StopHolders:
    """The list in force; empty before there is one. Raises :class:`SignatureInvalid` for one that does not hold."""
    kept = store.get_meta(META)
    return open_stop_holders(_kept.decode(kept).signed, public=public) if kept else StopHolders(number=0)


def keep(step: Step, message: KeepStopHolders) -> Answer:
    """Put a newer list in force. The same one again gets its old receipt."""
    try:
        held = open_stop_holders(message.holders, public=step.settings.register_public)
    except SignatureInvalid:
        return step.only_counted(RefusalCode.SIGNATURE_INVALID, place="holders")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"not a list of stop holders: {error}", place="holders") from error
    kept = step.store.get_meta(META)
    old = _kept.decode(kept) if kept else None
    if old and old.signed.body == message.holders.body:
        return Done(receipt=step.receipt_of(old.index), repeated=True)
    if held.number <= step.state.wide.number:
        return step.only_counted(RefusalCode.EPOCH_OLD, place="holders.number")
    public = {"act": "keep_stop_holders", "epoch": held.number, "permit": permit_digest(message.holders.body)}
    appended = step.append(EntryKind.ACT, public)
    step.tx.put_meta(META, _encode(_Kept(message.holders, appended.index)))
    step.after.append(lambda: setattr(step.state, "wide", held))
    return Done(receipt=step.receipt(appended))
