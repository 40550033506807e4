"""A decision is looked at again by a person: what was decided stays in the log, and the newest decision holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, OFFICER, SYSTEM, Bench, asked, decide, number, outcome
from review_kit import NEVER_HOLDS, code_of, judge, propose, reconsider, reconsideration_of, review, review_of, sealed_review

from insyn.core import messages as m
from insyn.core.entries import read_head
from insyn.core.permit import Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.stop_rule import StopRule
from insyn.core.terms import Mode, NoticeChannel, ReconsiderationGround
from insyn.evidence.affected import Sought, count_affected, find_affected
from insyn.evidence.check import check
from insyn.evidence.publisher import publish
from insyn.supervision.queries import read_counts
from insyn.tlog.read import FolderReader
from insyn.tlog.verify import verify_log

SECOND = m.Actor(person="p-second", name="Sigrid Granskare", role="case_officer")


def decided(bench: Bench) -> tuple[m.Receipt, str]:
    """A proposal to approve that a person denied; the rid of that decision."""
    receipt = propose(bench)
    done = review(bench, receipt)
    assert isinstance(done, m.Done), done
    return receipt, done.receipt.rid


def automated(bench: Bench) -> m.Receipt:
    """A decision that no person took."""
    bench.permit(modes=frozenset({Mode.AUTOMATED}), human_review=False)
    recorded = bench.tell(decide(asked=asked(mode=Mode.AUTOMATED)))
    assert recorded.stage == "decision", recorded
    return recorded.receipt  # type: ignore[no-any-return]


def test_a_reconsideration_is_an_entry_about_the_record_with_its_ground(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    done = reconsider(bench, receipt, reviewed)
    head = bench.last()
    assert (head.kind, head.about, head.verdict, head.basis, head.system, head.version) == (
        "reconsideration", receipt.rid, "changed", "must_change", SYSTEM, "1.0",
    )  # fmt: skip
    sealed = sealed_review(bench, done.receipt.rid)
    assert (sealed["outcome"], sealed["ground"], sealed["replaces"], sealed["request"], sealed["letter"]) == (
        "approve", "must_change", reviewed, "ab" * 16, "## Beslut",
    )  # fmt: skip
    assert set(sealed) > set(sealed_review(bench, reviewed)), "the same shape as a review, and more"
    opened = bench.open_case(receipt.rid)
    assert [kind for _, kind in opened.followers if kind != "opened"] == ["review", "reconsideration"]


def test_the_fact_of_a_reconsideration_is_about_the_proposals_and_counts_as_no_review(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    receipt = propose(bench)
    judge(bench, receipt)
    reviewed = review(bench, receipt).receipt.rid
    reconsider(bench, receipt, reviewed)
    store = bench.engine.books.store
    facts = {fact.stage: fact for fact in store.facts()}
    assert facts["reconsideration"].about == facts["proposal"].fact_id
    assert facts["reconsideration"].outcome == "approve"
    counts = read_counts(store.connection, SYSTEM)
    assert (counts.reviews, counts.waiting, sum(row.n for row in counts.proposals)) == (1, 0, 1)


@pytest.mark.parametrize("ground", list(ReconsiderationGround))
def test_the_same_outcome_again_is_accepted_on_every_ground(bench: Bench, ground: ReconsiderationGround) -> None:
    receipt, reviewed = decided(bench)
    assert isinstance(reconsider(bench, receipt, reviewed, outcome="deny", ground=ground), m.Done)
    assert (bench.last().verdict, bench.last().basis) == ("accepted", ground.value)


def test_each_reconsideration_replaces_the_newest_decision(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    first = reconsider(bench, receipt, reviewed).receipt.rid
    for older in (reviewed, "", "0" * 32, receipt.rid):
        answer = reconsider(bench, receipt, older)
        assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.NOTHING_TO_RECONSIDER, "replaces")
    assert isinstance(reconsider(bench, receipt, first, outcome="approve", reasons="The bank has confirmed it."), m.Done)
    assert bench.last().verdict == "accepted"


def test_what_no_person_has_decided_is_a_proposal_and_not_reconsidered(bench: Bench) -> None:
    assert code_of(reconsider(bench, propose(bench), "")) is RefusalCode.NOTHING_TO_RECONSIDER


def test_a_decision_that_only_the_system_took_is_reconsidered_against_its_outcome(bench: Bench) -> None:
    receipt = automated(bench)
    assert code_of(reconsider(bench, receipt, "0" * 32)) is RefusalCode.NOTHING_TO_RECONSIDER
    assert isinstance(reconsider(bench, receipt, "", outcome="deny", ground=ReconsiderationGround.ASKED_FOR_HUMAN), m.Done)
    assert (bench.last().verdict, bench.last().basis) == ("changed", "asked_for_human")
    assert code_of(reconsider(bench, receipt, "")) is RefusalCode.NOTHING_TO_RECONSIDER


def test_an_answer_that_was_never_used_decided_nothing(bench: Bench) -> None:
    receipt = automated(bench)
    bench.tell(m.NotUsed(id=number(), key=decide().key, system=SYSTEM, rid=receipt.rid))
    assert code_of(reconsider(bench, receipt, "")) is RefusalCode.NOTHING_TO_RECONSIDER


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        *NEVER_HOLDS,
        (RefusalCode.OPENING_MISSING, {"opened": "0" * 32}),
        (RefusalCode.OPENING_MISSING, {"actor": SECOND}),
    ],
)
def test_a_reconsideration_that_does_not_hold_is_refused(bench: Bench, code: RefusalCode, changes: dict[str, Any]) -> None:
    bench.permit(reviewers=(Reviewer(OFFICER.person, "2099-12-31"), Reviewer(SECOND.person, "2099-12-31")))
    receipt, reviewed = decided(bench)
    opened = changes.pop("opened", bench.open_case(receipt.rid).opened)
    size = bench.engine.books.store.size
    assert code_of(bench.order(reconsideration_of(receipt, opened, reviewed, **changes))) is code
    assert bench.engine.books.store.size == size


@pytest.mark.parametrize("alone", [False, True])
def test_a_due_notice_without_a_trace_keeps_a_reconsideration_open(bench: Bench, alone: bool) -> None:
    bench.permit(notice_due=False, **({"modes": frozenset({Mode.AUTOMATED}), "human_review": False} if alone else {}))
    receipt = bench.tell(decide(outcome=outcome(notice=""), **({"asked": asked(mode=Mode.AUTOMATED)} if alone else {}))).receipt
    reviewed = "" if alone else review(bench, receipt).receipt.rid
    bench.permit(notice_due=True)
    answer = reconsider(bench, receipt, reviewed, outcome="deny")
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.NOTICE_MISSING, "notice")
    again = reconsider(bench, receipt, reviewed, notice=m.NoticeGiven(channel=NoticeChannel.FILE_NOTE, step="the note")).receipt.rid
    assert sealed_review(bench, again)["notice"] == {"channel": "file_note", "step": "the note", "words": ""}
    assert isinstance(reconsider(bench, receipt, again, reasons="It is told of in the first one."), m.Done)


def test_an_earlier_decisions_reasons_are_nobodys_own(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    answer = reconsider(bench, receipt, reviewed, reasons="the income is seasonal!")
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.REASONS_MISSING, "reasons")


def test_a_wrong_decision_is_put_right_while_the_system_is_stopped(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    bench.stop()
    assert isinstance(reconsider(bench, receipt, reviewed), m.Done)


def test_a_record_that_is_erased_and_a_decision_that_is_are_not_reconsidered(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    opened = bench.open_case(receipt.rid).opened
    bench.order(m.Erase(id=1, rid=reviewed, basis="GDPR Art. 17", actor=ADMIN))
    answer = bench.order(reconsideration_of(receipt, opened, reviewed))
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.RECORD_ERASED, "replaces")
    bench.order(m.Erase(id=1, rid=receipt.rid, basis="GDPR Art. 17", actor=ADMIN))
    answer = bench.order(reconsideration_of(receipt, opened, reviewed))
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.RECORD_ERASED, "rid")


def test_the_evidence_of_a_case_holds_its_judgement_and_reconsiderations(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    receipt = propose(bench)
    judge(bench, receipt)
    reviewed = review(bench, receipt).receipt.rid
    reconsider(bench, receipt, reviewed)
    bench.engine.checkpoint()
    bundled = bench.order(m.OpenBundle(id=1, rid=receipt.rid, actor=ADMIN, purpose="audit"))
    kinds = [msgspec.json.decode(entry.entry)["kind"] for entry in bundled.entries]
    assert kinds == ["decision", "blind_judgement", "review", "reconsideration", "permit"]
    assert b"somebody else" in bundled.entries[3].groups["review"]


def test_a_legal_hold_of_the_record_holds_what_was_said_about_it(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    receipt = propose(bench)
    judged = judge(bench, receipt).receipt.rid
    again = reconsider(bench, receipt, review(bench, receipt).receipt.rid).receipt.rid
    hold = bench.town.act()
    assert isinstance(bench.order(msgspec.structs.replace(hold, hold=m.HoldChange(rid=receipt.rid))), m.Done)
    for rid in (judged, again):
        assert code_of(bench.order(m.Erase(id=number(), rid=rid, basis="GDPR Art. 17", actor=ADMIN))) is RefusalCode.LEGAL_HOLD


def test_all_of_it_between_a_stop_and_its_resume_keeps_the_rule_of_the_published_log(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    receipt = propose(bench)
    stopped = bench.stop()
    judge(bench, receipt)
    reconsider(bench, receipt, review(bench, receipt).receipt.rid)
    bench.order(bench.town.act(resume_of=stopped.index))
    bench.engine.checkpoint()
    home, rule, kinds = bench.town.home, StopRule(), []
    publish(bench.engine.books.store, home.public)

    def observe(index: int, entry: bytes) -> None:
        rule.observe(index, entry)
        kinds.append(read_head(entry).kind)

    verify_log(FolderReader(home.public), bench.town.signer.vkey, on_entry=observe)
    assert (rule.violations, rule.stops, rule.resumes) == ([], 1, 1)
    said = [kind for kind in kinds[stopped.index :] if kind not in ("opened", "act")]
    assert said == ["stop", "blind_judgement", "review", "reconsideration", "resume"]


def test_check_finds_nothing_wrong_with_the_new_kinds_alive_or_erased(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    receipt = propose(bench, case="LN-77")
    judged = judge(bench, receipt).receipt.rid
    again = reconsider(bench, receipt, review(bench, receipt).receipt.rid).receipt.rid
    bench.engine.checkpoint()
    town = bench.town
    assert check(town.home.evidence, town.root_key, town.signer.vkey).findings == []
    for rid in (judged, again):
        assert isinstance(bench.order(m.Erase(id=number(), rid=rid, basis="GDPR Art. 17", actor=ADMIN)), m.Done)
    bench.engine.checkpoint()
    report = check(town.home.evidence, town.root_key, town.signer.vkey)
    assert (report.findings, report.erased) == ([], 2)
    assert [fact.stage for fact in bench.engine.books.store.facts() if fact.stage in ("blind", "reconsideration")] == []


def test_nobody_looks_again_at_a_decision_that_had_not_been_made_when_they_opened_the_case(bench: Bench) -> None:
    bench.permit(reviewers=(Reviewer(OFFICER.person, "2099-12-31"), Reviewer(SECOND.person, "2099-12-31")))
    receipt = propose(bench)
    before = bench.open_case(receipt.rid, actor=SECOND).opened
    own = bench.open_case(receipt.rid).opened
    reviewed = bench.order(review_of(receipt, own)).receipt.rid
    for actor, opened in ((SECOND, before), (OFFICER, own)):
        answer = bench.order(reconsideration_of(receipt, opened, reviewed, actor=actor))
        assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.OPENING_MISSING, "opened")
    assert isinstance(reconsider(bench, receipt, reviewed), m.Done)


def test_what_an_error_touched_is_what_somebody_decided_and_an_answer_that_was_never_used_is_not(bench: Bench) -> None:
    receipt, reviewed = decided(bench)
    reconsider(bench, receipt, reviewed)
    assert isinstance(bench.order(m.Erase(id=1, rid=reviewed, basis="GDPR Art. 17", actor=ADMIN)), m.Done)
    used, dropped = automated(bench), automated(bench)
    bench.tell(m.NotUsed(id=number(), key=decide().key, system=SYSTEM, rid=dropped.rid))
    sought = Sought(system=SYSTEM, first=date(2026, 11, 1), last=date(2026, 11, 30))
    connection = bench.engine.books.store.connection
    found = {one.rid: (one.decided, one.waiting) for one in find_affected(connection, sought)}
    assert found == {receipt.rid: (True, False), used.rid: (True, False), dropped.rid: (False, False)}
    assert (count_affected(connection, sought).decided, count_affected(connection, sought).outside) == (2, 1)
