"""A person's records over all systems are found however the number was written, and by the token that names the person without it."""

from __future__ import annotations

import msgspec
import pytest
from gateway_kit import ADMIN, OFFICER, SYSTEM, Bench, Town, decide, number, outcome
from review_kit import code_of, propose

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.evidence import transaction
from insyn.evidence.check import check
from insyn.gateway import reading

WRITTEN = ("19121212-1212", "191212121212", "121212+1212", " 19121212 1212 ")
RESIDENT = m.Actor(person="resident", name="Den som ärendet gäller", role="resident")


def find(bench: Bench, subject: str = "", *, token: str = "", purpose: str = "own_case") -> m.FoundSubject:
    found = bench.order(m.FindSubject(id=1, actor=RESIDENT, purpose=purpose, subject=subject, token=token))
    assert isinstance(found, m.FoundSubject), found
    return found


def test_every_writing_of_a_number_finds_the_same_records(bench: Bench) -> None:
    receipts = [propose(bench, subject=written) for written in WRITTEN]
    propose(bench, subject="19900101-2385")
    found = [find(bench, written) for written in WRITTEN]
    assert {answer.token for answer in found} == {found[0].token}
    first = found[0].records[0]
    assert [record.rid for record in found[0].records] == [receipt.rid for receipt in receipts]
    assert (first.index, first.system, first.version, first.day, first.kind, first.erased) == (
        receipts[0].index, SYSTEM, "1.0", "2026-11-20", "decision", False,
    )  # fmt: skip


def test_the_token_finds_the_same_records_without_the_number(bench: Bench) -> None:
    propose(bench, subject=WRITTEN[0])
    token = find(bench, WRITTEN[1]).token
    again = find(bench, token=token)
    assert (again.token, len(again.records)) == (token, 1)
    assert "1212" not in msgspec.json.encode(again).decode()


def test_records_of_all_systems_are_found_together(bench: Bench) -> None:
    bench.permit(system="trees")
    mine = propose(bench, subject=WRITTEN[0])
    store = bench.engine.books.store
    with store.transaction() as writing:
        public = {"kind": "decision", "day": "2026-11-20", "system": "trees", "version": "2.0"}
        other = writing.append(public=public, private={m.DisclosureGroup.CASE: b"{}"}, subject=WRITTEN[2])
    assert [(record.rid, record.system) for record in find(bench, WRITTEN[3]).records] == [(mine.rid, SYSTEM), (other.rid, "trees")]


def test_each_search_leaves_one_entry_without_a_system_whether_anybody_is_found_or_not(bench: Bench) -> None:
    size = bench.engine.books.store.size
    token = find(bench, WRITTEN[0], purpose="to show the own case").token
    assert bench.engine.books.store.size == size + 1
    entry = bench.engine.books.store.entry(size)
    head = bench.last()
    assert (head.kind, head.system, head.about) == ("opened", "", "")
    assert token.encode() not in entry
    sealed = msgspec.json.decode(bench.engine.books.store.open_groups(head.rid).groups["act"])
    assert (sealed["purpose"], sealed["token"], sealed["actor"]["person"]) == ("to show the own case", token, "resident")
    assert "1212" not in str({name: value for name, value in sealed.items() if name not in ("token", "at")})


@pytest.mark.parametrize(("subject", "token"), [("", ""), ("  ", ""), (WRITTEN[0], "ab" * 16)])
def test_a_search_names_the_person_in_one_way(bench: Bench, subject: str, token: str) -> None:
    size = bench.engine.books.store.size
    answer = bench.order(m.FindSubject(id=1, actor=RESIDENT, purpose="own_case", subject=subject, token=token))
    assert code_of(answer) is RefusalCode.INVALID_REQUEST
    assert bench.engine.books.store.size == size


def test_a_word_that_stands_for_everybody_is_no_person(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that sends "okänd" for each case: nobody is shown them all, and no stop waits while they are read."""
    monkeypatch.setattr(reading, "MOST_OF_ONE", 2)
    for written in ("okänd", "Okänd", "okänd"):
        bench.tell(decide(outcome=outcome(subject=written)))
    size = bench.engine.books.store.size
    for who in ({"subject": "OKÄND"}, {"token": bench.engine.books.store.keys.tag("subject", "okänd").hex()}):
        answer = bench.order(m.FindSubject(id=number(), actor=ADMIN, purpose="own_case", **who))
        assert (answer.refusal.code, answer.refusal.reasons[0].place) == (RefusalCode.TOO_LARGE, "subject")
    assert bench.engine.books.store.size == size


def test_a_token_is_no_other_lookup(bench: Bench) -> None:
    """Record ids, cases and idempotency keys lie in the same table: none of them finds a person."""
    receipt = propose(bench, subject=WRITTEN[0], case="LN-9")
    case = bench.engine.books.store.keys.tag("case", SYSTEM, "LN-9").hex()
    assert find(bench, token=receipt.rid).records == find(bench, token=case).records == ()


def test_an_erased_record_is_not_found_any_more(bench: Bench) -> None:
    receipt = propose(bench, subject=WRITTEN[0])
    kept = propose(bench, subject=WRITTEN[1])
    token = find(bench, WRITTEN[0]).token
    assert find(bench, "  ", token=token).token == token, "blanks are no number"
    bench.order(m.Erase(id=1, rid=receipt.rid, basis="GDPR Art. 17", actor=ADMIN))
    assert [record.rid for record in find(bench, token=token).records] == [kept.rid]


def test_a_record_whose_month_is_being_disposed_of_says_so_while_its_row_is_there(bench: Bench) -> None:
    propose(bench, subject=WRITTEN[0])
    keys = bench.engine.books.store.keys
    kek = keys.find_kek((SYSTEM, "standard", "2026-11"))
    assert kek is not None
    keys.destroy_kek(kek)
    assert [record.erased for record in find(bench, WRITTEN[0]).records] == [True]


def test_records_from_before_there_was_a_normal_form_are_found_and_moved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(transaction, "plain_subject", lambda text, *, on: text)
        old = [propose(bench, subject=written).rid for written in ("121212+1212", "19121212-1212", "191212121212")]
        propose(bench, subject="121212-1212")  # in 2026 a child of thirteen: somebody else
    token = find(bench, WRITTEN[3]).token
    assert [record.rid for record in find(bench, token=token).records] == old
    new = propose(bench, subject=WRITTEN[3]).rid
    assert [record.rid for record in find(bench, token=token).records] == [*old, new]
    bench.engine.checkpoint()
    assert check(bench.town.home.evidence, bench.town.root_key, bench.town.signer.vkey).findings == []


def test_who_the_number_is_of_lies_in_no_file(bench: Bench) -> None:
    propose(bench, subject=WRITTEN[0])
    find(bench, WRITTEN[2])
    bench.engine.checkpoint()
    found = [
        path for path in bench.town.home.root.rglob("*") if path.is_file() and any(text.encode() in path.read_bytes() for text in WRITTEN)
    ]
    assert found == []


def test_the_register_asks_over_its_socket(served: Town) -> None:
    guard, control = served.guard(), served.control()
    receipt = guard.decide(outcome(subject="19900101-2385")).receipt
    found = control.ask(m.FindSubject(id=7, actor=OFFICER, purpose="own_case", subject="900101-2385"))
    assert isinstance(found, m.FoundSubject), found
    assert receipt.rid in [record.rid for record in found.records]
    control.close()
    guard.close()
