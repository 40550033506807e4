"""All processes of one installation: killed one after another while decisions stream, and ended whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_kit import KEY, a_permit, asked, outcome

from insyn.cli.processes import ServiceFailed
from insyn.cli.up import NAMES, Services, free_port
from insyn.core import messages as m
from insyn.core.entries import encode_entry, read_head
from insyn.core.home import Home
from insyn.core.permit import ClientKey, permit_digest, sign_permit
from insyn.core.refusals import Refused
from insyn.core.signing import SigningKey
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient
from insyn.tlog.read import reader_of
from insyn.tlog.verify import verify_log

pytestmark = pytest.mark.timeout(240)
MAKE = "from pathlib import Path; from insyn.core.home import Home; from insyn.web.setup import prepare_home, prepare_register; import os; home = Home(Path(os.environ['INSYN_HOME'])); prepare_home(home, 'kills.example/log', 2000); prepare_register(home)"


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home(Path(tempfile.mkdtemp(prefix="in")))
    environment = {**os.environ, "INSYN_HOME": str(made.root), "DJANGO_SETTINGS_MODULE": "insyn.web.settings"}
    subprocess.run([sys.executable, "-c", MAKE], env=environment, check=True, timeout=60)
    yield made
    shutil.rmtree(made.root, ignore_errors=True)


def put_permit_in_force(home: Home) -> None:
    key = SigningKey.from_bytes("register", bytes.fromhex(home.register_key.read_text()))
    permit = a_permit(clients=(ClientKey("model", hashlib.sha256(KEY.encode()).hexdigest()),))
    signed, act = sign_permit(permit, key), "ab" * 16
    fields = {
        "kind": "permit",
        "system": permit.system,
        "day": "2026-11-20",
        "rid": act,
        "act": "test",
        "epoch": 1,
        "permit": permit_digest(signed.body),
    }
    done = ControlClient(home.control_socket, key).ask(
        m.SubmitAct(id=1, act=act, system=permit.system, entry=encode_entry(fields), permit=signed)
    )
    assert isinstance(done, m.Done), done


class Stream:
    """Decides over socket and HTTP until told to end; keeps what was acknowledged."""

    def __init__(self, home: Home, api_url: str) -> None:
        self.acknowledged: dict[int, str] = {}
        self._ended = threading.Event()
        self._guard = Guard(
            socket=home.decide_socket,
            key=KEY,
            system="lanestod",
            version="1.0",
            purpose="assess_loan",
            categories=("economy",),
            matter_type="loan",
        )
        self._client = httpx.Client(base_url=api_url, headers={"authorization": f"Bearer {KEY}"}, timeout=10)
        self._threads = [threading.Thread(target=self._by_socket), threading.Thread(target=self._by_http)]
        for thread in self._threads:
            thread.start()

    def _by_socket(self) -> None:
        while not self._ended.is_set():
            try:
                receipt = self._guard.decide(outcome()).receipt
                self.acknowledged[receipt.index] = receipt.rid
            except Refused:
                time.sleep(0.01)

    def _by_http(self) -> None:
        import msgspec

        while not self._ended.is_set():
            try:
                answer = self._client.post(
                    "/v1/decisions", json={"asked": msgspec.to_builtins(asked()), "outcome": msgspec.to_builtins(outcome())}
                )
                if answer.is_success:
                    receipt = answer.json()["receipt"]
                    self.acknowledged[receipt["index"]] = receipt["rid"]
            except httpx.TransportError:
                time.sleep(0.01)

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(20)
        self._client.close()
        self._guard.close()


def test_each_process_is_killed_while_decisions_stream_and_nothing_acknowledged_is_lost(home: Home) -> None:
    with Services(home, environment={"INSYN_HTTPS": "0"}, public_seconds=0.5) as services:
        services.start()
        put_permit_in_force(home)
        stream = Stream(home, services.api_url)
        try:
            for victim in NAMES:
                before = len(stream.acknowledged)
                services.children[victim].process.send_signal(signal.SIGKILL)
                services.children[victim].process.wait(10)
                assert services.fallen() is services.children[victim]
                services.start()
                wait_for_more(stream, than=before)
        finally:
            stream.end()
        assert set(services.stop()) == set(NAMES)
    with EvidenceReader.read_only(home.evidence) as reader:
        kept = {index: read_head(entry).rid for index, entry in reader.entries(0, reader.size)}
        assert {index: kept.get(index) for index in stream.acknowledged} == stream.acknowledged
        publish(reader, home.public)
    verify_log(reader_of(home.public), home.log_vkey.read_text().strip())


def wait_for_more(stream: Stream, *, than: int) -> None:
    deadline = time.monotonic() + 20
    while len(stream.acknowledged) < than + 20:
        assert time.monotonic() < deadline, "decisions do not go on"
        time.sleep(0.05)


def test_a_port_that_somebody_listens_on_is_refused_before_anything_starts_on_it(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            Services(home, web_port=taken.getsockname()[1], http_port=free_port()) as services,
            pytest.raises(ServiceFailed, match="listens on port"),
        ):
            services.start(["web"])


def test_a_process_that_cannot_start_says_why(home: Home) -> None:
    home.sequencer_config.write_text("{}")
    with Services(home) as services, pytest.raises(ServiceFailed, match="sequencer ended"):
        services.start(["sequencer"])
