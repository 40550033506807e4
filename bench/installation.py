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
from pathlib import Path
from typing import Self

from insyn.core import messages as m
from insyn.core.entries import encode_entry
from insyn.core.home import Home
from insyn.core.permit import ClientKey, Permit, PurposeGrant, permit_digest, sign_permit
from insyn.core.signing import SigningKey
from insyn.core.terms import Mode
from insyn.core.text import Text
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient
from insyn.tlog.notes import NoteSigner

SYSTEM, KEY, ORIGIN = "bench", "the-client-key-of-the-bench", "bench.example/log"


class Installation:
    """Context manager: a home in a temporary folder, the sequencer running, a permit in force."""

    def __init__(self) -> None:
        self.home = Home(Path(tempfile.mkdtemp(prefix="in")))
        self.signer = NoteSigner(ORIGIN, secrets.token_bytes(32))
        self._register = SigningKey.generate("register")

    def __enter__(self) -> Self:
        self.home.make()
        self.home.log_key.write_text(self.signer.seed.hex())
        self.home.root_key.write_text(secrets.token_hex(32))
        self.home.sequencer_config.write_text(json.dumps(self._config()))
        command = [sys.executable, "-m", "insyn.gateway.sequencer", "--config", str(self.home.sequencer_config)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._wait()
        self._permit()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.home.root)

    def _config(self) -> dict[str, object]:
        home = self.home
        return {
            "folder": str(home.evidence),
            "run": str(home.run),
            "spool": str(home.spool),
            "origin": ORIGIN,
            "max_age_ms": 2000,
            "register_public": self._register.public.hex(),
            "log_key_file": str(home.log_key),
            "root_key_file": str(home.root_key),
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
        answer = ControlClient(self.home.control_socket, self._register).ask(
            m.SubmitAct(id=1, act=act, system=SYSTEM, entry=encode_entry(fields), permit=signed)
        )
        if not isinstance(answer, m.Done):
            raise RuntimeError(f"the permit was not taken: {answer}")

    def guard(self) -> Guard:
        return Guard(
            socket=self.home.decide_socket,
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
