"""Loads packs from folders. Whole or not at all: any fault is a :class:`~insyn.core.errors.PackError` with file, place and mend."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from insyn.core.errors import PackError

from .checks import check_pack
from .model import Pack
from .read_pack import Source, read_pack, read_pack_files, refuse_links, unreadable

MAX_PACKS = 200


def load_pack(path: Path, *, beside: Iterable[Pack] = ()) -> Pack:
    """Load one pack; ``beside`` are the packs whose facts it may use."""
    source = read_pack(path)
    check_pack(source, [pack for pack in beside if pack.id != source.pack.id])
    return source.pack


def load_packs(*folders: Path) -> tuple[Pack, ...]:
    """Load every pack in the folders together, in the order of their ids. The same id twice is refused."""
    return _together([read_pack(path) for folder in folders for path in pack_folders(folder)])


def load_files(texts: Iterable[Mapping[str, bytes]]) -> tuple[Pack, ...]:
    """Load packs from their files (paths below the pack, and bytes) instead of folders, all together. Messages call each pack by its id."""
    return _together([read_pack_files(files, name=_name(files)) for files in texts])


def _name(files: Mapping[str, bytes]) -> str:
    """What messages call a pack before it is read: the id that its own file gives."""
    found = re.search(rb"^id: *(\S+)", files.get("pack.yaml", b""), re.MULTILINE)
    return found.group(1).decode(errors="replace") if found else "pack"


def _together(sources: Sequence[Source]) -> tuple[Pack, ...]:
    _each_once(sources)
    packs = [source.pack for source in sources]
    for source in sources:
        check_pack(source, [pack for pack in packs if pack.id != source.pack.id])
    return tuple(sorted(packs, key=lambda pack: pack.id))


def pack_folders(folder: Path) -> tuple[Path, ...]:
    """The folders below ``folder`` that hold a pack. Raises :class:`PackError` when there is none, and for what would be left out in silence."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(root)
        refuse_links(here, folders)
        folders.sort()
        if "pack.yaml" in names:
            found.append(here)
        elif not any(parent in found for parent in here.parents):
            _no_stray_files(here, names)
    if not found:
        raise PackError("holds no pack", file=folder.name, mend="Point at a folder with packs in it.")
    if len(found) > MAX_PACKS:
        raise PackError(f"holds more than {MAX_PACKS} packs", file=folder.name, mend="Point at a smaller folder.")
    return tuple(sorted(found))


def _no_stray_files(here: Path, names: Iterable[str]) -> None:
    """A pack that has lost its ``pack.yaml`` is not passed over: its rules would be gone without a word."""
    for name in sorted(names):
        if name.endswith((".yaml", ".yml")):
            raise PackError(
                "stands in no pack", file=f"{here.name}/{name}", mend="A pack's folder holds a pack.yaml; move other files away."
            )


def _each_once(sources: Sequence[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.pack.id in seen:
            source.documents["pack.yaml"].refuse(f"the pack {source.pack.id!r} stands twice", place=("id",), mend="Load one of them.")
        seen.add(source.pack.id)
