"""A file is written whole and flushed, or the old one stands and nothing lies beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from insyn.core.files import keep_by_digest, write_flushed


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def no_room(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_file_is_replaced_in_one_step_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "one.json"
    write_flushed(target, b"old")
    write_flushed(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["one.json"]


def test_the_file_is_flushed_before_it_gets_its_name_and_the_folder_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    flush: Callable[[int], None] = os.fsync

    def fsync(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        told.append("folder" if path == tmp_path else "file")
        assert (tmp_path / "one").exists() is (path == tmp_path)
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_flushed(tmp_path / "one", b"1")
    assert told == ["file", "folder"]


def test_where_the_flush_fails_the_old_file_stands_and_nothing_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "one"
    write_flushed(target, b"old")
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        write_flushed(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["one"]


def test_the_same_bytes_are_kept_once_under_their_digest(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    digest = keep_by_digest(folder, b"a list")
    first = (folder / digest).stat()
    assert keep_by_digest(folder, b"a list") == digest
    assert (folder / digest).stat().st_ino == first.st_ino
    assert names(folder) == [digest]
    assert folder.stat().st_mode & 0o077 == 0
