"""``make bench``: what a durable decision costs here, beside the raw flush of the same disk in the same run; then what the rules cost.

1. The flush: append 600 bytes and fdatasync, alone on the disk.
2. Decisions through the SDK over the Unix socket, one caller, one at a time.
3. Decisions in batches of 64, one caller: how far a flush is shared.
4. The log that came of it: published, verified with and without the stop rule, and its size on disk.
5. The rules: packs loaded, full results, the same conditions through a general rule library, and a change of packs replayed over
   10 000 systems that all answer differently (:mod:`bench.law`).
6. The pages of the register with 100 and with 10 000 full-size entries, some gigabytes in a temporary folder (:mod:`bench.pages`).

``make bench ARGS=verifying`` measures the log alone: appended, published and verified (:mod:`bench.verifying`).
``make bench ARGS=gateway`` measures the gateway alone, every way in beside the flush and beside its targets (:mod:`bench.gateway`).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from bench.figures import flush_seconds, percentile
from bench.installation import Installation, outcome
from bench.law import say_law
from bench.pages import say_pages
from insyn.core.stop_rule import StopRule
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.tlog.read import reader_of
from insyn.tlog.verify import verify_log


def timed(do: Callable[[int], object], times: int) -> list[float]:
    """Seconds of each call."""
    found = []
    for number in range(times):
        began = time.perf_counter()
        do(number)
        found.append(time.perf_counter() - began)
    return found


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f} µs"


def main() -> int:
    if sys.argv[1:2] == ["gateway"]:
        from bench.gateway import main as gateway

        return gateway(sys.argv[2:])
    if sys.argv[1:2] == ["proxying"]:
        from bench.proxying import main as proxying

        return proxying(sys.argv[2:])
    if sys.argv[1:2] == ["verifying"]:
        from bench.verifying import main as verifying

        return verifying(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=3000, help="how many of each kind (default 3000)")
    parser.add_argument("--no-pages", action="store_true", help="leave the pages of the register out")
    given = parser.parse_args()
    count = given.decisions
    with Installation() as made:
        guard = made.guard()
        timed(lambda number: guard.decide(outcome(number)), 300)
        before = flush_seconds(count)
        single = timed(lambda number: guard.decide(outcome(number)), count)
        flush = statistics.median(before + flush_seconds(count))
        began = time.perf_counter()
        used = sum(1 for result in guard.batch([outcome(number) for number in range(count * 5)]) if result.answer)
        batch_rate = used / (time.perf_counter() - began)
        p50 = statistics.median(single)
        print(f"raw flush (600 B + fdatasync)        p50 {micro(flush)}")
        print(
            f"decision over the socket, one caller p50 {micro(p50)} = {p50 / flush:.2f} flushes (p50 minus flush {micro(p50 - flush)}), p99 {micro(percentile(single, 0.99))}"
        )
        print(
            f"decisions in batches, one caller     {batch_rate:,.0f} a second = {batch_rate * flush:.1f} for each flush ({used} of {count * 5} used)"
        )
        time.sleep(1.5)  # the last checkpoint is signed within a second
        say_log(made)
    return say_law() or (0 if given.no_pages else say_pages())


def say_log(made: Installation) -> None:
    size_on_disk = sum(path.stat().st_size for path in made.home.evidence.iterdir() if path.suffix != ".lock")
    with EvidenceReader.read_only(made.home.evidence) as reader:
        publish(reader, made.home.public)
    for name, rule in (("hashes", None), ("hashes and stops", StopRule())):
        began = time.perf_counter()
        report = verify_log(reader_of(made.home.public), made.signer.vkey, on_entry=rule.observe if rule else None)
        print(f"verify, {name:<28} {report.size / (time.perf_counter() - began):,.0f} entries a second")
    print(f"on disk                              {size_on_disk / report.size:,.0f} bytes a decision, keys made ahead included")


if __name__ == "__main__":
    raise SystemExit(main())
