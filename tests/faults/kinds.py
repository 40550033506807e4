"""The faults. Each is begun and ended by one function; a stop is ordered somewhere around it, see :mod:`tests.faults.run`."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway_kit import asked, decide, framed, outcome, raw

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.wire import encode
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader

from .network import Front, Wire, own_network
from .run import Run, Violation

Fault = Callable[[Run], Iterator[None]]
KINDS: dict[str, Callable[[Run], None]] = {}
#: Why a kind cannot be run on this machine; empty where it can.
NEEDS: dict[str, Callable[[], str]] = {}
WAYS = ("socket", "spool", "both")
STAGES = ("before", "during", "after")
TWO = (("decide", "repeat", "release"), ("batch", "clear"))
HOUR_NS = 3_600_000_000_000


def fault(*, stages: tuple[str, ...] = STAGES, ways: tuple[str, ...] = WAYS, needs: Callable[[], str] = str) -> Callable[[Fault], Fault]:
    """Make a run of a generator: what stands before its ``yield`` begins the fault, what stands after it ends it."""

    def known(do: Fault) -> Fault:
        KINDS[do.__name__] = lambda run: around(run, do, stages, ways)
        NEEDS[do.__name__] = needs
        return do

    return known


def whole(do: Callable[[Run], None]) -> Callable[[Run], None]:
    """A kind that orders its stop itself."""
    KINDS[do.__name__], NEEDS[do.__name__] = do, str
    return do


def around(run: Run, do: Fault, stages: tuple[str, ...], ways: tuple[str, ...]) -> None:
    """The steps of a run, as :mod:`tests.faults.run` lists them."""
    run.stage, run.way = run.chance.choice(stages), run.chance.choice(ways)
    with contextmanager(do)(run):
        if run.stage == "during":
            run.pause(0.2)
            run.order_stop(run.way)
        run.pause(0.3)
    if run.stage == "after":
        run.order_stop(run.way)
    finish(run)


def begin(run: Run, *groups: tuple[str, ...]) -> None:
    """A sequencer with a permit in force, and callers who get answers."""
    run.start()
    run.permit()
    run.start_callers(*groups)
    run.wait_for_lines()


def finish(run: Run) -> None:
    run.heal()
    run.join_orders()
    run.see_it_drained()
    run.lift()
    run.wait_for_lines(1)


# ---------------------------------------------------------------------------------------------------------------- processes


@fault()
def kill_sequencer(run: Run) -> Iterator[None]:
    begin(run)
    run.stop_before()
    run.kill()
    yield


@fault()
def restart_in_a_batch(run: Run) -> Iterator[None]:
    begin(run, ("batch", "batch"), ("batch", "repeat"))
    run.stop_before()
    run.pause(0.05)
    run.kill(run.chance.choice((signal.SIGTERM, signal.SIGKILL)))
    run.start()
    yield


@fault(stages=("before", "during"))
def freeze_sequencer(run: Run) -> Iterator[None]:
    begin(run)
    run.stop_before()
    run.process.send_signal(signal.SIGSTOP)
    yield
    run.pause(0.5)
    run.process.send_signal(signal.SIGCONT)


@fault()
def kill_caller(run: Run) -> Iterator[None]:
    begin(run, *TWO)
    run.stop_before()
    run.callers[0].kill()
    yield
    run.start_callers(("decide", "clear"))


@fault(stages=("during",))
def freeze_caller(run: Run) -> Iterator[None]:
    """Frozen through the whole stop, with answers in hand. One wakes when the stop is drained, the other when it was lifted."""
    begin(run, *TWO)
    first, second = run.callers
    for process in run.callers:
        process.send_signal(signal.SIGSTOP)
    yield
    run.join_orders()
    run.see_it_drained()
    first.send_signal(signal.SIGCONT)
    run.pause(0.2)
    run.lift()
    second.send_signal(signal.SIGCONT)
    run.order_stop("socket")


@fault()
def kill_publisher(run: Run) -> Iterator[None]:
    """Killed again and again while it publishes; what it leaves is carried on by the next one, and verified at the end."""
    begin(run)
    run.stop_before()
    for _ in range(run.chance.randrange(2, 4)):
        with publishing(run) as publisher:
            checkpoint, before = run.town.home.public / "checkpoint", published(run)
            run.wait(lambda before=before: published(run) != before, f"nothing is published in {checkpoint.parent}")
            run.pause(0.3)
            publisher.send_signal(run.chance.choice((signal.SIGKILL, signal.SIGSTOP)))
            run.pause(0.1)
    yield
    with publishing(run) as publisher:
        before = published(run)
        run.wait(lambda: published(run) != before, "nothing is published any more")


@contextmanager
def publishing(run: Run) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "INSYN_HOME": str(run.town.home.root)}
    with (run.town.home.root / "publisher.log").open("ab") as output:
        program = [sys.executable, "-m", "insyn.cli.publisher", "--seconds", "0.1"]
        publisher = subprocess.Popen(program, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield publisher
    finally:
        publisher.kill()
        publisher.wait()


def published(run: Run) -> bytes:
    """The checkpoint that is public."""
    path = run.town.home.public / "checkpoint"
    return path.read_bytes() if path.exists() else b""


@fault()
def kill_front(run: Run) -> Iterator[None]:
    with Front(run) as front:
        begin(run, ("decide", "batch"))
        front.answers(5)
        run.stop_before()
        front.kill()
        yield
        front.start()
        front.collect()


@fault()
def freeze_front(run: Run) -> Iterator[None]:
    with Front(run) as front:
        begin(run, ("decide", "batch"))
        front.answers(5)
        run.stop_before()
        front.signal(signal.SIGSTOP)
        yield
        front.signal(signal.SIGCONT)
        front.collect()


# ------------------------------------------------------------------------------------------------------------------ network


@fault()
def partition_holds(run: Run) -> Iterator[None]:
    """Bytes between callers and sequencer are held, longer than an answer may be old, and then delivered."""
    wire = begin_behind_a_wire(run)
    run.stop_before()
    wire.hold(run.chance.choice(("questions", "answers", "both")))
    yield
    time.sleep(run.max_age_ms / 1000)
    wire.release()


@fault(ways=("spool", "both"))
def partition_cuts(run: Run) -> Iterator[None]:
    """Nobody reaches the sequencer: its control socket is moved away and open connections end. The spool is read all the same."""
    wire = begin_behind_a_wire(run)
    run.stop_before()
    away = run.town.home.root / "away"
    wire.cut()
    run.town.home.control_socket.rename(away)
    yield
    away.rename(run.town.home.control_socket)
    wire.mend()


def begin_behind_a_wire(run: Run) -> Wire:
    wire = Wire(run)
    wire.mend()
    run.on_clean += [wire.cut, wire.release]
    run.socket = wire.path
    begin(run)
    return wire


@fault(needs=own_network)
def partition_of_the_front(run: Run) -> Iterator[None]:
    """The network between the front and who calls it is down: a network namespace whose only device is taken away."""
    with Front(run) as front:
        begin(run, ("decide", "batch"))
        front.answers(5)
        run.stop_before()
        subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
        yield
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        front.collect()


# ------------------------------------------------------------------------------------------------------------------- clocks


@fault()
def clock_jumps_ahead(run: Run) -> Iterator[None]:
    begin(run)
    run.stop_before()
    run.knobs["wall_shift_ns"] = run.chance.randrange(10_000_000_000, 40 * HOUR_NS)
    yield
    run.becomes(RefusalCode.CLOCK_JUMPED)


@fault()
def clock_jumps_back(run: Run) -> Iterator[None]:
    """Sometimes while the sequencer is down: it is told by the latest time that it wrote down."""
    begin(run)
    run.stop_before()
    down = run.chance.random() < 0.5
    time.sleep(1.1 if down else 0)  # the mark is kept once a second
    if down:
        run.kill()
    run.knobs["wall_shift_ns"] = -run.chance.randrange(10_000_000_000, 40 * HOUR_NS)
    if down:
        run.start()
    yield
    run.becomes(RefusalCode.CLOCK_JUMPED)


@fault()
def clock_freezes(run: Run) -> Iterator[None]:
    """The wall clock stands while the boot clock runs on. Half a second is noticed here, five as built."""
    run.knobs["step_ms"] = 500
    begin(run)
    run.stop_before()
    run.knobs["wall_frozen_ns"] = time.time_ns()
    yield
    run.becomes(RefusalCode.CLOCK_JUMPED)
    run.knobs["wall_frozen_ns"] = 0


# --------------------------------------------------------------------------------------------------------------------- disk


@fault()
def disk_is_full(run: Run) -> Iterator[None]:
    begin(run)
    run.stop_before()
    run.knobs["full"] = 1
    yield
    run.becomes(RefusalCode.READ_ONLY)
    run.knobs["full"] = 0


def own_mounts() -> str:
    return "" if os.environ.get("INSYN_FAULTS_APART") else "no mount namespace of its own is permitted here"


@fault(needs=own_mounts)
def small_disk_is_full(run: Run) -> Iterator[None]:
    """A real file system of a few megabytes, filled by somebody else."""
    evidence = run.town.home.evidence
    evidence.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "none", str(evidence)], check=True)
    run.on_clean.append(lambda: subprocess.run(["umount", "-l", str(evidence)], check=True))
    begin(run)
    run.stop_before()
    ballast = evidence / "ballast"
    fill(ballast)
    yield
    run.becomes(RefusalCode.READ_ONLY)
    ballast.unlink()


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


@fault()
def disk_is_slow(run: Run) -> Iterator[None]:
    begin(run)
    run.stop_before()
    run.knobs["slow_us"] = run.chance.randrange(20_000, 300_000)
    yield
    run.pause(0.5)
    run.knobs["slow_us"] = 0


@fault()
def flush_fails(run: Run) -> Iterator[None]:
    """A flush fails once and the disk is well again at once. Nothing may be tried again; what was not flushed may be lost."""
    run.knobs["hold"] = run.chance.choice((0, 1))
    begin(run)
    run.stop_before()
    run.knobs["sync_fails"] = 1
    run.wait(lambda: run.knobs["failed"], "no flush came")
    run.knobs["sync_fails"] = 0
    yield
    run.becomes(RefusalCode.READ_ONLY)
    if again := run.knobs["syncs_after_failure"]:
        raise Violation(f"{again} flushes were tried after one had failed")


@fault()
def power_is_cut(run: Run) -> Iterator[None]:
    """At some flush from now, before it is done. Unflushed blocks are lost, or some of them are not, in any order."""
    run.knobs["hold"] = 1
    begin(run)
    run.stop_before()
    run.knobs["cut_seed"] = run.chance.choice((0, run.seed + 1))
    run.knobs["cut"] = run.chance.randrange(1, 60)
    run.wait(lambda: not run.alive, "no flush came")
    run.after_power_cut()
    yield


@whole
def power_is_cut_at_the_key_file(run: Run) -> None:
    """While the first block of record keys is on its way: no record may be left that no key opens."""
    run.knobs["hold"] = 1
    run.start()
    run.permit()
    run.knobs["cut_keys"], run.knobs["cut"] = 1, 1
    run.start_callers()
    run.wait(lambda: not run.alive, "no flush came")
    run.after_power_cut()
    run.heal()
    run.wait_for_lines(2)
    run.order_stop("both")
    finish(run)


@whole
def killed_in_a_flush(run: Run) -> None:
    """The flush takes long, and power goes in the middle of it."""
    run.knobs["hold"] = 1
    begin(run, ("decide", "decide"))
    run.knobs["slow_us"] = 1_500_000
    before = run.knobs["syncs"]
    run.wait(lambda: run.knobs["syncs"] > before, "no flush came")
    time.sleep(run.chance.uniform(0.3, 0.6))
    run.kill()
    run.after_power_cut()
    run.heal()
    run.wait_for_lines(2)
    run.order_stop("spool")
    finish(run)


@whole
def old_backup(run: Run) -> None:
    """A copy from before the stop is put back. The published checkpoint speaks of more entries: it is not opened."""
    begin(run)
    evidence, backup, newest = run.town.home.evidence, run.town.home.root / "backup", run.town.home.root / "newest"
    run.kill(signal.SIGTERM)
    shutil.copytree(evidence, backup)
    run.start()
    run.order_stop("both")
    run.join_orders()
    run.see_it_drained()
    run.kill(signal.SIGTERM)
    with EvidenceReader.read_only(evidence) as reader:
        Publisher(reader, run.town.home.public).publish()
    evidence.rename(newest)
    backup.rename(evidence)
    try:
        run.start()
    except AssertionError as error:
        if "rows are lost" not in str(error):
            raise
    else:
        raise Violation("an old backup was opened: the stop after it is forgotten")
    shutil.rmtree(evidence)
    newest.rename(evidence)
    run.town.process = None
    finish(run)


# ------------------------------------------------------------------------------------------------------------------ the stop


@whole
def stop_under_load(run: Run) -> None:
    """No fault but the load itself."""
    begin(run, ("decide", "decide", "decide"), ("decide", "batch", "clear"))
    run.order_stop("socket")
    finish(run)


@whole
def stop_in_a_burst(run: Run) -> None:
    """Hundreds of questions and the stop wait together while the sequencer is frozen; it wakes and finds all of them."""
    begin(run, ("decide",))
    control = run.town.control()
    control.ask(m.Ping(id=1))  # the connection is there before the sequencer is frozen
    lines = [raw(run.town.home.decide_socket) for _ in range(4)]
    run.pause(0.05)
    run.process.send_signal(signal.SIGSTOP)
    for line in lines:
        line.sendall(b"".join(framed(encode(decide(asked=asked(), outcome=outcome()))) for _ in range(100)))
    run.order_stop("socket", control)
    time.sleep(0.1)
    run.process.send_signal(signal.SIGCONT)
    run.join_orders()
    run.see_it_drained()
    for line in lines:
        line.close()
    run.lift()
    run.wait_for_lines(1)


@whole
def late_resume(run: Run) -> None:
    """Two stops; a resume that was decided after the first and arrives after the second lifts nothing, also over a restart."""
    begin(run)
    run.order_stop("socket")
    run.join_orders()
    first = run.state().index
    run.order_stop(run.chance.choice(WAYS))
    run.join_orders()
    run.wait(lambda: run.state().index > first, "the second stop is not entered")
    if run.chance.random() < 0.5:
        run.kill()
        run.start()
    if not isinstance(run.resume(first), m.Denied):
        raise Violation("a resume of the first stop was accepted after the second")
    run.see_it_drained()
    run.lift()
    run.wait_for_lines(1)


#: Where each mutant is looked for. One that is let through by its kind is let through by the suite.
HUNTED = {
    "check_before_append": "stop_in_a_burst",
    "answer_before_flush": "killed_in_a_flush",
    "cached_flag": "stop_under_load",
    "two_file_commit": "power_is_cut_at_the_key_file",
    "late_resume": "late_resume",
}
