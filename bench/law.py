"""``python -m bench.law``: what the rules cost, on every shipped pack with its municipal policies adopted, beside limits and a general rule library.

1. The packs, loaded in fresh processes.
2. One full result for each worked system of the tests, then for each of many made-up systems, and the evaluation alone: with nothing remembered of other systems, and one system
   after another as they come.
3. The same conditions through cel-python, compiled once. Its answers are held against ours; a single difference is a fault.
4. A change of packs replayed over 10 000 systems, municipal policies and all.

Calls are timed in processor time of one core (other work on the machine then disturbs least), loading and replay by the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import Pack, PackKind
from insyn.law.ready import ready
from insyn.law.yaml_reader import parse_yaml
from insyn.rules.comparing import Side
from insyn.rules.full_result import full_result
from insyn.rules.replay import replay

from .cel import CelRules, as_cel, asks_a_set
from .replaying import changed, made_up
from .systems import Answers, draw_systems

ROOT = Path(__file__).resolve().parent.parent
PACKS, WORKED = ROOT / "packs", ROOT / "tests" / "vectors" / "law"
ON, ADOPTED_ON = date(2026, 11, 20), date(2026, 9, 1)
#: Seconds: what each may take.
LIMIT_RESULT, LIMIT_LOAD, LIMIT_REPLAY = 0.002, 1.0, 20.0
#: Questions answered, and what such a system is called.
ANSWERED = {1.0: "fully answered", 0.5: "half answered"}
_LOADS = 5
_LOADING = """\
import json, pathlib, sys, time
started = time.perf_counter()
from insyn.law.loader import load_packs
imported = time.perf_counter()
load_packs(pathlib.Path(sys.argv[1]))
print(json.dumps([time.perf_counter() - started, time.perf_counter() - imported]))
"""


def say_law(folder: Path = PACKS, *, systems: int = 400, peer: int = 40, replayed: int = 10_000) -> int:
    """Print every figure; 1 when the library's answers differ from ours. ``replayed``: 0 leaves the replay out."""
    packs = load_packs(folder)
    adoptions = tuple(Adoption(pack=pack.id, digest=pack.digest, adopted_on=ADOPTED_ON) for pack in packs if pack.kind is PackKind.POLICY)
    rules = sum(len(pack.rules) for pack in packs)
    print(f"law: {len(packs)} packs, {rules} rules, {len(adoptions)} policies adopted; load of the machine {os.getloadavg()[0]:.1f}")
    _say_loading(folder)
    _say_worked(packs, adoptions)
    drawn = {answered: draw_systems(packs, systems, answered=answered) for answered in ANSWERED}
    ours = {answered: _say_results(packs, adoptions, found, ANSWERED[answered]) for answered, found in drawn.items()}
    different = _say_peer(packs, {answered: found[:peer] for answered, found in drawn.items()}, ours)
    if replayed:
        _say_replay(packs, adoptions, replayed)
    return 1 if different else 0


def _say(label: str, seconds: float, limit: float = 0, more: str = "") -> None:
    share = f" = {seconds / limit:.2f} of the limit {limit * 1e3:,.0f} ms" if limit else ""
    print(f"{label:<53}{seconds * 1e3:>9,.2f} ms{share}{more}")


def _say_loading(folder: Path) -> None:
    whole, found = [], []
    for _ in range(_LOADS):
        began = time.perf_counter()
        ran = subprocess.run([sys.executable, "-c", _LOADING, str(folder)], capture_output=True, check=True)
        whole.append(time.perf_counter() - began)
        found.append(json.loads(ran.stdout))
    _say("all packs loaded, with interpreter and imports, least", min(whole), LIMIT_LOAD)
    _say("all packs loaded, alone, least", min(alone for _, alone in found), LIMIT_LOAD)


def _say_worked(packs: Sequence[Pack], adoptions: Sequence[Adoption]) -> None:
    """The worked systems of the tests, as municipalities would describe them; each a first time, then all again."""
    systems = [parse_yaml(path.read_bytes(), file=path.name).value["facts"] for path in sorted(WORKED.glob("*.yaml"))]
    for name, acts in (("policies adopted", adoptions), ("law alone", ())):
        binding = packs_in_force(packs, acts, on=ON)
        full_result(packs, acts, {}, on=ON)  # makes the packs ready
        _say_p50(f"full result, {len(systems)} worked systems, {name}", _steady(binding, partial(_result, packs, acts), systems * 2))


def _result(packs: Sequence[Pack], adoptions: Sequence[Adoption], facts: Answers) -> object:
    return full_result(packs, adoptions, facts, on=ON)


def _say_results(packs: Sequence[Pack], adoptions: Sequence[Adoption], systems: Sequence[Answers], name: str) -> float:
    """Print them; the p50 of the evaluation alone, one system after another."""
    binding = packs_in_force(packs, adoptions, on=ON)
    full_result(packs, adoptions, {}, on=ON)  # makes the packs ready
    _say_p50(f"full result, {name}, first", _first(binding, partial(_result, packs, adoptions), systems))
    _say_p50(f"full result, {name}, steady", _steady(binding, partial(_result, packs, adoptions), systems))
    alone = _steady(binding, lambda facts: evaluate(binding, facts, on=ON), systems)
    _say(f"evaluation alone, {name}, steady, p50", statistics.median(alone))
    return statistics.median(alone)


def _say_p50(label: str, found: Sequence[float]) -> None:
    _say(f"{label}, p50", statistics.median(found), LIMIT_RESULT, f"; p99 {statistics.quantiles(found, n=100)[98] * 1e3:.2f} ms")


def _first(packs: Sequence[Pack], do: Callable[[Answers], object], systems: Sequence[Answers]) -> list[float]:
    """Processor seconds of each call, with nothing remembered from the one before."""
    found = []
    for facts in systems:
        _forget(packs)
        found.append(_timed(do, facts))
    return found


def _steady(packs: Sequence[Pack], do: Callable[[Answers], object], systems: Sequence[Answers]) -> list[float]:
    """The same, in a process that has just met the first half of the systems and now meets the other for the first time."""
    _forget(packs)
    found = [_timed(do, facts) for facts in systems]
    return found[len(found) // 2 :]


def _timed(do: Callable[[Any], object], what: Any) -> float:
    began = time.thread_time()
    do(what)
    return time.thread_time() - began


def _forget(packs: Sequence[Pack]) -> None:
    for rule in ready(packs).rules:
        rule._known.clear()


def _say_peer(packs: Sequence[Pack], drawn: dict[float, list[Answers]], ours: dict[float, float]) -> int:
    """The number of answers that are not ours."""
    library = CelRules(packs)
    rules = [rule for pack in packs for rule in pack.rules.values()]
    different = 0
    for answered, systems in drawn.items():
        taken = []
        for facts in systems:
            evaluation = evaluate(packs, facts, on=ON)
            theirs = as_cel(evaluation.answers)
            began = time.thread_time()
            answers = library.answers(theirs)
            taken.append(time.thread_time() - began)
            different += sum(answer is not result.result for answer, result in zip(answers, evaluation.results, strict=True))
        p50 = statistics.median(taken)
        _say(
            f"cel-python, conditions alone, {ANSWERED[answered]}, p50",
            p50,
            more=f"; our evaluation / cel-python = {ours[answered] / p50:.3f}",
        )
    asked = sum(map(len, drawn.values())) * len(rules)
    print(f"answers of cel-python that differ from ours          {different} of {asked:,}")
    print(f"rules that CEL needs a deliberate error for (sets)   {sum(map(asks_a_set, rules))} of {len(rules)}; cannot be said in CEL: 0")
    return different


def _say_replay(packs: Sequence[Pack], adoptions: tuple[Adoption, ...], count: int) -> None:
    systems = made_up(packs, count, seed=4)
    sides = Side(packs=tuple(packs), on=ON, adoptions=adoptions), Side(packs=changed(packs), on=ON, adoptions=adoptions)
    for workers in sorted({1, os.cpu_count() or 1}):
        began = time.perf_counter()
        affected = replay(systems, *sides, workers=workers)
        label = f"replay, {count:,} systems, processes: {workers}"
        _say(label, time.perf_counter() - began, LIMIT_REPLAY * count / 10_000, f"; {len(affected):,} affected")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.law", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=Path, default=PACKS, help="the folder with the packs (default: those shipped)")
    parser.add_argument("--systems", type=int, default=400, help="how many full results of each kind (default 400)")
    parser.add_argument("--peer", type=int, default=40, help="how many of each kind also through cel-python (default 40)")
    parser.add_argument("--replayed", type=int, default=10_000, help="how many to replay a change over (default 10 000)")
    given = parser.parse_args()
    return say_law(given.packs, systems=given.systems, peer=given.peer, replayed=given.replayed)


if __name__ == "__main__":
    raise SystemExit(main())
