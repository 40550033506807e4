"""A clock that jumps closes everything, and only a named person opens it again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, SYSTEM, Bench, FakeClock, Town, decide

from insyn.core import messages as m
from insyn.core.permit import StopHolder, sign_permit
from insyn.core.refusals import RefusalCode


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def confirm(bench: Bench) -> Any:
    return bench.order(m.ConfirmClock(id=1, actor=ADMIN))


@pytest.mark.parametrize("seconds", [-5.5, -3600, 5.5, 400 * 86400])
def test_a_jump_of_more_than_five_seconds_closes(bench: Bench, clock: FakeClock, seconds: float) -> None:
    clock.set_wall(seconds)
    assert code_of(bench.tell(decide())) is RefusalCode.CLOCK_JUMPED
    assert bench.last().kind == "clock_closed"
    assert bench.last().day == "2026-11-20"
    assert code_of(bench.order(bench.town.act())) is RefusalCode.CLOCK_JUMPED
    assert [head.kind for head in bench.heads()].count("clock_closed") == 1


@pytest.mark.parametrize("seconds", [-4.5, 4.5])
def test_a_small_correction_does_not_close(bench: Bench, clock: FakeClock, seconds: float) -> None:
    clock.set_wall(seconds)
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_small_steps_backwards_add_up(bench: Bench, clock: FakeClock) -> None:
    clock.set_wall(-4)
    assert isinstance(bench.tell(decide()), m.Recorded)
    clock.set_wall(-4)
    assert code_of(bench.tell(decide())) is RefusalCode.CLOCK_JUMPED


def test_a_clock_that_stands_still_closes_although_no_reading_jumps(bench: Bench, clock: FakeClock) -> None:
    """Each reading was compared with the one before it only: a frozen clock was never noticed, and no permit's last day ever passed."""
    for _ in range(250):
        clock.pass_time(0.05)
        clock.set_wall(-0.05)
        bench.engine.tick()
    assert code_of(bench.tell(decide())) is RefusalCode.CLOCK_JUMPED
    assert [head.kind for head in bench.heads()].count("clock_closed") == 1


def test_a_clock_that_is_corrected_slowly_stays_open(bench: Bench, clock: FakeClock) -> None:
    """A twentieth of a second in each minute is ten seconds in two hundred minutes."""
    for _ in range(200):
        clock.pass_time(60)
        clock.set_wall(0.05)
        bench.engine.tick()
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_a_long_sleep_is_no_jump(bench: Bench, clock: FakeClock) -> None:
    clock.pass_time(10 * 86400)
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_a_named_person_opens_the_clock_again(bench: Bench, clock: FakeClock) -> None:
    clock.set_wall(-3600)
    bench.engine.tick()
    done = confirm(bench)
    assert isinstance(done, m.Done)
    assert bench.last().kind == "clock_opened"
    opened = bench.engine.books.store.open_groups(done.receipt.rid)
    assert msgspec.json.decode(opened.groups["act"])["actor"]["name"] == ADMIN.name
    assert isinstance(bench.tell(decide()), m.Recorded)
    assert code_of(confirm(bench)) is RefusalCode.INVALID_REQUEST


def test_a_restart_does_not_open_what_a_jump_closed(bench: Bench, town: Town, clock: FakeClock) -> None:
    clock.set_wall(3600)
    bench.engine.tick()
    town.close_store()
    after = town.engine(clock)
    assert code_of(after.tell(decide())) is RefusalCode.CLOCK_JUMPED
    assert isinstance(confirm(after), m.Done)
    town.close_store()
    assert isinstance(town.engine(clock).tell(decide()), m.Recorded)


def test_a_clock_that_runs_backwards_while_nothing_ran_closes_at_start(bench: Bench, town: Town, clock: FakeClock) -> None:
    clock.pass_time(100)
    bench.tell(decide())
    town.close_store()
    clock.set_wall(-60)
    after = town.engine(clock)
    assert code_of(after.tell(decide())) is RefusalCode.CLOCK_JUMPED
    assert after.last().kind == "clock_closed"


def test_an_idle_log_remembers_the_time_too(bench: Bench, town: Town, clock: FakeClock) -> None:
    clock.pass_time(61)
    bench.engine.tick()
    town.close_store()
    clock.set_wall(-30)
    assert code_of(town.engine(clock).tell(decide())) is RefusalCode.CLOCK_JUMPED


def test_a_stop_is_taken_while_the_clock_is_closed_and_goes_by_the_last_good_day(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(stop_holders=(StopHolder("p-holder", "2026-11-20"),))
    clock.set_wall(400 * 86400)
    bench.engine.tick()
    report = bench.stop()
    assert report.status == "committed"
    assert bench.last().day == "2026-11-20"
    confirm(bench)
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED


def test_narrowing_is_taken_while_the_clock_is_closed(bench: Bench, clock: FakeClock) -> None:
    clock.set_wall(3600)
    bench.engine.tick()
    closed = msgspec.structs.replace(bench.engine.books.state.permits[SYSTEM], epoch=2, compiled_from=1, granted=False)
    done = bench.order(m.Narrow(id=1, act="3" * 32, permit=sign_permit(closed, bench.town.register_key)))
    assert isinstance(done, m.Done)
