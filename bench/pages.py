"""``python -m bench.pages``: what a page of the register costs the server, with few systems and with many.

Each page is asked for through Django's test client, of systems drawn at random, and timed in processor time of this process (database
included: SQLite works in it). The register is made by :mod:`bench.register`, each size in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from typing import Any

from .register import CLASSIFIED, build, empty_home

SIZES = (100, 10_000)
#: Seconds of processor time for a page, and how much dearer one may be in the large register.
LIMIT, RATIO = 0.020, 1.2
_TIMES = 40
#: Pages that the target is about; the others are told of.
TARGETS = ("public list", "public search", "public system page", "work list", "work search", "work system page")


def say_pages(*, sizes: tuple[int, ...] = SIZES) -> int:
    """Print every figure; 1 when a page misses the limit."""
    found = {size: _in_a_process(size) for size in sizes}
    small, large = min(sizes), max(sizes)
    missed = 0
    for page in found[large]:
        few, many = found[small][page], found[large][page]
        over = page in TARGETS and many > LIMIT
        missed += over
        target = f"; {many / LIMIT:.2f} of the limit {LIMIT * 1e3:.0f} ms" if page in TARGETS else ""
        print(
            f"{page:<28}{small:>7,} systems {few * 1e3:>7.1f} ms {large:>7,} systems {many * 1e3:>7.1f} ms = {many / few:.2f} times{target}"
        )
    return 1 if missed else 0


def _in_a_process(size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.pages", "--measure", str(size)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def measure(size: int) -> dict[str, float]:
    """p50 of the processor seconds of each page in a register of this size."""
    with empty_home() as home:
        began = time.perf_counter()
        owner = build(size)
        megabytes = home.register.stat().st_size / 1e6
        print(f"made {size:,} systems in {time.perf_counter() - began:.0f} s, {megabytes:,.0f} MB", file=sys.stderr)
        return _pages(owner, size)


def _pages(owner: Any, size: int) -> dict[str, float]:
    from django.test import Client

    visitor, worker = Client(), Client()
    worker.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    drawn = random.Random(2)

    def of(address: str) -> str:
        return address.format(drawn.randrange(CLASSIFIED, size, CLASSIFIED))

    words = ("översätt", "kön", "hem vägen", "läckesök", "språkbolaget", "st")
    asked = {
        "public list": (visitor, lambda: f"/?sida={drawn.randrange(1, max(2, min(40, size // 25)))}"),
        "public list, one office": (visitor, lambda: f"/?namnd=namnd-{drawn.randrange(8)}&lage=in_use"),
        "public search": (visitor, lambda: f"/?q={drawn.choice(words)}"),
        "public system page": (visitor, lambda: of("/system/system-{}/")),
        "public history": (visitor, lambda: of("/system/system-{}/historik/")),
        "public revision": (visitor, lambda: of("/system/system-{}/historik/9/")),
        "work list": (worker, lambda: f"/arbete/system/?page={drawn.randrange(1, max(2, min(40, size // 25)))}"),
        "work search": (worker, lambda: f"/arbete/system/?q={drawn.choice(words)}"),
        "work system page": (worker, lambda: of("/arbete/system/system-{}/")),
        "the entry": (worker, lambda: of("/arbete/system/system-{}/posten/")),
        "gates page": (worker, lambda: of("/arbete/system/system-{}/krav/")),
        "my work": (worker, lambda: "/arbete/"),
    }
    return {page: _p50(client, address, size) for page, (client, address) in asked.items()}


def _p50(client: Any, address: Any, size: int) -> float:
    taken = []
    for number in range(_TIMES + 3):
        asked = address()
        began = time.process_time()
        answer = client.get(asked, follow=False)
        spent = time.process_time() - began
        if answer.status_code != 200:
            raise RuntimeError(f"{asked} answered {answer.status_code}")
        taken += [spent] if number >= 3 else []
    return statistics.median(taken)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measure", type=int, help="one size, as JSON")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many systems (default 100 and 10 000)")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure)))
        return 0
    print(f"pages: p50 of processor time; load of the machine {os.getloadavg()[0]:.1f}")
    return say_pages(sizes=tuple(given.sizes))


if __name__ == "__main__":
    raise SystemExit(main())
