"""A small sound pack on disk that a test can spoil in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("steady")

FILES = {
    "pack.yaml": """\
id: little-law
title: {sv: Lilla lagen, en: The little law}
kind: law
status: in_force
coverage: whole
jurisdiction: SE
version: "1"
""",
    "instruments.yaml": """\
instruments:
  - id: act
    title: {sv: En lag, en: An act}
    number: "1:1"
    url: https://example.org/act
    status: in_force
""",
    "provisions.yaml": """\
provisions:
  - {id: act-1, instrument: act, path: 1 §, level: V, url: "https://example.org/act#1"}
  - {id: act-2, instrument: act, path: 2 §, level: K, url: "https://example.org/act#2"}
""",
    "facts.yaml": """\
facts:
  - id: it.harms
    type: tristate
    question: {sv: Skadar det?, en: Does it harm?}
    who: [system_owner]
  - id: it.kinds
    type: set
    question: {sv: Vilka slag?, en: Which kinds?}
    who: [system_owner]
    values:
      - {value: red, label: {sv: Röd, en: Red}}
      - {value: blue, label: {sv: Blå, en: Blue}}
  - id: it.since
    type: date
    question: {sv: Sedan när?, en: Since when?}
    who: [system_owner]
  - id: class.bad
    type: tristate
    question: {sv: Är det illa?, en: Is it bad?}
    derived: prohibited
""",
    "calendar.yaml": """\
calendar:
  - {id: first-day, day: 2020-01-01, basis: act-1}
  - {id: later-day, day: 2025-01-01, basis: act-1}
""",
    "rules/no-harm.yaml": """\
id: no-harm
title: {sv: Ingen skada, en: No harm}
concludes: {kind: prohibited, value: "1"}
when: {fact: it.harms, is: yes}
citations: [act-1]
history:
  - {status: applicable, at: first-day}
why: {sv: Det skadar., en: It harms.}
mend: {sv: Sluta., en: Stop.}
""",
    "cases/no-harm.yaml": """\
cases:
  - {name: it harms, facts: {it.harms: yes}, on: 2026-01-01, expect: yes}
  - {name: it does not, facts: {it.harms: no}, on: 2026-01-01, expect: no}
""",
}


class PackFiles:
    """Files of one pack; each change is one call."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        for path, text in files.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def swap(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))


@pytest.fixture
def little_law(tmp_path: Path) -> PackFiles:
    return PackFiles(tmp_path / "packs" / "little-law", FILES)


@pytest.fixture
def beside(tmp_path: Path) -> Callable[..., PackFiles]:
    """A policy pack beside the little law, with one rule; ``rule`` replaces its text."""

    def make(rule: str = POLICY_RULE, slug: str = "council-rule", name: str = "kommun/by") -> PackFiles:
        folder = tmp_path / "packs" / name
        return PackFiles(
            folder,
            {
                "pack.yaml": f"""\
id: {name}
title: {{sv: Bys policy, en: The policy of By}}
kind: policy
status: proposed
coverage: partial
jurisdiction: SE
version: "1"
uses: [little-law]
""",
                "instruments.yaml": FILES["instruments.yaml"].replace("in_force", "proposed"),
                "provisions.yaml": FILES["provisions.yaml"],
                f"rules/{slug}.yaml": rule,
            },
        )

    return make


POLICY_RULE = """\
id: council-rule
title: {sv: Fullmäktiges regel, en: The council's rule}
concludes: {kind: stop_rule, value: harm}
when: {fact: it.harms, is: yes}
citations: [act-1]
why: {sv: Vi vill inte., en: We do not want it.}
mend: {sv: Sluta., en: Stop.}
"""
