"""The published log: made from the rows, checkpoint last, and made again where files are lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput, StoreFailed
from insyn.evidence.publisher import Publisher, publish
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import LogInvalid
from insyn.tlog.notes import sign_note
from insyn.tlog.read import FolderReader
from insyn.tlog.tiles import tile_names
from insyn.tlog.verify import verify_log


def refusals(store: EvidenceStore, count: int) -> None:
    with store.transaction() as transaction:
        for _ in range(count):
            transaction.append(public={"kind": "refusal", "system": "lanestod"})


def signed(office: Any, store: EvidenceStore, size: int) -> str:
    refusals(store, size - store.size)
    note: str = store.sign_checkpoint(office.signer)
    return note


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_published_before_the_first_checkpoint(store: EvidenceStore, tmp_path: Path) -> None:
    refusals(store, 3)
    assert publish(store, tmp_path / "public") is None
    assert files_of(tmp_path / "public") == {}


def test_a_log_published_step_by_step_verifies_at_every_step(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    with EvidenceReader.read_only(office.folder) as reader:
        publisher = Publisher(reader, tmp_path)
        known: list[Checkpoint] = []
        for size in (0, 1, 1, 200, 255, 256, 257, 700, 1024, 1030):
            signed(office, store, size)
            published = publisher.publish()
            report = verify_log(FolderReader(tmp_path), office.signer.vkey, known=known)
            assert published == report.checkpoint == Checkpoint(store.origin, size, store.root())
            known.append(report.checkpoint)
    paths = {"checkpoint", *(name.path for name in tile_names(1030))}
    older = {f"tile/1/000.p/{width}" for width in (1, 2)}
    written = {path for path in files_of(tmp_path) if not path.startswith("evidence/")}
    assert written == paths | older


def test_publishing_step_by_step_and_at_once_give_the_same_files(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    for size in (100, 300, 800):
        signed(office, store, size)
        publish(store, tmp_path / "steps")
    publish(store, tmp_path / "once")
    steps, once = files_of(tmp_path / "steps"), files_of(tmp_path / "once")
    assert once.items() <= steps.items()
    assert set(steps) - set(once) == {"tile/1/000.p/1"}


def test_an_older_checkpoint_can_be_published_while_the_log_goes_on(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    """The public checkpoint comes daily, the internal one each second."""
    old = signed(office, store, 300)
    signed(office, store, 900)
    published = publish(store, tmp_path / "public", note=old)
    assert published is not None
    assert published.size == 300
    assert verify_log(FolderReader(tmp_path / "public"), office.signer.vkey).size == 300
    assert b"900" not in (tmp_path / "public/checkpoint").read_bytes()


@pytest.mark.parametrize(
    "lost", ["tile/entries/000", "tile/0/001", "tile/entries/002.p/188", "tile/0/002.p/188", "tile/1/000.p/2", "checkpoint", "tile"]
)
def test_what_is_lost_is_made_again(office: Any, store: EvidenceStore, tmp_path: Path, lost: str) -> None:
    signed(office, store, 700)
    publish(store, tmp_path / "public")
    whole = files_of(tmp_path / "public")
    target = tmp_path / "public" / lost
    for path in sorted([target, *target.rglob("*")], reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    publish(store, tmp_path / "public")
    assert files_of(tmp_path / "public") == whole


def test_what_is_cut_short_is_made_again_and_what_is_spoiled_when_all_is_written_anew(
    office: Any, store: EvidenceStore, tmp_path: Path
) -> None:
    signed(office, store, 300)
    publish(store, tmp_path / "public")
    whole = files_of(tmp_path / "public")
    tile = tmp_path / "public/tile/0/001.p/44"
    tile.write_bytes(tile.read_bytes()[:-1])
    publish(store, tmp_path / "public")
    assert files_of(tmp_path / "public") == whole
    tile = tmp_path / "public/tile/0/000"
    tile.write_bytes(bytes(8192))
    publish(store, tmp_path / "public")
    with pytest.raises(LogInvalid):
        verify_log(FolderReader(tmp_path / "public"), office.signer.vkey)
    publish(store, tmp_path / "public", anew=True)
    assert files_of(tmp_path / "public") == whole


def test_the_checkpoint_is_the_last_file_to_appear(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    """A publisher that cannot write a tile leaves the old checkpoint, which still verifies."""
    signed(office, store, 300)
    publish(store, tmp_path / "public")
    before = (tmp_path / "public/checkpoint").read_bytes()
    blocker = tmp_path / "public/tile/entries/002.p"
    blocker.write_bytes(b"a file where a folder must be")
    signed(office, store, 700)
    with pytest.raises(OSError, match=r"002\.p"):
        publish(store, tmp_path / "public")
    assert (tmp_path / "public/checkpoint").read_bytes() == before
    blocker.unlink()
    publish(store, tmp_path / "public")
    assert verify_log(FolderReader(tmp_path / "public"), office.signer.vkey).size == 700


def test_leftovers_of_a_killed_publisher_are_cleared(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    signed(office, store, 3)
    (tmp_path / "public/.publishing").mkdir(parents=True)
    (tmp_path / "public/.publishing/0").write_bytes(b"half")
    publish(store, tmp_path / "public")
    assert sorted(files_of(tmp_path / "public")) == ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"]


def test_rows_that_are_not_what_was_signed_are_not_published(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    signed(office, store, 3)
    forged = sign_note(Checkpoint(store.origin, 3, bytes(32)).body(), office.signer)
    with pytest.raises(StoreFailed, match="the first 3 entries are not those"):
        publish(store, tmp_path / "public", note=forged)
    ahead = sign_note(Checkpoint(store.origin, 9, bytes(32)).body(), office.signer)
    with pytest.raises(StoreFailed, match="lacks an entry between 0 and 8"):
        publish(store, tmp_path / "public", note=ahead)
    assert "checkpoint" not in files_of(tmp_path / "public")


def test_a_published_log_goes_on_and_never_back(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    old = signed(office, store, 3)
    signed(office, store, 5)
    publish(store, tmp_path / "public")
    with pytest.raises(StoreFailed, match="it cannot go back to 3"):
        publish(store, tmp_path / "public", note=old)
    other = sign_note(Checkpoint(store.origin, 4, bytes(32)).body(), office.signer)
    (tmp_path / "public/checkpoint").write_text(other, encoding="utf-8")
    with pytest.raises(StoreFailed, match="the published checkpoint of 4 entries is not the beginning"):
        publish(store, tmp_path / "public")


def test_a_note_that_is_no_checkpoint_is_not_published(store: EvidenceStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a signed checkpoint"):
        publish(store, tmp_path / "public", note="nonsense")


def test_published_entries_are_the_rows_byte_for_byte(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    office.decided(store, 3)
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "public")
    read: list[bytes] = []
    verify_log(FolderReader(tmp_path / "public"), office.signer.vkey, on_entry=lambda _, entry: read.append(entry))
    assert read == [data for _, data in store.entries(0, 10)]
    assert all(json.loads(entry)["kind"] == "decision" for entry in read)
