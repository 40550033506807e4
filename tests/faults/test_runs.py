"""Short runs of every fault, against the real processes. `make faults` runs more of them, and any of them again by its seed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.faults.kinds import KINDS
from tests.faults.run import ROOT

#: What a test of its own holds more of (a cut at every flush), or another kind nearly does: left to `make faults`.
_LEFT = {"power_is_cut", "small_disk_is_full", "freeze_front", "kill_caller", "clock_jumps_ahead"}
QUICK = [kind for kind in KINDS if kind not in _LEFT]
#: So many runs in one process: it takes namespaces of its own at its start, and gives them up with all that is in them at its end.
TOGETHER = 5


def faults(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "gateway")])}
    command = [sys.executable, "-m", "tests.faults", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(TOGETHER, len(QUICK), TOGETHER))])
def test_nothing_that_was_promised_is_broken_by_a_fault(first: int) -> None:
    done = faults("--seed", str(first), "--runs", str(TOGETHER), "--kind", *QUICK[first : first + TOGETHER])
    assert done.returncode == 0, done.stdout + done.stderr
    left_out = done.stdout.count("left out") // 2  # once in its line and once in the table
    assert f"\n{TOGETHER - left_out} runs, " in done.stdout, done.stdout
    assert ", 0 violations" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nothing_that_was_promised_is_broken_in_two_hundred_runs() -> None:
    done = subprocess.run(["make", "faults", "RUNS=200", "SEED=5000"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
