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


def read(*entries: dict[str, object]) -> StopRule:
    rule = StopRule()
    for index, fields in enumerate(entries):
        rule.observe(index, encode_entry(fields))
    return rule


def stop(**fields: object) -> dict[str, object]:
    return {"kind": "stop", **fields}


def decision(system: str, version: str = "1", purpose: str = "p") -> dict[str, object]:
    return {"kind": "decision", "system": system, **{name: text for name, text in (("version", version), ("purpose", purpose)) if text}}


def broken(*entries: dict[str, object]) -> list[int]:
    return [violation.index for violation in read(*entries).violations]


def test_a_stop_of_a_version_covers_that_version_and_what_says_none() -> None:
    first = stop(scope="version", system="a", version="1")
    assert broken(first, decision("a", "2"), decision("b"), decision("a", ""), decision("a", "1"), decision("a", "11")) == [3, 4]


def test_a_stop_of_a_purpose_covers_that_purpose_and_what_says_none() -> None:
    first = stop(scope="purpose", system="a", purpose="p")
    assert broken(first, decision("a", purpose="q"), decision("a", purpose=""), decision("a"), decision("ab", purpose="p")) == [2, 3]


def test_a_stop_of_everything_covers_systems_that_nobody_had_heard_of() -> None:
    entries = (stop(scope="everything"), decision("new"), {"kind": "resume", "system": "new", "at": 0}, decision("new"))
    assert broken(*entries) == [1, 2, 3]
    assert broken(stop(scope="everything"), {"kind": "resume", "scope": "everything", "at": 0}, decision("new")) == []


def test_a_stop_of_a_supplier_covers_whom_its_entries_name_and_whose_permit_does() -> None:
    permit = {"kind": "permit", "system": "b", "supplier": "s-1,s-2"}
    order, cover = stop(scope="supplier", supplier="s-1", rid="r"), stop(scope="supplier", supplier="s-1", system="a", about="r")
    assert broken(permit, order, cover, decision("a"), decision("b"), decision("c")) == [3, 4]
    resume = {"kind": "resume", "scope": "supplier", "supplier": "s-1", "at": 1}
    assert broken(permit, order, cover, resume, decision("a"), decision("b")) == []


def test_a_permit_that_forgets_the_supplier_does_not_free_a_system_that_is_held() -> None:
    order, cover = stop(scope="supplier", supplier="s", rid="r"), stop(scope="supplier", supplier="s", system="a", about="r")
    assert broken(order, cover, {"kind": "permit", "system": "a"}, decision("a")) == [3]


def test_a_system_held_by_no_stop_that_stands_is_named() -> None:
    assert broken(stop(scope="supplier", supplier="s", system="a", about="nothing")) == [0]


def test_a_resume_of_one_thing_does_not_lift_another_at_the_same_index() -> None:
    entries = (stop(scope="version", system="a", version="1"), {"kind": "resume", "system": "a", "at": 0}, decision("a"))
    rule = read(*entries)
    assert [violation.index for violation in rule.violations] == [1, 2]
    assert rule.stopped == {"a version 1": 0}


@pytest.mark.parametrize("kind", ["stop", "resume"])
@pytest.mark.parametrize("fields", [{"scope": "planet"}, {"scope": "version", "system": "a"}, {"scope": "supplier"}, {}])
def test_a_stop_or_resume_that_does_not_say_of_what_is_named(kind: str, fields: dict[str, object]) -> None:
    assert broken({"kind": kind, **fields}) == [0]
