"""A neighbouring municipality's witness as a process of its own, and our publisher and sequencer that ask it over HTTP."""

from __future__ import annotations

import contextlib
import functools
import http.client
import http.server
import io
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from gateway_kit import ORIGIN, Bench, Town, a_town

from insyn.cli import witness_server
from insyn.cli.main import main
from insyn.cli.publisher import PublicSite
from insyn.cli.up import free_port
from insyn.evidence.logkeys import add_log_key
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.witnessing import Witnesses
from insyn.tlog.checkpoint import read_checkpoint
from insyn.tlog.notes import sign_note
from insyn.tlog.policy import Policy, read_policy
from insyn.tlog.witness import MAX_REQUEST_BYTES, AddCheckpoint

DAY = date(2026, 11, 20)


class Neighbour:
    """The witness program, in a folder and on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> str:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            assert main(["witness", words[0], "--folder", str(self.folder), *words[1:]]) == 0
        return said.getvalue()

    def vkeys(self) -> list[str]:
        return [line.strip() for line in self.run("show").splitlines() if line.startswith("  ")]

    def start(self) -> None:
        command = [sys.executable, "-m", "insyn.cli.main", "witness", "run", "--folder", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        assert "Ctrl-C ends" in self.process.stdout.readline()

    def end(self, *, kill: bool = False) -> None:
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            code = self.process.wait(20)
            assert kill or code == 0
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    def post(self, data: bytes, path: str = "/add-checkpoint", **headers: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", path, body=data, headers=headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), answer.headers.get_content_type()
        connection.close()
        return found


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers does so at once; a busy machine may take longer."""
    monkeypatch.setattr("insyn.cli.publisher.Witnesses", functools.partial(Witnesses, seconds=30.0))


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town() as made:
        made.home.log_vkey.write_text(made.signer.vkey + "\n")
        yield made


@pytest.fixture
def bench(town: Town) -> Bench:
    bench = town.engine()
    bench.permit()
    bench.engine.checkpoint()
    return bench


@pytest.fixture
def neighbour(tmp_path: Path, town: Town) -> Iterator[Neighbour]:
    made = Neighbour(tmp_path / "witness")
    assert "Public keys" in made.run("init", "--name", "vittne.example/1")
    assert made.run("watch", str(town.home.log_vkey)).strip() == f"Watching {ORIGIN}"
    made.start()
    yield made
    made.end()


def agree(town: Town, *witnesses: tuple[str, str, str], quorum: str = "none") -> None:
    """Write the policy of the home."""
    town.home.witnesses.mkdir(exist_ok=True)
    lines = [f"witness {name} {vkey} {url}" for name, vkey, url in witnesses]
    (town.home.witnesses / "policy").write_text("\n".join([*lines, f"quorum {quorum}", ""]))


def published(town: Town) -> Policy:
    return read_policy(town.home.public / "policy")


def test_a_public_checkpoint_bears_the_witnesss_line(town: Town, bench: Bench, neighbour: Neighbour) -> None:
    for number, vkey in enumerate(neighbour.vkeys()):  # its Ed25519 key, then its ML-DSA-44 key
        agree(town, ("neighbour", vkey, neighbour.url), quorum="neighbour")
        bench.stop()
        bench.engine.checkpoint()
        with EvidenceReader.read_only(town.home.evidence) as reader:
            site = PublicSite(town.home, reader)
            assert site.publish(DAY)
            assert not site.witnesses_are_wanting()
        opened = published(town).open((town.home.public / "checkpoint").read_text())
        assert opened.witnesses == ("neighbour",)
        assert opened.checkpoint.size == bench.engine.books.store.size
        assert f"{opened.checkpoint.size} entries" in neighbour.run("show"), number


def test_the_receipt_of_a_cosigned_entry_verifies_offline(
    town: Town, bench: Bench, neighbour: Neighbour, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agree(town, ("neighbour", neighbour.vkeys()[0], neighbour.url), quorum="neighbour")
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(DAY)
        reader.published = town.home.public / "checkpoint"
        receipt = tmp_path / "1.tlog-proof"
        receipt.write_text(reader.receipt_proof(1))
    neighbour.end()
    policy = str(town.home.public / "policy")
    assert main(["verify", "--proof", str(receipt), "--policy", policy]) == 0
    said = capsys.readouterr().out
    assert "Valid: entry 1 of" in said
    assert "Cosigned by: neighbour" in said
    assert '"kind": "permit"' in said
    receipt.write_text(receipt.read_text().replace("index 1\n", "index 0\n"))
    assert main(["verify", "--proof", str(receipt), "--policy", policy]) == 1
    assert "NOT VALID" in capsys.readouterr().out


def test_a_witness_that_missed_some_catches_up_and_one_that_restarts_remembers(town: Town, bench: Bench, neighbour: Neighbour) -> None:
    agree(town, ("neighbour", neighbour.vkeys()[0], neighbour.url))
    witnesses = Witnesses(town.home.witnesses, seconds=30.0)
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        seen = read_checkpoint(reader.checkpoint_note()).size
        assert witnesses.cosign(reader.checkpoint_note(), site._prove).names == {"neighbour"}
        neighbour.end(kill=True)
        bench.stop()
        bench.engine.checkpoint()
        away = witnesses.cosign(reader.checkpoint_note(), site._prove)
        assert "cannot be reached" in away.problems["neighbour"]
        assert away.note == reader.checkpoint_note()
        neighbour.start()
        status, size, _ = neighbour.post(AddCheckpoint(0, (), reader.checkpoint_note()).encode())
        assert (status, int(size)) == (409, seen)  # killed outright, it still knows what it signed
        for kept in town.home.witnesses.glob("*.checkpoint"):
            kept.unlink()  # we have forgotten what it saw: it tells
        back = witnesses.cosign(reader.checkpoint_note(), site._prove)
        assert (back.names, back.problems) == ({"neighbour"}, {})
        (kept,) = town.home.witnesses.glob("*.checkpoint")
        kept.write_text("damaged")
        assert witnesses.cosign(reader.checkpoint_note(), site._prove).names == {"neighbour"}


class Silent:
    """Accepts connections and says nothing, or not enough."""

    def __init__(self, says: bytes = b"") -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.says, self.open = says, []
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(connection)
            if self.says:
                connection.recv(100_000)
                connection.sendall(self.says)

    def close(self) -> None:
        self.socket.close()
        for connection in self.open:
            connection.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"


def test_a_witness_that_hangs_costs_its_line_and_a_bounded_time(town: Town, bench: Bench, neighbour: Neighbour) -> None:
    silent = Silent()
    first, second = neighbour.vkeys()
    agree(town, ("slow", first, silent.url), ("quick", second, neighbour.url))
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        site._witnesses = Witnesses(town.home.witnesses, seconds=5.0)
        began = time.monotonic()
        assert site.publish(DAY)
        assert time.monotonic() - began < 30  # it would have waited for ever
        assert published(town).open((town.home.public / "checkpoint").read_text()).witnesses == ("quick",)
        site._ask_again = 0.0
        assert site.witnesses_are_wanting()
        agree(town, ("slow", first, neighbour.url), ("quick", second, neighbour.url))
        site.ask_witnesses_again()  # the late line is added to the checkpoint that is public already
        assert set(published(town).open((town.home.public / "checkpoint").read_text()).witnesses) == {"slow", "quick"}
        assert not site.witnesses_are_wanting()
    silent.close()


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "no signature"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "no signature"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "does not take the log's key"),
        (b"HTTP/1.1 409 Conflict\r\nContent-Length: 3\r\n\r\nno\n", "answered 409: no"),
        (b"HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 7\r\n\r\n999999\n", "was an old backup put back"),
        (b"nonsense\r\n\r\n", "cannot be reached"),
    ],
)
def test_a_witness_that_answers_nonsense_is_named_with_the_reason(town: Town, bench: Bench, says: bytes, problem: str) -> None:
    strange = Silent(says)
    agree(town, ("strange", a_vkey(), strange.url))
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        made = Witnesses(town.home.witnesses, seconds=30.0).cosign(reader.checkpoint_note(), site._prove)
    strange.close()
    assert made.names == set()
    assert problem in made.problems["strange"]


def a_vkey() -> str:
    from insyn.tlog.cosignature import Cosigner

    return Cosigner("vittne.example/1", bytes(32)).vkey


def test_a_policy_that_cannot_be_read_is_said_and_the_log_is_published(
    town: Town, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    town.home.witnesses.mkdir()
    (town.home.witnesses / "policy").write_text("quorum nobody\n")
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(DAY)
    assert "line 1: no witness or group 'nobody'" in capsys.readouterr().err
    assert (town.home.public / "checkpoint").exists()


def test_a_forked_log_is_told_to_us_and_never_cosigned(town: Town, bench: Bench, neighbour: Neighbour) -> None:
    agree(town, ("neighbour", neighbour.vkeys()[0], neighbour.url))
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        other = sign_note(f"{ORIGIN}\n{bench.engine.books.store.size}\n{'A' * 43}=\n", town.signer)
        assert neighbour.post(AddCheckpoint(0, (), other).encode())[0] == 200
        made = Witnesses(town.home.witnesses, seconds=30.0).cosign(reader.checkpoint_note(), site._prove)
    assert "ANOTHER TREE" in made.problems["neighbour"]


# ----------------------------------------------------------------------------------------------------------- the sequencer's start


def old_backup(town: Town, tmp_path: Path) -> Callable[[], None]:
    """Copy the home as it stands; the function returned puts the copy back, all of it."""
    for name in ("evidence", "public", "witnesses"):
        shutil.copytree(town.home.root / name, tmp_path / "backup" / name)

    def put_back() -> None:
        for name in ("evidence", "public", "witnesses"):
            shutil.rmtree(town.home.root / name)
            shutil.copytree(tmp_path / "backup" / name, town.home.root / name)

    return put_back


def a_stop_after_a_backup(town: Town, neighbour: Neighbour, tmp_path: Path) -> Callable[[], None]:
    """A stop that the witness has seen and the backup has not; the function returned puts the backup back."""
    add_log_key(town.home)
    agree(town, ("neighbour", neighbour.vkeys()[0], neighbour.url))
    publish_once(town)
    town.close_store()
    put_back = old_backup(town, tmp_path)
    again = town.engine()
    again.stop()
    again.engine.checkpoint()
    publish_once(town)
    town.close_store()
    return put_back


def publish_once(town: Town) -> None:
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(DAY)


def test_a_sequencer_does_not_start_on_a_backup_older_than_what_a_witness_has_seen(
    town: Town, bench: Bench, neighbour: Neighbour, tmp_path: Path
) -> None:
    """The backup holds everything, the published folder too: only the witness still knows of the stop."""
    put_back = a_stop_after_a_backup(town, neighbour, tmp_path)
    put_back()
    with pytest.raises(AssertionError, match=r"the witness neighbour has seen \d+: an old backup was put back"):
        town.start_another()
    neighbour.end()  # it cannot be asked: said, and the gateway opens
    town.start()
    assert "witness neighbour did not say what it has seen" in town.log_file.read_text()
    town.end()


def test_a_sequencer_does_not_start_on_a_store_older_than_what_was_kept_of_a_witness(
    town: Town, bench: Bench, neighbour: Neighbour, tmp_path: Path
) -> None:
    put_back = a_stop_after_a_backup(town, neighbour, tmp_path)
    neighbour.end()
    kept = {path: path.read_bytes() for path in town.home.witnesses.glob("*.checkpoint")}
    put_back()
    for path, data in kept.items():
        path.write_bytes(data)
    with pytest.raises(AssertionError, match="known from elsewhere"):
        town.start_another()


# ------------------------------------------------------------------------------------------------------------------ as a web server


def test_the_witness_answers_as_the_protocol_says(town: Town, bench: Bench, neighbour: Neighbour) -> None:
    note = bench.engine.books.store.checkpoint_note()
    size = read_checkpoint(note).size
    assert neighbour.post(b"nonsense")[0] == 400
    assert neighbour.post(AddCheckpoint(size + 1, (), note).encode())[0] == 400
    stranger = sign_note(f"other.example\n{size}\n{'A' * 43}=\n", town.signer)
    assert neighbour.post(AddCheckpoint(0, (), stranger).encode())[0] == 404
    assert neighbour.post(AddCheckpoint(0, (), note.replace(f"\n{size}\n", f"\n{size + 1}\n")).encode())[0] == 403
    assert neighbour.post(AddCheckpoint(0, (bytes(32),), note).encode())[0] == 422
    status, lines, _ = neighbour.post(AddCheckpoint(0, (), note).encode(), "/some/prefix/add-checkpoint")
    assert (status, lines.count("\n")) == (200, 2)
    assert neighbour.post(AddCheckpoint(0, (), note).encode()) == (409, f"{size}\n", "text/x.tlog.size")
    assert neighbour.post(b"", "/other")[0] == 404
    with urllib.request.urlopen(f"{neighbour.url}/", timeout=10) as answer:
        shown = answer.read().decode()
    assert f"{ORIGIN} {size} {read_checkpoint(note).root.hex()}" in shown


def test_a_request_that_is_too_long_or_says_no_length_is_not_read(neighbour: Neighbour) -> None:
    with socket.create_connection(("127.0.0.1", neighbour.port), timeout=20) as line:
        line.sendall(f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_REQUEST_BYTES + 1}\r\n\r\n".encode())
        assert b" 413 " in line.recv(1000)
    with socket.create_connection(("127.0.0.1", neighbour.port), timeout=20) as line:
        line.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert b" 411 " in line.recv(1000)


def test_many_posts_at_once_give_one_answer_each_and_one_connection_serves_several(bench: Bench, neighbour: Neighbour) -> None:
    note = bench.engine.books.store.checkpoint_note()
    asked = AddCheckpoint(0, (), note).encode()
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(neighbour.post(asked)[0])) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [409] * 19
    connection = http.client.HTTPConnection("127.0.0.1", neighbour.port, timeout=20)
    for _ in range(3):
        connection.request("POST", "/add-checkpoint", body=asked)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (409, f"{read_checkpoint(note).size}\n".encode())
    connection.close()


def test_a_witness_is_made_once_and_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ["--folder", str(tmp_path / "w")]
    assert main(["witness", "show", *folder]) == 1
    assert main(["witness", "watch", *folder, "x"]) == 1
    assert main(["witness", "init", *folder, "--name", "a b"]) == 1
    assert main(["witness", "init", *folder, "--name", "a.example"]) == 0
    assert main(["witness", "init", *folder, "--name", "a.example"]) == 1
    assert main(["witness", "watch", *folder, "nonsense"]) == 1
    assert main(["witness", "leave", *folder, "nobody.example"]) == 1
    said = capsys.readouterr().err
    assert said.count("insyn witness init") == 2
    for part in ("no space and no plus", "never overwritten", "not a verifier key", "not a log that is watched"):
        assert part in said
    assert (tmp_path / "w/ed25519.key").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["witness", "init", "--folder", str(tmp_path), "--name", "a.example"]) == 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as taken:
        assert main(["witness", "run", "--folder", str(tmp_path), "--port", str(taken.server_port)]) == 1
    assert "cannot listen" in capsys.readouterr().err


def test_what_a_stranger_asks_for_cannot_steer_the_terminal_that_shows_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    handler = witness_server._Handler.__new__(witness_server._Handler)
    handler.log_message('"%s" %s', "GET /\x1b]0;ägd\x07\x9b2J HTTP/1.1", "404")
    said = capsys.readouterr().err
    assert said.rstrip("\n").isprintable()
    assert "GET /\\x1b]0;\\xe4gd" in said
