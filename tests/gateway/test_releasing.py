"""Parts of an answer that leave before the whole is recorded; passes; and what was withheld. In the engine, without sockets."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, HOLDER, KEY, SYSTEM, Bench, FakeClock, Town, a_permit, asked, number, outcome

from insyn.core import messages as m
from insyn.core.entries import EntryKind
from insyn.core.passes import NO_INSTRUCTION, Pass, token_of
from insyn.core.refusals import RefusalCode
from insyn.core.signing import SigningKey
from insyn.core.stop_rule import StopRule
from insyn.evidence.check import check
from insyn.gateway.loosening import loosenings
from insyn.rules.narrowing import narrower, only_tightens

TEXT = "a" * 64


def clear(bench: Bench, person: str = "") -> Any:
    return bench.tell(m.Clear(id=number(), key=KEY, asked=asked(), person=person))


def release(bench: Bench, clearance: str, part: int, text: str = "Ett svar.", **changes: Any) -> Any:
    whole = m.Release(
        id=number(), key=KEY, system=SYSTEM, clearance=clearance, part=part, text=text, request={"q": "?"} if part == 1 else {}, case="LN-7"
    )
    return bench.tell(msgspec.structs.replace(whole, **changes))


def code(answer: m.Answer) -> str:
    return answer.refusal.code.value if isinstance(answer, m.Denied) else type(answer).__name__.lower()


def a_pass(town: Town, key: SigningKey | None = None, **changes: Any) -> str:
    whole = Pass(id=secrets.token_hex(8), person="p-anna", system=SYSTEM, instruction=TEXT, last_day="2026-12-31")
    return token_of(msgspec.structs.replace(whole, **changes), key or town.register_key)


def test_a_part_is_an_entry_under_its_clearance_before_it_leaves(bench: Bench) -> None:
    cleared = clear(bench)
    assert code(release(bench, cleared.clearance, 1)) == "released"
    assert code(release(bench, cleared.clearance, 2)) == "released"
    heads = bench.heads()[-2:]
    assert [(head.kind, head.about) for head in heads] == [("release", cleared.clearance)] * 2


def test_asking_whether_a_clearance_stands_leaves_no_entry(bench: Bench) -> None:
    cleared, size = clear(bench), len(bench.heads())
    assert code(release(bench, cleared.clearance, 0, text="")) == "released"
    assert len(bench.heads()) == size


@pytest.mark.parametrize("part", [1, 3, 0])
def test_parts_leave_once_and_in_their_order(bench: Bench, part: int) -> None:
    cleared = clear(bench)
    release(bench, cleared.clearance, 1)
    assert code(release(bench, cleared.clearance, part)) == "invalid_request"


def test_after_a_stop_no_part_leaves_and_the_caller_hears_of_the_stop(bench: Bench) -> None:
    cleared = clear(bench)
    release(bench, cleared.clearance, 1)
    bench.stop()
    assert code(release(bench, cleared.clearance, 2)) == "stopped"
    assert code(release(bench, cleared.clearance, 0, text="")) == "stopped"
    assert (bench.last().kind, bench.last().about) == ("refusal", cleared.clearance)


def test_a_part_of_another_clients_clearance_is_unknown(bench: Bench) -> None:
    cleared = clear(bench)
    assert code(release(bench, cleared.clearance, 1, key="another-key-of-somebody")) == "client_unknown"
    assert code(release(bench, "0" * 32, 1)) == "clearance_unknown"


def test_a_part_grows_too_old_as_an_outcome_does(bench: Bench, clock: FakeClock) -> None:
    cleared, answers = clear(bench), []
    message = m.Release(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, part=1, text="x")
    bench.engine.ask(message, answers.append)
    clock.pass_time(1.9)
    bench.turn_until(answers)
    assert code(answers[0]) == "answer_too_old"


def test_what_is_withheld_has_its_reason_in_the_log_and_ends_the_clearance(bench: Bench) -> None:
    cleared = clear(bench)
    told = bench.tell(m.Withhold(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, code=RefusalCode.MODEL_ANSWER_BROKEN))
    assert code(told) == "model_answer_broken"
    assert (bench.last().kind, bench.last().code, bench.last().about) == ("refusal", "model_answer_broken", cleared.clearance)
    assert code(bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))) == "clearance_unknown"


def test_only_a_clearance_of_that_system_can_be_withheld(bench: Bench) -> None:
    size = len(bench.heads())
    told = bench.tell(m.Withhold(id=number(), key=KEY, system=SYSTEM, clearance=bench.heads()[0].rid, code=RefusalCode.CALLER_GONE))
    assert code(told) == "clearance_unknown"
    assert len(bench.heads()) == size


def test_parts_are_found_by_their_case_and_erased_with_the_decision(bench: Bench) -> None:
    cleared = clear(bench)
    release(bench, cleared.clearance, 1, text="Hemligt.")
    part = bench.last().rid
    recorded = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome(case="LN-7")))
    found = bench.order(m.FindCase(id=number(), system=SYSTEM, case="LN-7", actor=ADMIN, purpose="test"))
    assert set(found.rids) == {part, recorded.receipt.rid}
    erased = bench.order(m.Erase(id=number(), rid=recorded.receipt.rid, basis="GDPR 17", actor=ADMIN))
    assert isinstance(erased, m.Done)
    groups = tuple(m.DisclosureGroup(group) for group in ("input", "output", "case"))
    opened = bench.order(m.Open(id=number(), rid=part, groups=groups, actor=ADMIN, purpose="test"))
    assert code(opened) == "record_erased"


def test_a_log_with_parts_and_withheld_answers_is_found_whole(bench: Bench, town: Town) -> None:
    for ends in (True, False):
        cleared = clear(bench)
        release(bench, cleared.clearance, 1)
        release(bench, cleared.clearance, 2)
        if ends:
            recorded = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
        else:
            bench.tell(m.Withhold(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, code=RefusalCode.CALLER_GONE))
    bench.order(m.Erase(id=number(), rid=recorded.receipt.rid, basis="GDPR 17", actor=ADMIN))
    bench.stop()
    bench.engine.checkpoint()
    rule = StopRule()
    for index, entry in bench.engine.books.store.entries(0, 1_000):
        rule.observe(index, entry)
    town.close_store()
    report = check(town.home.evidence, town.root_key, town.signer.vkey)
    assert (report.findings, report.erased) == ([], 3)
    assert rule.violations == []


# ------------------------------------------------------------------------------------------------------------------------ passes


def test_an_assistant_is_called_on_a_pass_and_only_on_one_that_holds(bench: Bench, town: Town) -> None:
    bench.permit(instruction=TEXT, passes_revoked=frozenset({"taken"}))
    cases = {
        a_pass(town): "cleared",
        "": "person_unknown",
        "insyn_pass_x.y": "person_unknown",
        a_pass(town, SigningKey.generate("register")): "person_unknown",
        a_pass(town, system="annat"): "person_unknown",
        a_pass(town, last_day="2026-11-19"): "person_unknown",
        a_pass(town, id="taken"): "person_unknown",
        a_pass(town, instruction="b" * 64): "instruction_not_confirmed",
    }
    for token, expected in cases.items():
        assert code(clear(bench, token)) == expected


def test_a_pass_is_no_way_into_a_system_that_is_no_assistant(bench: Bench, town: Town) -> None:
    assert code(clear(bench, a_pass(town))) == "instruction_not_confirmed"
    assert code(clear(bench, a_pass(town, instruction=""))) == "instruction_not_confirmed"
    assert code(clear(bench)) == "cleared"


def test_nobody_has_confirmed_an_instruction_that_does_not_hold(bench: Bench, town: Town) -> None:
    bench.permit(instruction=NO_INSTRUCTION)
    assert code(clear(bench, a_pass(town))) == "instruction_not_confirmed"
    assert code(clear(bench, a_pass(town, instruction=NO_INSTRUCTION))) == "instruction_not_confirmed"


def test_every_decision_of_an_assistant_names_its_person_in_the_sealed_part(bench: Bench, town: Town) -> None:
    bench.permit(instruction=TEXT)
    token = a_pass(town)
    decided = bench.tell(m.Decide(id=number(), key=KEY, asked=asked(), outcome=outcome(), person=token))
    batched = bench.tell(m.Batch(id=number(), key=KEY, asked=asked(), items=(m.Item(outcome=outcome()),), person=token))
    assert code(bench.tell(m.Decide(id=number(), key=KEY, asked=asked(), outcome=outcome()))) == "person_unknown"
    for rid in (decided.receipt.rid, batched.answers[0].receipt.rid):
        opened = bench.order(m.Open(id=number(), rid=rid, groups=(m.DisclosureGroup.CASE,), actor=HOLDER, purpose="test"))
        assert opened.groups["case"]["person"] == "p-anna"
    assert all("p-anna" not in str(head) for head in bench.heads())


def test_a_pass_taken_back_between_clearance_and_record_counts(bench: Bench, town: Town) -> None:
    bench.permit(instruction=TEXT)
    cleared = clear(bench, a_pass(town, id="0123"))
    bench.permit(instruction=TEXT, passes_revoked=frozenset({"0123"}))
    assert code(release(bench, cleared.clearance, 1)) in ("clearance_superseded", "person_unknown")
    assert EntryKind.RELEASE not in {head.kind for head in bench.heads()}


def test_between_two_instructions_nobody_is_let_through() -> None:
    old, new = a_permit(instruction="a" * 64), a_permit(instruction="b" * 64, epoch=2)
    assert narrower(old, new).instruction == NO_INSTRUCTION
    assert narrower(a_permit(), new).instruction == "b" * 64
    assert only_tightens(a_permit(), new)
    assert not only_tightens(new, a_permit(epoch=3))
    assert not only_tightens(old, new)


def test_to_give_back_a_pass_or_let_an_instruction_go_is_a_loosening() -> None:
    taken = a_permit(instruction=TEXT, passes_revoked=frozenset({"1"}))
    assert loosenings(taken, a_permit(instruction=TEXT)) == ("passes_revoked",)
    assert loosenings(taken, a_permit(passes_revoked=frozenset({"1"}))) == ("instruction",)
    assert loosenings(taken, msgspec.structs.replace(taken, instruction=NO_INSTRUCTION, passes_revoked=frozenset({"1", "2"}))) == ()
    assert narrower(taken, a_permit(instruction=TEXT, passes_revoked=frozenset({"2"}))).passes_revoked == {"1", "2"}


# --------------------------------------------------------------------------------------------------- holds, memory and old answers


def put_hold(bench: Bench, change: m.HoldChange) -> None:
    act = msgspec.structs.replace(bench.town.act(), hold=change)
    assert isinstance(bench.order(act), m.Done)


def answered_in_parts(bench: Bench, case: str) -> tuple[str, str]:
    """The ids of a part and of the decision that it belongs to. The part bears no case of its own."""
    cleared = clear(bench)
    release(bench, cleared.clearance, 1, case="")
    part = bench.last().rid
    recorded = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome(case=case)))
    return part, recorded.receipt.rid


def opens(bench: Bench, rid: str) -> bool:
    groups = (m.DisclosureGroup("output"),)
    return isinstance(bench.order(m.Open(id=number(), rid=rid, groups=groups, actor=ADMIN, purpose="test")), m.Opened)


@pytest.mark.parametrize("by", ["rid", "case"])
def test_a_hold_on_a_decision_holds_the_parts_that_left_before_it(bench: Bench, by: str) -> None:
    part, decision = answered_in_parts(bench, "LN-8")
    put_hold(bench, m.HoldChange(rid=decision) if by == "rid" else m.HoldChange(case="LN-8"))
    for rid in (decision, part):
        assert code(bench.order(m.Erase(id=number(), rid=rid, basis="GDPR 17", actor=ADMIN))) == "legal_hold"
        assert opens(bench, part)
        assert opens(bench, decision)


def test_an_erasure_that_one_part_under_hold_refuses_destroys_nothing(bench: Bench) -> None:
    cleared = clear(bench)
    parts = []
    for part in (1, 2):
        release(bench, cleared.clearance, part)
        parts.append(bench.last().rid)
    recorded = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    put_hold(bench, m.HoldChange(rid=parts[1]))
    assert code(bench.order(m.Erase(id=number(), rid=recorded.receipt.rid, basis="GDPR 17", actor=ADMIN))) == "legal_hold"
    assert all(opens(bench, rid) for rid in (*parts, recorded.receipt.rid))


def test_a_decision_with_many_parts_is_erased_in_one_commit_so_that_a_stop_waits_for_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared, store, commits = clear(bench), bench.engine.books.store, []
    parts = [(release(bench, cleared.clearance, part), bench.last().rid)[1] for part in range(1, 31)]
    recorded = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    begun = type(store).transaction
    monkeypatch.setattr(type(store), "transaction", lambda self: commits.append(1) or begun(self))
    assert code(bench.order(m.Erase(id=number(), rid=recorded.receipt.rid, basis="GDPR 17", actor=ADMIN))) == "done"
    assert len(commits) == 1
    assert not any(opens(bench, rid) for rid in (*parts, recorded.receipt.rid))
    assert [head.about for head in bench.heads() if head.kind == "shred"] == [*parts, recorded.receipt.rid]


def test_a_part_takes_no_other_clearance_out_of_a_full_memory(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("insyn.gateway.state.MAX_CLEARANCES", 2)
    first, second = clear(bench), clear(bench)
    assert code(release(bench, second.clearance, 1)) == "released"
    assert code(release(bench, first.clearance, 1)) == "released"


@pytest.mark.parametrize("used_up", [True, False])
def test_a_repeated_record_is_not_used_on_a_pass_that_was_taken_back(bench: Bench, town: Town, used_up: bool) -> None:
    bench.permit(instruction=TEXT)
    token = a_pass(town, id="mine")
    cleared = clear(bench, token)
    record = m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome(), idempotency="key-of-anna-1")
    first = bench.tell(record)
    assert bench.tell(record).replayed
    waiting = clear(bench, token)
    bench.permit(instruction=TEXT, passes_revoked=frozenset({"mine"}))
    again = bench.tell(record if used_up else msgspec.structs.replace(record, clearance=waiting.clearance))
    assert code(again) == "person_unknown"
    assert again.receipt == first.receipt
