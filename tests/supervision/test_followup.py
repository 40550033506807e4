"""How people decide, counted by hand from rows in the store's own tables."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import apsw
import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from insyn.core.entries import encode_entry
from insyn.core.followup import Followup, Ground, Looked, Period, Share
from insyn.core.permit import Permit
from insyn.core.text import Text
from insyn.evidence.schema import EVIDENCE_FILE, EVIDENCE_TABLES, connect, connect_read_only
from insyn.rules.small_cells import few
from insyn.supervision.followup import follow_up, for_public, tell_followed
from insyn.supervision.steps import in_steps

DAY = date(2026, 11, 21)
PERMIT = Permit(system="loans", epoch=7, compiled_from=1, granted=True, packs="", name=Text("Lån", "Loans"), blind_share=100)


class Rows:
    """Writes what the sequencer would: an entry, and the facts row beside it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.write = connection
        self.next = 0

    def add(self, stage: str, outcome: str, *, about: str = "", month: str = "2026-11", version: str = "1", **public: object) -> str:
        index, self.next = self.next, self.next + 1
        entry = encode_entry({"kind": "decision", "system": "loans", "epoch": 7, "rid": f"r{index}", **public})
        self.write.execute("INSERT INTO entry VALUES (?, ?, ?)", (index, entry, b""))
        row = (index, 0, f"f{index}", month, "loans", version, stage, outcome, None, "{}", "{}", about)
        self.write.execute("INSERT INTO fact_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return f"f{index}"

    def proposal(self, outcome: str, **more: object) -> str:
        return self.add("proposal", outcome, **more)  # type: ignore[arg-type]

    def review(self, about: str, outcome: str, verdict: str, **more: object) -> str:
        return self.add("review", outcome, about=about, kind="review", verdict=verdict, **more)  # type: ignore[arg-type]

    def blind(self, about: str, outcome: str) -> str:
        return self.add("blind", outcome, about=about, kind="blind_judgement")

    def again(self, about: str, verdict: str, ground: str) -> str:
        return self.add("reconsideration", "grant", about=about, kind="reconsideration", verdict=verdict, basis=ground)


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(connect(tmp_path / EVIDENCE_FILE, tables=EVIDENCE_TABLES))


def counted(rows: Rows) -> Followup:
    return follow_up(rows.write, PERMIT, on=DAY)


def test_verdicts_are_counted_by_version_and_month_of_the_review(rows: Rows) -> None:
    for verdict, outcome in (("accepted", "deny"), ("accepted", "deny"), ("changed", "grant"), ("rejected", "grant")):
        rows.review(rows.proposal("deny", month="2026-10"), outcome, verdict)
    rows.review(rows.proposal("deny", version="2"), "deny", "accepted", version="2")
    made = counted(rows)
    assert [(one.month, one.version, one.reviews, one.accepted, one.changed, one.rejected) for one in made.periods] == [
        ("2026-11", "1", 4, 2, 1, 1),
        ("2026-11", "2", 1, 1, 0, 0),
    ]
    assert made.overridden is not None
    assert (made.overridden.n, made.overridden.k, made.overridden.rate) == (5, 2, 0.4)


def test_whoever_judged_otherwise_and_ended_in_the_proposal_was_drawn_to_it(rows: Rows) -> None:
    drawn, kept, same, undecided = (rows.proposal("deny", blind=1) for _ in range(4))
    for about, outcome in ((drawn, "grant"), (kept, "grant"), (same, "deny"), (undecided, "grant")):
        rows.blind(about, outcome)
    rows.review(drawn, "deny", "accepted")
    rows.review(kept, "grant", "changed")
    rows.review(same, "deny", "accepted")
    made = counted(rows)
    assert (made.anchored and (made.anchored.k, made.anchored.n)) == (1, 2)  # the undecided one may still go either way
    assert (made.with_proposal and (made.with_proposal.k, made.with_proposal.n)) == (1, 4)
    assert (made.with_final and (made.with_final.k, made.with_final.n)) == (2, 3)
    assert made.anchored.low < 0.5 < made.anchored.high


def test_the_drawn_share_is_held_against_what_the_permit_in_force_declares(rows: Rows) -> None:
    for number in range(200):
        rows.proposal("deny", **({"blind": 1} if number % 10 == 0 else {}))
    rows.proposal("deny", blind=1, epoch=6)  # under an older permit: another share may have been declared
    fits = counted(rows).drawn
    assert fits is not None
    assert (fits.share.k, fits.share.n, fits.declared, fits.fits) == (20, 200, 0.1, True)
    other = follow_up(rows.write, msgspec.structs.replace(PERMIT, blind_share=300), on=DAY).drawn
    assert other is not None
    assert not other.fits


def test_a_decision_looked_at_twice_is_one_decision_and_stands_under_each_ground(rows: Rows) -> None:
    first, second = rows.proposal("deny"), rows.proposal("deny")
    rows.again(first, "accepted", "must_change")
    rows.again(first, "changed", "asked_for_human")
    rows.again(second, "changed", "must_change")
    rows.again(second, "changed", "must_change")
    made = counted(rows)
    assert made.grounds == (Ground("asked_for_human", 1, 1), Ground("must_change", 2, 1))
    assert (made.reconsidered, made.reconsidered_changed) == (2, 2)


def test_no_rows_are_no_shares(rows: Rows) -> None:
    made = counted(rows)
    assert made == Followup(system="loans", day="2026-11-21")


def test_erased_decisions_are_gone_from_every_figure(rows: Rows) -> None:
    about = rows.proposal("deny", blind=1)
    rows.blind(about, "grant")
    rows.review(about, "deny", "accepted")
    rows.again(about, "changed", "must_change")
    rows.write.execute("UPDATE fact_row SET erased = 1")
    assert counted(rows) == Followup(system="loans", day="2026-11-21")


OUTCOMES = st.sampled_from(["grant", "deny"])
VERDICTS = st.sampled_from(["accepted", "changed", "rejected"])
CASES = st.lists(
    st.tuples(
        OUTCOMES, st.lists(st.tuples(VERDICTS, OUTCOMES), max_size=3), st.lists(OUTCOMES, max_size=3), st.lists(VERDICTS, max_size=3)
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(cases=CASES)
def test_no_decision_is_ever_counted_twice(cases: list[tuple[str, list[tuple[str, str]], list[str], list[str]]]) -> None:
    """However many rows there are about a decision: the newest review, the newest judgement, and one decision looked at again."""
    connection = apsw.Connection(":memory:")
    connection.execute(EVIDENCE_TABLES)
    rows = Rows(connection)
    verdicts, anchored, differed, again = Counter[str](), 0, 0, 0
    for proposed, reviews, blinds, looks in cases:
        about = rows.proposal(proposed)
        for verdict, outcome in reviews:
            rows.review(about, outcome, verdict)
        for outcome in blinds:
            rows.blind(about, outcome)
        for verdict in looks:
            rows.again(about, verdict, "must_change")
        verdicts.update([reviews[-1][0]] if reviews else [])
        away = bool(reviews and blinds and blinds[-1] != proposed)
        differed += away
        anchored += away and reviews[-1][1] == proposed
        again += bool(looks)
    made = follow_up(connection, PERMIT, on=DAY)
    assert made.reviews == verdicts.total() == sum(bool(reviews) for _, reviews, _, _ in cases)
    assert {name: sum(getattr(one, name) for one in made.periods) for name in ("accepted", "changed", "rejected")} == {
        name: verdicts[name] for name in ("accepted", "changed", "rejected")
    }
    assert made.judged == sum(bool(blinds) for _, _, blinds, _ in cases)
    assert (made.anchored.k, made.anchored.n) == (anchored, differed) if made.anchored else differed == 0
    assert made.reconsidered == again


# ------------------------------------------------------------------------------------------------------------------ the public


def period(month: str, reviews: int) -> Period:
    return Period(version="1", month=month, reviews=reviews, accepted=reviews, judged=3, with_proposal=1)


def test_a_month_of_few_decisions_is_hidden_with_as_much_more_as_hides_it() -> None:
    made = Followup(system="loans", day="", periods=(period("2026-09", 40), period("2026-10", 12), period("2026-11", 4)))
    shown = for_public(made).periods
    assert [one.reviews for one in shown] == [40, None, None]
    assert shown[0].accepted == 40
    assert {one.judged for one in shown} == {None}  # of single months nothing is told of blind judgements


def test_shares_and_grounds_of_few_cases_are_not_told() -> None:
    made = Followup(
        system="loans",
        day="",
        reviews=9,
        overridden=Share(9, 3, 0.3333, 0.1, 0.6),
        anchored=Share(10, 5, 0.5, 0.2, 0.8),
        grounds=(Ground("must_change", 30, 3), Ground("correction", 2, 1)),
        reconsidered=32,
        reconsidered_changed=4,
    )
    public = for_public(made)
    assert public.overridden is None
    assert public.anchored == Share(10, 5, 0.5, 0.2, 0.8)
    assert public.grounds == (Ground("must_change", None, None), Ground("correction", None, None))
    assert (public.reconsidered, public.reconsidered_changed) == (32, 4)
    alone = for_public(msgspec.structs.replace(made, reconsidered=1, reconsidered_changed=1))
    assert (alone.reconsidered, alone.reconsidered_changed) == (1, None), "how it went for one person is told to nobody"


@given(cells=st.dictionaries(st.integers(0, 9), st.integers(0, 30), max_size=8))
def test_what_is_hidden_is_never_so_little_that_its_sum_tells_of_a_few(cells: dict[int, int]) -> None:
    hidden = few(cells)
    assert all(cells[key] >= 10 for key in cells if key not in hidden)
    assert not hidden or hidden == set(cells) or sum(cells[key] for key in hidden) >= 10


def test_one_new_decision_renews_nothing_that_is_shown_and_a_month_that_has_ended_does(rows: Rows) -> None:
    for _ in range(50):
        rows.review(rows.proposal("deny", month="2026-10"), "deny", "accepted", month="2026-10")
    before = in_steps(None, counted(rows), on=DAY)
    assert (before.reviews, for_public(before).overridden) == (50, Share(50, 0, 0.0, 0.0, 0.0713))
    about = rows.proposal("deny", blind=1)
    rows.blind(about, "grant")
    rows.review(about, "deny", "accepted")
    rows.again(about, "changed", "must_change")
    after = in_steps(before, counted(rows), on=DAY)
    assert msgspec.structs.replace(after, drawn=None) == msgspec.structs.replace(before, drawn=None)
    later = in_steps(before, counted(rows), on=date(2026, 12, 1))
    assert (later.reviews, later.judged, later.reconsidered) == (50, 0, 0), "one case is not shown when its month has ended either"
    for _ in range(9):
        rows.review(rows.proposal("deny"), "deny", "accepted")
    assert msgspec.structs.replace(in_steps(before, counted(rows), on=DAY), drawn=None) == msgspec.structs.replace(before, drawn=None)
    assert in_steps(before, counted(rows), on=date(2026, 12, 1)).reviews == 60


def test_a_judgement_counts_in_its_own_month_and_how_it_ended_in_the_month_of_the_decision(rows: Rows) -> None:
    about = rows.proposal("deny", blind=1, month="2026-10")
    rows.add("blind", "grant", about=about, kind="blind_judgement", month="2026-10")
    rows.review(about, "deny", "accepted", month="2026-11")
    rows.again(about, "accepted", "must_change")
    rows.add("reconsideration", "grant", about=about, kind="reconsideration", verdict="changed", basis="must_change", month="2026-12")
    made = counted(rows)
    assert [(one.month, one.judged, one.decided, one.anchored) for one in made.periods] == [("2026-10", 1, 0, 0), ("2026-11", 0, 1, 1)]
    assert made.looked == (Looked("2026-12", "", 1, 1), Looked("2026-12", "must_change", 1, 1))


def test_the_register_is_told_every_cell_in_a_folder_of_its_own(rows: Rows, tmp_path: Path) -> None:
    rows.review(rows.proposal("deny"), "deny", "accepted")
    made = follow_up(connect_read_only(tmp_path / EVIDENCE_FILE), PERMIT, on=DAY)
    folder = tmp_path / "followed"
    assert tell_followed(made, folder)
    assert not tell_followed(made, folder)
    assert folder.stat().st_mode & 0o077 == 0
    assert msgspec.json.decode((folder / "loans.json").read_bytes(), type=Followup) == made
