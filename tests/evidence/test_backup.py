"""Backups: two places with two lives; and a restore that brings back nothing that was destroyed, and forgets no stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.permit import Permit, permit_digest, sign_permit
from insyn.core.signing import Signed, SigningKey
from insyn.core.text import Text
from insyn.evidence import backup, disposal
from insyn.evidence.check import check
from insyn.evidence.errors import RecordErased, RecordHeld, StoreRolledBack
from insyn.evidence.publisher import publish
from insyn.evidence.records import StopRow
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import read_checkpoint
from insyn.tlog.errors import LogInvalid
from insyn.tlog.read import FolderReader

NOW = datetime(2026, 12, 5, 3, tzinfo=UTC)
TODAY = date(2026, 12, 6)
SHRED = {"system": "lanestod", "day": "2026-12-05", "basis": "GDPR 17", "until": "2027-01-09"}


class Place:
    """An installation with a backup of it, and what happened afterwards."""

    def __init__(self, office: Any, folder: Path) -> None:
        self.office, self.public = office, folder / "public"
        store: EvidenceStore = office.open(clock=lambda: NOW)
        old = {"kind": "decision", "system": "lanestod", "version": "1.0", "day": "2026-10-03", "verdict": "proposal"}
        self.october = [made.rid for made in office.decided(store, 3, public=old)]
        self.erased, self.kept = (made.rid for made in office.decided(store, 2))
        self.signed = self._permit(store)
        self.size = store.size
        self.made, self.keys = backup.make(
            office.folder, folder / "register.sqlite3", to=folder / "backups", keys_to=folder / "key-backups", days=35, now=NOW
        )
        store.erase(self.erased, public=SHRED)
        disposal.begin(store, rid="ab" * 16, system="lanestod", retention="standard", month="2026-10", public={**SHRED, "about": "cd" * 16})
        while disposal.go_on(store):
            pass
        (after,) = office.decided(store, 1)
        self.after = after.rid
        with store.transaction() as transaction:
            stop = transaction.append(public={"kind": "stop", "system": "lanestod"})
            transaction.put_stop(StopRow(system="lanestod", index=stop.index, rid=stop.rid))
        self.stop = stop.index
        store.sign_checkpoint(office.signer)
        publish(store, self.public)
        store.close()
        self.lost = folder / "lost"
        office.folder.rename(self.lost)

    def _permit(self, store: EvidenceStore) -> Signed:
        permit = Permit(system="lanestod", epoch=1, compiled_from=0, granted=False, packs="", name=Text("a", "b"))
        signed = sign_permit(permit, SigningKey.generate("register"))
        with store.transaction() as transaction:
            transaction.append(public={"kind": "permit", "system": "lanestod", "epoch": 1, "permit": permit_digest(signed.body)})
            transaction.put_permit("lanestod", 1, signed)
        return signed

    def put_back(self, today: date = TODAY) -> None:
        backup.put_back(self.office.folder, self.public.parent / "none", backup=self.made, keys=self.keys, today=today)

    def catch_up(self, store: EvidenceStore, **permits: Signed) -> backup.Restored:
        return backup.catch_up(store, FolderReader(self.public), self.office.signer.vkey, permits=permits)


@pytest.fixture
def place(office: Any, tmp_path: Path) -> Place:
    return Place(office, tmp_path)


def test_a_backup_put_back_alone_is_behind_what_is_published_and_does_not_start(place: Place) -> None:
    place.put_back()
    known = read_checkpoint((place.public / "checkpoint").read_text(encoding="utf-8"))
    with pytest.raises(StoreRolledBack):
        place.office.open(known=[known])


def test_what_was_destroyed_after_the_backup_is_destroyed_again_before_anything_is_opened(place: Place) -> None:
    place.put_back()
    store = place.office.open(clock=lambda: NOW)
    found = place.catch_up(store)
    assert (found.taken_back, found.shredded) == (store.size - place.size, 2)
    for rid in (place.erased, *place.october):
        with pytest.raises(RecordErased):
            store.open_groups(rid)
    assert store.open_groups(place.kept).groups
    assert store.stops()["lanestod"].stands
    assert store.stops()["lanestod"].index == place.stop
    store.sign_checkpoint(place.office.signer)
    publish(store, place.public)
    store.close()
    report = check(place.office.folder, place.office.root_key, place.office.signer.vkey)
    assert report.findings == []
    assert (report.erased, report.lost) == (4, 1)
    known = read_checkpoint((place.public / "checkpoint").read_text(encoding="utf-8"))
    place.office.open(known=[known]).close()


def test_nothing_erased_is_left_in_any_file_after_a_restore(place: Place, all_bytes: Callable[[Path], dict[str, bytes]]) -> None:
    place.put_back()
    before = EvidenceStore.read_only(place.office.folder, root_key=place.office.root_key)
    key_id = before.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (before.index_of(place.erased),)).get
    wrapped = before.keys.connection.execute("SELECT wrapped FROM record_key WHERE id = ?", (key_id,)).get
    before.close()
    store = place.office.open(clock=lambda: NOW)
    place.catch_up(store)
    store.close()
    assert isinstance(wrapped, bytes)
    assert not [path for path, data in all_bytes(place.office.folder).items() if wrapped in data]


def test_a_permit_that_came_after_the_backup_is_taken_from_the_register_by_its_digest(office: Any, tmp_path: Path) -> None:
    store = office.open()
    (kept,) = office.decided(store)
    made, keys = backup.make(office.folder, tmp_path / "r", to=tmp_path / "b", keys_to=tmp_path / "k", days=35, now=NOW)
    permit = Permit(system="lanestod", epoch=1, compiled_from=0, granted=False, packs="", name=Text("a", "b"))
    signed = sign_permit(permit, SigningKey.generate("register"))
    digest = permit_digest(signed.body)
    with store.transaction() as transaction:
        transaction.append(public={"kind": "permit", "system": "lanestod", "epoch": 1, "permit": digest})
        transaction.put_permit("lanestod", 1, signed)
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "public")
    store.close()
    office.folder.rename(tmp_path / "lost")
    backup.put_back(office.folder, tmp_path / "r", backup=made, keys=keys, today=TODAY)
    store = office.open()
    reader = FolderReader(tmp_path / "public")
    with pytest.raises(InvalidInput, match="register"):
        backup.catch_up(store, reader, office.signer.vkey, permits={})
    assert store.size == 1
    backup.catch_up(store, reader, office.signer.vkey, permits={digest: signed})
    assert store.permits()["lanestod"] == signed
    assert store.open_groups(kept.rid).groups


def test_an_expired_a_damaged_and_a_second_restore_are_refused(place: Place) -> None:
    with pytest.raises(InvalidInput, match="expired"):
        place.put_back(today=date(2027, 2, 1))
    good = (place.made / "evidence.sqlite").read_bytes()
    (place.made / "evidence.sqlite").write_bytes(good[:-1] + b"x")
    with pytest.raises(InvalidInput, match="changed"):
        place.put_back()
    (place.made / "evidence.sqlite").write_bytes(good)
    place.put_back()
    with pytest.raises(InvalidInput, match="already"):
        place.put_back()


@pytest.mark.parametrize("given", ["evidence twice", "keys twice", "one for the other"])
def test_folders_given_for_one_another_are_named_and_nothing_is_put_back(place: Place, given: str) -> None:
    """Half a restore would stand in the way of the right one."""
    told = {
        "evidence twice": (place.made, place.made),
        "keys twice": (place.keys, place.keys),
        "one for the other": (place.keys, place.made),
    }
    folder, register = place.office.folder, place.lost.parent / "register.sqlite3"
    with pytest.raises(InvalidInput, match="holds no"):
        backup.put_back(folder, register, backup=told[given][0], keys=told[given][1], today=TODAY)
    assert not folder.exists()


def test_a_backup_of_another_log_is_not_continued(place: Place, tmp_path: Path) -> None:
    place.put_back()
    store = place.office.open()
    place.office.decided(store, 1)  # it went on by itself: not what was published
    with pytest.raises((InvalidInput, LogInvalid)):
        place.catch_up(store)


def test_keys_and_evidence_never_lie_together_and_old_key_backups_are_removed(office: Any, tmp_path: Path) -> None:
    store = office.open()
    office.decided(store)
    with pytest.raises(InvalidInput, match="one folder"):
        backup.make(office.folder, tmp_path / "r", to=tmp_path / "b", keys_to=tmp_path / "b" / "k", days=35, now=NOW)
    made, keys = backup.make(office.folder, tmp_path / "r", to=tmp_path / "b", keys_to=tmp_path / "k", days=35, now=NOW)
    assert {path.name for path in made.iterdir()} == {"evidence.sqlite", "manifest.json"}
    assert {path.name for path in keys.iterdir()} == {"keys.sqlite", "manifest.json"}
    assert backup.read_manifest(keys).expires == "2027-01-09"
    assert (keys / "keys.sqlite").stat().st_mode & 0o077 == 0
    assert backup.remove_expired(tmp_path / "k", date(2027, 1, 9)) == []
    assert backup.remove_expired(tmp_path / "k", date(2027, 1, 10)) == [keys.name]
    assert not keys.exists()


def test_a_legal_hold_that_came_after_the_backup_holds_the_whole_system_after_the_restore(office: Any, tmp_path: Path) -> None:
    """What exactly it held was sealed, or stands in the register alone; nothing may be destroyed until somebody has looked."""
    store = office.open()
    (kept,) = office.decided(store)
    made, keys = backup.make(office.folder, tmp_path / "r", to=tmp_path / "b", keys_to=tmp_path / "k", days=35, now=NOW)
    with store.transaction() as transaction:
        put = transaction.append(public={"kind": "act", "system": "lanestod", "act": "put_hold", "rid": "ab" * 16, "day": "2026-11-22"})
        transaction.put_hold(put.index, system="lanestod", rid=kept.rid)
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "public")
    store.close()
    office.folder.rename(tmp_path / "lost")
    backup.put_back(office.folder, tmp_path / "r", backup=made, keys=keys, today=TODAY)
    store = office.open()
    backup.catch_up(store, FolderReader(tmp_path / "public"), office.signer.vkey, permits={})
    with pytest.raises(RecordHeld):
        store.erase(kept.rid, public={"system": "lanestod", "basis": "GDPR 17"})
    with store.transaction() as transaction:  # a named act lifts it, as any
        transaction.lift_hold(put.index, put.index)
    store.erase(kept.rid, public={"system": "lanestod", "basis": "GDPR 17"})
