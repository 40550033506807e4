"""Erasure: afterwards nothing of the record is in any file, the log still verifies, and nothing else is lost."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from insyn.core.entries import read_head
from insyn.core.terms import DisclosureGroup
from insyn.evidence.check import check
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.records import Appended
from insyn.evidence.store import EvidenceStore
from insyn.tlog.proofs import verify_proof
from insyn.tlog.read import FolderReader
from insyn.tlog.verify import verify_log

Bytes = Callable[[Path], dict[str, bytes]]
SEALED = ("payload", "output", "casenumber", "person", "idempotency")
IN_FACTS = ("outcome", "groupvalue", "feature")
BASIS = {"system": "lanestod", "day": "2026-11-22", "basis": "GDPR 17", "until": "2026-12-22"}


def marker(what: str, number: int) -> bytes:
    return f"marked-{what}-{number:05d}-".encode()


def decide_marked(office: Any, store: EvidenceStore, number: int, chance: random.Random) -> Appended:
    """A decision every part of which bears a mark."""
    text = {what: marker(what, number).decode() for what in (*SEALED, *IN_FACTS)}
    filler = "f" * chance.randrange(2500)
    with store.transaction() as transaction:
        made: Appended = office.decide(
            transaction,
            private={
                DisclosureGroup.INPUT: json.dumps({"a": text["payload"], "b": filler}).encode(),
                DisclosureGroup.OUTPUT: text["output"].encode(),
                DisclosureGroup.CASE: text["casenumber"].encode(),
            },
            fact=office.fact(text["outcome"], groups={"g": text["groupvalue"]}, features={"f": text["feature"]}, score_bin=number % 10),
            case=text["casenumber"],
            subject=text["person"],
        )
        transaction.remember(
            client="client", key=text["idempotency"], digest=marker("digest", number).ljust(32, b"."), answer=b"receipt", index=made.index
        )
    return made


def found_in(files: dict[str, bytes], needle: bytes) -> list[str]:
    return [path for path, data in files.items() if needle in data]


def test_planted_marks_are_in_no_published_file_and_sealed_in_the_store_and_after_erasure_in_no_file_at_all(
    office: Any, tmp_path: Path, all_bytes: Bytes
) -> None:
    chance = random.Random(5)
    store = office.open()
    made = [decide_marked(office, store, number, chance) for number in range(250)]
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "public")
    before = all_bytes(tmp_path)
    for number in range(250):
        for what in (*SEALED, "digest"):
            assert found_in(before, marker(what, number)) == []
        for what in IN_FACTS:
            assert all(path.startswith("evidence/evidence.sqlite") for path in found_in(before, marker(what, number)))
    assert found_in(before, marker("outcome", 7)), "the search itself must be able to find a mark"

    erased = chance.sample(range(250), 80)
    keys = [_wrapped_key(store, made[number]) for number in erased]
    assert all(found_in(before, key) for key in keys)
    for number in erased:
        store.erase(made[number].rid, public=BASIS)
    assert not store.erasure_pending
    for files in (all_bytes(tmp_path), _after_close(store, tmp_path, all_bytes)):
        for number, key in zip(erased, keys, strict=True):
            for what in (*SEALED, *IN_FACTS, "digest"):
                assert found_in(files, marker(what, number)) == [], what
            assert found_in(files, key) == []
            assert found_in(files, made[number].fact_id.encode()) == []

    store = office.open()
    assert store.size == 250 + 80
    for number in set(range(250)) - set(erased):
        assert store.open_groups(made[number].rid).groups["output"] == marker("output", number)
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "public")
    store.close()
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert (report.findings, report.opened, report.erased) == ([], 170, 80)
    assert verify_log(FolderReader(tmp_path / "public"), office.signer.vkey).size == 330


def _wrapped_key(store: EvidenceStore, made: Appended) -> bytes:
    key_id = store.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (made.index,)).get
    wrapped = store.keys.connection.execute("SELECT wrapped FROM record_key WHERE id = ?", (key_id,)).get
    assert isinstance(wrapped, bytes)
    return wrapped


def _after_close(store: EvidenceStore, home: Path, all_bytes: Bytes) -> dict[str, bytes]:
    store.close()
    return all_bytes(home)


def test_an_erased_record_is_gone_from_every_answer(office: Any, store: EvidenceStore) -> None:
    kept, gone = office.decided(store, 2, case="2026-9")
    shred = store.erase(gone.rid, public=BASIS)
    entry = json.loads(store.entry(shred.index))
    assert entry == {**BASIS, "v": 1, "kind": "shred", "rid": shred.rid, "about": gone.rid}
    with pytest.raises(RecordErased):
        store.open_groups(gone.rid, ["input"])
    with pytest.raises(RecordErased):
        store.erase(gone.rid, public=BASIS)
    assert store.find_case("lanestod", "2026-9") == [kept.rid]
    assert store.find_subject("19121212-1212", on=date(2026, 11, 21)) == [kept.rid]
    assert [row.fact_id for row in store.facts()] == [kept.fact_id]
    assert [row.rid for row in store.waiting("lanestod", 9)[0]] == [kept.rid]
    assert store.remembered("client", "key-1-0") is not None
    assert store.remembered("client", "key-2-1") is None
    assert store.index_of(gone.rid) == gone.index
    assert store.followers(gone.rid) == [(shred.rid, "shred")]


def test_an_erased_records_entry_still_has_its_receipt(office: Any, store: EvidenceStore) -> None:
    gone, _ = office.decided(store, 2)
    store.erase(gone.rid, public=BASIS)
    store.sign_checkpoint(office.signer)
    assert read_head(store.entry(gone.index)).c
    assert verify_proof(store.receipt_proof(gone.index), gone.leaf, [office.signer.verifier])[0] == gone.index


def test_only_a_sealed_record_can_be_erased(office: Any, store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        bare = transaction.append(public={"kind": "refusal"})
    for rid in (bare.rid, "ab" * 16):
        with pytest.raises(RecordUnknown):
            store.erase(rid, public=BASIS)
    assert store.size == 1


def test_a_shred_entry_that_cannot_be_written_erases_nothing(office: Any, store: EvidenceStore) -> None:
    (made,) = office.decided(store)
    with pytest.raises(Exception, match="ASCII"):
        store.erase(made.rid, public={"basis": "på begäran"})
    assert store.open_groups(made.rid).groups["input"] == b'{"income":1}'
    assert (store.size, store.failed) == (1, False)


def test_an_old_copy_of_the_key_file_brings_no_erased_record_back(office: Any, tmp_path: Path, all_bytes: Bytes) -> None:
    store = office.open()
    gone, kept = office.decided(store, 2)
    wrapped = _wrapped_key(store, gone)
    store.close()
    shutil.copy(office.folder / "keys.sqlite", tmp_path / "backup")
    store = office.open()
    store.erase(gone.rid, public=BASIS)
    store.close()
    shutil.copy(tmp_path / "backup", office.folder / "keys.sqlite")
    store = office.open()
    assert found_in(all_bytes(office.folder), wrapped) == []
    with pytest.raises(RecordErased):
        store.open_groups(gone.rid)
    assert store.open_groups(kept.rid).groups


def test_a_reader_in_the_way_delays_the_clearing_of_old_pages_and_the_next_checkpoint_makes_up_for_it(
    office: Any, store: EvidenceStore, all_bytes: Bytes
) -> None:
    made = decide_marked(office, store, 1, random.Random(1))
    store.flush_wal()
    reader = EvidenceReader.read_only(office.folder)
    reader.connection.execute("BEGIN")
    assert reader.size == 1
    store.erase(made.rid, public=BASIS)
    assert store.erasure_pending
    reader.close()
    store.sign_checkpoint(office.signer)
    assert not store.erasure_pending
    for what in (*SEALED, *IN_FACTS):
        assert found_in(all_bytes(office.folder), marker(what, 1)) == []


def test_scrubbing_leaves_not_even_a_keyed_hash(office: Any, all_bytes: Bytes) -> None:
    store, chance = office.open(), random.Random(3)
    made = [decide_marked(office, store, number, chance) for number in range(180)]
    tags = [
        store.keys.tag(*parts)
        for number in range(0, 180, 3)
        for parts in (("case", "lanestod", marker("casenumber", number).decode()), ("subject", marker("person", number).decode()))
    ]
    assert all(found_in(all_bytes(office.folder), tag) for tag in tags)
    for number in range(0, 180, 3):
        store.erase(made[number].rid, public=BASIS)
    store.scrub()
    root = store.root()
    assert [tag for tag in tags if found_in(all_bytes(office.folder), tag)] == []
    store.sign_checkpoint(office.signer)
    store.close()
    assert check(office.folder, office.root_key, office.signer.vkey).ok
    assert office.open().root() == root


def test_an_erased_record_stays_sealed_to_whoever_kept_an_old_copy_of_the_evidence_file_only(office: Any, tmp_path: Path) -> None:
    """A copy of the evidence file without the key file: the key is destroyed, so the copy does not open."""
    store = office.open()
    (made,) = office.decided(store)
    store.flush_wal()
    shutil.copy(office.folder / "evidence.sqlite", tmp_path / "stolen")
    store.erase(made.rid, public=BASIS)
    store.close()
    shutil.copy(tmp_path / "stolen", office.folder / "evidence.sqlite")
    with EvidenceReader.read_only(office.folder, root_key=office.root_key) as reader, pytest.raises(RecordErased, match="destroyed"):
        reader.open_groups(made.rid)
