"""A personal pass: the register's word that a person has confirmed an assistant's instruction, carried by the person.

The register signs the pass and keeps only its SHA-256. The sequencer checks the signature, the days, and that the instruction is the one
that the permit names now: a new text makes every earlier pass worthless at once. What is taken back stands in the permit by its id. So
neither a confirmation nor a new colleague changes the permit, and nobody else's call is cut off by it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache

import msgspec

from .errors import SignatureInvalid
from .signing import Signed, SigningKey, verify

CONTEXT = "assistant_pass"
PREFIX = "insyn_pass_"
#: What no instruction has as its digest: an assistant whose instruction does not hold, so that nobody can have confirmed it.
NO_INSTRUCTION = "none"


class Pass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``id`` random (hex); ``person`` the register's id; ``instruction`` SHA-256 (hex) of the text confirmed; ``last_day`` inclusive."""

    id: str
    person: str
    system: str
    instruction: str
    last_day: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Pass).decode


def token_of(found: Pass, key: SigningKey) -> str:
    """The pass as text that a person pastes where a program asks for an API key."""
    signed = key.sign(CONTEXT, _encode(found))
    return f"{PREFIX}{_text(signed.body)}.{_text(signed.signature)}"


def token_digest(token: str) -> str:
    """SHA-256 (hex) of a pass's text, as the register keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=4096)
def open_pass(token: str, *, key: str, public: bytes) -> Pass:
    """Verify and decode. Raises :class:`SignatureInvalid` for whatever is not a pass that this key signed.

    Remembered by its whole text, because a check of a signature costs as much as the rest of a decision. Days and permit are judged anew each time.
    """
    try:
        body, _, signature = token.removeprefix(PREFIX).partition(".")
        signed = Signed(key=key, body=_bytes(body), signature=_bytes(signature))
        if not token.startswith(PREFIX):
            raise SignatureInvalid("not a pass")
        return _decode(verify(signed, context=CONTEXT, public=public))
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise SignatureInvalid("not a pass") from error


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
