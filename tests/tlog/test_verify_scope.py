"""Verifying only what is new, a log that was pruned, and with several processes: less work, and still nothing slips through."""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.cosignature import Cosigner
from insyn.tlog.errors import LogInvalid, TlogError
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.read import FolderReader
from insyn.tlog.retention import Retention, may_be_gone
from insyn.tlog.tilecheck import WORTH_PROCESSES
from insyn.tlog.tiles import TileName
from insyn.tlog.verify import Report, Scope, Trust, verify_log

Write = Callable[[Path, Sequence[bytes]], Checkpoint]


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


def flip(path: Path, at: int, bit: int = 0) -> bytes:
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :])
    return whole


# ------------------------------------------------------------------------------------------------------ one flipped bit anywhere


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_one_flipped_bit_anywhere_in_a_log_signed_twice_is_found(tmp_path: Path, write_log: Write, signer: NoteSigner, seed: int) -> None:
    second = Cosigner(signer.name, bytes(32))
    if not (tmp_path / "checkpoint").exists():
        write_log(tmp_path, entries(100))
        checkpoint = write_log(tmp_path, entries(600))
        (tmp_path / "checkpoint").write_text(sign_note(checkpoint.body(), [signer, second]), encoding="utf-8")
    trust, chance = Trust.in_keys(signer.vkey, second.vkey), random.Random(seed)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file() and ".hypothesis" not in path.parts)
    file = chance.choice([*files, tmp_path / "checkpoint", tmp_path / "checkpoint"])
    whole = flip(file, chance.randrange(file.stat().st_size), chance.randrange(8))
    try:
        with pytest.raises(LogInvalid):
            verify_log(FolderReader(tmp_path), trust)
    finally:
        file.write_bytes(whole)
    assert verify_log(FolderReader(tmp_path), trust).size == 600


# ------------------------------------------------------------------------------------------------------------------ only what is new


@pytest.mark.parametrize("before", [0, 1, 255, 256, 257, 600, 767, 768, 1000])
def test_only_new_entries_are_read(tmp_path: Path, write_log: Write, signer: NoteSigner, before: int) -> None:
    kept = write_log(tmp_path, entries(before))
    write_log(tmp_path, entries(1000))
    read: list[int] = []
    report = verify_log(FolderReader(tmp_path), signer.vkey, on_entry=lambda index, _: read.append(index), scope=Scope(since=kept))
    assert report.size == 1000
    assert read == list(range(before // 256 * 256, 1000))
    assert report.first == before // 256 * 256


@pytest.mark.parametrize("before", [1, 256, 300, 600])
def test_what_was_verified_must_still_be_the_beginning(tmp_path: Path, write_log: Write, signer: NoteSigner, before: int) -> None:
    kept = write_log(tmp_path / "old", entries(before))
    other = entries(1000)
    other[before - 1] = b"another entry"
    write_log(tmp_path / "new", other)
    with pytest.raises(LogInvalid, match=f"does not continue the checkpoint of size {before}"):
        verify_log(FolderReader(tmp_path / "new"), signer.vkey, scope=Scope(since=kept))


def test_a_log_that_shrank_or_is_another_is_refused(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    kept = write_log(tmp_path / "old", entries(600))
    write_log(tmp_path / "new", entries(500))
    with pytest.raises(LogInvalid, match="is smaller than the 600 that was kept"):
        verify_log(FolderReader(tmp_path / "new"), signer.vkey, scope=Scope(since=kept))
    with pytest.raises(LogInvalid, match=r"verified before is of 'other\.example'"):
        verify_log(FolderReader(tmp_path / "new"), signer.vkey, scope=Scope(since=Checkpoint("other.example", 400, kept.root)))


@pytest.mark.parametrize("file", ["tile/entries/003.p/232", "tile/0/003.p/232", "tile/1/000.p/3", "tile/entries/002"])
def test_a_flipped_bit_in_what_is_new_is_found(tmp_path: Path, write_log: Write, signer: NoteSigner, file: str) -> None:
    kept = write_log(tmp_path, entries(600))
    write_log(tmp_path, entries(1000))
    flip(tmp_path / file, 30)
    with pytest.raises(LogInvalid):
        verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(since=kept))


# -------------------------------------------------------------------------------------------------------------------- a pruned log


def pruned(folder: Path, minimum: int) -> None:
    for level in (None, 0):
        for n in range(minimum // 256):
            (folder / TileName(level, n).path).unlink()


@pytest.mark.parametrize("minimum", [256, 512, 700, 768])
def test_a_pruned_log_verifies_only_for_whoever_accepts_it(tmp_path: Path, write_log: Write, signer: NoteSigner, minimum: int) -> None:
    write_log(tmp_path, entries(1000))
    pruned(tmp_path, minimum)
    with pytest.raises(LogInvalid, match="is missing") as found:
        verify_log(FolderReader(tmp_path), signer.vkey)
    assert found.value.file == "tile/entries/000"
    with pytest.raises(LogInvalid, match="is missing"):
        verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=minimum // 256 * 256 - 256))
    report = verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=minimum))
    assert (report.size, report.first) == (1000, minimum // 256 * 256)


def test_whoever_accepts_pruning_still_reads_all_of_a_log_that_was_not(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    write_log(tmp_path, entries(1000))
    assert verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=512)).first == 0


@pytest.mark.parametrize("file", ["tile/entries/001", "tile/0/001", "tile/1/000.p/3"])
def test_what_is_left_of_the_pruned_part_must_be_right(tmp_path: Path, write_log: Write, signer: NoteSigner, file: str) -> None:
    write_log(tmp_path, entries(1000))
    (tmp_path / "tile/entries/000").unlink()
    assert verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=512)).first == 512
    flip(tmp_path / file, 40)
    with pytest.raises(LogInvalid):
        verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=512))


def test_a_partial_tile_left_of_a_pruned_one_cannot_be_checked_and_is_named(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    write_log(tmp_path, entries(100))
    write_log(tmp_path, entries(1000))
    pruned(tmp_path, 512)
    with pytest.raises(LogInvalid, match="which is pruned") as found:
        verify_log(FolderReader(tmp_path), signer.vkey, scope=Scope(minimum=512))
    assert found.value.file == "tile/0/000.p/100"


def test_a_pruned_log_continues_what_was_kept_where_that_can_be_seen(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    early, late = (write_log(tmp_path / str(size), entries(size)) for size in (300, 700))
    write_log(tmp_path / "log", entries(1000))
    pruned(tmp_path / "log", 512)
    reader, scope = FolderReader(tmp_path / "log"), Scope(minimum=512)
    assert verify_log(reader, signer.vkey, known=[late], scope=scope).size == 1000
    with pytest.raises(LogInvalid, match="its entries are pruned"):
        verify_log(reader, signer.vkey, known=[early], scope=scope)
    with pytest.raises(LogInvalid, match="its entries are pruned"):
        verify_log(reader, signer.vkey, scope=Scope(since=early, minimum=512))
    assert verify_log(reader, signer.vkey, scope=Scope(since=late, minimum=512)).first == 512


def test_only_whole_bundles_and_leaves_may_be_gone() -> None:
    assert may_be_gone(TileName(None, 1), 512)
    assert may_be_gone(TileName(0, 1), 700)
    for name in (TileName(None, 1), TileName(0, 1)):
        assert not may_be_gone(name, 511)
    assert not may_be_gone(TileName(1, 0), 65_536)
    assert not may_be_gone(TileName(0, 0, 9), 512)


RETENTION = Retention("log.example/kommun", 512, "KS 2031:7", "2031-02-03")


def test_a_retention_policy_is_read_back() -> None:
    assert Retention.parse(RETENTION.encode()) == RETENTION


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"origin": "a"}',
        RETENTION.encode().replace(b"512", b"-1"),
        RETENTION.encode().replace(b"512", b'"512"'),
        RETENTION.encode().replace(b"512", b"true"),
        RETENTION.encode().replace(b"KS 2031:7", b" "),
        RETENTION.encode().replace(b"log.example/kommun", b"a b"),
        RETENTION.encode().replace(b'"day"', b'"dag"'),
    ],
)
def test_what_is_no_retention_policy_is_refused(data: bytes) -> None:
    with pytest.raises(TlogError):
        Retention.parse(data)


# ---------------------------------------------------------------------------------------------------------------- several processes

LARGE = 256 * (WORTH_PROCESSES + 2) + 17


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large")


@pytest.fixture
def log(large: Path, write_log: Write) -> Path:
    if not (large / "checkpoint").exists():
        write_log(large, entries(LARGE))
    return large


def run(log: Path, signer: NoteSigner, processes: int) -> tuple[Report, int, list[int]]:
    seen: list[int] = []
    total, progress = 0, seen.append

    def observe(index: int, entry: bytes) -> None:
        nonlocal total
        assert entry == b"entry %d" % index == b"entry %d" % total
        total += 1

    scope = Scope(processes=processes)
    report = verify_log(FolderReader(log), signer.vkey, on_entry=observe, scope=scope, on_progress=lambda done, _: progress(done))
    return report, total, seen


def test_two_processes_find_what_one_finds(log: Path, signer: NoteSigner) -> None:
    one, two = run(log, signer, 1), run(log, signer, 2)
    assert one == two
    assert one[1] == LARGE
    assert one[2] == sorted(one[2])
    assert one[2][-1] == LARGE


def test_a_caller_with_threads_gets_processes_that_are_started_clean(log: Path, signer: NoteSigner) -> None:
    """A forked child would inherit whatever lock a thread held at that moment, and wait for it for ever."""
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    try:
        assert verify_log(FolderReader(log), signer.vkey, scope=Scope(processes=2)).size == LARGE
    finally:
        go.set()
        thread.join()


def test_two_processes_name_the_same_fault(log: Path, signer: NoteSigner) -> None:
    for file in (log / TileName(None, 200).path, log / TileName(0, 100).path):
        whole = flip(file, 40)
        try:
            found = []
            for processes in (1, 2):
                with pytest.raises(LogInvalid) as error:
                    verify_log(FolderReader(log), signer.vkey, scope=Scope(processes=processes))
                found.append((error.value.file, error.value.index, error.value.message))
        finally:
            file.write_bytes(whole)
        assert found[0] == found[1]
        assert found[0][0] == file.relative_to(log).as_posix()


def test_a_signature_line_is_one_of_base64(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    """The checkpoint of two keys has two lines, and the second is the long one."""
    checkpoint = write_log(tmp_path, entries(3))
    note = sign_note(checkpoint.body(), [signer, Cosigner(signer.name, bytes(32))])
    lines = note.splitlines()[-2:]
    assert [len(base64.b64decode(line.split(" ")[2])) for line in lines] == [4 + 64, 4 + 8 + 2420]
