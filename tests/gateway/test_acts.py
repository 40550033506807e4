"""Acts are appended byte for byte and once; what loosens takes effect with its entry, and only from the newest state."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from gateway_kit import SYSTEM, Bench, FakeClock, Town, a_permit, decide, number

from insyn.core import messages as m
from insyn.core.entries import encode_entry
from insyn.core.permit import sign_permit
from insyn.core.refusals import RefusalCode
from insyn.core.scope import Target
from insyn.core.signing import SigningKey
from insyn.gateway import orders


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def test_an_act_is_appended_byte_for_byte_and_exactly_once(bench: Bench) -> None:
    act = bench.town.act()
    first = bench.order(act)
    assert bench.engine.books.store.entry(first.receipt.index) == act.entry
    again = bench.order(msgspec.structs.replace(act, id=number()))
    assert again.repeated
    assert again.receipt == first.receipt


def test_an_act_survives_a_restart_and_is_still_not_repeated(bench: Bench, town: Town, clock: FakeClock) -> None:
    act = town.act(permit=a_permit(epoch=2, compiled_from=1))
    first = bench.order(act)
    town.close_store()
    after = town.engine(clock)
    assert after.order(act).receipt == first.receipt
    assert after.engine.books.state.epoch(SYSTEM) == 2


def test_an_act_id_with_other_bytes_is_a_conflict(bench: Bench) -> None:
    act = bench.town.act()
    bench.order(act)
    assert code_of(bench.order(bench.town.act(act=act.act, permit=a_permit(epoch=2, compiled_from=1)))) is RefusalCode.IDEMPOTENCY_CONFLICT


@pytest.mark.parametrize(("epoch", "compiled_from"), [(1, 0), (2, 0), (3, 1), (3, 2), (2, 2)])
def test_a_permit_that_was_not_compiled_from_the_one_in_force_is_refused(bench: Bench, epoch: int, compiled_from: int) -> None:
    permit = a_permit(epoch=epoch, compiled_from=compiled_from)
    assert code_of(bench.order(bench.town.act(permit=permit))) is RefusalCode.EPOCH_OLD
    assert bench.engine.books.state.epoch(SYSTEM) == 1


def test_a_permit_signed_by_somebody_else_is_refused(bench: Bench) -> None:
    act = bench.town.act(permit=a_permit(epoch=2, compiled_from=1))
    assert act.permit is not None
    other = SigningKey.generate("register").sign("permit", act.permit.body)
    assert code_of(bench.order(msgspec.structs.replace(act, permit=other))) is RefusalCode.SIGNATURE_INVALID


def test_a_signed_stop_is_no_permit(bench: Bench) -> None:
    act = bench.town.act(permit=a_permit(epoch=2, compiled_from=1))
    assert act.permit is not None
    other = bench.town.register_key.sign("stop", act.permit.body)
    assert code_of(bench.order(msgspec.structs.replace(act, permit=other))) is RefusalCode.SIGNATURE_INVALID


def test_a_permit_never_lifts_a_stop(bench: Bench) -> None:
    bench.stop()
    bench.permit()
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED


def test_a_resume_lifts_the_stop_that_it_names(bench: Bench) -> None:
    index = bench.stop().index
    assert isinstance(bench.order(bench.town.act(resume_of=index)), m.Done)
    assert isinstance(bench.tell(decide()), m.Recorded)
    assert bench.order(m.StopState(id=1, system=SYSTEM)).status == "none"


def test_a_late_resume_after_a_newer_stop_is_refused(bench: Bench) -> None:
    older = bench.stop().index
    newer = bench.stop().index
    assert newer > older
    assert code_of(bench.order(bench.town.act(resume_of=older))) is RefusalCode.RESUME_LATE
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED
    assert isinstance(bench.order(bench.town.act(resume_of=newer)), m.Done)


def test_a_resume_is_delivered_twice_and_a_stop_between_stands(bench: Bench) -> None:
    resume = bench.town.act(resume_of=bench.stop().index)
    bench.order(resume)
    bench.stop()
    assert bench.order(resume).repeated
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED


def test_a_resume_of_a_running_system_is_refused(bench: Bench) -> None:
    assert code_of(bench.order(bench.town.act(resume_of=0))) is RefusalCode.RESUME_LATE


def test_a_lifted_stop_stays_lifted_after_a_restart(bench: Bench, town: Town, clock: FakeClock) -> None:
    bench.order(town.act(resume_of=bench.stop().index))
    town.close_store()
    assert isinstance(town.engine(clock).tell(decide()), m.Recorded)


def test_a_stop_stands_after_a_restart_and_drains_anew(bench: Bench, town: Town, clock: FakeClock) -> None:
    first = bench.stop()
    town.close_store()
    clock.pass_time(60)
    after = town.engine(clock)
    assert code_of(after.tell(decide())) is RefusalCode.STOPPED
    state = after.order(m.StopState(id=1, system=SYSTEM))
    assert (state.status, state.index, state.committed_at) == ("committed", first.index, first.committed_at)
    clock.pass_time(2)
    assert after.order(m.StopState(id=1, system=SYSTEM)).status == "drained"


def test_after_the_greatest_age_was_lowered_a_stop_drains_by_the_one_that_old_answers_carry(
    bench: Bench, town: Town, clock: FakeClock
) -> None:
    bench.permit()
    town.close_store()
    config = town.home.sequencer_config
    config.write_text(config.read_text().replace('"max_age_ms": 2000', '"max_age_ms": 200'))
    after = town.engine(clock)
    after.stop()
    clock.pass_time(1)
    assert after.order(m.StopState(id=1, system=SYSTEM)).status == "committed"
    clock.pass_time(1)
    assert after.order(m.StopState(id=1, system=SYSTEM)).status == "drained"


def entry(**fields: Any) -> bytes:
    return encode_entry({"kind": "act", "system": SYSTEM, "day": "2026-11-20", "act": "test", **fields})


@pytest.mark.parametrize(
    "changes",
    [
        {"entry": b"{}"},
        {"entry": b"\xff"},
        {"entry": entry(rid="1" * 32).replace(b'":', b'": ')},
        {"entry": entry(rid="1" * 32)[:-1] + b',"z":"Anna Andersson"}'},
        {"entry": entry(rid="2" * 32)},
        {"entry": entry(rid="1" * 32, system="another")},
        {"entry": entry(rid="1" * 32, kind="decision")},
        {"entry": entry(rid="1" * 32, kind="stop")},
        {"entry": entry(rid="1" * 32, kind="permit")},
        {"entry": entry(rid="1" * 32, kind="resume", at=3)},
        {"entry": entry(rid="1" * 32), "resume_of": 3},
        {"entry": entry(rid="1" * 32, kind="resume", at=4), "resume_of": 3},
    ],
)
def test_bytes_that_are_not_this_acts_entry_are_refused(bench: Bench, changes: dict[str, Any]) -> None:
    size = bench.engine.books.store.size
    act = m.SubmitAct(**{"id": 1, "act": "1" * 32, "system": SYSTEM, **changes})
    assert code_of(bench.order(act)) is RefusalCode.INVALID_REQUEST
    assert bench.engine.books.store.size == size


def test_a_permit_whose_entry_holds_another_digest_is_refused(bench: Bench) -> None:
    permit = a_permit(epoch=2, compiled_from=1)
    act = bench.town.act(permit=permit)
    other = sign_permit(msgspec.structs.replace(permit, packs="other"), bench.town.register_key)
    assert code_of(bench.order(msgspec.structs.replace(act, permit=other))) is RefusalCode.INVALID_REQUEST


def test_narrowing_is_in_force_at_once_and_can_be_read_for_its_act(bench: Bench) -> None:
    closed = a_permit(epoch=2, compiled_from=1, granted=False)
    narrow = m.Narrow(id=1, act=secrets.token_hex(16), permit=sign_permit(closed, bench.town.register_key))
    done = bench.order(narrow)
    assert code_of(bench.tell(decide())) is RefusalCode.NOT_APPROVED
    listed = bench.order(m.EntriesOf(id=1, kinds=("permit",), start=done.receipt.index))
    assert [found.index for found in listed.entries] == [done.receipt.index]
    assert narrow.act.encode() in listed.entries[0].entry
    assert bench.order(narrow).repeated


def test_a_narrowing_that_loosens_is_refused(bench: Bench) -> None:
    wider = a_permit(epoch=2, compiled_from=1, versions=frozenset({"1.0", "2.0"}))
    answer = bench.order(m.Narrow(id=1, act="3" * 32, permit=sign_permit(wider, bench.town.register_key)))
    assert code_of(answer) is RefusalCode.INVALID_REQUEST
    assert "versions" in answer.refusal.sentence.en


def test_a_narrowing_of_an_older_permit_is_refused(bench: Bench) -> None:
    bench.permit()
    closed = a_permit(epoch=2, compiled_from=1, granted=False)
    answer = bench.order(m.Narrow(id=1, act="3" * 32, permit=sign_permit(closed, bench.town.register_key)))
    assert code_of(answer) is RefusalCode.EPOCH_OLD


def test_only_the_registers_key_opens_the_control_desk(bench: Bench) -> None:
    assert code_of(bench.order(bench.town.act(), SigningKey.generate("register"))) is RefusalCode.SIGNATURE_INVALID
    assert code_of(bench.order(bench.town.act(), SigningKey.generate("p-nobody"))) is RefusalCode.NOT_STOP_HOLDER


def test_a_shortened_age_and_two_starts_do_not_drain_before_the_old_answers_are_gone(town: Town) -> None:
    """An answer of the first process may be used for two seconds, also when the third process gives a fifth of a second."""
    clock = FakeClock()
    town.engine(clock).permit()
    town.close_store()
    config = town.home.sequencer_config
    config.write_text(config.read_text().replace('"max_age_ms": 2000', '"max_age_ms": 200'))
    town.engine(clock)
    town.close_store()
    bench = town.engine(clock)
    report = bench.stop()
    assert report.drained_boottime_ns - report.committed_boottime_ns == 2_000_000_000
    clock.pass_time(2.0)
    bench.engine.tick()
    later = bench.stop()
    assert later.drained_boottime_ns - later.committed_boottime_ns == 200_000_000


def test_a_stop_that_is_not_durable_yet_is_lifted_by_nothing(bench: Bench) -> None:
    """Its index is -1, and so is what a resume's entry says that names no stop."""
    bench.order(bench.town.act(resume_of=bench.stop().index))
    orders.close_first(bench.engine.books.state, Target(system=SYSTEM))
    assert code_of(bench.order(bench.town.act(resume_of=-1))) is RefusalCode.RESUME_LATE
    assert code_of(bench.tell(decide())) is RefusalCode.STOPPED
