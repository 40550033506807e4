"""Figures counted by hand, from rows in the store's own tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import apsw
import msgspec
import pytest

from insyn.core.entries import encode_entry
from insyn.evidence.schema import EVIDENCE_FILE, EVIDENCE_TABLES, connect, connect_read_only
from insyn.supervision.figures import NOT_DECLARED, Counts, Figures, GroupFigures, OutcomeCount, make_figures
from insyn.supervision.publishing import figures, publish_figures, read_figures

DAY = date(2026, 11, 21)


class Rows:
    """Writes facts and entries as the store would, and reads them back through a read-only connection."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write = connect(folder / EVIDENCE_FILE, tables=EVIDENCE_TABLES)
        self.next = 0

    def entry(self, kind: str, system: str = "loans") -> int:
        index, self.next = self.next, self.next + 1
        self.write.execute("INSERT INTO entry VALUES (?, ?, ?)", (index, encode_entry({"kind": kind, "system": system}), b""))
        return index

    def fact(self, stage: str, outcome: str, *, groups: dict[str, str] | None = None, about: str = "", system: str = "loans") -> str:
        index = self.entry("decision", system)
        row = (index, 0, f"f{index}", "2026-11", system, "1", stage, outcome, None, msgspec.json.encode(groups or {}).decode(), "{}", about)
        self.write.execute("INSERT INTO fact_row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return f"f{index}"

    def facts(self, stage: str, outcomes: Iterable[tuple[str, int]], groups: dict[str, str]) -> list[str]:
        return [self.fact(stage, outcome, groups=groups) for outcome, count in outcomes for _ in range(count)]

    def read(self) -> apsw.Connection:
        return connect_read_only(self.folder / EVIDENCE_FILE)

    def figures(self, system: str = "loans") -> Figures:
        return figures(self.read(), system=system, favourable="grant", on=DAY)


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(tmp_path)


def group(made: Figures, dimension: str, value: str) -> GroupFigures:
    return next(one for one in made.groups if (one.group, one.value) == (dimension, value))


def test_rates_by_group_are_the_share_of_the_favourable_outcome(rows: Rows) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    rows.facts("proposal", [("grant", 30), ("deny", 10)], {"sex": "male"})
    made = rows.figures()
    assert made.proposals == 60
    female = group(made, "sex", "female")
    assert (female.n, female.rate, female.low, female.high) == (20, 0.75, 0.5313, 0.8881)
    assert group(made, "sex", "male").rate == 0.75
    assert not female.suppressed


def test_decisions_before_insyn_stand_beside_the_proposals_and_are_never_reviews(rows: Rows) -> None:
    proposals = rows.facts("proposal", [("grant", 12), ("deny", 8)], {"sex": "female"})
    for number, about in enumerate(proposals[:16]):
        rows.fact("historical", "grant" if number < 9 else "deny", groups={"sex": "female"}, about=about)
    made = rows.figures()
    assert (made.proposals, made.historical, made.reviews) == (20, 16, 0)
    female = group(made, "sex", "female")
    assert (female.historical_n, female.historical_rate) == (16, 0.5625)
    assert made.agreement is not None
    assert (made.agreement.n, made.agreement.same) == (16, 13)  # nine grants on grants; of seven denials four are on denials


def test_reviews_are_not_counted_as_decisions_from_before_insyn(rows: Rows) -> None:
    proposals = rows.facts("proposal", [("grant", 12), ("deny", 8)], {})
    for about in proposals[:15]:
        rows.fact("review", "grant", about=about)
    made = rows.figures()
    assert (made.reviews, made.historical, made.agreement) == (15, 0, None)


def test_a_share_without_cases_is_undefined(rows: Rows) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    made = rows.figures()
    female = group(made, "sex", "female")
    assert (female.historical_n, female.historical_rate, female.historical_low, female.historical_suppressed) == (0, None, None, False)
    assert made.agreement is None


def test_a_small_group_and_the_next_smallest_are_hidden_whole(rows: Rows) -> None:
    rows.facts("proposal", [("grant", 5)], {"sex": "missing"})
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    rows.facts("proposal", [("grant", 30), ("deny", 10)], {"sex": "male"})
    made = rows.figures()
    missing, female = group(made, "sex", "missing"), group(made, "sex", "female")
    assert (missing.n, missing.rate, missing.low, missing.high, missing.why) == (None, None, None, None, "few")
    assert (female.n, female.rate, female.why) == (None, None, "subtraction")
    assert group(made, "sex", "male").n == 40


def test_cases_without_the_group_are_counted_so_that_nothing_can_be_subtracted(rows: Rows) -> None:
    rows.facts("proposal", [("grant", 20), ("deny", 5)], {"sex": "female"})
    rows.facts("proposal", [("grant", 20), ("deny", 5)], {"sex": "male"})
    rows.facts("proposal", [("deny", 2)], {"age": "old"})
    made = rows.figures()
    assert group(made, "sex", NOT_DECLARED).why == "few"
    assert [one.value for one in made.groups if one.group == "sex" and one.suppressed] == ["female", NOT_DECLARED]


def test_refused_waiting_reviewed_and_unused_are_counted_for_this_system_only(rows: Rows) -> None:
    proposal = rows.fact("proposal", "grant")
    rows.fact("review", "deny", about=proposal)
    for system in ("loans", "loans", "other"):
        rows.entry("refusal", system)
        rows.entry("not_used", system)
    rows.write.execute("INSERT INTO waiting VALUES ('loans', 0), ('other', 1)")
    rows.fact("proposal", "grant", system="other")
    made = rows.figures()
    assert (made.proposals, made.refused, made.waiting, made.reviews, made.not_used) == (1, 2, 1, 1, 2)
    assert made.log_size == rows.next


def test_an_erased_fact_is_gone_from_the_figures(rows: Rows) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    rows.write.execute("UPDATE fact_row SET erased = 1 WHERE idx = 0")
    assert rows.figures().proposals == 19


def test_without_a_favourable_outcome_there_are_no_shares() -> None:
    counts = Counts(proposals=(OutcomeCount("a", {"sex": "female"}, 50), OutcomeCount("b", {"sex": "female"}, 50)))
    assert make_figures(counts, system="s", favourable="", on=DAY).groups == ()


def test_an_empty_store_gives_zeros_and_no_shares(rows: Rows) -> None:
    made = rows.figures()
    assert (made.proposals, made.agreement, made.groups, made.generated_day) == (0, None, (), "2026-11-21")


def publish(rows: Rows, folder: Path) -> Figures:
    return publish_figures(figures(rows.read(), system="loans", favourable="grant", on=DAY), folder)


def test_the_public_file_holds_what_was_computed(rows: Rows, tmp_path: Path) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    made = publish(rows, tmp_path / "figures")
    assert read_figures(tmp_path / "figures", "loans") == made
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["loans.json"]


def test_one_new_case_renews_the_totals_but_not_the_shares(rows: Rows, tmp_path: Path) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    publish(rows, tmp_path)
    rows.fact("proposal", "deny", groups={"sex": "female"})
    made = publish(rows, tmp_path)
    assert made.proposals == 21
    assert (group(made, "sex", "female").n, made.groups_proposals) == (20, 20)


def test_ten_new_cases_renew_the_shares(rows: Rows, tmp_path: Path) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    publish(rows, tmp_path)
    rows.facts("proposal", [("grant", 10)], {"sex": "female"})
    made = publish(rows, tmp_path)
    assert (group(made, "sex", "female").n, made.groups_proposals) == (30, 30)


def test_one_new_historical_decision_keeps_ten_new_proposals_waiting(rows: Rows, tmp_path: Path) -> None:
    rows.facts("proposal", [("grant", 15), ("deny", 5)], {"sex": "female"})
    publish(rows, tmp_path)
    rows.facts("proposal", [("grant", 10)], {"sex": "female"})
    rows.fact("historical", "grant", groups={"sex": "female"})
    assert group(publish(rows, tmp_path), "sex", "female").n == 20


def test_a_figures_file_that_cannot_be_read_is_made_anew(rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "loans.json").write_text("{")
    assert publish(rows, tmp_path).proposals == 0
