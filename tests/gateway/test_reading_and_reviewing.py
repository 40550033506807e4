"""Named persons open, review and erase; each leaves its entry, and nobody does it without a mandate."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, HOLDER, KEY, OFFICER, SYSTEM, Bench, asked, decide, number, outcome
from review_kit import NEVER_HOLDS, code_of, judgement_of, propose, review, review_of

from insyn.core import messages as m
from insyn.core.permit import Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, Mode, ReviewVerdict

CASE = "LN-2026-17"


def test_a_review_is_an_entry_about_the_proposal_with_sealed_reasons(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    done = review(bench, receipt)
    head = bench.last()
    assert (head.kind, head.about, head.verdict, head.rid) == ("review", receipt.rid, "changed", done.receipt.rid)
    store = bench.engine.books.store
    assert msgspec.json.decode(store.open_groups(done.receipt.rid).groups["review"])["reasons"] == "The income is seasonal."
    facts = {fact.stage: fact for fact in store.facts()}
    assert (facts["review"].outcome, facts["review"].about) == ("deny", facts["proposal"].fact_id)
    assert bench.order(m.Waiting(id=1, system=SYSTEM)).total == 0


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        *NEVER_HOLDS,
        (RefusalCode.PROPOSAL_CHANGED, {"proposal": "0" * 64}),
        (RefusalCode.INVALID_REQUEST, {"verdict": ReviewVerdict.ACCEPTED, "outcome": "deny"}),
        (RefusalCode.INVALID_REQUEST, {"verdict": ReviewVerdict.CHANGED, "outcome": "approve"}),
    ],
)
def test_a_review_that_does_not_hold_is_refused(bench: Bench, code: RefusalCode, changes: dict[str, Any]) -> None:
    receipt = propose(bench, case=CASE)
    assert code_of(review(bench, receipt, **changes)) is code


def test_reasons_that_are_copied_from_the_case_are_refused_without_an_entry(bench: Bench) -> None:
    """Also when somebody asks the sequencer without the pages. A colleague's view is nobody's own either; one's own view is."""
    bench.permit(blind_share=1000, reviewers=(Reviewer(OFFICER.person, "2099-12-31"), Reviewer(HOLDER.person, "2099-12-31")))
    note = "The income varies. The debts do not, says the bank."
    receipt = propose(bench, payload={**outcome().payload, "note": note})
    opened = bench.open_case(receipt.rid, actor=HOLDER).opened
    said = "Too many debts by far."
    for copied in ("the income VARIES; the debts do not, says the bank", note):
        assert code_of(bench.order(judgement_of(receipt, opened, actor=HOLDER, reasons=copied))) is RefusalCode.REASONS_MISSING
    assert isinstance(bench.order(judgement_of(receipt, opened, actor=HOLDER, reasons=said)), m.Done)
    for copied in (said, f"{said} The debts do not!", "says the bank\nThe income varies"):
        answer = review(bench, receipt, reasons=copied)
        assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.REASONS_MISSING, "reasons")
    opened = bench.open_case(receipt.rid, actor=HOLDER).opened
    assert isinstance(bench.order(review_of(receipt, opened, actor=HOLDER, reasons=said)), m.Done)


def test_a_proposal_is_decided_once(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    assert isinstance(review(bench, receipt, verdict=ReviewVerdict.ACCEPTED, outcome="approve"), m.Done)
    assert code_of(review(bench, receipt)) is RefusalCode.ALREADY_REVIEWED


def test_a_proposal_from_before_a_stop_is_still_a_persons_to_decide(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    bench.stop()
    assert isinstance(review(bench, receipt), m.Done)


def test_advice_is_not_reviewed(bench: Bench) -> None:
    bench.permit(modes=frozenset({Mode.ADVICE}))
    receipt = bench.tell(decide(asked=asked(mode=Mode.ADVICE))).receipt
    assert code_of(review(bench, receipt)) is RefusalCode.RECORD_UNKNOWN


def test_the_waiting_list_names_ids_and_outcomes_only(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    propose(bench, case=CASE)
    size = bench.engine.books.store.size
    listed = bench.order(m.Waiting(id=1, system=SYSTEM, limit=1))
    assert listed.total == 2
    (item,) = listed.items
    assert (item.rid, item.index, item.leaf, item.outcome) == (receipt.rid, receipt.index, receipt.leaf, "approve")
    assert bench.engine.books.store.size == size


def test_opening_a_record_leaves_an_entry_that_names_who_in_its_sealed_part(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    review(bench, receipt)
    opened = bench.order(m.Open(id=1, rid=receipt.rid, groups=(DisclosureGroup.INPUT,), actor=OFFICER, purpose="review"))
    assert opened.groups == {"input": {"income": 4200, "debt": 0.3}}
    assert [kind for _, kind in opened.followers] == ["opened", "review"]
    head = bench.last()
    assert (head.kind, head.about) == ("opened", receipt.rid)
    sealed = msgspec.json.decode(bench.engine.books.store.open_groups(head.rid).groups["act"])
    assert (sealed["actor"]["person"], sealed["purpose"]) == (OFFICER.person, "review")


def test_opening_what_does_not_exist_is_refused_without_an_entry(bench: Bench) -> None:
    size = bench.engine.books.store.size
    answer = bench.order(m.Open(id=1, rid="0" * 32, groups=(), actor=OFFICER, purpose="review"))
    assert code_of(answer) is RefusalCode.RECORD_UNKNOWN
    assert bench.engine.books.store.size == size


def test_a_record_of_another_system_is_not_opened_and_leaves_no_entry(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    before = bench.engine.books.store.size
    message = m.Open(id=number(), rid=receipt.rid, groups=(DisclosureGroup.OUTPUT,), actor=OFFICER, purpose="review", system="another")
    assert code_of(bench.order(message)) is RefusalCode.RECORD_UNKNOWN
    assert bench.engine.books.store.size == before
    assert isinstance(bench.order(msgspec.structs.replace(message, id=number(), system=SYSTEM)), m.Opened)


def test_finding_a_case_leaves_an_entry_whether_it_is_found_or_not(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    ask = m.FindCase(id=1, system=SYSTEM, case=CASE, actor=OFFICER, purpose="a letter")
    assert bench.order(ask).rids == (receipt.rid,)
    assert bench.last().kind == "opened"
    assert bench.order(msgspec.structs.replace(ask, case="LN-other")).rids == ()
    assert [head.kind for head in bench.heads()].count("opened") == 2
    assert code_of(bench.order(msgspec.structs.replace(ask, system="nobody"))) is RefusalCode.UNKNOWN_SYSTEM


def test_an_erased_record_is_gone_and_its_shred_entry_says_on_what_ground(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    opened = bench.open_case(receipt.rid).opened
    erase = m.Erase(id=1, rid=receipt.rid, basis="GDPR 17.1 a", actor=ADMIN)
    done = bench.order(erase)
    assert (bench.last().kind, bench.last().about, done.receipt.index) == ("shred", receipt.rid, receipt.index + 2)
    assert code_of(bench.order(erase)) is RefusalCode.RECORD_ERASED
    answer = bench.order(m.Open(id=1, rid=receipt.rid, groups=(), actor=OFFICER, purpose="review"))
    assert code_of(answer) is RefusalCode.RECORD_ERASED
    assert code_of(bench.order(review_of(receipt, opened))) is RefusalCode.RECORD_ERASED
    assert code_of(bench.order(msgspec.structs.replace(erase, rid="0" * 32))) is RefusalCode.RECORD_UNKNOWN
    listed = bench.order(m.EntriesOf(id=1, kinds=("shred",), start=0))
    assert [found.index for found in listed.entries] == [done.receipt.index]


def test_a_ground_that_is_not_ascii_is_refused_before_anything_is_erased(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    assert code_of(bench.order(m.Erase(id=1, rid=receipt.rid, basis="på begäran", actor=ADMIN))) is RefusalCode.INVALID_REQUEST
    assert bench.engine.books.store.open_groups(receipt.rid).groups


def test_entries_are_listed_from_an_index_on_and_only_rare_kinds(bench: Bench) -> None:
    indices = [bench.order(bench.town.act()).receipt.index for _ in range(3)]
    bench.tell(decide())
    listed = bench.order(m.EntriesOf(id=1, kinds=("act", "permit"), start=indices[1], limit=5))
    assert [found.index for found in listed.entries] == indices[1:]
    assert listed.size == bench.engine.books.store.size
    assert code_of(bench.order(m.EntriesOf(id=1, kinds=("decision",), start=0))) is RefusalCode.INVALID_REQUEST


def test_listed_entries_are_found_again_after_a_restart(bench: Bench) -> None:
    index = bench.stop().index
    bench.tell(decide(key=KEY))
    bench.town.close_store()
    after = bench.town.engine()
    listed = after.order(m.EntriesOf(id=1, kinds=("stop", "log_opened"), start=0))
    assert [found.index for found in listed.entries] == [0, index]


def test_a_stop_order_is_opened_by_the_id_of_its_entry_only(bench: Bench) -> None:
    receipt = propose(bench, case=CASE)
    assert code_of(bench.order(m.OpenOrder(id=1, rid=receipt.rid))) is RefusalCode.RECORD_UNKNOWN
    assert code_of(bench.order(m.OpenOrder(id=1, rid="0" * 32))) is RefusalCode.RECORD_UNKNOWN
