"""The published log without its oldest entries: only under a published policy, whole tiles, and never a stop without its resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.stop_rule import StopRule
from insyn.evidence.pruning import Wish, minimum_index, plan_pruning, prune
from insyn.evidence.publisher import Publisher, publish
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import LogInvalid
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.proofs import TlogProof, verify_proof
from insyn.tlog.read import FolderReader
from insyn.tlog.retention import Retention
from insyn.tlog.verify import Scope, verify_log


def fill(store: EvidenceStore, to: int, *, day: str = "2026-11-21", **of: Any) -> None:
    with store.transaction() as transaction:
        for _ in range(to - store.size):
            transaction.append(public={"kind": "refusal", "system": "lanestod", "day": day, **of})


def entry(store: EvidenceStore, kind: str, **of: Any) -> int:
    with store.transaction() as transaction:
        return transaction.append(public={"kind": kind, "system": "lanestod", "day": "2026-11-21", **of}).index


def retention(store: EvidenceStore, minimum: int) -> Retention:
    return Retention(store.origin, minimum, "KS 2031:7", "2031-02-03")


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def log(office: Any, store: EvidenceStore, tmp_path: Path) -> Path:
    for size in (100, 300, 1100):
        fill(store, size, day="2026-11-21" if size < 1000 else "2027-01-15")
        store.sign_checkpoint(office.signer)
        publish(store, tmp_path / "public")
    return tmp_path / "public"


def test_a_dry_run_says_what_would_go_and_changes_nothing(store: EvidenceStore, log: Path) -> None:
    before = names(log)
    plan = plan_pruning(store, log, Wish(below=600))
    assert (plan.minimum, plan.asked, plan.now, plan.held) == (512, 600, 0, "")
    assert {path.relative_to(log).as_posix() for path in plan.files} == {
        f"tile/{level}/00{n}" for level in ("entries", "0") for n in (0, 1)
    }
    assert plan.bytes == sum(path.stat().st_size for path in plan.files)
    assert names(log) == before


def test_a_pruned_log_verifies_for_whoever_holds_its_policy_and_receipts_stay_valid(office: Any, store: EvidenceStore, log: Path) -> None:
    receipts = {index: store.receipt_proof(index) for index in (0, 511, 512, 1099)}
    before = names(log)
    plan = plan_pruning(store, log, Wish(below=600))
    prune(log, plan, retention(store, plan.minimum))
    gone = {f"tile/{level}/00{n}" for level in ("entries", "0") for n in (0, 1)}
    assert names(log) == before - gone | {"retention.json"}
    with pytest.raises(LogInvalid, match="is missing"):
        verify_log(FolderReader(log), office.signer.vkey)
    read: list[int] = []
    accepted = Scope(minimum=minimum_index(log))
    report = verify_log(FolderReader(log), office.signer.vkey, on_entry=lambda index, _: read.append(index), scope=accepted)
    assert (report.size, read) == (1100, list(range(512, 1100)))
    for index, text in receipts.items():
        proof = TlogProof.parse(text)
        assert proof.extra is not None
        found, checkpoint = verify_proof(text, leaf_hash(proof.extra), [office.signer.verifier])
        assert (found, checkpoint) == (index, report.checkpoint)


def test_a_pruned_log_grows_and_stays_pruned(office: Any, store: EvidenceStore, log: Path) -> None:
    prune(log, plan_pruning(store, log, Wish(below=512)), retention(store, 512))
    fill(store, 1500)
    store.sign_checkpoint(office.signer)
    for publisher in (Publisher(store, log), Publisher(store, log, anew=True)):
        publisher.publish()
        assert not [name for name in names(log) if name.startswith(("tile/entries/000", "tile/0/000", "tile/entries/001"))]
        assert verify_log(FolderReader(log), office.signer.vkey, scope=Scope(minimum=512)).size == 1500


def test_a_policy_taken_back_brings_the_entries_back(office: Any, store: EvidenceStore, log: Path) -> None:
    prune(log, plan_pruning(store, log, Wish(below=512)), retention(store, 512))
    with pytest.raises(InvalidInput, match="pruned up to 512 already"):
        plan_pruning(store, log, Wish(below=300))
    (log / "retention.json").unlink()
    publish(store, log)
    assert verify_log(FolderReader(log), office.signer.vkey).size == 1100


def test_what_an_interrupted_pruning_left_is_taken_away_by_the_next_publication(office: Any, store: EvidenceStore, log: Path) -> None:
    (log / "retention.json").write_bytes(retention(store, 512).encode())  # the policy stood, and then the power went
    publish(store, log)
    assert verify_log(FolderReader(log), office.signer.vkey, scope=Scope(minimum=512)).first == 512


def test_entries_before_a_day_are_pruned(store: EvidenceStore, log: Path) -> None:
    assert plan_pruning(store, log, Wish(before="2027-01-01")).minimum == 256  # 300 entries are older, 256 of them whole tiles
    assert plan_pruning(store, log, Wish(before="2026-01-01")).minimum == 0
    assert plan_pruning(store, log, Wish(before="2030-01-01")).minimum == 1024


def test_nothing_beyond_what_is_published_is_pruned(office: Any, store: EvidenceStore, log: Path) -> None:
    fill(store, 2000)
    store.sign_checkpoint(office.signer)
    assert plan_pruning(store, log, Wish(below=2000)).minimum == 1024


def test_a_stop_is_not_parted_from_its_resume_nor_lost_while_it_stands(office: Any, store: EvidenceStore, tmp_path: Path) -> None:
    fill(store, 300)
    first = entry(store, "stop")
    fill(store, 700)
    entry(store, "resume", at=first)
    fill(store, 800)
    second = entry(store, "stop")
    fill(store, 1500)
    store.sign_checkpoint(office.signer)
    publish(store, tmp_path / "log")
    within = plan_pruning(store, tmp_path / "log", Wish(below=512))
    assert (within.minimum, within.held) == (256, f"the stop at entry {first} was lifted at 700")
    after = plan_pruning(store, tmp_path / "log", Wish(below=1400))
    assert (after.minimum, after.held) == (768, f"the stop at entry {second} still stands")
    prune(tmp_path / "log", after, retention(store, after.minimum))
    rule = StopRule()
    verify_log(FolderReader(tmp_path / "log"), office.signer.vkey, on_entry=rule.observe, scope=Scope(minimum=768))
    assert rule.violations == []
    assert rule.stopped == {"lanestod": second}


def test_a_policy_that_cannot_be_read_stops_the_publication(store: EvidenceStore, log: Path) -> None:
    """Guessing would either publish what was to be gone, or take away what was to stay."""
    (log / "retention.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"retention\.json"):
        publish(store, log)
    (log / "retention.json").write_bytes(retention(store, 5_000).encode())
    with pytest.raises(InvalidInput, match="below 5000 are pruned, the log has 1100"):
        publish(store, log)


def test_a_log_that_is_not_published_is_not_pruned(store: EvidenceStore, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing is published yet"):
        plan_pruning(store, tmp_path, Wish(below=256))
    (tmp_path / "checkpoint").write_text("nonsense")
    with pytest.raises(InvalidInput, match="not a checkpoint"):
        plan_pruning(store, tmp_path, Wish(below=256))


def test_a_kept_checkpoint_of_the_pruned_part_is_refused_openly(office: Any, store: EvidenceStore, log: Path) -> None:
    prune(log, plan_pruning(store, log, Wish(below=600)), retention(store, 512))
    kept = Checkpoint(store.origin, 100, bytes(32))
    with pytest.raises(LogInvalid, match="its entries are pruned"):
        verify_log(FolderReader(log), office.signer.vkey, known=[kept], scope=Scope(minimum=512))
