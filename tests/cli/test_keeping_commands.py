"""`insyn check`, `backup`, `restore` and `escrow` on an installation's own folders."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insyn.core.home import Home
from insyn.core.terms import DisclosureGroup
from insyn.evidence.publisher import publish
from insyn.evidence.store import EvidenceStore
from insyn.tlog.notes import NoteSigner
from insyn.web.setup import prepare_home

ORIGIN = "test.example/log"


def insyn(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "insyn.cli.main", *words], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="in"))
    made = Home(folder / "h")
    prepare_home(made, ORIGIN, 2000)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def open_store(home: Home) -> EvidenceStore:
    archive = bytes.fromhex(home.archive_key.read_text()) if home.archive_key.exists() else b""
    root_key = bytes.fromhex(home.root_key.read_text())
    return EvidenceStore.open(folder=home.evidence, root_key=root_key, origin=ORIGIN, clock=lambda: datetime.now(UTC), archive_key=archive)


def decide(store: EvidenceStore, retention: str = "standard") -> str:
    with store.transaction() as transaction:
        public = {"kind": "decision", "system": "loans", "day": datetime.now(UTC).date().isoformat()}
        return transaction.append(public=public, private={DisclosureGroup.INPUT: b"{}"}, retention=retention).rid


def sign(home: Home, store: EvidenceStore) -> None:
    signer = NoteSigner(ORIGIN, bytes.fromhex(home.log_key.read_text().strip()))
    store.sign_checkpoint(signer)
    publish(store, home.public)


def test_check_names_table_and_row_of_the_store_and_a_file_of_the_published_log(home: Home) -> None:
    store = open_store(home)
    decide(store)
    sign(home, store)
    store.close()
    said = insyn("check", "--home", str(home.root))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "1 entries (1 under a checkpoint), 1 payloads opened, 0 erased, 0 acts, 0 wrong" in said.stdout
    connection = sqlite3.connect(home.evidence / "evidence.sqlite")
    connection.execute("UPDATE payload SET sealed = zeroblob(length(sealed))")
    connection.commit()
    connection.close()
    tile = home.public / "tile" / "0" / "000.p" / "1"
    tile.write_bytes(bytes(32))
    said = insyn("check", "--home", str(home.root))
    assert said.returncode == 1
    assert "WRONG: payload 0: the sealed text does not open under its key" in said.stdout
    assert "WRONG: published log" in said.stdout


def test_a_backup_is_put_back_and_continued_and_what_was_erased_stays_erased(home: Home) -> None:
    store = open_store(home)
    gone, kept = decide(store), decide(store)
    folder = home.root.parent
    said = insyn("backup", "--home", str(home.root), "--to", str(folder / "b"), "--keys", str(folder / "k"))
    assert said.returncode == 0, said.stderr
    made, keys = next((folder / "b").iterdir()), next((folder / "k").iterdir())
    store.erase(gone, public={"system": "loans", "day": "2026-11-21", "basis": "GDPR 17", "until": "2026-12-30"})
    sign(home, store)
    store.close()
    shutil.rmtree(home.evidence)
    home.evidence.mkdir(mode=0o700)
    back = insyn("restore", "--home", str(home.root), "--from", str(made), "--keys", str(keys))
    assert back.returncode == 0, back.stdout + back.stderr
    assert "1 entries, 1 disposals carried out again" in back.stdout
    store = open_store(home)
    assert store.open_groups(kept).groups
    assert store.is_erased(0)
    sign(home, store)
    store.close()
    assert insyn("check", "--home", str(home.root)).returncode == 0
    again = insyn("restore", "--home", str(home.root), "--from", str(made), "--keys", str(keys))
    assert (again.returncode, "there is a store already" in again.stderr) == (1, True)
    assert insyn("verify", str(home.public), "--vkey", str(home.log_vkey), "--disposals").returncode == 0


def test_the_archives_key_opens_what_is_kept_for_good(home: Home, tmp_path: Path) -> None:
    private = tmp_path / "archive.key"
    made = insyn("escrow", "new-key", "--out", str(private))
    public = made.stdout.split()[-1]
    assert private.stat().st_mode & 0o077 == 0
    assert insyn("escrow", "new-key", "--out", str(private)).returncode == 1
    assert insyn("escrow", "use", "--home", str(home.root), public).returncode == 0
    assert insyn("escrow", "use", "--home", str(home.root), "abc").returncode == 1
    store = open_store(home)
    decide(store, "preserve")
    sign(home, store)
    store.close()
    held = tmp_path / "escrow.json"
    assert insyn("escrow", "export", "--home", str(home.root), "--out", str(held)).returncode == 0
    root_key = home.root_key.read_text()
    home.root_key.unlink()
    said = insyn("escrow", "test", "--home", str(home.root), "--escrow", str(held), "--key", str(private))
    assert said.returncode == 0, said.stdout + said.stderr
    assert ": 1 opened" in said.stdout
    emptied = json.loads(held.read_text())
    emptied["keys"] = []
    held.write_text(json.dumps(emptied))
    said = insyn("escrow", "test", "--home", str(home.root), "--escrow", str(held), "--key", str(private))
    assert (said.returncode, "does not hold" in said.stdout) == (1, True)
    home.root_key.write_text(root_key)
