"""Anybody can check from the public entries that a stop held."""

from __future__ import annotations

import pytest

from insyn.core.entries import EntryKind, encode_entry
from insyn.core.stop_rule import StopRule


def run(*entries: tuple[EntryKind, str] | tuple[EntryKind, str, int]) -> StopRule:
    rule = StopRule()
    for index, (kind, system, *rest) in enumerate(entries):
        rule.observe(index, encode_entry({"kind": kind, "system": system, **({"at": rest[0]} if rest else {})}))
    return rule


def test_a_stop_that_held_leaves_nothing_to_say() -> None:
    rule = run(
        (EntryKind.DECISION, "a"),
        (EntryKind.STOP, "a"),
        (EntryKind.REFUSAL, "a"),
        (EntryKind.DECISION, "b"),
        (EntryKind.RESUME, "a", 1),
        (EntryKind.DECISION, "a"),
    )
    assert rule.violations == []
    assert (rule.stops, rule.resumes, rule.stopped) == (1, 1, {})


@pytest.mark.parametrize("kind", [EntryKind.CLEARANCE, EntryKind.DECISION, EntryKind.RELEASE])
def test_a_decision_after_the_stop_is_named(kind: EntryKind) -> None:
    rule = run((EntryKind.STOP, "a"), (kind, "a"))
    assert [violation.index for violation in rule.violations] == [1]


def test_a_late_resume_does_not_lift_a_newer_stop() -> None:
    rule = run((EntryKind.STOP, "a"), (EntryKind.STOP, "a"), (EntryKind.RESUME, "a", 0), (EntryKind.DECISION, "a"))
    assert [violation.index for violation in rule.violations] == [2, 3]
    assert rule.stopped == {"a": 1}


def test_a_permit_never_lifts_a_stop() -> None:
    assert [v.index for v in run((EntryKind.STOP, "a"), (EntryKind.PERMIT, "a"), (EntryKind.DECISION, "a")).violations] == [2]


def test_a_resume_of_what_was_not_stopped_is_named() -> None:
    assert len(run((EntryKind.RESUME, "a", 0)).violations) == 1


def test_bytes_that_are_no_entry_are_named() -> None:
    rule = StopRule()
    rule.observe(0, b"gossip")
    assert [violation.index for violation in rule.violations] == [0]
