"""One run: a small town under load, a fault, a stop somewhere around it, and what must hold afterwards.

1. A sequencer, callers in processes of their own, and where the fault is one of the front a front with a caller over HTTP.
2. The fault begins; a stop is ordered before, during or after it, over the socket or through the spool; the fault ends.
3. Whoever was ended is started again, a closed clock is confirmed by a named person: service must be there.
4. The stop is drained; a question now is refused. A resume lifts it; a decision goes through.
5. Everything ends, and :mod:`tests.faults.checker` reads what was left.

Everything that is drawn is drawn from the seed. What the machine does between two instants is not, so a failure comes again with its seed
as often as its instants do.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway_kit import ADMIN, KEY, ORIGIN, SYSTEM, Town, a_permit, number, outcome

from insyn.core import messages as m
from insyn.core.errors import InsynError, Unreachable
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.signing import Signed
from insyn.core.spool import read_order, write_order
from insyn.sdk.clock import age_clock_ns
from insyn.sdk.control import ControlClient
from insyn.sdk.fence import Fence
from insyn.tlog.errors import TlogError

from . import caller
from .checker import Promised, StopSeen, violations_of
from .knobs import FILE, MUTANT, Knobs

ROOT = Path(__file__).resolve().parents[2]
#: Generous: nothing is measured here, and the machine may be busy.
PATIENCE = 120.0
#: Characters of an error that are told.
_SHOWN = 1500
#: How old an answer may be when it is used: drawn.
AGES_MS = (400, 600, 1000)
#: Refusals of a busy machine: no answer, or one that came too late.
_ASK_AGAIN = frozenset({RefusalCode.ANSWER_TOO_OLD, RefusalCode.UNREACHABLE, RefusalCode.NOT_READY})
SUPPLIER = "supplier-1"
#: What a stop is of. Each of them holds every question that the callers ask.
SCOPES: tuple[dict[str, str], ...] = (
    {"system": SYSTEM},
    {"system": SYSTEM, "scope": "version", "version": "1.0"},
    {"system": SYSTEM, "scope": "purpose", "purpose": "assess_loan"},
    {"scope": "supplier", "supplier": SUPPLIER},
    {"scope": "everything"},
)


class Violation(Exception):
    """A promise was broken while the run was still going."""


@dataclass
class Result:
    """How one run went."""

    seed: int
    kind: str
    mutant: str = ""
    drawn: str = ""
    seconds: float = 0.0
    entries: int = 0
    accepted: int = 0
    stops: int = 0
    violations: list[str] = field(default_factory=list)
    left_out: str = ""

    @property
    def command(self) -> str:
        return f"make faults SEED={self.seed} KIND={self.kind}" + (f" MUTANT={self.mutant}" if self.mutant else "")


class Run:
    """The town of one run, and every promise that was made in it."""

    def __init__(self, seed: int, kind: str, mutant: str = "") -> None:
        self.seed, self.kind = seed, kind
        self.chance = random.Random(f"{seed}-{kind}")
        self.max_age_ms = self.chance.choice(AGES_MS)
        self.town = Town(max_age_ms=self.max_age_ms)
        self.of = self.chance.choice(SCOPES[:1] * 3 + SCOPES[1:])
        self.knobs = Knobs(self.town.home.root / "knobs")
        self.promised = Promised()
        self.callers: list[subprocess.Popen[bytes]] = []
        self._lines: list[Path] = []
        self._environment = {FILE: str(self.town.home.root / "knobs"), MUTANT: mutant}
        self.socket = self.town.home.decide_socket
        self.fence = self.town.home.root / "fence"
        self.stage, self.way = "", ""
        self.on_clean: list[Callable[[], object]] = []
        self._orders: list[threading.Thread] = []

    # ------------------------------------------------------------------------------------------------------------- processes

    def start(self, *, wait: bool = True) -> None:
        """Start the sequencer, with the knobs as they are."""
        path = os.pathsep.join([str(ROOT / "tests" / "faults" / "site"), str(ROOT), str(ROOT / "tests" / "gateway")])
        self.town.environment = {**os.environ, **self._environment, "PYTHONPATH": path}
        self.town.start(wait=wait)

    def permit(self) -> None:
        self.town.permit_in_force(a_permit(suppliers=(SUPPLIER,)))

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.alive:
            self.town.end(how)

    def stumble(self) -> None:
        """A start that is killed somewhere on its way, by a kill or by a power cut."""
        self.knobs["hold"] = self.chance.choice((0, 1))
        self.start(wait=False)
        self.pause(0.8)
        self.kill()
        self.after_power_cut()

    def after_power_cut(self) -> None:
        """The machine is up again and all is well with it. The shared memory of SQLite is gone."""
        self.town.process = None
        self.knobs.all_well()
        for path in self.town.home.evidence.glob("*-shm"):
            path.unlink()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self.town.process is not None
        return self.town.process

    @property
    def alive(self) -> bool:
        return self.town.process is not None and self.town.process.poll() is None

    def start_callers(self, *groups: tuple[str, ...]) -> None:
        """A process for each group, a thread for each way of asking in it."""
        for ways in groups or (("decide", "repeat", "batch", "clear", "release"),):
            path = self.town.home.root / f"caller-{len(self._lines)}"
            path.touch()
            program = [sys.executable, str(Path(caller.__file__)), str(self.socket), KEY, str(self.seed), str(path), str(self.fence), *ways]
            self.callers.append(subprocess.Popen(program, stdin=subprocess.DEVNULL, stderr=self._caller_log()))
            self._lines.append(path)

    def _caller_log(self) -> Any:
        with (self.town.home.root / "callers.log").open("ab") as file:
            return os.dup(file.fileno())

    def wait_for_lines(self, more: int = 4) -> None:
        """Until each caller that lives has accepted so many more."""
        wanted = {path: _lines_in(path) + more for path, process in zip(self._lines, self.callers, strict=True) if process.poll() is None}
        self.wait(lambda: all(_lines_in(path) >= lines for path, lines in wanted.items()), "the callers get no answers")

    def wait(self, there: Callable[[], object], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not there():
            if time.monotonic() > deadline:
                raise Violation(f"{otherwise}, {PATIENCE:.0f} s after the fault ended\n{self.said()}")
            time.sleep(0.01)

    def said(self) -> str:
        """The end of what the sequencer said."""
        return self.town.log_file.read_text()[-1500:] if self.town.log_file.exists() else ""

    def describe(self) -> str:
        """What was drawn, for the table."""
        when = f"{self.stage}, by {self.way}, " if self.stage else ""
        return f"stop {when}of {self.of.get('scope', 'system')}, P {self.max_age_ms} ms"

    def pause(self, longest: float) -> None:
        time.sleep(self.chance.uniform(0, longest))

    # ----------------------------------------------------------------------------------------------------------------- stops

    def stop_before(self) -> None:
        """Order the stop now, just before the fault begins, if that was drawn."""
        if self.stage == "before":
            self.order_stop(self.way)
            self.pause(0.05)

    def order_stop(self, way: str, control: ControlClient | None = None) -> None:
        """Order it in a thread: a frozen sequencer answers when it wakes. ``way``: ``socket``, ``spool``, or ``both`` as the web does it."""
        signed = self.town.order(**self.of)
        order = read_order(signed).order
        if way != "socket":
            write_order(self.town.home.spool, signed)
            self.promised.orders.append(order)
        if way != "spool":
            thread = threading.Thread(target=self._send_stop, args=(signed, order, control or self.town.control()), daemon=True)
            thread.start()
            self._orders.append(thread)

    def join_orders(self) -> None:
        """Until every order was answered, or lies in the spool because it was not."""
        for thread in self._orders:
            thread.join(PATIENCE)
        self._orders.clear()

    def _send_stop(self, signed: Signed, order: str, control: ControlClient) -> None:
        try:
            answer: m.Answer | None = control.ask(m.Stop(id=number(), order=signed))
        except InsynError:
            answer = None
        if isinstance(answer, m.StopReport):
            self.told(answer)
            self.promised.orders.append(order)
        elif order not in self.promised.orders:  # no answer, or a no: as `insyn stop`, the order lies in the spool until it is carried out
            write_order(self.town.home.spool, signed)
            self.promised.orders.append(order)

    def told(self, report: m.StopReport) -> None:
        """Keep the earliest time from which the stop was called drained; a later word does not take it back."""
        if report.index < 0:
            return
        known = next((stop for stop in self.promised.stops if stop.index == report.index), None)
        if known is None:
            self.promised.stops.append(StopSeen(report.index, report.drained_boottime_ns))
        else:
            known.drained_ns = min(known.drained_ns, report.drained_boottime_ns)

    def state(self) -> m.StopReport:
        answer = self.town.control().ask(m.StopState(id=number(), **self.of))
        if not isinstance(answer, m.StopReport):
            raise Violation(f"the state of the stop is not shown: {answer}")
        self.told(answer)
        return answer

    def see_it_drained(self) -> m.StopReport:
        """Wait until the stop is drained; nothing is answered then, and the reason is the stop."""
        self.wait(self._is_drained, "the stop is not drained")
        self.wait(self._is_refused_as_stopped, "a stopped system is not refused as stopped")
        state = self.state()
        Fence(self.fence, log=ORIGIN).raise_to(state.index)
        for stop in self.promised.stops:
            stop.fenced_ns = stop.fenced_ns or (age_clock_ns() if stop.index <= state.index else None)
        return state

    def _is_drained(self) -> bool:
        try:
            return self.state().status == "drained"
        except Unreachable:
            return False

    def _is_refused_as_stopped(self) -> bool:
        try:
            got = self.town.guard(timeout=PATIENCE).decide(outcome())
        except Refused as refused:
            if refused.refusal.code in _ASK_AGAIN:
                return False
            if refused.refusal.code is not RefusalCode.STOPPED:
                raise Violation(f"a question to a stopped system was refused as {refused.refusal.code}") from refused
            return True
        raise Violation(f"a stopped system was answered with entry {got.receipt.index}")

    def resume(self, index: int) -> m.Answer:
        sent = age_clock_ns()
        answer = self.town.control().ask(self.town.act(resume_of=index, **{"system": "", **self.of}))
        if isinstance(answer, m.Done):
            self.promised.receipts.append({"index": answer.receipt.index, "leaf": answer.receipt.leaf})
            for stop in self.promised.stops:
                stop.lifted_ns = stop.lifted_ns or sent
        return answer

    def lift(self) -> None:
        """Lift the newest stop by a formal act, and see a decision go through."""
        answer = self.resume(self.state().index)
        if not isinstance(answer, m.Done):
            raise Violation(f"the newest stop could not be lifted: {answer}")
        self.serves()

    def serves(self) -> None:
        """A decision goes through."""
        self.wait(self._one_decision, "no decision goes through")

    def _one_decision(self) -> bool:
        try:
            answer = self.town.guard(timeout=PATIENCE).decide(outcome())
        except Refused as refused:
            if refused.refusal.code not in _ASK_AGAIN:
                raise Violation(
                    f"after the fault a decision is refused as {refused.refusal.code}: {refused.refusal.sentence.en}"
                ) from refused
            return False
        receipt = answer.receipt
        self.promised.receipts.append(
            {"index": receipt.index, "leaf": receipt.leaf, "accepted_ns": answer.accepted_ns, "replayed": answer.replayed}
        )
        return True

    # --------------------------------------------------------------------------------------------------------------- healing

    def heal(self) -> None:
        """What the people on duty would do: start what has ended or is read-only, confirm the clock. Then it must be ready."""
        if not self.alive:
            self.town.process = None
            if self.chance.random() < 0.3:
                self.stumble()
            self.start()
        self.wait(self._ready, "the sequencer is not ready")

    def becomes(self, code: RefusalCode) -> None:
        """Everything is refused for this reason: the fault was met."""
        self.wait(lambda: (pong := self._pong()) and pong.refusal and pong.refusal.code is code, f"the sequencer is not {code}")

    def _pong(self) -> m.Pong | None:
        try:
            pong = self.town.control().ask(m.Ping(id=number()))
        except InsynError:
            return None
        return pong if isinstance(pong, m.Pong) else None

    def _ready(self) -> bool:
        pong = self._pong()
        if pong is None:
            return False
        if pong.refusal and pong.refusal.code is RefusalCode.READ_ONLY:
            self.kill(signal.SIGTERM)
            self.knobs.all_well()
            self.start()
        elif pong.refusal and pong.refusal.code is RefusalCode.CLOCK_JUMPED:
            self.town.control().ask(m.ConfirmClock(id=number(), actor=ADMIN))
        return pong.ready

    # --------------------------------------------------------------------------------------------------------------- the end

    def end(self) -> None:
        for process in self.callers:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()
        if self.alive and (code := self.town.end()):
            raise Violation(f"the sequencer ended with {code}\n{self.said()}")

    def gather(self) -> None:
        """Take in what the callers wrote."""
        self.promised.receipts += [line for path in self._lines for line in caller.read(path)]

    def clean(self) -> None:
        for process in self.callers:
            if process.poll() is None:
                process.kill()
                process.wait()
        for do in reversed(self.on_clean):
            do()
        self.town.clean()


def _lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n")


@contextmanager
def a_run(seed: int, kind: str, mutant: str = "") -> Iterator[Run]:
    run = Run(seed, kind, mutant)
    try:
        yield run
    finally:
        run.clean()


def run_one(seed: int, kind: str, do: Callable[[Run], None], mutant: str = "") -> Result:
    """Do one run and say how it went. Whatever goes wrong in it is a violation, with its reason."""
    began = time.monotonic()
    with a_run(seed, kind, mutant) as run:
        result = Result(seed, kind, mutant)
        try:
            do(run)
            run.end()
        except Exception as error:
            result.violations.append(f"{type(error).__name__}: {str(error)[-_SHOWN:]}")
            run.knobs.all_well()
            run.kill()
            run.town.process = None
        run.gather()
        result.violations += _read_what_is_left(run)
        result.drawn = run.describe()
        result.accepted = sum("accepted_ns" in line for line in run.promised.receipts)
        result.stops = len(run.promised.stops)
        result.entries = max((line["index"] for line in run.promised.receipts), default=0) + 1
        if result.violations and not mutant:
            result.violations.append(f"kept: {_keep(run)}")
    result.seconds = time.monotonic() - began
    return result


def _read_what_is_left(run: Run) -> list[str]:
    try:
        return violations_of(run.town, run.promised)
    except (InsynError, TlogError) as error:
        return [f"what is left cannot be read: {error}"]


def _keep(run: Run) -> Path:
    """What the failed run left, for whoever looks into it."""
    folder = Path(tempfile.gettempdir()) / f"insyn-faults-{run.seed}-{run.kind}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(run.town.home.root, folder, ignore=shutil.ignore_patterns("*.sock"))
    return folder
