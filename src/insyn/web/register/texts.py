"""The texts of packs: those kept in the register, byte for byte, and those installed in folders. Each is found by its digest.

What is in use is always kept. What is only installed is read to be compared, and kept when somebody applies or adopts it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import msgspec
from django.conf import settings

from insyn.core.errors import PackError
from insyn.law.digests import digest_of_files
from insyn.law.loader import load_files, pack_folders
from insyn.law.model import Pack
from insyn.law.read_pack import files_of as files_in
from insyn.web import clock

from .models import PackText

Files = Mapping[str, bytes]
#: So many sets of packs are kept parsed in each process: what is in use, and the few that are being compared with it.
_SETS = 8
_RESTORE = "Restore the register from its backup."


@dataclass(frozen=True)
class Folders:
    """The installed packs with the files of each, or the fault in them."""

    packs: tuple[Pack, ...]
    files: Mapping[str, Files]
    fault: PackError | None = None

    def get(self, pack: str) -> Pack | None:
        return next((one for one in self.packs if one.id == pack), None)


def folders() -> Folders:
    """What is installed in the folders of ``INSYN_PACKS``. Each process reads them once: they change with an installation."""
    return _read(tuple(settings.INSYN_PACKS))


@cache
def _read(paths: tuple[Path, ...]) -> Folders:
    try:
        by_digest = {digest_of_files(files): files for path in paths for folder in pack_folders(path) for files in (files_in(folder),)}
        return Folders(load_files(by_digest.values()), by_digest)
    except PackError as error:
        return Folders((), {}, error)


def keep(pack: Pack) -> PackText:
    """Keep an installed text for good; the row that is there already when it is the same."""
    found = PackText.objects.filter(pk=pack.digest).first()
    if found is not None:
        return found
    files = packed(files_of(pack.digest))
    row = PackText(digest=pack.digest, pack=pack.id, version=pack.version, kind=pack.kind.value, files=files, kept_from=clock.now())
    row.save(force_insert=True)
    return row


def load(digests: Iterable[str]) -> tuple[Pack, ...]:
    """The packs of these digests, loaded together from their bytes and checked as any others. Raises :class:`PackError`."""
    return _load(tuple(sorted(set(digests))))


@lru_cache(maxsize=_SETS)
def _load(digests: tuple[str, ...]) -> tuple[Pack, ...]:
    return load_files(files_of(digest) for digest in digests)


def files_of(digest: str) -> Files:
    """The files of one text, kept or installed. Raises :class:`PackError` when it is neither, or not what its digest says."""
    row = PackText.objects.filter(pk=digest).first()
    if row is None and digest in folders().files:
        return folders().files[digest]
    if row is None:
        raise PackError("is named here, but its text is not kept", file=digest[:16], mend=_RESTORE)
    files = unpacked(bytes(row.files))
    if digest_of_files(files) != digest:
        raise PackError("is not the text that its digest names", file=row.pack, mend=_RESTORE)
    return files


def packed(files: Files) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(dict(sorted(files.items()))), 9)


def unpacked(blob: bytes) -> dict[str, bytes]:
    """What :func:`packed` was given. Raises :class:`PackError` for anything else."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(blob), type=dict[str, bytes])
    except (zlib.error, msgspec.DecodeError) as error:
        raise PackError(f"the stored text cannot be read: {error}", mend=_RESTORE) from error
