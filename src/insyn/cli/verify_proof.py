"""`insyn verify --proof`: a receipt, checked offline. It needs no Insyn, no network, and nobody's word but the keys'."""

from __future__ import annotations

import json
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.proofs import TlogProof, verify_inclusion
from insyn.tlog.verify import Trust

_MEND = "Ask for the receipt again, and keep it as it was given."


def verify_receipt(path: Path, entry: Path | None, trust: Trust) -> int:
    """Print what the receipt proves; 1 when it proves nothing. Raises :class:`InvalidInput` for files that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        given = entry.read_bytes() if entry else None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read: {error}", place=str(entry or path), mend=_MEND) from error
    try:
        proof = TlogProof.parse(text)
    except TlogError as error:
        print(f"NOT VALID: {path.name}: {error}")
        return 1
    data = given if given is not None else proof.extra
    if data is None:
        raise InvalidInput("the receipt does not carry its entry", place=str(path), mend="Give the entry with --entry.")
    try:
        checkpoint, witnesses = trust.open(proof.note)
        verify_inclusion(leaf_hash(data), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    except TlogError as error:
        print(f"NOT VALID: {path.name}: {error}")
        return 1
    print(f"Valid: entry {proof.index} of {checkpoint.origin}, under the checkpoint of {checkpoint.size} entries")
    if witnesses:
        print(f"Cosigned by: {', '.join(witnesses)}")
    print(_shown(data))
    return 0


def _shown(data: bytes) -> str:
    """The entry as a person reads it; its bytes are what was proven."""
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except ValueError:
        return data.hex()
