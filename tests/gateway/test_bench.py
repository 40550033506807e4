"""The bench measures what it says: real decisions, real flushes, and a target is hit or missed by so much."""

from __future__ import annotations

import pytest

from bench.figures import Load, Row, Table, at_least_rate, at_most_flushes, flush_seconds
from bench.inprocess import Decider
from bench.installation import Installation, small_outcome
from bench.load import run_load


def test_what_is_measured_are_recorded_decisions_by_every_way_in() -> None:
    with Installation() as made:
        before = made.guard().ping().size
        frames = run_load("--socket", str(made.home.decide_socket), "--callers", "16", "--count", "100")
        with made.front(2) as port:
            http = run_load("--port", str(port), "--callers", "4", "--count", "100")
        grown = made.guard().ping().size - before
    assert min(len(frames.seconds), len(http.seconds)) >= 100
    assert grown >= 200


def test_in_process_decisions_are_durable_and_their_bytes_are_counted() -> None:
    with Decider.made() as decider:
        found = decider.run(8, 256, small_outcome)
        assert len(found.seconds) == 256
        assert decider.engine.books.store.size >= 256
        assert 500 < decider.bytes_each() < 20_000


def test_a_row_stands_beside_its_flush_and_says_hit_or_missed() -> None:
    slow, fast = Row("a", flush=0.0001, p50=0.0003, p99=0.001, rate=3000), Row("b", flush=0.0001, p50=0.00015, rate=30_000)
    assert at_most_flushes(2.0)(slow).said() == "≤ 2.0 flushes: missed, 1.50 times that"
    assert at_most_flushes(2.0)(fast).hit
    assert at_least_rate(20_000)(slow).said() == "≥ 20,000 a second: missed, 0.15 of that"
    assert slow.cells()[1:6] == ["100", "300", "1,000", "3.00", "200"]


def test_a_table_is_markdown_with_as_many_cells_as_headings(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("T")
    table.beside_flush("x", lambda: Load([0.001, 0.002, 0.003], 10.0), at_least_rate(5))
    assert "x" in capsys.readouterr().out
    assert {line.count("|") for line in table.markdown().splitlines()[2:]} == {10}
    assert len(flush_seconds(5)) == 5
