"""The permit: what the register allows a system, signed by the control plane and held by the sequencer.

A permit exists for every registered system. While gates are unmet it is *closed* and says which; so the gateway's refusal can tell the
caller what would mend it and who can, without asking the register. Epochs count per system.
"""

from __future__ import annotations

import hashlib

import msgspec

from .limits import FieldGrant, Limits
from .refusals import Reason, RefusalCode
from .signing import Signed, SigningKey, verify
from .terms import Mode
from .text import Text

PERMIT_CONTEXT = "permit"
HOLDERS_CONTEXT = "stop_holders"


class PurposeGrant(msgspec.Struct, frozen=True):
    """One purpose with what it may touch. ``fields`` of the payload: ``None`` is any."""

    purpose: str
    categories: frozenset[str]
    matter_types: frozenset[str]
    fields: tuple[FieldGrant, ...] | None = None


class End(msgspec.Struct, frozen=True):
    """The last day something holds (ISO date, inclusive) and the code of the refusal afterwards."""

    last_day: str
    code: RefusalCode
    what: str


class ClientKey(msgspec.Struct, frozen=True):
    """A caller's key, by name and SHA-256 (hex) of the key text; the key itself is stored nowhere.

    Several keys may bear one name, so that a new one is in use before the old one ends. ``last_day`` (ISO, inclusive): empty for no end.
    """

    name: str
    sha256: str
    last_day: str = ""


class StopHolder(msgspec.Struct, frozen=True):
    """Who may stop. ``public`` is the hex of a personal Ed25519 stop key, empty if the person has none."""

    person: str
    last_day: str
    public: str = ""


class StopHolders(msgspec.Struct, frozen=True, kw_only=True):
    """Who may stop a supplier or everything, and so each system too: one list for the municipality. A higher ``number`` replaces a lower."""

    number: int
    holders: tuple[StopHolder, ...] = ()


class Reviewer(msgspec.Struct, frozen=True):
    """Who may review: mandate, instruction and training all hold through ``last_day``."""

    person: str
    last_day: str


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """See the module. ``granted`` false means closed: ``missing`` lists every reason. ``exercise`` keeps a system
    out of the public figures; ``favourable`` is the outcome whose rate they show. ``instruction``: of an assistant, SHA-256 (hex) of the text
    that whoever calls must have confirmed; ``passes_revoked`` the ids of passes taken back. ``blind_share``: how many of a thousand proposals a
    person judges before seeing them. ``held``: what is recorded about people is shown to nobody but themselves, because negotiation or
    assessment about employees is not closed. ``unchangeable``: features that no counterfactual may ask a person to change. ``changeable``:
    the only ones that it may; ``None`` in a permit from before that was said. ``bases``: by version, the base that every explanation starts from, where the register declares it. Lists are sorted, so equal permits are equal bytes."""

    system: str
    epoch: int
    compiled_from: int
    granted: bool
    packs: str
    name: Text
    missing: tuple[Reason, ...] = ()
    modes: frozenset[Mode] = frozenset()
    versions: frozenset[str] = frozenset()
    purposes: tuple[PurposeGrant, ...] = ()
    ends: tuple[End, ...] = ()
    clients: tuple[ClientKey, ...] = ()
    stop_holders: tuple[StopHolder, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()
    groups: frozenset[str] = frozenset()
    human_review: bool = True
    explanation_due: bool = True
    notice_due: bool = True
    manual_way: Text | None = None
    retention_class: str = "standard"
    exercise: bool = False
    favourable: str = ""
    limits: Limits = Limits()
    instruction: str = ""
    passes_revoked: frozenset[str] = frozenset()
    suppliers: tuple[str, ...] = ()
    blind_share: int = 0
    held: bool = False
    unchangeable: frozenset[str] = frozenset()
    changeable: frozenset[str] | None = None
    bases: dict[str, float] = {}


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Permit)
_holders_decoder = msgspec.json.Decoder(StopHolders)


def encode_permit(permit: Permit) -> bytes:
    return _encoder.encode(permit)


def sign_permit(permit: Permit, key: SigningKey) -> Signed:
    return key.sign(PERMIT_CONTEXT, encode_permit(permit))


def open_permit(signed: Signed, *, public: bytes) -> Permit:
    """Verify and decode. Raises :class:`SignatureInvalid`, or ``msgspec.DecodeError`` for bytes that are not a permit."""
    return _decoder.decode(verify(signed, context=PERMIT_CONTEXT, public=public))


def sign_stop_holders(held: StopHolders, key: SigningKey) -> Signed:
    return key.sign(HOLDERS_CONTEXT, _encoder.encode(held))


def open_stop_holders(signed: Signed, *, public: bytes) -> StopHolders:
    """Verify and decode. Raises :class:`SignatureInvalid`, or ``msgspec.DecodeError`` for bytes that are no such list."""
    return _holders_decoder.decode(verify(signed, context=HOLDERS_CONTEXT, public=public))


def permit_digest(body: bytes) -> str:
    """Hex SHA-256 of the permit's bytes, as it stands in the log."""
    return hashlib.sha256(body).hexdigest()
