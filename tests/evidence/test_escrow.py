"""Escrow: the archive authority's key alone opens every record that is kept for good, and a restore test proves it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from insyn.core.errors import InvalidInput
from insyn.evidence import escrow
from insyn.evidence.check import check
from insyn.evidence.escrow import export, new_key, open_key, restore_test, seal_key


def preserved(office: Any, store: Any, count: int = 2, day: str = "2026-11-21") -> None:
    public = {"kind": "decision", "system": "lanestod", "version": "1.0", "day": day, "verdict": "proposal"}
    office.decided(store, count, retention="preserve", public=public)


def test_every_preserved_month_opens_with_the_archives_key_and_no_other(office: Any, tmp_path: Path) -> None:
    private, public = new_key()
    store = office.open(archive_key=public)
    preserved(office, store)
    preserved(office, store, day="2026-10-02")
    office.decided(store, 1)
    store.sign_checkpoint(office.signer)
    held = export(office.folder)
    assert [(key.system, key.month) for key in held.keys] == [("lanestod", "2026-11"), ("lanestod", "2026-10")]
    found = restore_test(office.folder, held, private)
    assert [(row.month, row.opened, row.fault) for row in found] == [("2026-10", 2, ""), ("2026-11", 2, "")]
    assert all("does not open" in row.fault for row in restore_test(office.folder, held, new_key()[0]))
    assert check(office.folder, office.root_key, office.signer.vkey).ok
    store.close()
    shutil.copytree(office.folder, tmp_path / "archive")  # all that the archive needs beside its key; the root key is not there
    assert [row.opened for row in restore_test(tmp_path / "archive", held, private)] == [2, 2]


def test_a_month_that_the_escrow_lacks_is_a_fault(office: Any) -> None:
    private, public = new_key()
    store = office.open(archive_key=public)
    preserved(office, store)
    held = msgspec.structs.replace(export(office.folder), keys=())
    (found,) = restore_test(office.folder, held, private)
    assert "does not hold" in found.fault


def test_months_from_before_there_was_an_archive_key_are_escrowed_when_there_is_one(office: Any) -> None:
    store = office.open()
    preserved(office, store)
    store.sign_checkpoint(office.signer)
    store.close()
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert [finding.table for finding in report.findings] == ["escrow"]
    private, public = new_key()
    office.open(archive_key=public).close()
    assert check(office.folder, office.root_key, office.signer.vkey).ok
    assert restore_test(office.folder, export(office.folder), private)[0].fault == ""


def test_a_new_archive_key_takes_over_all_months(office: Any) -> None:
    store = office.open(archive_key=new_key()[1])
    preserved(office, store)
    store.close()
    private, public = new_key()
    office.open(archive_key=public).close()
    held = export(office.folder)
    assert held.recipient == escrow.recipient_of(public)
    assert restore_test(office.folder, held, private)[0].opened == 2


def test_an_escrowed_key_is_bound_to_its_system_and_month() -> None:
    private, public = new_key()
    sealed = seal_key(public, bytes(32), system="lanestod", month="2026-11")
    assert open_key(private, sealed, system="lanestod", month="2026-11") == bytes(32)
    for system, month in (("other", "2026-11"), ("lanestod", "2026-12")):
        with pytest.raises(InvalidInput, match="does not open"):
            open_key(private, sealed, system=system, month=month)
    with pytest.raises(InvalidInput, match="X25519"):
        seal_key(b"short", bytes(32), system="s", month="2026-11")
