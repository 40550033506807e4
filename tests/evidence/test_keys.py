"""The key file: made ahead, never used twice, opened by its root key only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.evidence.keys import BLOCK_SIZES, KeyFile
from insyn.evidence.store import EvidenceStore

CLASS = ("lanestod", "standard", "2026-11")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.sqlite"


def test_a_key_is_durable_before_it_is_used_and_found_by_its_id(path: Path) -> None:
    keys = KeyFile.open(path, bytes(32))
    taken = [keys.take(*CLASS) for _ in range(sum(BLOCK_SIZES[:2]) + 1)]
    beside = KeyFile.open_read_only(path, bytes(32))
    assert [beside.key_of(key_id) for key_id, _ in taken] == [key for _, key in taken]
    assert beside.class_of(taken[0][0]) == CLASS
    assert beside.key_of(10**9) is None
    assert beside.class_of(10**9) is None
    beside.close()
    keys.close()


def test_no_key_is_handed_out_twice_not_even_after_a_restart(path: Path) -> None:
    taken: list[tuple[int, bytes]] = []
    for _ in range(3):
        keys = KeyFile.open(path, bytes(32))
        taken += [keys.take(*CLASS) for _ in range(70)]
        taken += [keys.take("other", "preserve", "2026-11") for _ in range(5)]
        keys.destroy([taken[-1][0]])
        keys.close()
    assert len({key_id for key_id, _ in taken}) == len({key for _, key in taken}) == len(taken)


def test_blocks_grow_with_use(path: Path) -> None:
    keys = KeyFile.open(path, bytes(32))
    made = []
    for size in (*BLOCK_SIZES, BLOCK_SIZES[-1]):
        for _ in range(size):
            keys.take(*CLASS)
        made.append(keys.connection.execute("SELECT count(*) FROM record_key").get)
    assert made == [64, 576, 4672, 8768]
    keys.close()


def test_each_system_class_and_month_has_a_wrapping_key_of_its_own(path: Path) -> None:
    keys = KeyFile.open(path, bytes(32))
    for name in (CLASS, ("lanestod", "preserve", "2026-11"), ("lanestod", "standard", "2026-12"), ("other", "standard", "2026-11"), CLASS):
        keys.take(*name)
    assert keys.connection.execute("SELECT count(*), count(DISTINCT wrapped) FROM kek").fetchone() == (4, 4)
    keys.close()


def test_a_damaged_key_is_named(path: Path) -> None:
    keys = KeyFile.open(path, bytes(32))
    key_id, _ = keys.take(*CLASS)
    keys.connection.execute("UPDATE record_key SET wrapped = zeroblob(40) WHERE id = ?", (key_id,))
    with pytest.raises(InvalidInput, match=f"record key {key_id} does not unwrap"):
        keys.key_of(key_id)
    keys.close()


def test_a_key_of_a_transaction_that_failed_is_not_used_again(office: Any, store: EvidenceStore) -> None:
    lost: list[int] = []

    def interrupted() -> None:
        with store.transaction() as transaction:
            office.decide(transaction)
            lost.append(store.connection.execute("SELECT key_id FROM payload").get)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    office.decided(store)
    assert store.connection.execute("SELECT key_id FROM payload").get > lost[0]


def test_a_digest_is_masked_by_its_tag(path: Path) -> None:
    keys = KeyFile.open(path, bytes(32))
    tag, other = keys.tag("answer", "client", "one"), keys.tag("answer", "client", "two")
    assert keys.mask(tag, keys.mask(tag, b"\x00" * 31 + b"\x07")) == b"\x00" * 31 + b"\x07"
    assert keys.mask(tag, bytes(32)) != keys.mask(other, bytes(32)) != bytes(32)
    assert keys.tag("case", "a", "b") != keys.tag("case", "ab", "") != keys.tag("subject", "ab")
    keys.close()


def test_the_draw_is_made_again_by_whoever_has_the_key_file_and_by_nobody_else(tmp_path: Path) -> None:
    keys = KeyFile.open(tmp_path / "one", bytes(32))
    rids = [f"{number:032x}" for number in range(2_000)]
    drawn = [rid for rid in rids if keys.is_drawn(rid, 100)]
    assert 130 < len(drawn) < 270, "a tenth, within five standard errors"
    again = KeyFile.open_read_only(tmp_path / "one", bytes(32))
    assert [rid for rid in rids if again.is_drawn(rid, 100)] == drawn
    another = KeyFile.open(tmp_path / "two", bytes(32))
    assert [rid for rid in rids if another.is_drawn(rid, 100)] != drawn
    assert set(drawn) < {rid for rid in rids if keys.is_drawn(rid, 200)}, "a greater share takes the same ones and more"
    assert not any(keys.is_drawn(rid, 0) for rid in rids)
    assert all(keys.is_drawn(rid, 1_000) for rid in rids)
    for each in (keys, again, another):
        each.close()
