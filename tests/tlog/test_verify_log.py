"""Whoever verifies a published log from outside: finds what is wrong, and where."""

from __future__ import annotations

import functools
import http.server
import random
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import LogInvalid
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.read import FolderReader, HttpReader, reader_of
from insyn.tlog.tiles import TileName, encode_bundle
from insyn.tlog.verify import verify_log

Write = Callable[[Path, Sequence[bytes]], Checkpoint]
SIZE = 70_000


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """70,000 entries over three levels of tiles, with the partial tiles of an earlier checkpoint beside them."""
    return tmp_path_factory.mktemp("large")


@pytest.fixture
def log(large: Path, write_log: Write) -> Path:
    if not (large / "checkpoint").exists():
        write_log(large, entries(SIZE - 50))
        write_log(large, entries(SIZE))
    return large


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 513, 1000])
def test_a_log_of_any_size_verifies(tmp_path: Path, write_log: Write, signer: NoteSigner, size: int) -> None:
    checkpoint = write_log(tmp_path, entries(size))
    read: list[tuple[int, bytes]] = []
    report = verify_log(FolderReader(tmp_path), signer.vkey, on_entry=lambda index, entry: read.append((index, entry)))
    assert report.checkpoint == checkpoint
    assert read == list(enumerate(entries(size)))


def test_a_log_of_three_levels_verifies(log: Path, signer: NoteSigner) -> None:
    report = verify_log(FolderReader(log), signer.vkey)
    assert report.size == SIZE
    assert report.files == 1 + 2 * 274 + 2 + 1 + 2 * 2  # checkpoint, three levels, and older partial tiles with their wider ones


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), change=st.integers(1, 255))
def test_one_flipped_byte_anywhere_is_found_and_its_file_named(log: Path, signer: NoteSigner, seed: int, change: int) -> None:
    chance = random.Random(seed)
    files = sorted(path for path in log.rglob("*") if path.is_file())
    rare = [path for path in files if path.name == "checkpoint" or ".p" in path.parent.name or path.parts[-2] in "12"]
    file = chance.choice(chance.choice((files, rare)))
    whole = file.read_bytes()
    at = chance.randrange(len(whole))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
    try:
        with pytest.raises(LogInvalid) as found:
            verify_log(FolderReader(log), signer.vkey)
    finally:
        file.write_bytes(whole)
    assert found.value.file == file.relative_to(log).as_posix(), str(found.value)


@pytest.mark.parametrize(("index", "part"), [(0, "text"), (255, "text"), (256, "length"), (300, "text"), (300, "length")])
def test_a_changed_entry_is_named(tmp_path: Path, write_log: Write, signer: NoteSigner, index: int, part: str) -> None:
    write_log(tmp_path, entries(400))
    path = tmp_path / TileName(None, index // 256, 256 if index < 256 else 144).path
    data = bytearray(path.read_bytes())
    at = data.index(b"entry %d" % index)
    data[at if part == "text" else at - 1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(LogInvalid) as found:
        verify_log(FolderReader(tmp_path), signer.vkey)
    assert (found.value.file, found.value.index) == (path.relative_to(tmp_path).as_posix(), index)
    assert str(index) in str(found.value)


def test_an_entry_changed_together_with_its_tile_is_found_in_the_tile_above(log: Path, signer: NoteSigner, tmp_path: Path) -> None:
    """Whoever rewrites entry and tile must rewrite the tiles above, and in the end the signature."""
    forged = tmp_path / "forged"
    shutil.copytree(log, forged)
    other = entries(512)
    other[300] = b"entry x00"
    fresh = tmp_path / "fresh"
    _write_two_tiles(fresh, other)
    for name in ("tile/entries/001", "tile/0/001"):
        shutil.copy(fresh / name, forged / name)
    with pytest.raises(LogInvalid) as found:
        verify_log(FolderReader(forged), signer.vkey)
    assert (found.value.file, found.value.index) == ("tile/entries/001", 256)


def _write_two_tiles(folder: Path, texts: list[bytes]) -> None:
    for name, data in (("entries", encode_bundle(texts[256:])), ("0", b"".join(leaf_hash(text) for text in texts[256:]))):
        (folder / f"tile/{name}").mkdir(parents=True)
        (folder / f"tile/{name}/001").write_bytes(data)


@pytest.mark.parametrize("missing", ["checkpoint", "tile/entries/001.p/44", "tile/0/000", "tile/1/000.p/1"])
def test_a_missing_file_is_named(tmp_path: Path, write_log: Write, signer: NoteSigner, missing: str) -> None:
    write_log(tmp_path, entries(300))
    (tmp_path / missing).unlink()
    with pytest.raises(LogInvalid, match="is missing") as found:
        verify_log(FolderReader(tmp_path), signer.vkey)
    assert found.value.file == missing


@pytest.mark.parametrize("extra", ["tile/entries/002", "tile/0/000.p/7/x", "tile/5/000.p/1", "tile/0/001.p/200", "tile/notes.txt"])
def test_a_file_that_does_not_belong_is_named(tmp_path: Path, write_log: Write, signer: NoteSigner, extra: str) -> None:
    write_log(tmp_path, entries(300))
    (tmp_path / extra).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / extra).write_bytes(b"x")
    with pytest.raises(LogInvalid) as found:
        verify_log(FolderReader(tmp_path), signer.vkey)
    assert found.value.file == extra


def test_a_checkpoint_of_another_log_or_another_key_is_refused(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    checkpoint = write_log(tmp_path, entries(3))
    with pytest.raises(LogInvalid, match="no signature by a known key"):
        verify_log(FolderReader(tmp_path), NoteSigner(signer.name, bytes(32)).vkey)
    other = Checkpoint("elsewhere.example", checkpoint.size, checkpoint.root)
    (tmp_path / "checkpoint").write_text(sign_note(other.body(), signer), encoding="utf-8")
    with pytest.raises(LogInvalid, match=r"is of the log 'elsewhere\.example'"):
        verify_log(FolderReader(tmp_path), signer.vkey)


def test_a_signed_root_of_other_entries_is_refused(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    write_log(tmp_path, entries(3))
    (tmp_path / "checkpoint").write_text(sign_note(Checkpoint(signer.name, 3, bytes(32)).body(), signer), encoding="utf-8")
    with pytest.raises(LogInvalid, match="its root is not that of the 3 entries") as found:
        verify_log(FolderReader(tmp_path), signer.vkey)
    assert found.value.file == "checkpoint"


def test_a_log_must_continue_the_checkpoints_that_somebody_kept(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    kept = [write_log(tmp_path / str(size), entries(size)) for size in (0, 1, 255, 256, 300, 513)]
    write_log(tmp_path / "now", entries(513))
    assert verify_log(FolderReader(tmp_path / "now"), signer.vkey, known=kept).size == 513
    for size in (1, 256, 300, 513):
        with pytest.raises(LogInvalid, match=f"does not continue the checkpoint of size {size}"):
            verify_log(FolderReader(tmp_path / "now"), signer.vkey, known=[*kept, Checkpoint(signer.name, size, bytes(32))])
    with pytest.raises(LogInvalid, match="is smaller than the 600"):
        verify_log(FolderReader(tmp_path / "now"), signer.vkey, known=[Checkpoint(signer.name, 600, bytes(32))])


def test_a_full_tile_serves_in_place_of_a_partial_one(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    """A checkpoint of 300 is still verified when the log has grown and its partial tiles are gone."""
    write_log(tmp_path / "old", entries(300))
    write_log(tmp_path / "new", entries(600))
    log = tmp_path / "new"
    shutil.copy(tmp_path / "old/checkpoint", log / "checkpoint")
    shutil.copytree(tmp_path / "old/tile/1", log / "tile/1", dirs_exist_ok=True)
    with served(log) as address:
        assert verify_log(HttpReader(address), signer.vkey).size == 300
    with pytest.raises(LogInvalid, match="lies beyond the 300 entries"):
        verify_log(FolderReader(log), signer.vkey)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_request(self, *args: object) -> None:
        """No line per request in the test's output."""

    log_error = log_request

    def do_GET(self) -> None:
        if self.path.endswith("/broken/checkpoint"):
            self.send_error(500)
        else:
            super().do_GET()


class served:  # noqa: N801 - reads as a verb in a with statement
    """A plain web server on localhost over a folder."""

    def __init__(self, folder: Path) -> None:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))

    def __enter__(self) -> str:
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def address(tmp_path: Path, write_log: Write) -> Iterator[str]:
    write_log(tmp_path / "public/log", entries(600))
    with served(tmp_path / "public") as base:
        yield f"{base}/log/"


def test_any_web_server_will_do(address: str, tmp_path: Path, signer: NoteSigner) -> None:
    assert verify_log(reader_of(address), signer.vkey).size == 600
    (tmp_path / "public/log/tile/0/001").unlink()
    with pytest.raises(LogInvalid, match="is missing") as found:
        verify_log(reader_of(address), signer.vkey)
    assert found.value.file == "tile/0/001"


def test_a_flipped_byte_is_found_over_http(address: str, tmp_path: Path, signer: NoteSigner) -> None:
    path = tmp_path / "public/log/tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b"entry 300", b"entry 30x"))
    with pytest.raises(LogInvalid) as found:
        verify_log(reader_of(address), signer.vkey)
    assert (found.value.file, found.value.index) == ("tile/entries/001", 300)


def test_a_server_that_fails_or_is_not_there_is_an_error_and_not_a_missing_file(address: str, signer: NoteSigner) -> None:
    with pytest.raises(LogInvalid, match="the server answers 500"):
        verify_log(reader_of(address.replace("/log/", "/broken")), signer.vkey)
    with pytest.raises(LogInvalid, match="cannot be fetched"):
        verify_log(HttpReader("http://127.0.0.1:9", timeout=2), signer.vkey)


def test_only_http_addresses_are_fetched() -> None:
    with pytest.raises(ValueError, match="not an http address"):
        HttpReader("file:///etc")
    assert isinstance(reader_of("folder"), FolderReader)


class PublishedMeanwhile(FolderReader):
    """A folder whose publisher has written the tiles of a larger log, and puts its checkpoint there once the first has been read."""

    def __init__(self, folder: Path, newer: Path) -> None:
        super().__init__(folder)
        self._folder, self._newer = folder, newer

    def read(self, path: str) -> bytes | None:
        data = super().read(path)
        if path == "checkpoint":
            shutil.copy(self._newer / "checkpoint", self._folder / "checkpoint")
        return data


def test_a_log_that_is_being_published_is_no_broken_one(tmp_path: Path, write_log: Write, signer: NoteSigner) -> None:
    write_log(tmp_path / "old", entries(300))
    write_log(tmp_path / "new", entries(600))
    log = tmp_path / "live"
    shutil.copytree(tmp_path / "new", log)
    shutil.copytree(tmp_path / "old", log, dirs_exist_ok=True)
    assert verify_log(PublishedMeanwhile(log, tmp_path / "new"), signer.vkey).size == 300
    shutil.copy(tmp_path / "old" / "checkpoint", log / "checkpoint")
    with pytest.raises(LogInvalid, match="lies beyond the 300 entries"):
        verify_log(FolderReader(log), signer.vkey)
