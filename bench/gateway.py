"""``make bench ARGS=gateway``: what a durable decision costs, each row beside the raw flush of the same disk just before and after it.

1. In process: the engine without its sockets, one caller, then 32 and 128 at a time.
2. Over the Unix socket: the SDK with one caller; 64 questions under way on one connection.
3. Over HTTP: 1, 8 and 32 callers, with one and with two front workers; the empty echo of the same server beside them.
4. Bytes on disk for each decision with a payload of 600 bytes.
5. Stops under load: how long until committed, until drained.
6. The cost of a decision with 10 000 and with a million entries in the log (ten million with ``--slow``).
7. The peers, where ``make bench-peers`` has installed them, and the proxy beside LiteLLM's (:mod:`bench.proxying`).
8. The log from outside (:mod:`bench.verifying`) and the proxies beside LiteLLM's (:mod:`bench.proxying`), as these print them.

``--write`` keeps the tables in docs/reference/figures.md. ``--quick`` takes a tenth of everything and leaves the million out.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Load, Row, Table, Target, at_least_rate, at_most, at_most_flushes
from bench.growth import say_growth
from bench.inprocess import Decider
from bench.installation import Installation, outcome, served, small_outcome
from bench.load import run_load
from bench.peers import say_peers
from bench.proxying import against_litellm, say_proxying
from bench.stops import say_stops

FIGURES = Path(__file__).parent.parent / "docs" / "reference" / "figures.md"
_CALLERS = (1, 8, 32)
_HTTP_TARGETS = {(1, 1): at_most_flushes(2.5), (1, 2): at_most_flushes(2.5), (8, 2): at_least_rate(10_000), (32, 2): at_least_rate(20_000)}


def decisions(scale: float) -> Table:
    table = Table("Guarded decisions")
    with Decider.made() as decider:
        decider.run(1, int(300 * scale) + 50)
        table.beside_flush("in process, one caller", lambda: decider.run(1, int(3000 * scale)), at_most_flushes(2.0))
        for callers in (32, 128):
            table.beside_flush(f"in process, {callers} at a time", lambda c=callers: decider.run(c, int(200 * scale) * c))  # type: ignore[misc]
    with Installation() as made:
        _warm(made, int(300 * scale) + 50)
        table.beside_flush("SDK over the Unix socket, one caller", lambda: _sdk(made, int(3000 * scale)), at_most_flushes(2.2))
        words = ("--socket", str(made.home.decide_socket))
        table.beside_flush("Unix socket, 64 under way", lambda: run_load(*words, "--callers", "64", "--count", str(int(20_000 * scale))))
        for workers in (1, 2):
            _http(table, made, workers, scale)
    _bytes(table, 12_800 if scale == 1.0 else 3_840)
    for workers in (1, 2):
        with served("-m", "bench.echo", "--workers", str(workers)) as port:
            for callers in _CALLERS:
                table.beside_flush(
                    f"echo of the same server, {callers} callers, {_workers(workers)}",
                    lambda p=port, c=callers: run_load("--port", str(p), "--callers", str(c), "--count", str(_count(c, scale))),  # type: ignore[misc]
                )
    return table


def _http(table: Table, made: Installation, workers: int, scale: float) -> None:
    with made.front(workers) as port:
        words = ("--port", str(port), "--callers")
        run_load(*words, "8", "--count", str(int(500 * scale) + 50))
        for callers in _CALLERS:
            table.beside_flush(
                f"HTTP, {callers} callers, {_workers(workers)}",
                lambda c=callers: run_load(*words, str(c), "--count", str(_count(c, scale))),  # type: ignore[misc]
                _HTTP_TARGETS.get((callers, workers)),
            )


def _count(callers: int, scale: float) -> int:
    return int((2000 if callers == 1 else 10_000 if callers == 8 else 30_000) * scale)


def _workers(count: int) -> str:
    return f"{count} front worker{'s' if count > 1 else ''}"


def _warm(made: Installation, count: int) -> None:
    guard = made.guard()
    for number in range(count):
        guard.decide(outcome(number))


def _sdk(made: Installation, count: int) -> Load:
    guard, found = made.guard(), []
    began = time.perf_counter()
    for number in range(count):
        asked = time.perf_counter()
        guard.decide(outcome(number))
        found.append(time.perf_counter() - asked)
    return Load(found, count / (time.perf_counter() - began))


def _bytes(table: Table, count: int) -> None:
    """Two logs of so many decisions each: what a small tabular model sends, and 600 bytes of payload with eight factors beside it."""
    for what, make in (("600 bytes sealed in all", small_outcome), ("payload of 560 bytes, factors of 460, case of 180", outcome)):
        with Decider.made() as decider:
            decider.run(128, count, make)
            value = decider.bytes_each()
        table.add(Row(f"on disk, {what}", value=f"{value:,.0f} bytes a decision", target=at_most("≤ 2,000 bytes", 2000, value)))


def page(tables: Sequence[Table], notes: Sequence[str], *, words: str) -> str:
    """The whole page of figures."""
    machine = f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    lines = [
        "# Figures",
        "",
        f"Written by `make bench ARGS='gateway {words}'` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {machine}. Load at the start: {_load()}.",
        "",
        "Machines are noisy. Read the ratios: each row stands beside the raw flush (600 bytes appended, then fdatasync) measured on the same disk "
        "just before and just after it. The caller, the front and the sequencer share the same processors.",
        "",
        *(table.markdown() for table in tables),
        *notes,
    ]
    return "\n".join(lines).rstrip() + "\n"


_LOADED_AT_START = os.getloadavg()[0]


def _load() -> str:
    return f"{_LOADED_AT_START:.1f}"


def missed(tables: Sequence[Table]) -> list[str]:
    found = [row for table in tables for row in table.rows if row.target and not row.target.hit]
    return (
        ["## Missed", "", *(f"- {row.what}: {_target(row.target)}.{_why(row.what)}" for row in found)]
        if found
        else ["Every target was hit."]
    )


#: Why a target is missed where it is, by the beginning of the row's name.
_WHY = {
    "HTTP": "One process judges, seals and writes every decision: four commitments, a sealed record, a facts row and two keyed rows that each"
    " lie on a page of their own. Callers, front workers and the sequencer share the processors here.",
    "on disk, payload": "What is sealed is 1.2 kB of JSON (560 bytes of payload are not all of it), and two such records fill a page of 4 kB."
    " It is not compressed, since the length of what is compressed tells of what is in it.",
    "in process": "Seven pages of the file are written for a decision, and the raw flush writes 600 bytes.",
    "SDK": "As in process, and two wake-ups between the processes.",
}


def _why(what: str) -> str:
    return next((f" {words}" for name, words in _WHY.items() if what.startswith(name)), "")


def also(title: str, *words: str) -> list[str]:
    """Run another part of the bench, and take what it prints as it is."""
    ended = subprocess.run([sys.executable, "-m", "bench", *words], capture_output=True, text=True, check=False)
    said = ended.stdout.rstrip() if ended.returncode == 0 else f"could not be measured: {ended.stderr.strip().splitlines()[-1:]}"
    print(said, flush=True)
    return ["", f"## {title}", "", f"`make bench ARGS='{' '.join(words)}'`:", "", "```text", said, "```"]


def _target(target: Target | None) -> str:
    return target.said() if target else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench gateway", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, without the million")
    parser.add_argument("--slow", action="store_true", help="also ten million entries: some 20 GB and half an hour")
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/reference/figures.md")
    given = parser.parse_args(arguments)
    scale = 0.1 if given.quick else 1.0
    sizes = (10_000,) if given.quick else (10_000, 1_000_000, 10_000_000) if given.slow else (10_000, 1_000_000)
    tables = [decisions(scale), say_stops(5 if given.quick else 25), say_growth(sizes)]
    peers, said = say_peers(scale)
    proxies = say_proxying(scale)
    tables += [peers, proxies]
    said += against_litellm(proxies)
    notes = [*missed(tables), "", *said]
    print("\n".join(notes))
    notes += also("The log from outside", "verifying", *(("--entries", "30000") if given.quick else ()))
    notes += also("Proxies", "proxying", *(("--quick",) if given.quick else ()))
    if given.write:
        FIGURES.write_text(page(tables, notes, words=" ".join(sys.argv[2:])), encoding="utf-8")
        print(f"Written to {FIGURES.relative_to(FIGURES.parents[2])}.", file=sys.stderr)
    return 0
