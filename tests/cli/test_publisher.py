"""The publisher: a stop is public at once, and a figure never speaks of an entry that nobody can check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from gateway_kit import Bench, FakeClock, Town, a_town, asked, outcome

from insyn.cli.publisher import PublicSite
from insyn.core import messages as m
from insyn.core.exercises import FILE
from insyn.evidence.reader import EvidenceReader

DAY = date(2026, 11, 20)


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town() as made:
        yield made


@pytest.fixture
def bench(town: Town) -> object:
    bench = town.engine()
    bench.permit(favourable="approve")
    return bench


def decide(bench: object) -> None:
    answer = bench.tell(m.Decide(id=1, key="a-client-key-of-lanestod", asked=asked(), outcome=outcome()))  # type: ignore[attr-defined]
    assert isinstance(answer, m.Recorded)


def test_figures_wait_until_a_checkpoint_covers_what_they_count(town: Town, bench: object) -> None:
    bench.engine.checkpoint()  # type: ignore[attr-defined]
    decide(bench)
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        assert site.publish(DAY)
        assert list(town.home.figures.glob("*.json")) == []
        assert not site.figures_are_covered()
        bench.engine.checkpoint()  # type: ignore[attr-defined]
        assert site.figures_are_covered()
        assert site.publish_covered()
    shown = json.loads((town.home.figures / "lanestod.json").read_text())
    assert shown["proposals"] == 1
    assert shown["log_size"] <= int((town.home.public / "checkpoint").read_text().splitlines()[1])


def test_a_stop_is_urgent_until_it_is_public_and_a_decision_is_not(town: Town, bench: object) -> None:
    bench.engine.checkpoint()  # type: ignore[attr-defined]
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        site.publish(DAY)
        decide(bench)
        bench.engine.checkpoint()  # type: ignore[attr-defined]
        assert not site.something_urgent()
        bench.stop()  # type: ignore[attr-defined]
        bench.engine.checkpoint()  # type: ignore[attr-defined]
        assert site.something_urgent()
        site.publish(DAY)
        assert not site.something_urgent()


def test_what_fields_were_named_is_written_once_a_day_and_only_where_something_was_named(town: Town, bench: Bench) -> None:
    bench.permit(system="idle")
    decide(bench)
    bench.engine.checkpoint()
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        site.publish(DAY)
        written = town.home.fields_named / "lanestod.json"
        assert [path.name for path in town.home.fields_named.iterdir()] == [written.name]
        first, told = written.stat(), json.loads(written.read_text())
        site.publish(DAY)
        assert (written.stat().st_ino, written.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
        site.publish(DAY + timedelta(days=1))
    assert written.stat().st_ino != first.st_ino
    assert json.loads(written.read_text()) == {**told, "day": "2026-11-21"}


def test_each_publication_reads_the_permits_once(town: Town, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.engine.checkpoint()
    asked = []
    with EvidenceReader.read_only(town.home.evidence) as reader:
        monkeypatch.setattr(reader, "permits", lambda: asked.append(1) or EvidenceReader.permits(reader))
        PublicSite(town.home, reader).publish(DAY)
    assert asked == [1]


def test_an_exercise_system_has_no_public_figures(town: Town) -> None:
    bench = town.engine()
    bench.permit(favourable="approve", exercise=True)
    decide(bench)
    bench.engine.checkpoint()
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(DAY)
    assert list(town.home.figures.glob("*.json")) == []


def test_what_an_exercise_took_is_published_once_its_entry_is(town: Town) -> None:
    clock = FakeClock()
    bench = town.engine(clock)
    bench.permit()
    index = bench.stop(exercise=True).index
    file = town.home.figures / FILE
    with EvidenceReader.read_only(town.home.evidence) as reader:
        site = PublicSite(town.home, reader)
        site.publish_measured()
        bench.engine.checkpoint()
        assert site.publish(DAY)
        assert not file.exists(), "it is not drained yet"
        clock.pass_time(2)
        bench.engine.tick()
        site.publish_measured()
        written = file.stat().st_mtime_ns
        site.publish_measured()
        assert file.stat().st_mtime_ns == written
    [shown] = json.loads(file.read_text())["exercises"]
    assert (shown["index"], shown["system"], shown["committed_ms"], shown["drained_ms"]) == (index, "lanestod", 0, 2000)
