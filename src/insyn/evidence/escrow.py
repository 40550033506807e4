"""Month keys of what is kept for good, sealed to the archive authority: losing them would be unlawful disposal.

HPKE (RFC 9180), base mode, X25519 with HKDF-SHA256 and AES-256-GCM; ``info`` binds the key to its system and month. Whoever has the archive
authority's private key, a copy of the key file and one of the evidence file opens every such record without the municipality's root key.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from insyn.core import strict_json
from insyn.core.entries import read_head
from insyn.core.errors import InvalidInput

from .schema import EVIDENCE_FILE, KEY_FILE, connect_read_only
from .seal import commitments, unseal

#: The class of what the archive law wants kept: its month keys are escrowed and never destroyed.
PRESERVE = "preserve"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_CONTEXT = b"insyn/escrow/v1"


def new_key() -> tuple[bytes, bytes]:
    """A private key for the archive authority, and its public key."""
    made = X25519PrivateKey.generate()
    return made.private_bytes_raw(), made.public_key().public_bytes_raw()


def recipient_of(public: bytes) -> str:
    """The name that a public key has in the key file."""
    return hashlib.sha256(public).hexdigest()[:16]


def _info(system: str, month: str) -> bytes:
    return b"\0".join((_CONTEXT, system.encode(), month.encode()))


def seal_key(public: bytes, kek: bytes, *, system: str, month: str) -> bytes:
    """A month key sealed to the archive authority. Raises :class:`InvalidInput` for what is no X25519 key."""
    try:
        return _SUITE.encrypt(kek, X25519PublicKey.from_public_bytes(public), _info(system, month))
    except ValueError as error:
        raise InvalidInput("not an X25519 public key", place="archive key", mend="Give the 32 bytes in hex.") from error


def open_key(private: bytes, sealed: bytes, *, system: str, month: str) -> bytes:
    """Raises :class:`InvalidInput` when it was sealed to another key, or for another system or month."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), _info(system, month))
    except (InvalidTag, ValueError) as error:
        raise InvalidInput(f"the escrow of {system}, {month} does not open under this key") from error


# ------------------------------------------------------------------------------------------------------------- the file to keep


class EscrowedKey(msgspec.Struct, frozen=True):
    """A sealed month key, and the id by which the key file knows it."""

    kek: int
    system: str
    month: str
    sealed: str


class EscrowFile(msgspec.Struct, frozen=True):
    """What is handed to the archive authority. ``recipient`` names the public key that it is sealed to."""

    log: str
    recipient: str
    keys: tuple[EscrowedKey, ...]
    v: int = 1


def export(folder: Path) -> EscrowFile:
    """Every escrowed month key of an installation. Reads the key file only, and needs no key."""
    evidence, connection = connect_read_only(folder / EVIDENCE_FILE), connect_read_only(folder / KEY_FILE)
    try:
        origin = evidence.execute("SELECT value FROM meta WHERE key = 'origin'").get or b""
        statement = "SELECT kek.id, system, month, sealed, recipient FROM escrow JOIN kek ON kek.id = kek ORDER BY kek.id"
        rows = list(connection.execute(statement))
    finally:
        evidence.close()
        connection.close()
    keys = tuple(EscrowedKey(kek, system, month, base64.b64encode(sealed).decode()) for kek, system, month, sealed, _ in rows)
    return EscrowFile(bytes(origin).decode(), rows[-1][4] if rows else "", keys)


def read_file(path: Path) -> EscrowFile:
    """Raises :class:`InvalidInput` that names the file."""
    try:
        return strict_json.convert(strict_json.loads(path.read_bytes()), EscrowFile)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(path)) from error


# ------------------------------------------------------------------------------------------------------------- the restore test


class Restored(msgspec.Struct, frozen=True):
    """What became of one escrowed month: how many records opened, and why one did not (empty: all did)."""

    system: str
    month: str
    opened: int
    fault: str = ""


def restore_test(folder: Path, held: EscrowFile, private: bytes, *, each: int = 3) -> list[Restored]:
    """Open records of every preserved month with the escrow alone: no root key is read.

    Of each month the first ``each`` records are opened, and what they hold is compared with what their entries commit to. A preserved month
    that the escrow lacks is a fault too.
    """
    evidence, keys = connect_read_only(folder / EVIDENCE_FILE), connect_read_only(folder / KEY_FILE)
    try:
        evidence.execute("ATTACH ? AS keys", (str(folder / KEY_FILE),))
        rows = list(keys.execute("SELECT id, system, month FROM kek WHERE retention = ? ORDER BY month, system", (PRESERVE,)))
        sealed = {key.kek: key for key in held.keys}
        return [_restore(evidence, row, sealed, private, each) for row in rows]
    finally:
        evidence.close()
        keys.close()


def _restore(evidence: object, row: tuple[int, str, str], sealed: Mapping[int, EscrowedKey], private: bytes, each: int) -> Restored:
    kek_id, system, month = row
    if kek_id not in sealed:
        return Restored(system, month, 0, "the escrow does not hold this month's key")
    opened = 0
    try:
        kek = open_key(private, base64.b64decode(sealed[kek_id].sealed), system=system, month=month)
        for found in _records(evidence, kek_id, each):
            _open_record(kek, *found)
            opened += 1
    except InvalidInput as error:
        return Restored(system, month, opened, str(error))
    return Restored(system, month, opened)


def _records(evidence: object, kek_id: int, each: int) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    statement = (
        "SELECT idx, bytes, sealed, wrapped FROM payload JOIN entry USING(idx) JOIN keys.record_key ON record_key.id = key_id"
        " WHERE kek = ? AND idx NOT IN (SELECT idx FROM erased) ORDER BY idx LIMIT ?"
    )
    rows: Iterable[tuple[int, bytes, bytes, bytes]] = evidence.execute(statement, (kek_id, each))  # type: ignore[attr-defined]
    yield from rows


def _open_record(kek: bytes, index: int, entry: bytes, sealed: bytes, wrapped: bytes) -> None:
    try:
        key = aes_key_unwrap(kek, wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise InvalidInput(f"the key of entry {index} does not unwrap under the escrowed month key") from error
    head = read_head(entry)
    if commitments(key, head.rid, unseal(key, head.rid, sealed).groups) != head.c:
        raise InvalidInput(f"what opens is not what entry {index} commits to")
