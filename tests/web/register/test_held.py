"""A system about employees is not shown to anybody else before the negotiation about it is closed: the permit says so to the sequencer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from insyn.core.messages import Actor, Denied, Factor, Open, Opened, Outcome
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, RecordKind, Role
from insyn.web.register import texts
from insyn.web.register.actions import answer_facts, apply_packs, decide_use, withdraw_record
from insyn.web.register.issuing import issued
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db
SHIPPED = Path(__file__).parents[1] / "packs"
QUESTION = """
  - id: aia.uses
    type: set
    question: {sv: Till vad?, en: For what?}
    who: [system_owner]
    values:
      - {value: work_management, label: {sv: Arbetsledning, en: Management of work}}
      - {value: credit_score, label: {sv: Kreditvärdighet, en: Creditworthiness}}
"""


@pytest.fixture
def asked(system: System, settings: Any, tmp_path: Path, person: Callable[..., Actor]) -> System:
    """A system under a law that also asks what it is used for."""
    folder = tmp_path / "packs"
    shutil.copytree(SHIPPED, folder)
    facts, version = folder / "test-law" / "facts.yaml", folder / "test-law" / "pack.yaml"
    facts.write_text(facts.read_text() + QUESTION.lstrip("\n"))
    version.write_text(version.read_text().replace("2026.1.1", "2026.2.0"))
    settings.INSYN_PACKS = (folder,)
    installed = texts.folders().get("test-law")
    assert installed is not None
    apply_packs(actor=person(Role.AI_COORDINATOR), changed={"test-law": installed.digest}, why="Läst och prövat.")
    return System.objects.get(pk=system.pk)


def use_for(system: System, owner: Actor, *uses: str) -> None:
    answer_facts(actor=owner, system=System.objects.get(pk=system.pk), answers={"aia.uses": list(uses)})


def test_results_about_employees_are_held_until_the_negotiation_is_closed(asked: System, owner: Actor, meet_gates: Any) -> None:
    assert not issued(asked).held
    use_for(asked, owner, "work_management")
    assert issued(asked).held
    meet_gates(asked, leave_out=("mbl_section_11",))
    assert issued(asked).held
    meet_gates(asked)
    assert not issued(asked).held


def test_results_about_residents_are_never_held(asked: System, owner: Actor) -> None:
    use_for(asked, owner, "credit_score")
    assert not issued(asked).held


def test_when_the_negotiation_falls_the_sequencer_shows_nobody_but_the_person_what_was_said(
    sequencer: Any, asked: System, owner: Actor, member: Actor, meet_gates: Any, guard: Any
) -> None:
    use_for(asked, owner, "work_management")
    meet_gates(asked)
    decide_use(actor=member, system=System.objects.get(pk=asked.pk), versions=["1.0"], case_number="KS 2026/1")
    factors = (Factor("shifts", 3, 0.5),)
    said = Outcome(outcome="early", payload={"shifts": 3}, case="PA-1", score=0.5, factors=factors, notice="At the meeting.")
    rid = guard(System.objects.get(pk=asked.pk)).decide(said).receipt.rid

    def opened(purpose: str) -> Any:
        ask = Open(id=0, rid=rid, groups=(DisclosureGroup.OUTPUT,), actor=owner, purpose=purpose)
        return sequencer.client().ask_new(lambda number: msgspec.structs.replace(ask, id=number))

    assert isinstance(opened("review"), Opened)
    negotiated = Record.objects.get(system=asked, kind=RecordKind.MBL_SECTION_11, withdrawn_on=None)
    withdraw_record(actor=owner, system=System.objects.get(pk=asked.pk), record=negotiated, why="Protokollet gällde ett annat system.")
    answer = opened("review")
    assert isinstance(answer, Denied), "at once, before any relay"
    assert answer.refusal.code is RefusalCode.EMPLOYEE_RESULTS_HELD
    assert isinstance(opened("own_case"), Opened)
