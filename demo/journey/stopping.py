"""Step 6: a load test streams from several processes at full speed; the stop holder presses stop.

1. Start the processes and let them stream.
2. The stop holder orders the stop through the function behind the web's button: spool first, then the sequencer.
3. Wait until it is drained, and a little longer: the processes go on asking.
4. End the processes; hold their last used answer against the moment of drained (CLOCK_BOOTTIME), and count what stands in the log after
   the stop.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from demo.journal import client_keys
from demo.lindvalla import people, systems
from demo.load import Tally
from insyn.core.entries import ALLOWED_WHILE_STOPPED, EntryKind, read_head
from insyn.core.errors import InsynError
from insyn.core.messages import Ping, Pong, StopReport, StopState
from insyn.core.terms import Mode, Role, StopStatus
from insyn.evidence.reader import EvidenceReader
from insyn.sdk.control import ControlClient

from .context import Journey

PROCESSES = 4
START_SECONDS = 60.0
FLOWS = 200  # entries that show that the processes stream
STREAM_SECONDS = 3.0
DRAIN_SECONDS = 20.0
AFTER_SECONDS = 1.0


class Stopped(msgspec.Struct, frozen=True):
    """``after``: entries of the system after the stop that a stop forbids. ``last_used_before_ms``: how long before drained the last
    answer was used, over all processes; negative would be a broken promise."""

    index: int
    committed_at: str
    drained_at: str
    used: int
    dropped: int
    per_second: float
    refused_after: int
    after: int
    last_used_before_ms: float


def run(journey: Journey) -> Stopped:
    if done := journey.journal.done("stopping", Stopped):
        journey.terminal.line(f"Done before: stopped at log entry {done.index} after {done.used} answers, {done.after} decisions after it.")
        return done
    control = journey.control()
    resume_if_stopped(journey, control)
    before = log_size(control)
    with streaming(journey) as processes:
        wait_until_it_flows(control, beyond=before)
        time.sleep(STREAM_SECONDS)
        report = order_stop(journey, control)
        time.sleep(AFTER_SECONDS)
        tallies = end(processes)
    result = judge(journey, report, tallies)
    if not result.used:
        raise InsynError(f"the load test got no answer at all: {[tally.refused for tally in tallies]}")
    tell(journey, result)
    journey.journal.keep("stopping", result)
    return result


def resume_if_stopped(journey: Journey, control: ControlClient) -> None:
    """A run that was cut off after its stop: only a formal decision lifts it, here as everywhere."""
    from demo.register import acting, settle, system_of
    from insyn.web.oversight.actions import resume_system
    from insyn.web.oversight.queries import stop_in_force

    state = control.ask_new(lambda number: StopState(id=number, system=systems.LOAD_TEST))
    if not isinstance(state, StopReport) or state.status is StopStatus.NONE:
        return
    system, deadline = system_of(systems.LOAD_TEST), time.monotonic() + DRAIN_SECONDS
    while (stop := stop_in_force(system)) is None or stop.index != state.index:
        if time.monotonic() > deadline:
            raise InsynError(f"the stop at log entry {state.index} did not reach the register")
        time.sleep(0.1)
    chair = acting(people.CHAIR)
    resume_system(actor=chair, system=system, stop_index=stop.index, why="Övningen avbröts och görs om.", case_number="KS 2026/91")
    settle()
    journey.terminal.line(f"A run before this one was cut off after its stop. {chair.name} decides to lift it (log entry {stop.index}).")


@contextmanager
def streaming(journey: Journey) -> Iterator[list[subprocess.Popen[str]]]:
    """The processes of the load test; whatever happens, none of them is left behind."""
    processes: list[subprocess.Popen[str]] = []
    try:
        for number in range(PROCESSES):
            processes.append(start(journey, number))
        journey.terminal.line(f"{PROCESSES} processes stream at full speed on {systems.LOAD_TEST} (outside every public figure).")
        yield processes
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def log_size(control: ControlClient) -> int:
    pong = control.ask_new(lambda number: Ping(id=number))
    return pong.size if isinstance(pong, Pong) else 0


def wait_until_it_flows(control: ControlClient, *, beyond: int) -> None:
    """On a busy machine it takes the processes seconds to start; a stop before their first answer would show nothing."""
    deadline = time.monotonic() + START_SECONDS
    while log_size(control) < beyond + FLOWS:
        if time.monotonic() > deadline:
            raise InsynError(f"the load test was not under way after {START_SECONDS:.0f} s")
        time.sleep(0.05)


def start(journey: Journey, number: int) -> subprocess.Popen[str]:
    key = client_keys(journey.home).get(systems.LOAD_TEST)
    if key is None:
        raise InsynError("the load test has no client key")
    command = [sys.executable, "-m", "demo.load", "--socket", str(journey.home.decide_socket), "--number", str(number)]
    command += ["--system", systems.LOAD_TEST, "--version", systems.LOAD_VERSION, "--purpose", systems.LOAD_PURPOSE]
    command += ["--matter-type", systems.LOAD_MATTER, "--mode", Mode.ADVICE]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    if process.stdin is None:
        raise InsynError("the load test cannot be given its key")
    process.stdin.write(f"{key}\n")
    process.stdin.close()
    process.stdin = None  # communicate() would flush it again
    return process


def order_stop(journey: Journey, control: ControlClient) -> StopReport:
    """What the web's stop button does, by the same function; then wait until it is drained."""
    from demo.register import acting
    from insyn.web import bridge
    from insyn.web.oversight.stopping import give_order

    actor = acting(people.STOP_HOLDER, Role.STOP_HOLDER)
    journey.terminal.line(f"{actor.name} (Stoppansvarig) presses stop.")
    ordered = give_order(
        actor=actor,
        system=systems.LOAD_TEST,
        reason="Övning: visa att stoppet håller.",
        now=datetime.now(UTC),
        folder=journey.home.spool,
        key=bridge.register_key(),
        client=control,
    )
    if ordered.refusal is not None:
        raise InsynError(f"the stop was refused: {ordered.refusal.sentence.en}")
    return wait_drained(control)


def wait_drained(control: ControlClient) -> StopReport:
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        report = control.ask_new(lambda number: StopState(id=number, system=systems.LOAD_TEST))
        if isinstance(report, StopReport) and report.status is StopStatus.DRAINED:
            return report
        time.sleep(0.02)
    raise InsynError(f"the stop was not drained in {DRAIN_SECONDS:.0f} s")


def end(processes: list[subprocess.Popen[str]]) -> list[Tally]:
    """Ask each process to end and read what it did."""
    for process in processes:
        process.terminate()
    tallies = []
    for process in processes:
        output, _ = process.communicate(timeout=20)
        if process.returncode != 0 or not output.strip():
            raise InsynError(f"a process of the load test ended with code {process.returncode}")
        tallies.append(msgspec.json.decode(output, type=Tally))
    return tallies


def judge(journey: Journey, report: StopReport, tallies: list[Tally]) -> Stopped:
    used = sum(tally.used for tally in tallies)
    first = min((tally.first_used_ns for tally in tallies if tally.used), default=0)
    last = max((tally.last_used_ns for tally in tallies), default=0)
    return Stopped(
        index=report.index,
        committed_at=report.committed_at,
        drained_at=report.drained_at,
        used=used,
        dropped=sum(tally.dropped for tally in tallies),
        per_second=used / ((last - first) / 1e9) if last > first else 0.0,
        refused_after=sum(sum(tally.refused.values()) for tally in tallies),
        after=count_after(journey, report.index),
        last_used_before_ms=(report.drained_boottime_ns - last) / 1e6,
    )


def count_after(journey: Journey, stop: int) -> int:
    """Entries of the system after the stop of a kind that a stop forbids: clearances, decisions, releases."""
    found = 0
    with EvidenceReader.read_only(journey.home.evidence) as reader:
        for _, entry in reader.entries(stop + 1, reader.size):
            head = read_head(entry)
            found += head.system == systems.LOAD_TEST and not ALLOWED_WHILE_STOPPED[EntryKind(head.kind)]
    return found


def tell(journey: Journey, result: Stopped) -> None:
    terminal = journey.terminal
    terminal.line(f"Committed {result.committed_at} as log entry {result.index}. Drained {result.drained_at}.")
    terminal.line(f"Before it: {result.used} answers used, {result.per_second:,.0f} a second; {result.dropped} dropped as too old.")
    terminal.line(
        f"Decisions of {systems.LOAD_TEST} in the log after the stop: {result.after}. Refused afterwards: {result.refused_after}."
    )
    terminal.line(
        f"The last answer that any process used came {result.last_used_before_ms:.1f} ms before drained (CLOCK_BOOTTIME of this machine)."
    )
    if result.after or result.last_used_before_ms < 0:
        raise InsynError("the stop did not hold")
