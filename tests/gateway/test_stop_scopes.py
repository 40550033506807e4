"""Stops of a version, a purpose, a supplier and of everything: what each holds, who may give it, and what lifts it."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from gateway_kit import HOLDER, OFFICER, SYSTEM, Bench, FakeClock, Town, asked, decide, number

from insyn.core import messages as m
from insyn.core.errors import InvalidInput
from insyn.core.exercises import EXERCISES, Exercise
from insyn.core.permit import PurposeGrant, StopHolder, StopHolders, sign_stop_holders
from insyn.core.refusals import RefusalCode
from insyn.core.signing import Signed, SigningKey
from insyn.core.spool import write_order
from insyn.core.stop_rule import StopRule
from insyn.core.terms import StopScope
from insyn.evidence.check import CheckReport, check_pointers

CHIEF = m.Actor(person="p-chief", name="Karin Krisledare", role="stop_holder")
CHIEF_KEY = SigningKey.generate(CHIEF.person)
PERSONAL = SigningKey.generate(HOLDER.person)
TWO = {
    "versions": frozenset({"1.0", "2.0"}),
    "purposes": (
        PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"})),
        PurposeGrant("advise_debtor", frozenset({"economy"}), frozenset({"loan"})),
    ),
}


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def ask(bench: Bench, **changes: str) -> Any:
    return bench.tell(decide(asked=asked(**changes)))


def is_held(bench: Bench, **changes: str) -> bool:
    answer = ask(bench, **changes)
    assert isinstance(answer, m.Recorded) or code_of(answer) is RefusalCode.STOPPED, answer
    return isinstance(answer, m.Denied)


def read(bench: Bench) -> StopRule:
    """The log as an outsider reads it, and the store as an auditor does."""
    rule, store = StopRule(), bench.engine.books.store
    for index, data in store.entries(0, 1_000):
        rule.observe(index, data)
    report = CheckReport()
    check_pointers(store, report)
    assert report.findings == []
    return rule


def appoint(bench: Bench, *holders: StopHolder, number_: int = 1) -> Any:
    signed = sign_stop_holders(StopHolders(number=number_, holders=holders), bench.town.register_key)
    return bench.order(m.KeepStopHolders(id=number(), holders=signed))


@pytest.fixture
def two(town: Town, clock: FakeClock) -> Bench:
    """A system with two versions and two purposes."""
    bench = town.engine(clock)
    bench.permit(**TWO)
    return bench


@pytest.fixture
def three(town: Town, clock: FakeClock) -> Bench:
    """Two systems of one supplier, and one of another; a chief who may stop them all."""
    bench = town.engine(clock)
    holders = (StopHolder(HOLDER.person, "2099-12-31", PERSONAL.public.hex()),)
    bench.permit(suppliers=("supplier-1",), stop_holders=holders)
    bench.permit(system="chat", suppliers=("supplier-1", "supplier-3"), stop_holders=holders)
    bench.permit(system="other", suppliers=("supplier-2",), stop_holders=(StopHolder(OFFICER.person, "2099-12-31"),))
    assert isinstance(appoint(bench, StopHolder(CHIEF.person, "2099-12-31", CHIEF_KEY.public.hex())), m.Done)
    return bench


def test_a_stop_of_a_version_holds_that_version_alone(two: Bench) -> None:
    report = two.stop(scope=StopScope.VERSION, version="1.0")
    assert (report.status, report.scope, report.version) == ("committed", "version", "1.0")
    assert is_held(two, version="1.0")
    assert not is_held(two, version="2.0")
    assert two.order(m.StopState(id=1, system=SYSTEM)).status == "none"
    assert two.order(m.StopState(id=1, system=SYSTEM, scope=StopScope.VERSION, version="1.0")).index == report.index
    assert read(two).violations == []


def test_a_stop_of_a_purpose_holds_that_purpose_alone(two: Bench) -> None:
    two.stop(scope=StopScope.PURPOSE, purpose="assess_loan")
    assert is_held(two, purpose="assess_loan")
    assert not is_held(two, purpose="advise_debtor")
    rule = read(two)
    assert (rule.stops, rule.violations) == (1, [])
    assert list(rule.stopped) == [f"{SYSTEM} purpose assess_loan"]


def test_a_decision_says_its_purpose_in_public(two: Bench) -> None:
    ask(two, purpose="advise_debtor")
    assert (two.last().kind, two.last().purpose) == ("decision", "advise_debtor")


def test_a_clearance_of_the_stopped_version_is_worth_nothing_after_the_resume(two: Bench) -> None:
    cleared = {version: two.tell(m.Clear(id=1, key=decide().key, asked=asked(version=version))) for version in ("1.0", "2.0")}
    index = two.stop(scope=StopScope.VERSION, version="1.0").index
    assert isinstance(two.order(two.town.act(resume_of=index, scope="version", version="1.0")), m.Done)
    for version, expected in (("1.0", m.Denied), ("2.0", m.Recorded)):
        record = m.Record(id=1, key=decide().key, clearance=cleared[version].clearance, outcome=decide().outcome)
        assert isinstance(two.tell(record), expected)


def test_a_resume_lifts_exactly_what_it_names(two: Bench) -> None:
    version = two.stop(scope=StopScope.VERSION, version="1.0").index
    system = two.stop().index
    assert code_of(two.order(two.town.act(resume_of=version))) is RefusalCode.RESUME_LATE
    assert isinstance(two.order(two.town.act(resume_of=system)), m.Done)
    assert is_held(two, version="1.0")
    assert not is_held(two, version="2.0")
    assert isinstance(two.order(two.town.act(resume_of=version, scope="version", version="1.0")), m.Done)
    assert not is_held(two, version="1.0")
    assert read(two).violations == []


def test_a_resume_of_one_system_never_lifts_a_stop_of_everything(three: Bench) -> None:
    index = three.stop(scope=StopScope.EVERYTHING, actor=CHIEF).index
    assert code_of(three.order(three.town.act(resume_of=index))) is RefusalCode.RESUME_LATE
    assert is_held(three)
    assert isinstance(three.order(three.town.act(system="", resume_of=index, scope="everything")), m.Done)
    assert not is_held(three)
    assert read(three).violations == []


def test_a_stop_of_everything_holds_what_is_permitted_afterwards(three: Bench, clock: FakeClock) -> None:
    report = three.stop(scope=StopScope.EVERYTHING, actor=CHIEF)
    assert (report.scope, report.status) == ("everything", "committed")
    three.permit(system="newcomer")
    assert [is_held(three, system=system) for system in (SYSTEM, "chat", "other", "newcomer")] == [True] * 4
    clock.pass_time(2)
    assert three.order(m.StopState(id=1, scope=StopScope.EVERYTHING)).status == "drained"
    assert read(three).violations == []


def test_a_stop_of_a_supplier_is_one_order_with_an_entry_for_each_of_its_systems(three: Bench) -> None:
    report = three.stop(scope=StopScope.SUPPLIER, supplier="supplier-1", actor=CHIEF)
    assert report.systems == ("chat", SYSTEM)
    order, *covers = [head for head in three.heads() if head.kind == "stop"]
    assert (order.system, order.supplier, order.rid) == ("", "supplier-1", report.rid)
    assert [(head.system, head.about) for head in covers] == [("chat", order.rid), (SYSTEM, order.rid)]
    assert [is_held(three, system=system) for system in (SYSTEM, "chat", "other")] == [True, True, False]
    assert read(three).violations == []


def test_a_system_that_gets_the_supplier_later_is_held_from_the_entry_of_its_permit(three: Bench) -> None:
    report = three.stop(scope=StopScope.SUPPLIER, supplier="supplier-1", actor=CHIEF)
    assert not is_held(three, system="other")
    three.permit(system="other", suppliers=("supplier-1", "supplier-2"))
    assert [head.kind for head in three.heads()][-2:] == ["permit", "stop"]
    assert is_held(three, system="other")
    three.permit(system="other", suppliers=("supplier-2",))
    assert is_held(three, system="other"), "a permit never lifts a stop, not even by forgetting the supplier"
    assert isinstance(three.order(three.town.act(system="", resume_of=report.index, scope="supplier", supplier="supplier-1")), m.Done)
    assert [is_held(three, system=system) for system in (SYSTEM, "chat", "other")] == [False] * 3
    assert read(three).violations == []


def test_every_scope_stands_again_after_a_restart(three: Bench, town: Town, clock: FakeClock) -> None:
    three.stop(scope=StopScope.SUPPLIER, supplier="supplier-1", actor=CHIEF)
    three.stop(system="other", scope=StopScope.VERSION, version="1.0", actor=CHIEF)
    town.close_store()
    after = town.engine(clock)
    assert [is_held(after, system=system) for system in (SYSTEM, "chat", "other")] == [True] * 3
    index = after.order(m.StopState(id=1, scope=StopScope.SUPPLIER, supplier="supplier-1")).index
    after.order(town.act(system="", resume_of=index, scope="supplier", supplier="supplier-1"))
    assert [is_held(after, system=system) for system in (SYSTEM, "chat", "other")] == [False, False, True]
    assert after.stop(scope=StopScope.EVERYTHING, actor=CHIEF).status == "committed", "the wide list is kept too"


def test_a_permit_entry_names_its_suppliers_or_is_refused(three: Bench) -> None:
    permit = msgspec.structs.replace(three.engine.books.state.permits[SYSTEM], epoch=2, compiled_from=1, suppliers=())
    act = three.town.act(permit=permit)
    bare = three.town.act(permit=msgspec.structs.replace(permit, suppliers=("supplier-9",)), act=act.act)
    answer = three.order(msgspec.structs.replace(bare, entry=msgspec.structs.replace(act).entry))
    assert code_of(answer) is RefusalCode.INVALID_REQUEST
    assert three.engine.books.state.epoch(SYSTEM) == 1


# ------------------------------------------------------------------------------------------------------------------ who may


def test_who_may_stop_one_system_may_not_stop_everything(three: Bench) -> None:
    assert code_of(three.stop(scope=StopScope.EVERYTHING)) is RefusalCode.NOT_STOP_HOLDER
    assert not is_held(three)


def test_who_may_stop_each_of_a_suppliers_systems_may_stop_the_supplier(three: Bench) -> None:
    assert three.stop(scope=StopScope.SUPPLIER, supplier="supplier-1").status == "committed"
    assert code_of(three.stop(scope=StopScope.SUPPLIER, supplier="supplier-2")) is RefusalCode.NOT_STOP_HOLDER


def test_who_may_stop_every_system_may_stop_everything(two: Bench) -> None:
    assert two.stop(scope=StopScope.EVERYTHING).status == "committed"


def test_whoever_may_stop_everything_may_stop_each_system(three: Bench) -> None:
    assert three.stop(system="other", actor=CHIEF).status == "committed"


def test_before_any_permit_every_order_of_the_register_stops_everything(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    assert bench.stop(scope=StopScope.EVERYTHING, actor=OFFICER).status == "committed"
    bench.permit()
    assert is_held(bench)
    assert code_of(bench.stop(scope=StopScope.EVERYTHING, key=PERSONAL)) is RefusalCode.NOT_STOP_HOLDER


def test_personal_keys_stop_every_scope(three: Bench) -> None:
    orders = [
        three.town.order(key=CHIEF_KEY, actor=CHIEF, scope=StopScope.EVERYTHING),
        three.town.order(key=PERSONAL, scope=StopScope.SUPPLIER, supplier="supplier-1"),
        three.town.order(key=PERSONAL, scope=StopScope.VERSION, version="1.0"),
        three.town.order(key=PERSONAL, scope=StopScope.PURPOSE, purpose="assess_loan"),
    ]
    keys = [CHIEF_KEY, PERSONAL, PERSONAL, PERSONAL]
    reports = [three.order(m.Stop(id=1, order=order), key) for order, key in zip(orders, keys, strict=True)]
    assert [report.status for report in reports] == ["committed"] * 4
    refused = three.town.order(key=PERSONAL, scope=StopScope.EVERYTHING)
    assert code_of(three.order(m.Stop(id=1, order=refused), PERSONAL)) is RefusalCode.NOT_STOP_HOLDER


def test_a_wide_mandate_that_has_ended_or_was_taken_back_stops_nothing(three: Bench) -> None:
    appoint(three, StopHolder(CHIEF.person, "2026-11-19", CHIEF_KEY.public.hex()), number_=2)
    assert code_of(three.stop(scope=StopScope.EVERYTHING, actor=CHIEF)) is RefusalCode.NOT_STOP_HOLDER
    appoint(three, number_=3)
    assert code_of(three.stop(system="other", actor=CHIEF)) is RefusalCode.NOT_STOP_HOLDER


def test_an_older_or_foreign_list_of_wide_holders_changes_nothing(three: Bench) -> None:
    same = appoint(three, StopHolder(CHIEF.person, "2099-12-31", CHIEF_KEY.public.hex()))
    assert same.repeated
    assert code_of(appoint(three, StopHolder(OFFICER.person, "2099-12-31"))) is RefusalCode.EPOCH_OLD
    foreign = sign_stop_holders(StopHolders(number=9), SigningKey.generate("register"))
    assert code_of(three.order(m.KeepStopHolders(id=1, holders=foreign))) is RefusalCode.SIGNATURE_INVALID
    broken = three.town.register_key.sign("stop_holders", b"gossip")
    assert code_of(three.order(m.KeepStopHolders(id=1, holders=broken))) is RefusalCode.INVALID_REQUEST
    assert code_of(three.order(m.KeepStopHolders(id=1, holders=foreign), PERSONAL)) is RefusalCode.NOT_STOP_HOLDER
    assert three.stop(scope=StopScope.EVERYTHING, actor=CHIEF).status == "committed"


@pytest.mark.parametrize(
    "of",
    [
        {"scope": StopScope.VERSION, "version": "1.O"},
        {"scope": StopScope.PURPOSE, "purpose": "asess_loan"},
        {"scope": StopScope.SUPPLIER, "supplier": "supplier-8", "actor": CHIEF},
    ],
)
def test_a_misspelt_name_is_refused_and_not_taken_for_a_stop(three: Bench, of: dict[str, Any]) -> None:
    assert code_of(three.stop(**of)) is RefusalCode.STOP_TARGET_UNKNOWN
    path = write_order(three.town.home.spool, three.town.order(**of))
    three.engine.tick()
    assert (path.parent / "refused" / path.name).exists()
    assert not is_held(three)


@pytest.mark.parametrize(
    "of",
    [
        {"scope": StopScope.VERSION},
        {"scope": StopScope.VERSION, "version": "ett\u00e4"},
        {"scope": StopScope.PURPOSE, "purpose": "a", "version": "b"},
        {"scope": StopScope.EVERYTHING, "system": SYSTEM},
        {"scope": StopScope.SUPPLIER, "supplier": "s", "system": SYSTEM},
        {"system": ""},
        {"version": "1.0"},
    ],
)
def test_an_order_that_does_not_say_what_it_stops_is_no_order(three: Bench, of: dict[str, Any]) -> None:
    signed = three.town.order(**of)
    with pytest.raises(InvalidInput):
        write_order(three.town.home.spool, signed)
    assert code_of(three.order(m.Stop(id=1, order=signed))) is RefusalCode.INVALID_REQUEST
    assert three.order(m.StopState(id=1, scope=StopScope.EVERYTHING)).status == "none"


def test_a_question_about_no_scope_is_told_so(three: Bench) -> None:
    assert code_of(three.order(m.StopState(id=1, scope=StopScope.VERSION))) is RefusalCode.INVALID_REQUEST


# ------------------------------------------------------------------------------------------------------ spool, paper, exercise


def test_orders_of_every_scope_wait_in_the_spool_and_hold_from_the_first_answer(three: Bench, town: Town, clock: FakeClock) -> None:
    town.close_store()
    write_order(town.home.spool, town.order(scope=StopScope.SUPPLIER, supplier="supplier-1"))
    write_order(town.home.spool, town.order(system="other", scope=StopScope.VERSION, version="1.0", actor=CHIEF))
    after = town.engine(clock)
    assert [is_held(after, system=system) for system in (SYSTEM, "chat", "other")] == [True] * 3
    assert read(after).violations == []


def paper(bench: Bench, *, key: SigningKey | None = None, **changes: Any) -> Signed:
    told = {"ordered_at": "2026-11-20T03:14:00Z", "via": "paper", "order": secrets.token_hex(16)}
    return bench.town.order(key=key, **{**told, **changes})


def test_an_order_on_paper_takes_effect_at_once_and_the_log_says_paper(three: Bench) -> None:
    report = three.order(m.Stop(id=1, order=paper(three, entered_by=OFFICER)))
    assert (report.status, three.last().via, three.last().kind) == ("committed", "paper", "stop")
    order = three.order(m.OpenOrder(id=1, rid=report.rid)).order
    assert (order.ordered_at, order.actor, order.entered_by) == ("2026-11-20T03:14:00Z", HOLDER, OFFICER)
    assert is_held(three)


def test_paper_counts_by_who_gave_it_or_who_enters_it(three: Bench) -> None:
    clerk = m.Actor(person="p-clerk", name="Klara Kontor", role="administrator")
    assert code_of(three.order(m.Stop(id=1, order=paper(three, actor=clerk, entered_by=clerk)))) is RefusalCode.NOT_STOP_HOLDER
    assert three.order(m.Stop(id=1, order=paper(three, actor=clerk, entered_by=HOLDER))).status == "committed"
    own = paper(three, key=PERSONAL, actor=clerk, entered_by=HOLDER)
    assert three.order(m.Stop(id=1, order=own), PERSONAL).status == "committed"
    lent = paper(three, key=PERSONAL, actor=HOLDER, entered_by=clerk)
    assert code_of(three.order(m.Stop(id=1, order=lent), PERSONAL)) is RefusalCode.NOT_STOP_HOLDER


def test_an_exercise_is_a_stop_that_is_measured_when_drained(two: Bench, clock: FakeClock) -> None:
    clock.pass_time(1.5)
    report = two.stop(exercise=True)
    assert two.last().via == "exercise"
    assert is_held(two), "an exercise of a system stops it"
    two.engine.tick()
    store = two.engine.books.store
    assert store.meta_under(EXERCISES) == {}
    clock.pass_time(2)
    two.engine.tick()
    [measured] = store.meta_under(EXERCISES).values()
    found = msgspec.json.decode(measured, type=Exercise)
    assert (found.index, found.system, found.committed_ms, found.drained_ms) == (report.index, SYSTEM, 1500, 3500)
    assert store.stops()[SYSTEM].drained_at == report.drained_at


def test_an_exercise_under_way_is_measured_after_a_restart_and_never_too_short(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit()
    bench.stop(exercise=True)
    town.close_store()
    clock.pass_time(1)
    after = town.engine(clock)
    clock.pass_time(2)
    after.engine.tick()
    [measured] = after.engine.books.store.meta_under(EXERCISES).values()
    assert msgspec.json.decode(measured, type=Exercise).drained_ms >= 2000


def test_an_exercise_that_a_newer_stop_overtakes_is_not_measured(two: Bench, clock: FakeClock) -> None:
    two.stop(exercise=True)
    two.stop()
    clock.pass_time(5)
    two.engine.tick()
    assert two.engine.books.store.meta_under(EXERCISES) == {}


def test_a_failed_commit_of_a_wide_stop_leaves_everything_closed(three: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(three.engine.books, "transact", fail)
    assert isinstance(three.stop(scope=StopScope.SUPPLIER, supplier="supplier-1", actor=CHIEF), m.Denied)
    monkeypatch.undo()
    assert [is_held(three, system=system) for system in (SYSTEM, "chat", "other")] == [True, True, False]
    assert three.order(m.StopState(id=1, scope=StopScope.SUPPLIER, supplier="supplier-1")).status == "ordered"


def test_an_order_that_waited_while_nobody_answered_holds_what_is_only_permitted_afterwards(town: Town, clock: FakeClock) -> None:
    """The register knew the version, the sequencer does not yet: nobody is there to be told so, and its permit is about to come."""
    bench = town.engine(clock)
    bench.permit()
    town.close_store()
    write_order(town.home.spool, town.order(scope=StopScope.VERSION, version="2.0"))
    bench = town.engine(clock)
    bench.permit(versions=frozenset({"1.0", "2.0"}))
    refused = bench.tell(decide(asked=asked(version="2.0")))
    assert isinstance(refused, m.Denied)
    assert refused.refusal.code is RefusalCode.STOPPED
    assert isinstance(bench.tell(decide()), m.Recorded)
