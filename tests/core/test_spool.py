"""A stop order that was written to the spool is there after a power cut, whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, StopOrder
from insyn.core.signing import Signed, SigningKey
from insyn.core.spool import load_order, order_path, put_away, read_order, read_orders, waiting_orders, write_order
from insyn.core.wire import encode

KEY = SigningKey.generate("register")


def an_order(order: str = "a" * 32) -> Signed:
    whole = StopOrder(
        order=order,
        system="lanestod",
        actor=Actor(person="p-holder", name="Sara Stopp", role="stop_holder"),
        reason="It answers wrongly.",
        ordered_at="2026-11-20T12:00:00Z",
        via="web",
    )
    return KEY.sign("stop", encode(whole))


def test_an_order_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write_order(tmp_path, an_order())
    assert path == order_path(tmp_path, "a" * 32)
    assert load_order(path) == an_order()
    assert read_order(load_order(path)).system == "lanestod"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_makes_the_folder_closed_to_others(tmp_path: Path) -> None:
    path = write_order(tmp_path / "spool", an_order())
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_order_twice_is_one_file(tmp_path: Path) -> None:
    write_order(tmp_path, an_order())
    write_order(tmp_path, an_order())
    assert len(waiting_orders(tmp_path)) == 1


def test_half_written_files_and_those_put_away_do_not_wait(tmp_path: Path) -> None:
    (tmp_path / ".0123.part").write_bytes(b"half")
    done = put_away(write_order(tmp_path, an_order()))
    refused = put_away(write_order(tmp_path, an_order("b" * 32)), refused=True)
    assert waiting_orders(tmp_path) == []
    assert (done.parent.name, refused.parent.name) == ("done", "refused")
    assert done.exists()


def test_all_waiting_orders_are_read(tmp_path: Path) -> None:
    write_order(tmp_path, an_order("b" * 32))
    write_order(tmp_path, an_order())
    assert [path.stem[0] for path, _ in read_orders(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b"x" * 70_000, encode(KEY.sign("stop", b"{}")), encode(KEY.sign("stop", b"\xff"))]
)
def test_a_file_that_holds_no_order_is_an_error_that_says_so(tmp_path: Path, content: bytes) -> None:
    path = order_path(tmp_path, "c" * 32)
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        list(read_orders(tmp_path))


def test_what_is_no_order_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_order(tmp_path, KEY.sign("stop", b"{}"))
    bad = msgspec.json.decode(an_order().body)
    bad["order"] = "../../elsewhere"
    with pytest.raises(InvalidInput):
        write_order(tmp_path, KEY.sign("stop", msgspec.json.encode(bad)))
    assert list(tmp_path.iterdir()) == []


def test_a_spool_that_cannot_be_listed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        waiting_orders(tmp_path / "none")
