"""The published log in an S3-compatible store: rclone's own S3 server over a folder, which checks our signatures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from insyn.cli import publisher
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.evidence.objectstore import Mirror, ObjectStoreConfig, S3Objects, UploadFailed, read_config
from insyn.evidence.pruning import Wish, plan_pruning, prune
from insyn.evidence.publisher import publish
from insyn.evidence.store import EvidenceStore
from insyn.tlog.errors import LogInvalid
from insyn.tlog.read import FolderReader, HttpReader
from insyn.tlog.retention import Retention
from insyn.tlog.verify import Scope, verify_log

BUCKETS = 12
_numbers = iter(range(BUCKETS))
KEY, SECRET = "insyn-test", "a-secret-of-the-test"


class Bucket:
    """A bucket on a real server; ``folder`` is what it holds, ``objects`` our way to it."""

    def __init__(self, root: Path, url: str) -> None:
        self.name = f"bucket-{next(_numbers)}"
        self.folder = root / self.name / "kommun" / "log"
        self.config = ObjectStoreConfig(self.name, "kommun/log", url)
        self.objects = S3Objects(self.config)

    def checkpoint(self) -> bytes:
        path = self.folder / "checkpoint"
        return path.read_bytes() if path.exists() else b""

    def paths(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    root = tmp_path_factory.mktemp("s3")
    rclone = Path(sys.executable).with_name("rclone")
    log = (root / "log").open("w+")
    for number in range(BUCKETS):  # made before it looks: it remembers what it saw
        (root / "data" / f"bucket-{number}").mkdir(parents=True)
    command = [
        str(rclone),
        "serve",
        "s3",
        "--addr",
        "127.0.0.1:0",
        "--auth-key",
        f"{KEY},{SECRET}",
        str(root / "data"),
    ]
    process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "RCLONE_CONFIG": str(root / "none")})
    try:
        yield root / "data", _address(root / "log", process)
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(1000):
        found = [word for word in log.read_text().split() if word.startswith("[http://")]
        if found:
            return found[0].strip("[]/")
        assert process.poll() is None, log.read_text()
        time.sleep(0.02)
    raise AssertionError(f"rclone did not start: {log.read_text()}")


@pytest.fixture
def bucket(server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return Bucket(*server)


def grow(office: Any, store: EvidenceStore, folder: Path, size: int) -> None:
    with store.transaction() as transaction:
        for _ in range(size - store.size):
            transaction.append(public={"kind": "refusal", "system": "lanestod"})
    store.sign_checkpoint(office.signer)
    publish(store, folder)


def test_a_log_copied_step_by_step_verifies_in_the_store(office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket) -> None:
    mirror = Mirror(tmp_path / "public", bucket.objects)
    for size in (0, 100, 300, 300, 800):
        grow(office, store, tmp_path / "public", size)
        mirror.send()
        assert verify_log(FolderReader(bucket.folder), office.signer.vkey).size == size
    assert "tile/entries/000.p/100" not in bucket.paths()
    assert mirror.send() == 0


def test_what_is_not_public_is_not_copied(office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket) -> None:
    public = tmp_path / "public"
    grow(office, store, public, 3)
    (public / "figures").mkdir()
    for name in ("log.vkey", "log-ml-dsa.vkey", "policy", "retention.json", "figures/lanestod.json", "secret.key", ".publishing.tmp"):
        (public / name).write_bytes(Retention(store.origin, 0, "x", "2031-02-03").encode() if name == "retention.json" else b"x")
    Mirror(public, bucket.objects).send()
    assert bucket.paths() == {
        "checkpoint",
        "tile/entries/000.p/3",
        "tile/0/000.p/3",
        "log.vkey",
        "log-ml-dsa.vkey",
        "policy",
        "retention.json",
        "figures/lanestod.json",
    }


class Failing(S3Objects):
    """The network goes after some puts."""

    left = 0

    def put(self, path: str, data: bytes, *, kind: str, cache: str) -> None:
        if self.left == 0:
            raise OSError("the network is gone")
        self.left -= 1
        super().put(path, data, kind=kind, cache=cache)


def test_an_upload_that_was_cut_off_goes_on_and_the_old_checkpoint_stands_meanwhile(
    office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket
) -> None:
    grow(office, store, tmp_path / "public", 100)
    Mirror(tmp_path / "public", bucket.objects).send()
    grow(office, store, tmp_path / "public", 900)
    objects = Failing(bucket.config)
    cut = 0
    while cut < 20:
        objects.left = 2
        try:
            Mirror(tmp_path / "public", objects).send()  # each time as a process that has just started
            break
        except UploadFailed as error:
            assert "the network is gone" in str(error)
            assert b"\n100\n" in (bucket.folder / "checkpoint").read_bytes()
            cut += 1
    assert 3 < cut < 20
    assert verify_log(FolderReader(bucket.folder), office.signer.vkey).size == 900


def test_a_folder_from_an_old_backup_does_not_take_back_what_the_world_has_seen(
    office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket
) -> None:
    grow(office, store, tmp_path / "public", 100)
    shutil.copytree(tmp_path / "public", tmp_path / "backup")
    grow(office, store, tmp_path / "public", 400)
    Mirror(tmp_path / "public", bucket.objects).send()
    with pytest.raises(UploadFailed, match="shows 400 entries, the folder has 100"):
        Mirror(tmp_path / "backup", bucket.objects).send()
    shutil.rmtree(tmp_path / "backup/tile")
    (tmp_path / "backup/checkpoint").unlink()
    with pytest.raises(UploadFailed, match="the folder has 0"):
        Mirror(tmp_path / "backup", bucket.objects).send()
    assert verify_log(FolderReader(bucket.folder), office.signer.vkey).size == 400


def test_what_is_pruned_goes_from_the_store_too_and_nothing_else(office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket) -> None:
    public = tmp_path / "public"
    grow(office, store, public, 700)
    mirror = Mirror(public, bucket.objects)
    mirror.send()
    prune(public, plan_pruning(store, public, Wish(below=256)), Retention(store.origin, 256, "KS 2031:7", "2031-02-03"))
    (public / "tile/entries/001").unlink()  # lost, not pruned: the copy is kept
    mirror.send()
    assert "tile/entries/000" not in bucket.paths()
    with pytest.raises(LogInvalid, match="is missing"):
        verify_log(FolderReader(bucket.folder), office.signer.vkey)
    assert verify_log(FolderReader(bucket.folder), office.signer.vkey, scope=Scope(minimum=256)).size == 700


def test_a_wrong_key_and_a_store_that_is_away_are_errors_and_the_next_try_is_whole(
    office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(office, store, tmp_path / "public", 10)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(UploadFailed, match="could not be copied"):
        Mirror(tmp_path / "public", S3Objects(bucket.config)).send()
    mirror = Mirror(tmp_path / "public", S3Objects(ObjectStoreConfig("no-such-bucket", "", bucket.config.endpoint)))
    with pytest.raises(UploadFailed):
        mirror.send()
    assert not bucket.folder.exists()


def test_objects_bear_their_type_and_how_long_they_may_be_kept(office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket) -> None:
    """As the store's own answer says, over plain HTTP."""
    seen: dict[str, tuple[str, str]] = {}

    class Watching(S3Objects):
        def put(self, path: str, data: bytes, *, kind: str, cache: str) -> None:
            seen[path] = kind, cache
            super().put(path, data, kind=kind, cache=cache)

    grow(office, store, tmp_path / "public", 256)
    Mirror(tmp_path / "public", Watching(bucket.config)).send()
    assert list(seen)[-1] == "checkpoint"
    assert seen["checkpoint"] == ("text/plain; charset=utf-8", "no-cache")
    assert seen["tile/entries/000"] == ("application/octet-stream", "public, max-age=31536000, immutable")
    with pytest.raises(urllib.error.HTTPError):  # nobody reads or writes without a key, unless the owner opens the bucket for reading
        urllib.request.urlopen(f"{bucket.config.endpoint}/{bucket.name}/kommun/log/checkpoint", timeout=10)
    with pytest.raises(LogInvalid, match="the server answers 40"):
        verify_log(HttpReader(f"{bucket.config.endpoint}/{bucket.name}/kommun/log"), office.signer.vkey)


def test_the_publisher_copies_what_is_new_and_tries_again(
    office: Any, store: EvidenceStore, tmp_path: Path, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home, news, ended = Home(tmp_path), threading.Event(), threading.Event()
    monkeypatch.setattr(publisher, "COPY_AGAIN_SECONDS", 0.1)
    home.object_store.write_text('{"bucket": 7}')
    thread = threading.Thread(target=publisher.keep_copied, args=(home, news, ended))
    thread.start()
    try:
        grow(office, store, home.public, 300)
        news.set()
        until(lambda: "not copied: object-store.json" in capsys.readouterr().err)
        home.object_store.write_bytes(msgspec.json.encode(bucket.config))
        until(lambda: b"\n300\n" in bucket.checkpoint())
        grow(office, store, home.public, 600)
        news.set()
        until(lambda: b"\n600\n" in bucket.checkpoint())
    finally:
        ended.set()
        thread.join(30)
    assert verify_log(FolderReader(bucket.folder), office.signer.vkey).size == 600


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def test_settings_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "object-store.json"
    assert read_config(path) is None
    path.write_text('{"bucket": "b", "prefix": "p/q", "endpoint": "https://s3.example", "region": "x"}')
    assert read_config(path) == ObjectStoreConfig("b", "p/q", "https://s3.example", "x")
    for text in ('{"bucket": ""}', '{"bucket": "b", "prefix": "/p"}', '{"bucket": "b", "secret": "s"}', "[]", "{"):
        path.write_text(text)
        with pytest.raises(InvalidInput, match=r"object-store\.json"):
            read_config(path)
