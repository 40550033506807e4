"""Part of step 4: do Lånestöd's explanations tell what its model does? Tested on its own decisions of this run, and filed by its owner."""

from __future__ import annotations

from dataclasses import replace

from demo.lindvalla import people
from demo.lindvalla.records import content_of
from demo.loans import words
from demo.loans.explained import background, write_decisions, write_lines
from demo.loans.model import outcome_of
from insyn.cli.fidelity import lines
from insyn.core.terms import RecordKind, Role
from insyn.sdk.fidelity import decision_of, examine, record_of

from .approving import case_of
from .context import Journey

CASE_NUMBER = "SBN 2026/232"


def run(journey: Journey) -> None:
    """Test the decisions that the loan program sent, and have the owner file what came out. Filed once; a second run shows what stands there."""
    from demo.register import acting, settle, system_of
    from insyn.web import clock
    from insyn.web.register.actions import supply_record

    system = system_of(words.SLUG)
    filed = system.records.filter(kind=RecordKind.FIDELITY_TEST).order_by("-pk").first()
    if filed is not None:
        journey.terminal.line(f"The test of Lånestöd's explanations stands in the register: grade {filed.content['grade']}.")
        return
    outcomes = [outcome_of(journey.model, application, notice=words.NOTICE) for application in journey.applications.live]
    report = examine([decision_of(outcome) for outcome in outcomes], journey.model.scores, background=background(journey.model))
    journey.terminal.line("Lånestöd's explanations, tested on its own decisions:")
    for line in lines(report):
        journey.terminal.line(line, 5)
    owner = acting(people.OWNER, Role.SYSTEM_OWNER)
    case = replace(case_of(journey), fidelity=record_of(report, tested_on=clock.today().isoformat()))
    supply_record(
        actor=owner,
        system=system,
        kind=RecordKind.FIDELITY_TEST,
        content=content_of(RecordKind.FIDELITY_TEST, case),
        version=words.VERSION,
        case_number=CASE_NUMBER,
    )
    settle()
    folder = journey.home.root / "fidelity"
    folder.mkdir(exist_ok=True, mode=0o700)
    write_decisions(folder / "decisions.jsonl", outcomes)
    write_lines(folder / "background.jsonl", background(journey.model))
    journey.terminal.line(f"{owner.name} files it for version {words.VERSION}; it stands on the public page. Test it yourself:")
    files = f"{folder / 'decisions.jsonl'} --background {folder / 'background.jsonl'}"
    journey.terminal.line(f"insyn fidelity {files} --predict demo.loans.explained:scores", 5)
