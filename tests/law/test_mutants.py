"""Every condition of every shipped rule is held by a worked case: changed in any simple way, some case notices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from insyn.law.loader import load_packs
from insyn.law.mutants import mutants, survivors

ROOT = Path(__file__).resolve().parents[2]


def test_no_change_of_a_condition_goes_unnoticed_in_the_shipped_packs() -> None:
    packs = load_packs(ROOT / "packs", ROOT / "demo" / "packs")
    assert [(mutant.rule.id, mutant.change) for mutant in survivors(packs)] == []
    assert sum(1 for pack in packs for rule in pack.rules.values() for _ in mutants(rule, pack, packs)) > 1000


def test_a_condition_that_no_case_tries_is_told(little_law: Any) -> None:
    assert survivors(load_packs(little_law.folder.parent)) == ()
    little_law.swap("rules/no-harm.yaml", "{fact: it.harms, is: yes}", "{all: [{fact: it.harms, is: yes}, {fact: it.kinds, has: red}]}")
    little_law.write(
        "cases/no-harm.yaml",
        """\
cases:
  - {name: it harms, facts: {it.harms: yes, it.kinds: [red]}, on: 2026-01-01, expect: yes}
  - {name: it does not, facts: {it.harms: no, it.kinds: [red]}, on: 2026-01-01, expect: no}
""",
    )
    assert [mutant.change for mutant in survivors(load_packs(little_law.folder.parent))] == ["without it.kinds has red"]


def test_an_exception_left_out_is_a_change(little_law: Any) -> None:
    exception = """\
exceptions:
  - {id: red-ones, title: {sv: Röda, en: Red}, when: {fact: it.kinds, has: red}, citations: [act-1]}
why:"""
    little_law.swap("rules/no-harm.yaml", "why:", exception)
    changes = {mutant.change for mutant in survivors(load_packs(little_law.folder.parent))}
    assert "without the exception red-ones" in changes
