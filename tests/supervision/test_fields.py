"""Which names of groups and features the facts rows hold, and since when."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec

from insyn.evidence.schema import EVIDENCE_FILE, EVIDENCE_TABLES, connect, connect_read_only
from insyn.supervision.fields import fields_named, tell_register, write_fields

DAY = date(2026, 11, 21)


def store(folder: Path, *rows: tuple[str, str, dict[str, str], dict[str, str]]) -> Path:
    """A store with these facts rows: month, stage, groups, features."""
    write = connect(folder / EVIDENCE_FILE, tables=EVIDENCE_TABLES)
    for index, (month, stage, groups, features) in enumerate(rows):
        named = [msgspec.json.encode(one).decode() for one in (groups, features)]
        write.execute(
            "INSERT INTO fact_row VALUES (?, 0, ?, ?, 'loans', '1', ?, 'grant', NULL, ?, ?, '')", (index, f"f{index}", month, stage, *named)
        )
    write.close()
    return folder / EVIDENCE_FILE


def test_each_name_stands_with_the_last_month_in_which_a_decision_named_it(tmp_path: Path) -> None:
    path = store(
        tmp_path,
        ("2025-01", "proposal", {"sex": "female"}, {"income": "", "debts": ""}),
        ("2026-10", "proposal", {"sex": "male"}, {"income": ""}),
        ("2026-11", "historical", {"age": "65+"}, {}),  # a decision from before Insyn used nothing
        ("2027-01", "proposal", {"later": "x"}, {}),  # and what lies ahead has not happened
    )
    found = fields_named(connect_read_only(path), on=DAY)["loans"]
    assert found.last == {"sex": "2026-10", "income": "2026-10", "debts": "2025-01"}
    assert (found.rows, found.features) == (2, True)


def test_a_store_whose_facts_name_no_features_says_so(tmp_path: Path) -> None:
    found = fields_named(connect_read_only(store(tmp_path, ("2026-10", "proposal", {"sex": "male"}, {}))), on=DAY)["loans"]
    assert (found.features, found.last) == (False, {"sex": "2026-10"})
    assert "other" not in fields_named(connect_read_only(tmp_path / EVIDENCE_FILE), on=DAY)


def test_what_was_told_of_a_system_whose_decisions_were_erased_is_taken_back(tmp_path: Path) -> None:
    path = store(tmp_path, ("2026-10", "proposal", {"sex": "male"}, {}))
    folder = tmp_path / "fields"
    assert tell_register(connect_read_only(path), folder, systems=["loans", "other"], on=DAY) == 1
    assert tell_register(connect_read_only(path), folder, systems=["loans", "other"], on=DAY) == 0
    write = connect(path, tables=EVIDENCE_TABLES)
    write.execute("UPDATE fact_row SET erased = 1")
    write.close()
    assert tell_register(connect_read_only(path), folder, systems=["loans", "other"], on=DAY) == 1
    assert [file.name for file in folder.iterdir()] == ["loans.json"]
    assert json.loads((folder / "loans.json").read_text())["rows"] == 0


def test_what_is_written_for_the_register_is_whole_and_not_for_the_public(tmp_path: Path) -> None:
    found = fields_named(connect_read_only(store(tmp_path, ("2026-10", "proposal", {}, {"income": ""}))), on=DAY)["loans"]
    write_fields(tmp_path / "fields", found)
    assert (tmp_path / "fields").stat().st_mode & 0o077 == 0
    told = json.loads((tmp_path / "fields" / "loans.json").read_text(encoding="utf-8"))
    assert told == {"system": "loans", "day": "2026-11-21", "rows": 1, "features": True, "last": {"income": "2026-10"}}
