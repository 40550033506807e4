"""``make faults``: runs with faults drawn from seeds, the mutants, and the stop over several hosts in a simulation.

``SEED=`` repeats one run, with ``KIND=`` and ``MUTANT=`` as a failure names them; ``RUNS=500`` is the long command. Exit code 1 on any
violation, and on a mutant that was not caught.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence

from . import simulation
from .kinds import HUNTED, KINDS, NEEDS
from .network import APART
from .run import Result, run_one

RUNS = len(KINDS)
#: How often a mutant is given the chance to be caught.
HUNTS = 3
#: Runs of each cell of the simulated table; its module alone prints the long one.
SIMULATED = 200
_NAMESPACES = ("unshare", "--user", "--map-root-user", "--mount", "--net")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, help=f"how many runs, each with the next seed (default {RUNS}, or 1 with --seed)")
    parser.add_argument("--seed", type=int, help="the first run's seed (default: drawn from the time)")
    parser.add_argument("--kind", choices=sorted(KINDS), nargs="+", help="only these kinds of fault, in turn")
    parser.add_argument("--mutant", choices=sorted(HUNTED), help="run this broken program instead of ours; it should fail")
    chosen = parser.parse_args()
    if APART not in os.environ:
        enter_namespaces()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what the run started is ended too
    first = chosen.seed if chosen.seed is not None else int(time.time()) % 1_000_000
    count = chosen.runs or (RUNS if chosen.seed is None else 1)
    bad = say_all([say(one_run(seed, chosen.kind, chosen.mutant or "")) for seed in range(first, first + count)])
    if chosen.seed is not None or chosen.kind or chosen.mutant:
        return int(bad)
    missed, let_through = hunt(first), say_simulation()
    return int(bad or bool(missed) or bool(let_through))


def enter_namespaces() -> None:
    """Begin again with a network and mounts of our own, where that is permitted; otherwise go on without."""
    os.environ[APART] = "1" if namespaces_work() else ""
    if os.environ[APART]:
        again = [sys.executable, "-m", "tests.faults", *sys.argv[1:]]
        os.execvp(_NAMESPACES[0], [*_NAMESPACES, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *again])


def namespaces_work() -> bool:
    """Everything that the kinds do in them, tried once."""
    if not all(shutil.which(program) for program in ("unshare", "ip", "mount", "umount")):
        return False
    with tempfile.TemporaryDirectory() as folder:
        tried = 'ip link set lo up && mount -t tmpfs none "$1" && umount "$1"'
        return subprocess.run([*_NAMESPACES, "sh", "-c", tried, "sh", folder], capture_output=True, check=False).returncode == 0


def one_run(seed: int, kinds: Sequence[str] | None, mutant: str) -> Result:
    """The kind goes round with the seed, so that as many runs as there are kinds have met each."""
    among = kinds or ([HUNTED[mutant]] if mutant else list(KINDS))
    name = among[seed % len(among)]
    if why := NEEDS[name]():
        return Result(seed, name, mutant, left_out=why)
    return run_one(seed, name, KINDS[name], mutant)


def say(result: Result) -> Result:
    if result.left_out:
        print(f"{result.seed:>7}  {result.kind:<30} left out: {result.left_out}", flush=True)
        return result
    verdict = f"{len(result.violations)} VIOLATIONS" if result.violations else "holds"
    figures = f"{result.entries:>6} entries {result.accepted:>6} accepted {result.stops:>2} stops {result.seconds:>5.1f} s"
    print(f"{result.seed:>7}  {result.kind:<30} {figures}  {verdict:<12} {result.drawn}", flush=True)
    for violation in result.violations:
        print(f"         {violation}", flush=True)
    if result.violations:
        print(f"         again: {result.command}", flush=True)
    return result


def say_all(results: list[Result]) -> bool:
    """The table of faults by kind; true when something was violated."""
    done = [result for result in results if not result.left_out]
    runs, bad = Counter(result.kind for result in done), Counter(result.kind for result in done if result.violations)
    print(f"\n{'fault':<30} {'runs':>6} {'bad':>6}")
    for kind in KINDS:
        if runs[kind]:
            print(f"{kind:<30} {runs[kind]:>6} {bad[kind]:>6}")
    for kind in dict.fromkeys(result.kind for result in results if result.left_out):
        print(f"{kind:<30} left out: {NEEDS[kind]()}")
    total = sum(len(result.violations) for result in done)
    accepted, stops = sum(result.accepted for result in done), sum(result.stops for result in done)
    print(f"{len(done)} runs, {accepted} accepted answers, {stops} stops, {total} violations")
    return total > 0


def hunt(seed: int) -> list[str]:
    """Give every mutant its chances; returns those that were not caught."""
    missed = []
    print(f"\n{'mutant':<30} caught in run")
    for mutant in HUNTED:
        for attempt in range(HUNTS):
            found = one_run(seed + attempt, None, mutant)
            if found.violations:
                print(f"{mutant:<30} {attempt + 1}: {found.violations[0]}", flush=True)
                break
        else:
            missed.append(mutant)
            print(f"{mutant:<30} NOT CAUGHT in {HUNTS} runs", flush=True)
    return missed


def say_simulation() -> list[str]:
    """Several hosts, simulated; returns where our design let something through."""
    print(f"\n{simulation.table(SIMULATED)}", flush=True)
    let_through = simulation.violated(SIMULATED)
    for line in let_through:
        print(f"VIOLATED: {line}")
    return let_through


if __name__ == "__main__":
    sys.exit(main())
