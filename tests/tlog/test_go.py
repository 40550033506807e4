"""A log that Insyn wrote, verified by the Go checksum database's own packages (Debian: golang-go, golang-golang-x-mod-dev)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from go_kit import Verify, build_verifier

from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.cosignature import ED25519_COSIGNATURE, ML_DSA_44, Cosigner
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import NoteSigner, parse_note, signature_line


@pytest.fixture(scope="module")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Verify:
    return build_verifier(tmp_path_factory.mktemp("go"))


@pytest.fixture
def store(tmp_path: Path, signer: NoteSigner) -> EvidenceStore:
    return EvidenceStore.open(folder=tmp_path / "evidence", root_key=bytes(32), origin=signer.name, clock=lambda: datetime.now(UTC))


@pytest.mark.timeout(300)
def test_go_verifies_a_log_that_insyn_wrote_at_every_size(store: EvidenceStore, tmp_path: Path, signer: NoteSigner, verify: Verify) -> None:
    key = tmp_path / "log.vkey"
    key.write_text(signer.vkey + "\n")
    earlier: Checkpoint | None = None
    for size in (0, 1, 2, 255, 256, 257, 600, 65_536, 70_000):
        while store.size < size:
            with store.transaction() as transaction:
                for _ in range(min(5_000, size - store.size)):
                    transaction.append_bytes(b'{"kind":"refusal","n":%d}' % store.size)
        store.sign_checkpoint(signer)
        with EvidenceReader.read_only(tmp_path / "evidence") as reader:
            published = publish(reader, tmp_path / "log")
        result = verify(tmp_path / "log", key, earlier if earlier and earlier.size else None)
        assert (result.returncode, result.stdout, result.stderr) == (0, f"ok {size}\n", "")
        earlier = published
    store.close()


def _hash(number: int) -> bytes:
    return leaf_hash(b'{"kind":"refusal","n":%d}' % number)


def publish_anew(home: Path, log: Path) -> None:
    with EvidenceReader.read_only(home / "evidence") as reader:
        publish(reader, log, anew=True)


def test_go_opens_a_checkpoint_with_lines_that_it_does_not_know(
    store: EvidenceStore, tmp_path: Path, signer: NoteSigner, verify: Verify
) -> None:
    """Every checkpoint bears an ML-DSA-44 line, and those of witnesses. Go's package knows neither kind, and takes it all the same."""
    key, log = tmp_path / "log.vkey", tmp_path / "log"
    key.write_text(signer.vkey)
    with store.transaction() as transaction:
        for number in range(300):
            transaction.append_bytes(b'{"kind":"refusal","n":%d}' % number)
    note = store.sign_checkpoint(signer, Cosigner(signer.name, bytes(32)))
    body = parse_note(note)[0]
    for kind in (ED25519_COSIGNATURE, ML_DSA_44):
        note += signature_line(Cosigner("vittne.example/1", bytes(32), kind=kind, now=lambda: 1_800_000_000), body)
    publish(store, log, note=note)
    store.close()
    assert (log / "checkpoint").read_text(encoding="utf-8").count("\n— ") == 4
    result = verify(log, key)
    assert (result.returncode, result.stdout, result.stderr) == (0, "ok 300\n", "")


def test_go_finds_what_insyn_would_find(store: EvidenceStore, tmp_path: Path, signer: NoteSigner, verify: Verify) -> None:
    """So that the test above can fail: a changed entry, tile, both, checkpoint, and an older tree that is not the beginning."""
    key, log = tmp_path / "log.vkey", tmp_path / "log"
    key.write_text(signer.vkey)
    with store.transaction() as transaction:
        for number in range(300):
            transaction.append_bytes(b'{"kind":"refusal","n":%d}' % number)
    store.sign_checkpoint(signer)
    publish(store, log)
    store.close()
    files = (
        ("tile/entries/000", "another record hash"),
        ("tile/0/000", "another record hash"),
        ("tile/1/000.p/1", "inconsistent tile"),
        ("checkpoint", ""),
    )
    for name, message in files:
        whole = (log / name).read_bytes()
        (log / name).write_bytes(whole[:20] + bytes([whole[20] ^ 1]) + whole[21:])
        result = verify(log, key)
        assert result.returncode == 1
        assert message in result.stderr
        (log / name).write_bytes(whole)
    assert verify(log, key).stdout == "ok 300\n"
    for name, old, new in (("tile/entries/000", b'"n":7}', b'"n":8}'), ("tile/0/000", _hash(7), _hash(8))):
        whole = (log / name).read_bytes()
        (log / name).write_bytes(whole.replace(old, new, 1))
    assert "the tree of the entries has the root" in verify(log, key).stderr
    publish_anew(tmp_path, log)
    assert verify(log, key).stdout == "ok 300\n"
    assert verify(log, key, Checkpoint(signer.name, 100, bytes(32))).returncode == 1
