"""``python -m bench verifying``: how fast a log is appended to, published and verified from outside, and what its second key costs.

Entries are of the length and form of a decision's. Rates are of the wall clock: on a busy machine they say more of the machine than of Insyn,
so the hash rate of the same entries by themselves and the processor time of each stand beside them, from the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from insyn.core.entries import encode_entry
from insyn.core.stop_rule import StopRule
from insyn.evidence.publisher import publish
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint, read_checkpoint
from insyn.tlog.cosignature import Cosigner
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.read import FolderReader
from insyn.tlog.verify import Scope, verify_log

ORIGIN = "bench.example/log"
GROUP = 128
HASHES_TARGET, STOPS_TARGET = 700_000, 250_000
ENTRIES = 300_000


def entry(number: int) -> bytes:
    """As a decision's, some 380 bytes."""
    digest = hashlib.sha256(number.to_bytes(8, "big")).hexdigest()
    fields = {"kind": "decision", "system": "lanestod", "version": "1.0", "day": "2026-11-21", "verdict": "proposal", "epoch": 3}
    return encode_entry({**fields, "rid": digest[:32], "packs": digest, "c": {"input": digest, "output": digest}})


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def append(store: EvidenceStore, entries: list[bytes]) -> float:
    """Durable entries a second, in groups of 128."""

    def all_of_them() -> None:
        for at in range(0, len(entries), GROUP):
            with store.transaction() as transaction:
                for one in entries[at : at + GROUP]:
                    transaction.append_bytes(one)

    return len(entries) / seconds(all_of_them)


def say_verifying(count: int = ENTRIES) -> int:
    signer = NoteSigner(ORIGIN, secrets.token_bytes(32))
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="in") as folder:
        root = Path(folder)
        store = EvidenceStore.open(folder=root / "evidence", root_key=bytes(32), origin=ORIGIN, clock=lambda: datetime.now(UTC))
        entries = [entry(number) for number in range(count)]
        half = len(entries) // 2
        print(f"append, groups of {GROUP:<21} {append(store, entries[:half]):>12,.0f} entries a second, durable")
        store.sign_checkpoint(signer)
        append(store, entries[half:])
        earlier = read_checkpoint(store.checkpoint_note())
        store.sign_checkpoint(signer)
        with EvidenceReader.read_only(root / "evidence") as reader:
            print(f"publish from nothing                {count / seconds(lambda: publish(reader, root / 'log')):>12,.0f} entries a second")
        store.close()
        alone = count / seconds(lambda: [hashlib.sha256(b"\x00" + one).digest() for one in entries])
        print(f"leaf hashes alone, one process      {alone:>12,.0f} entries a second")
        say_rates(root / "log", signer.vkey, earlier, processes)
    say_signatures(signer)
    return 0


def say_rates(log: Path, vkey: str, earlier: Checkpoint, processes: int) -> None:
    rows = [("hashes", 1, False, HASHES_TARGET), ("hashes and stops", 1, True, STOPS_TARGET)]
    rows += [(name, processes, stops, target) for name, _, stops, target in rows if processes > 1]
    for name, using, stops, target in rows:
        rule = StopRule()
        scope = Scope(processes=using)
        began, worked = time.perf_counter(), processor_seconds()
        report = verify_log(FolderReader(log), vkey, on_entry=rule.observe if stops else None, scope=scope)
        rate, cost = report.size / (time.perf_counter() - began), (processor_seconds() - worked) / report.size
        label = f"verify, {name}, {using} process{'es' if using > 1 else ''}"
        print(f"{label:<36}{rate:>12,.0f} entries a second (target {target:,}); {cost * 1e6:.2f} µs of processor each")
    took = seconds(lambda: verify_log(FolderReader(log), vkey, scope=Scope(since=earlier)))
    print(f"verify what is new, half of the log {took:>12.2f} s")


def processor_seconds() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def say_signatures(signer: NoteSigner) -> None:
    body = Checkpoint(ORIGIN, 7, bytes(32)).body()
    second = Cosigner(ORIGIN, bytes(32))
    for name, signers in (("Ed25519", [signer]), ("Ed25519 and ML-DSA-44", [signer, second])):
        took = [seconds(lambda signers=signers: sign_note(body, signers)) for _ in range(200)]
        size = len(sign_note(body, signers))
        print(f"checkpoint signed with {name:<22} p50 {statistics.median(took) * 1e6:>7,.0f} µs, {size:,} bytes")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench verifying", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES, help=f"how many (default {ENTRIES:,})")
    return say_verifying(parser.parse_args(words).entries)
