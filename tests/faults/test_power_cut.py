"""A power cut at every flush of a store's life: what was acknowledged before it is there, and what is there is whole."""

from __future__ import annotations

import itertools
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insyn.core.terms import DisclosureGroup
from insyn.evidence import store as store_module
from insyn.evidence.check import check
from insyn.evidence.records import Appended, Fact, StopRow
from insyn.evidence.store import EvidenceStore
from insyn.tlog.hashing import leaf_hash, root_of
from insyn.tlog.notes import NoteSigner
from tests.faults.disk import Disk

ORIGIN, ROOT_KEY = "log.example/kommun", bytes(range(32))
SIGNER = NoteSigner(ORIGIN, bytes(32))
_names = itertools.count()


@dataclass
class Cut:
    """What a power cut left, and what had been acknowledged by then."""

    folder: Path
    flush_of: str
    entries: list[Appended]
    stops: list[int]
    erased: set[str]


@dataclass
class Life:
    """A store on a disk that forgets, and every power cut that it might have met."""

    folder: Path
    disk: Disk
    chance: random.Random
    cuts: list[Cut] = field(default_factory=list)
    entries: list[Appended] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)

    def open(self, folder: Path, **more: Any) -> EvidenceStore:
        return EvidenceStore.open(folder=folder, root_key=ROOT_KEY, origin=ORIGIN, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC), **more)

    def cut(self, path: str) -> None:
        """Just before a flush: keep what would be found afterwards. The index in shared memory is gone with the machine."""
        left = self.folder.with_name(f"cut-{len(self.cuts)}")
        shutil.copytree(self.folder / "evidence", left, ignore=shutil.ignore_patterns("*-shm"))
        for image in self.disk.images.values():
            image.leave(self.chance, str(left / Path(image.path).name))
        self.cuts.append(Cut(left, Path(path).name, list(self.entries), list(self.stops), set(self.erased)))

    def live(self, steps: int) -> None:
        store = self.open(self.folder / "evidence", vfs=self.disk.name)
        self.disk.before_flush = self.cut
        for number in range(steps):
            self._transact(store, number)
            if number % 7 == 3:
                store.sign_checkpoint(SIGNER)
            if number % 9 == 5:
                gone = self.chance.choice([made for made in self.entries if made.fact_id and made.rid not in self.erased])
                self.entries.append(store.erase(gone.rid, public={"basis": "GDPR 17"}))
                self.erased.add(gone.rid)
        store.close()

    def _transact(self, store: EvidenceStore, number: int) -> None:
        made: list[Appended] = []
        with store.transaction() as transaction:
            for _ in range(self.chance.randrange(1, 5)):
                made.append(
                    transaction.append(
                        public={"kind": "decision", "system": "lanestod", "day": "2026-11-21"},
                        private={DisclosureGroup.INPUT: b"x" * self.chance.randrange(10, 3000)},
                        fact=Fact(month="2026-11", system="lanestod", version="1", stage="proposal", outcome="approve"),
                        case="1",
                        waits=True,
                    )
                )
            if number % 5 == 2:
                stop = transaction.append(public={"kind": "stop", "system": "lanestod", "day": "2026-11-21"})
                transaction.put_stop(StopRow(system="lanestod", index=stop.index, rid=stop.rid, order=stop.rid))
                made.append(stop)
        self.entries += made
        if number % 5 == 2:
            self.stops.append(made[-1].index)


@pytest.fixture
def a_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Life]]:
    """Lives by seed. The WAL is folded back every few checkpoints, as in a large store."""
    monkeypatch.setattr(store_module, "FLUSH_AT_CHECKPOINT", 20)
    disks: list[Disk] = []

    def make(seed: int) -> Life:
        knobs: dict[str, int] = defaultdict(int, hold=1)
        disks.append(Disk(knobs, name=f"forgets{next(_names)}", default=False))
        folder = tmp_path / f"life-{seed}"
        folder.mkdir()
        return Life(folder, disks[-1], random.Random(seed))

    yield make
    for disk in disks:
        disk.unregister()


def wrong_after(life: Life, cut: Cut) -> list[str]:
    """Open what the cut left, and compare it with what had been acknowledged."""
    store = life.open(cut.folder)
    found = []
    if store.root() != root_of([leaf_hash(data) for _, data in store.entries(0, 10**6)]):
        found.append("the tree is not that of the entries")
    found += [f"entry {made.index} is lost" for made in cut.entries if store.size <= made.index or store.leaf(made.index) != made.leaf]
    newest = store.stops().get("lanestod")
    if cut.stops and (newest is None or newest.index < cut.stops[-1]):
        found.append("the newest stop is forgotten")
    found += [f"{rid} is there again" for rid in cut.erased if (index := store.index_of(rid)) is not None and not store.is_erased(index)]
    store.sign_checkpoint(SIGNER)
    store.close()
    found += [str(finding) for finding in check(cut.folder, ROOT_KEY, SIGNER.vkey).findings]
    shutil.rmtree(cut.folder)
    return [f"power went at a flush of {cut.flush_of}: {text}" for text in found]


def every_cut(life: Life, steps: int) -> list[str]:
    life.live(steps)
    assert {cut.flush_of for cut in life.cuts} >= {"evidence.sqlite-wal", "keys.sqlite-wal", "evidence.sqlite"}
    return [wrong for cut in life.cuts for wrong in wrong_after(life, cut)]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_power_cut_at_any_flush_loses_nothing_acknowledged(a_life: Callable[[int], Life], seed: int) -> None:
    assert every_cut(a_life(seed), 20) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_power_cut_at_any_flush_of_forty_lives_loses_nothing_acknowledged(a_life: Callable[[int], Life]) -> None:
    assert [wrong for seed in range(100, 140) for wrong in every_cut(a_life(seed), 40)] == []


def test_a_store_that_does_not_wait_for_its_flushes_loses_entries(a_life: Callable[[int], Life], monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk forgets as it should: with a setting that many recommend for speed, answers are lost."""
    plain = EvidenceStore.transaction

    def hurried(self: EvidenceStore) -> Any:
        self.connection.execute("PRAGMA synchronous=NORMAL")
        return plain(self)

    monkeypatch.setattr(EvidenceStore, "transaction", hurried)
    assert any("is lost" in wrong for wrong in every_cut(a_life(3), 20))
