"""Digests of packs: which text a decision was made under.

A pack's digest is SHA-256 over its files' paths and SHA-256, sorted; that of a set of packs is over their ids and digests, sorted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from .model import Pack


def digest_of_files(files: Mapping[str, bytes]) -> str:
    """Hex digest of a pack's files; keys are paths below the pack with ``/``."""
    return _over((path, hashlib.sha256(data).hexdigest()) for path, data in files.items())


def digest_of(packs: Iterable[Pack]) -> str:
    """Hex digest of a set of packs, whatever their order."""
    return _over((pack.id, pack.digest) for pack in packs)


def _over(pairs: Iterable[tuple[str, str]]) -> str:
    whole = hashlib.sha256()
    for name, digest in sorted(pairs):
        whole.update(f"{digest}  {name}\n".encode())
    return whole.hexdigest()
