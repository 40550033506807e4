"""A small municipality for the gateway's tests: real keys, a real store, a real sequencer process or an engine in this one."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from insyn.core import messages as m
from insyn.core.entries import EntryHead, encode_entry, read_head
from insyn.core.home import Home
from insyn.core.permit import ClientKey, Permit, PurposeGrant, Reviewer, StopHolder, permit_digest, sign_permit
from insyn.core.signing import Signed, SigningKey
from insyn.core.terms import DisclosureGroup, Mode
from insyn.core.text import Text
from insyn.core.wire import STOP_CONTEXT, encode, frame
from insyn.evidence.store import EvidenceStore
from insyn.gateway.clock import Clock
from insyn.gateway.config import load_config
from insyn.gateway.engine import Engine
from insyn.sdk.control import ControlClient
from insyn.sdk.guard import Guard
from insyn.tlog.notes import NoteSigner

SYSTEM, KEY = "lanestod", "a-client-key-of-lanestod"
ORIGIN = "log.example.org/insyn"
DAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOLDER = m.Actor(person="p-holder", name="Sara Stopp", role="stop_holder")
OFFICER = m.Actor(person="p-officer", name="Hans Handläggare", role="case_officer")
ADMIN = m.Actor(person="p-admin", name="Ada Admin", role="administrator")
CASE_GROUPS = (DisclosureGroup.INPUT, DisclosureGroup.OUTPUT, DisclosureGroup.FACTORS, DisclosureGroup.CASE)
_numbers = itertools.count(1)


def number() -> int:
    return next(_numbers)


class FakeClock:
    """Both clocks stand still until a test moves them."""

    def __init__(self) -> None:
        self.now, self.boot = DAY, 1_000_000_000_000

    def wall(self) -> datetime:
        return self.now

    def boottime_ns(self) -> int:
        return self.boot

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.boot += int(seconds * 1e9)

    def set_wall(self, seconds: float) -> None:
        """Only the wall clock moves."""
        self.now += timedelta(seconds=seconds)


def a_permit(**changes: Any) -> Permit:
    whole = Permit(
        system=SYSTEM,
        epoch=1,
        compiled_from=0,
        granted=True,
        packs="sha256:0123",
        name=Text("Lånestöd", "Loan support"),
        modes=frozenset({Mode.SUPPORT}),
        versions=frozenset({"1.0"}),
        purposes=(PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"})),),
        clients=(ClientKey("model", hashlib.sha256(KEY.encode()).hexdigest()),),
        stop_holders=(StopHolder(HOLDER.person, "2099-12-31"),),
        reviewers=(Reviewer(OFFICER.person, "2099-12-31"),),
        groups=frozenset({"sex"}),
        manual_way=Text("Ring kontaktcenter.", "Call the contact centre."),
    )
    return msgspec.structs.replace(whole, **changes)


def asked(**changes: Any) -> m.Asked:
    whole = m.Asked(system=SYSTEM, version="1.0", purpose="assess_loan", categories=("economy",), matter_type="loan")
    return msgspec.structs.replace(whole, **changes)


def outcome(**changes: Any) -> m.Outcome:
    whole = m.Outcome(
        outcome="approve",
        payload={"income": 4200, "debt": 0.3},
        case=f"LN-{number()}",
        score=0.75,
        base=0.5,
        factors=(m.Factor("income", 4200, 0.35), m.Factor("debt", 0.3, -0.1)),
        groups={"sex": "female"},
        subject="s-1",
        notice="in the form",
    )
    return msgspec.structs.replace(whole, **changes)


def decide(**changes: Any) -> m.Decide:
    whole = m.Decide(id=number(), key=KEY, asked=asked(), outcome=outcome())
    return msgspec.structs.replace(whole, **changes)


class Town:
    """Home, keys and configuration of one municipality, in a folder short enough for Unix sockets."""

    def __init__(self, *, max_age_ms: int = 2000) -> None:
        self.home = Home(Path(tempfile.mkdtemp(prefix="in")))
        self.home.make()
        self.register_key = SigningKey.generate("register")
        self.signer = NoteSigner(ORIGIN, secrets.token_bytes(32))
        self.root_key = secrets.token_bytes(32)
        self.home.log_key.write_text(self.signer.seed.hex())
        self.home.root_key.write_text(self.root_key.hex())
        self.home.sequencer_config.write_text(
            json.dumps(
                {
                    "folder": str(self.home.evidence),
                    "run": str(self.home.run),
                    "spool": str(self.home.spool),
                    "origin": ORIGIN,
                    "max_age_ms": max_age_ms,
                    "register_public": self.register_key.public.hex(),
                    "log_key_file": str(self.home.log_key),
                    "root_key_file": str(self.home.root_key),
                    "checkpoint_seconds": 0.2,
                    "published": str(self.home.public),
                }
            )
        )
        self.environment: dict[str, str] | None = None  # of the sequencer's process; None: ours
        self.process: subprocess.Popen[bytes] | None = None
        self.store: EvidenceStore | None = None
        self.log_file = self.home.root / "sequencer.log"

    # ------------------------------------------------------------------------------------------------------------- processes

    def start(self, *, wait: bool = True) -> None:
        """Start the sequencer process and wait until it answers."""
        with self.log_file.open("ab") as output:
            command = [sys.executable, "-m", "insyn.gateway.sequencer", "--config", str(self.home.sequencer_config)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.environment)
        deadline = time.monotonic() + 45
        while wait and not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the sequencer did not start:\n{self.log_file.read_text()}")
            time.sleep(0.02)

    def start_another(self) -> None:
        """Start a second sequencer process on the same home and wait for its end. Raises with what it said."""
        command = [sys.executable, "-m", "insyn.gateway.sequencer", "--config", str(self.home.sequencer_config)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert ended.returncode == 0, ended.stderr

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.home.control_socket))
            return True
        except OSError:
            return False

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the sequencer process; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process = None
        return code

    def clean(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.end(signal.SIGKILL)
        if self.store is not None:
            self.store.close()
        shutil.rmtree(self.home.root)

    # -------------------------------------------------------------------------------------------------------------- speaking

    def control(self, key: SigningKey | None = None) -> ControlClient:
        return ControlClient(self.home.control_socket, key or self.register_key, timeout=20.0)

    def guard(self, **changes: Any) -> Guard:
        whole: dict[str, Any] = {
            "socket": self.home.decide_socket,
            "key": KEY,
            "system": SYSTEM,
            "version": "1.0",
            "purpose": "assess_loan",
            "categories": ("economy",),
            "matter_type": "loan",
            "timeout": 20.0,
        }
        return Guard(**{**whole, **changes})

    def act(
        self, *, system: str = SYSTEM, permit: Permit | None = None, resume_of: int | None = None, act: str | None = None, **of: str
    ) -> m.SubmitAct:
        """What the relay would send."""
        name = act or secrets.token_hex(16)
        kind = "permit" if permit else "act" if resume_of is None else "resume"
        fields: dict[str, object] = {"kind": kind, "system": system, "day": "2026-11-20", "rid": name, "act": "test", **of}
        if not system:
            del fields["system"]
        signed = sign_permit(permit, self.register_key) if permit else None
        if signed and permit:
            fields |= {"permit": permit_digest(signed.body), "epoch": permit.epoch}
            fields |= {"supplier": ",".join(permit.suppliers)} if permit.suppliers else {}
        if resume_of is not None:
            fields["at"] = resume_of
        return m.SubmitAct(id=number(), act=name, system=system, entry=encode_entry(fields), permit=signed, resume_of=resume_of)

    def order(self, *, key: SigningKey | None = None, order: str | None = None, **changes: Any) -> Signed:
        """Of the whole system unless the changes say a scope."""
        whole = m.StopOrder(
            order=order or secrets.token_hex(16),
            system=changes.pop("system", "" if "supplier" in changes or changes.get("scope") == "everything" else SYSTEM),
            actor=HOLDER,
            reason="It answers wrongly.",
            ordered_at="2026-11-20T12:00:00Z",
            via="test",
        )
        whole = msgspec.structs.replace(whole, **changes)
        return (key or self.register_key).sign(STOP_CONTEXT, encode(whole))

    def permit_in_force(self, permit: Permit | None = None) -> m.Done:
        """Put a permit in force through the control socket of the running process."""
        granted = permit or a_permit()
        done = self.control().ask(self.act(system=granted.system, permit=granted))
        assert isinstance(done, m.Done), done
        return done

    def stop(self, *, system: str = SYSTEM) -> m.StopReport:
        report = self.control().ask(m.Stop(id=number(), order=self.order(system=system)))
        assert isinstance(report, m.StopReport), report
        return report

    def resume(self, index: int, *, system: str = SYSTEM) -> m.Answer:
        return self.control().ask(self.act(system=system, resume_of=index))

    # --------------------------------------------------------------------------------------------------------------- in process

    def open_store(self, **options: Any) -> EvidenceStore:
        self.store = EvidenceStore.open(
            folder=self.home.evidence, root_key=self.root_key, origin=ORIGIN, clock=lambda: datetime.now(UTC), **options
        )
        return self.store

    def close_store(self) -> None:
        assert self.store is not None
        self.store.close()
        self.store = None

    def engine(self, clock: Clock | None = None, *, started: bool = True, **options: Any) -> Bench:
        """An engine in this process, on a store of its own."""
        engine = Engine(
            store=self.open_store(**options),
            signer=self.signer,
            clock=clock or FakeClock(),
            settings=load_config(self.home.sequencer_config).settings(),
        )
        if started:
            engine.start()
        return Bench(self, engine)

    def heads(self) -> list[EntryHead]:
        """The public fields of every entry of the closed log."""
        store = self.store or self.open_store()
        try:
            return [read_head(data) for _, data in store.entries(0, 1_000_000)]
        finally:
            if self.store is store:
                self.close_store()


class Bench:
    """An engine with the words to speak to it directly."""

    def __init__(self, town: Town, engine: Engine) -> None:
        self.town, self.engine = town, engine

    def tell(self, message: m.DecideMessage) -> Any:
        answers: list[m.Answer] = []
        self.engine.ask(message, answers.append)
        self.turn_until(answers)
        return answers[0]

    def order(self, message: m.ControlMessage, key: SigningKey | None = None) -> Any:
        answers: list[m.Answer] = []
        self.engine.ask_control((key or self.town.register_key).sign("control", encode(message)), message, answers.append)
        self.turn_until(answers)
        return answers[0]

    def turn_until(self, answers: list[m.Answer]) -> None:
        for _ in range(100):
            if answers:
                return
            self.engine.turn()
        raise AssertionError("no answer in a hundred turns")

    def permit(self, **changes: Any) -> Permit:
        """Put a permit in force, compiled from the one that is."""
        system = changes.get("system", SYSTEM)
        epoch = self.engine.books.state.epoch(system)
        permit = a_permit(**{"epoch": epoch + 1, "compiled_from": epoch, **changes})
        done = self.order(self.town.act(system=system, permit=permit))
        assert isinstance(done, m.Done), done
        return permit

    def open_case(self, rid: str, *, actor: m.Actor = OFFICER, purpose: str = "review") -> Any:
        """Open the material and the proposal, as an officer's page does."""
        return self.order(m.Open(id=number(), rid=rid, groups=CASE_GROUPS, actor=actor, purpose=purpose))

    def stop(self, **changes: Any) -> Any:
        return self.order(m.Stop(id=number(), order=self.town.order(**changes)))

    def heads(self) -> list[EntryHead]:
        return [read_head(data) for _, data in self.engine.books.store.entries(0, 1_000_000)]

    def last(self) -> EntryHead:
        return self.heads()[-1]


@contextmanager
def a_town(**options: Any) -> Iterator[Town]:
    town = Town(**options)
    try:
        yield town
    finally:
        town.clean()


def raw(path: Path) -> socket.socket:
    """A bare connection, for what no well-behaved client sends."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def framed(body: bytes) -> bytes:
    return frame(body)


def body_of(message: msgspec.Struct, **changes: Any) -> bytes:
    """A message's JSON with some fields replaced by anything at all."""
    plain = json.loads(encode(message))
    plain.update(changes)
    return json.dumps(plain).encode()


def python(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A caller in a process of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={**os.environ, **environment}
    )
