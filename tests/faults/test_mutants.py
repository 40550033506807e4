"""Five broken programs, and each is caught. A suite that lets one of them pass would let our own mistake pass."""

from __future__ import annotations

import pytest

from tests.faults.__main__ import HUNTS, one_run
from tests.faults.kinds import HUNTED, KINDS
from tests.faults.mutants import BUILT
from tests.faults.run import ROOT

#: What it is caught by: the words with which at least one violation begins.
CAUGHT_BY = {
    "check_before_append": "insyn verify --stops: entry",
    "answer_before_flush": "lost: entry",
    "cached_flag": "insyn verify --stops: entry",
    "two_file_commit": "insyn check: payload",
    "late_resume": "Violation: a resume of the first stop was accepted after the second",
}


def test_every_mutant_is_hunted() -> None:
    assert set(BUILT) == set(HUNTED) == set(CAUGHT_BY)


def test_the_document_names_every_fault_and_every_mutant() -> None:
    text = (ROOT / "docs" / "reference" / "faults.md").read_text(encoding="utf-8")
    assert [name for name in (*KINDS, *BUILT) if f"`{name}`" not in text] == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mutant", sorted(BUILT))
def test_a_broken_program_is_caught(mutant: str) -> None:
    found = []
    for seed in range(HUNTS):
        result = one_run(seed, None, mutant)
        found += result.violations
        if any(violation.startswith(CAUGHT_BY[mutant]) for violation in found):
            return
    raise AssertionError(f"{mutant} was not caught in {HUNTS} runs: {found}")
