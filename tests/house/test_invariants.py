"""Each invariant of the design names the tests that hold it, and those tests exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "invariants.md"
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text(encoding="utf-8"))


def test_the_page_names_tests_for_every_invariant() -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [section.split(".", 1)[0] for section in sections] == [str(number) for number in range(1, 13)]
    assert [section.splitlines()[0] for section in sections if "`tests/" not in section and "Not built yet" not in section] == []


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_named_test_exists(file: str, name: str) -> None:
    path = ROOT / file
    assert path.is_file(), f"docs/reference/invariants.md names {file}"
    assert re.search(rf"^\s*(?:async )?def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE), f"{file} has no {name}"
