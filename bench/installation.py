"""A sequencer process of its own, with one approved system, for measuring."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from insyn.core import messages as m
from insyn.core.entries import encode_entry
from insyn.core.home import Home
from insyn.core.permit import ClientKey, Permit, PurposeGrant, StopHolder, permit_digest, sign_permit
from insyn.core.signing import SigningKey
from insyn.core.terms import Mode
from insyn.core.text import Text
from insyn.core.wire import STOP_CONTEXT, encode
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient
from insyn.tlog.notes import NoteSigner

HOLDER = m.Actor(person="p-holder", name="Sara Stopp", role="stop_holder")
SYSTEM, KEY, ORIGIN = "bench", "the-client-key-of-the-bench", "bench.example/log"


class Installation:
    """Context manager: a home in a temporary folder, the sequencer running, a permit in force."""

    def __init__(self, *, max_age_ms: int = 2000, started: bool = True) -> None:
        self._started = started
        self._process: subprocess.Popen[bytes] | None = None
        self._max_age_ms = max_age_ms
        self.home = Home(Path(tempfile.mkdtemp(prefix="in")))
        self.signer = NoteSigner(ORIGIN, secrets.token_bytes(32))
        self._register = SigningKey.generate("register")

    def __enter__(self) -> Self:
        self.home.make()
        self.home.log_key.write_text(self.signer.seed.hex())
        self.home.root_key.write_text(secrets.token_hex(32))
        self.home.sequencer_config.write_text(json.dumps(self._config()))
        if not self._started:
            return self
        command = [sys.executable, "-m", "insyn.gateway.sequencer", "--config", str(self.home.sequencer_config)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._wait()
        self._permit()
        return self

    def end(self) -> None:
        """End the sequencer; its files stay."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def __exit__(self, *error: object) -> None:
        self.end()
        shutil.rmtree(self.home.root)

    def _config(self) -> dict[str, object]:
        home = self.home
        return {
            "folder": str(home.evidence),
            "run": str(home.run),
            "spool": str(home.spool),
            "origin": ORIGIN,
            "max_age_ms": self._max_age_ms,
            "register_public": self._register.public.hex(),
            "log_key_file": str(home.log_key),
            "root_key_file": str(home.root_key),
            "calls_per_key": 1_000_000,  # one key asks for everybody here
            "calls_per_address": 1_000_000,
        }

    def _wait(self) -> None:
        for _ in range(500):
            try:
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.home.control_socket))
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the sequencer did not start")

    def _permit(self) -> None:
        answer = ControlClient(self.home.control_socket, self._register).ask(self.permit_act())
        if not isinstance(answer, m.Done):
            raise RuntimeError(f"the permit was not taken: {answer}")

    def permit_act(self) -> m.SubmitAct:
        """The act that puts the bench's permit in force."""
        permit = Permit(
            system=SYSTEM,
            epoch=1,
            compiled_from=0,
            granted=True,
            packs="0" * 64,
            name=Text("Mätning", "Bench"),
            modes=frozenset({Mode.SUPPORT}),
            versions=frozenset({"1"}),
            purposes=(PurposeGrant("measure", frozenset({"economy"}), frozenset({"loan"})),),
            clients=(ClientKey("bench", hashlib.sha256(KEY.encode()).hexdigest()),),
            groups=frozenset({"sex"}),
            stop_holders=(StopHolder(HOLDER.person, "2099-12-31"),),
        )
        signed, act = sign_permit(permit, self._register), secrets.token_hex(16)
        fields = {
            "kind": "permit",
            "system": SYSTEM,
            "day": "2026-01-01",
            "rid": act,
            "act": "bench",
            "epoch": 1,
            "permit": permit_digest(signed.body),
        }
        return m.SubmitAct(id=1, act=act, system=SYSTEM, entry=encode_entry(fields), permit=signed)

    @property
    def control(self) -> ControlClient:
        return ControlClient(self.home.control_socket, self._register, timeout=30)

    @property
    def register_key(self) -> SigningKey:
        return self._register

    def stop_order(self) -> m.Stop:
        order = m.StopOrder(
            order=secrets.token_hex(16), system=SYSTEM, actor=HOLDER, reason="Measured.", ordered_at="2026-01-01T00:00:00Z", via="bench"
        )
        return m.Stop(id=1, order=self._register.sign(STOP_CONTEXT, encode(order)))

    def resume(self, index: int) -> None:
        act = secrets.token_hex(16)
        entry = encode_entry({"kind": "resume", "system": SYSTEM, "day": "2026-01-01", "rid": act, "act": "bench", "at": index})
        answer = self.control.ask(m.SubmitAct(id=1, act=act, system=SYSTEM, entry=entry, resume_of=index))
        if not isinstance(answer, m.Done):
            raise RuntimeError(f"the resume was not taken: {answer}")

    @contextmanager
    def front(self, workers: int) -> Iterator[int]:
        """The HTTP front with so many worker processes; yields its port."""
        with served("-m", "insyn.gateway.front", "--config", str(self.home.sequencer_config), "--workers", str(workers)) as port:
            yield port

    def guard(self) -> Guard:
        return guard_on(str(self.home.decide_socket))


def guard_on(socket_path: str) -> Guard:
    return Guard(
        socket=socket_path,
        key=KEY,
        system=SYSTEM,
        version="1",
        purpose="measure",
        categories=("economy",),
        matter_type="loan",
        timeout=30,
    )


def outcome(number: int) -> m.Outcome:
    """About 600 bytes of payload, eight factors, one group: what a small tabular model sends."""
    factors = tuple(m.Factor(f"feature_{place}", place * 1.5, 0.125) for place in range(8))
    payload = {f"feature_{place}": place * 1.5 for place in range(8)} | {"note": "x" * 420}
    return m.Outcome(
        outcome="grant",
        payload=payload,
        case=f"B-{number}",
        score=1.0,
        base=0.0,
        factors=factors,
        groups={"sex": "female"},
        notice="letter",
    )


@contextmanager
def served(*words: str) -> Iterator[int]:
    """Run a Python program that takes ``--port``, in a process group of its own; yields the port once something listens there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, *words, "--port", str(port)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for_port(port: int) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("nothing listens on the port")


def small_outcome(number: int) -> m.Outcome:
    """About 600 bytes in all when it is sealed: eight features, the three that mattered, the case."""
    payload = {f"feature_{place}": place * 1.5 for place in range(8)}
    factors = tuple(m.Factor(f"feature_{place}", place * 1.5, 0.25) for place in range(3))
    return m.Outcome(
        outcome="grant", payload=payload, case=f"B-{number}", score=0.75, factors=factors, groups={"sex": "female"}, notice="letter"
    )
