"""Stop orders: who may give one, in which order, by socket and by spool."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from gateway_kit import HOLDER, OFFICER, SYSTEM, Bench, FakeClock, Town, decide, number

from insyn.core import messages as m
from insyn.core.permit import StopHolder
from insyn.core.refusals import RefusalCode
from insyn.core.signing import SigningKey
from insyn.core.spool import order_path, write_order
from insyn.core.stop_rule import StopRule

PERSONAL = SigningKey.generate(HOLDER.person)


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


@pytest.fixture
def personal(town: Town, clock: FakeClock) -> Bench:
    """A system whose stop holder has a stop key of her own."""
    bench = town.engine(clock)
    bench.permit(stop_holders=(StopHolder(HOLDER.person, "2026-12-31", PERSONAL.public.hex()),))
    return bench


def test_a_stop_is_committed_and_then_drained_when_no_answer_can_be_fresh(bench: Bench, clock: FakeClock) -> None:
    report = bench.stop()
    assert (report.status, bench.last().kind) == ("committed", "stop")
    assert report.drained_boottime_ns - report.committed_boottime_ns == 2_000_000_000
    assert (report.committed_at, report.drained_at) == ("2026-11-20T12:00:00.000Z", "2026-11-20T12:00:02.000Z")
    clock.pass_time(1.999)
    assert bench.order(m.StopState(id=1, system=SYSTEM)).status == "committed"
    clock.pass_time(0.001)
    assert bench.order(m.StopState(id=1, system=SYSTEM)).status == "drained"


def test_a_stop_goes_before_everything_that_waits(bench: Bench) -> None:
    answers: list[m.Answer] = []
    for _ in range(50):
        bench.engine.ask(decide(), answers.append)
    report = bench.stop()
    assert report.index == 2
    assert {code_of(answer) for answer in answers} == {RefusalCode.STOPPED}


def test_a_stop_of_one_system_leaves_others_alone(bench: Bench) -> None:
    bench.permit(system="other")
    bench.stop()
    told = decide(asked=msgspec.structs.replace(decide().asked, system="other"))
    assert isinstance(bench.tell(told), m.Recorded)


def test_the_order_is_sealed_and_can_be_read_for_its_act(bench: Bench) -> None:
    report = bench.stop()
    assert b"Stopp" not in bench.engine.books.store.entry(report.index)
    order = bench.order(m.OpenOrder(id=1, rid=report.rid)).order
    assert (order.actor, order.reason) == (HOLDER, "It answers wrongly.")
    listed = bench.order(m.EntriesOf(id=1, kinds=("stop", "resume"), start=0))
    assert [found.index for found in listed.entries] == [report.index]


def test_the_same_order_twice_is_one_stop(bench: Bench) -> None:
    signed = bench.town.order()
    first = bench.order(m.Stop(id=1, order=signed))
    again = bench.order(m.Stop(id=2, order=signed))
    assert again.index == first.index
    assert [head.kind for head in bench.heads()].count("stop") == 1


def test_two_stops_at_once_are_two_entries_and_the_newest_counts(bench: Bench) -> None:
    answers: list[Any] = []
    for _ in range(2):
        message = m.Stop(id=number(), order=bench.town.order())
        bench.engine.ask_control(bench.town.register_key.sign("control", msgspec.json.encode(message)), message, answers.append)
    bench.engine.turn()
    first, second = (answer.index for answer in answers)
    assert second == first + 1
    assert bench.order(m.StopState(id=1, system=SYSTEM)).index == second
    assert code_of(bench.order(bench.town.act(resume_of=first))) is RefusalCode.RESUME_LATE
    assert isinstance(bench.order(bench.town.act(resume_of=second)), m.Done)


def test_an_old_order_that_comes_again_does_not_stop_anew(bench: Bench) -> None:
    signed = bench.town.order()
    report = bench.order(m.Stop(id=1, order=signed))
    bench.order(bench.town.act(resume_of=report.index))
    assert bench.order(m.Stop(id=2, order=signed)).status == "none"
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_who_is_no_stop_holder_cannot_stop(bench: Bench) -> None:
    assert code_of(bench.stop(actor=OFFICER)) is RefusalCode.NOT_STOP_HOLDER
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_a_mandate_that_has_ended_does_not_stop(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(stop_holders=(StopHolder(HOLDER.person, "2026-11-19"),))
    assert code_of(bench.stop()) is RefusalCode.NOT_STOP_HOLDER


def test_a_system_without_a_permit_can_be_stopped_by_any_order_of_the_register(bench: Bench) -> None:
    report = bench.stop(system="unregistered", actor=OFFICER)
    assert report.status == "committed"
    assert code_of(bench.stop(system="unregistered-too", key=PERSONAL)) is RefusalCode.NOT_STOP_HOLDER


def test_an_order_that_another_key_signed_is_refused(bench: Bench) -> None:
    assert code_of(bench.stop(key=SigningKey.generate("register"))) is RefusalCode.SIGNATURE_INVALID


def test_a_holder_stops_with_her_own_key_and_nothing_else(personal: Bench) -> None:
    signed = personal.town.order(key=PERSONAL)
    assert personal.order(m.Stop(id=1, order=signed), PERSONAL).status == "committed"
    assert personal.order(m.StopState(id=1, system=SYSTEM), PERSONAL).status == "committed"
    assert isinstance(personal.order(m.Ping(id=1), PERSONAL), m.Pong)
    assert code_of(personal.order(m.Waiting(id=1, system=SYSTEM), PERSONAL)) is RefusalCode.NOT_STOP_HOLDER
    assert code_of(personal.order(personal.town.act(), PERSONAL)) is RefusalCode.NOT_STOP_HOLDER


def test_a_holders_key_speaks_for_nobody_else(personal: Bench) -> None:
    assert code_of(personal.stop(key=PERSONAL, actor=OFFICER)) is RefusalCode.NOT_STOP_HOLDER
    assert code_of(personal.stop(key=SigningKey.generate(HOLDER.person))) is RefusalCode.SIGNATURE_INVALID


def test_a_spooled_order_is_a_stop_and_is_put_away_when_committed(bench: Bench) -> None:
    path = write_order(bench.town.home.spool, bench.town.order())
    bench.engine.tick()
    assert bench.last().kind == "stop"
    assert not path.exists()
    assert (path.parent / "done" / path.name).exists()
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED


def test_an_order_both_spooled_and_sent_is_one_stop(bench: Bench) -> None:
    signed = bench.town.order()
    path = write_order(bench.town.home.spool, signed)
    report = bench.order(m.Stop(id=1, order=signed))
    bench.engine.tick()
    assert [head.kind for head in bench.heads()].count("stop") == 1
    assert not path.exists()
    assert bench.order(m.StopState(id=1, system=SYSTEM)).index == report.index


def test_an_order_spooled_while_nothing_ran_is_read_before_the_first_answer(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit()
    town.close_store()
    write_order(town.home.spool, town.order())
    after = town.engine(clock)
    assert code_of(after.tell(decide())) is RefusalCode.STOPPED
    rule = StopRule()
    for index, data in after.engine.books.store.entries(0, 100):
        rule.observe(index, data)
    assert (rule.stops, rule.violations) == (1, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff" * 10,
        b"x" * 100_000,
        b'{"key":"register","body":"e30=","signature":""}',
        b'{"key":"\xff"}',
        b'{"x":' + b"[" * 60_000,
    ],
)
def test_a_spool_file_that_cannot_be_read_closes_everything_until_it_is_gone(bench: Bench, content: bytes) -> None:
    path = order_path(bench.town.home.spool, "0" * 32)
    path.write_bytes(content)
    bench.engine.tick()
    answer = bench.tell(decide())
    assert code_of(answer) is RefusalCode.SPOOL_UNREADABLE
    assert answer.refusal.reasons[0].place == path.name
    assert code_of(bench.order(bench.town.act())) is RefusalCode.SPOOL_UNREADABLE
    assert bench.stop().status == "committed"
    path.unlink()
    bench.engine.tick()
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED


def test_a_spooled_order_with_a_broken_signature_closes_everything(bench: Bench) -> None:
    signed = bench.town.order()
    write_order(bench.town.home.spool, msgspec.structs.replace(signed, signature=bytes(64)))
    bench.engine.tick()
    assert code_of(bench.tell(decide())) is RefusalCode.SPOOL_UNREADABLE


def test_a_spooled_order_of_somebody_without_mandate_is_set_aside(bench: Bench) -> None:
    path = write_order(bench.town.home.spool, bench.town.order(actor=OFFICER))
    bench.engine.tick()
    assert (path.parent / "refused" / path.name).exists()
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_a_missing_spool_folder_closes_everything(bench: Bench) -> None:
    bench.town.home.spool.rmdir()
    bench.engine.tick()
    assert code_of(bench.tell(decide())) is RefusalCode.SPOOL_UNREADABLE
    bench.town.home.spool.mkdir()
    bench.engine.tick()
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_an_order_whose_id_stands_already_as_another_entry_still_stops(bench: Bench) -> None:
    act = bench.town.act()
    bench.order(act)
    report = bench.stop(order=act.act)
    assert report.status == "committed"
    assert report.rid != act.act


def test_a_stop_of_a_closed_system_is_entered_too(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(granted=False)
    assert bench.stop().status == "committed"


def test_an_order_id_is_the_id_of_its_entry(bench: Bench) -> None:
    order = secrets.token_hex(16)
    assert bench.stop(order=order).rid == order
