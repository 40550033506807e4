"""What a record of a kind may say: short, and as whole as the register demands."""

from __future__ import annotations

from typing import Any

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web.register.contents.questions import questions_of

RISK = {
    "cause": "Fel förslag",
    "group": "Sökande",
    "likelihood": "2",
    "consequence": "3",
    "measure": "En människa beslutar.",
    "remaining": "1",
    "owner": "Enhetschefen",
    "day": "2026-12-31",
}
_WEIGHED = {"benefit": "Snabbare", "remaining_risk": "Låg", "weighing": "Nyttan är större.", "risk_owner": "Nämnden"}


def assessed(kind: RecordKind) -> dict[str, Any]:
    """An assessment with an answer to every question of its kind."""
    return {"summary": "Bedömt.", "risks": [RISK], **_WEIGHED, **{question.id: "Genomgånget." for question in questions_of(kind)}}


ASSESSED = assessed(RecordKind.ASSESSMENT_DATA_PROTECTION)
VALIDATED = {
    "supplier_shows": "yes",
    "training_data": "Egna ärenden 2020–2024.",
    "left_out": "Ingen känd grupp.",
    "labelled_by": "Handläggarna.",
    "fitness": "Samma slags ärenden.",
    "limits": "80 %",
    "limits_set": "2026-09-01",
    "tested_on": "2026-10-01",
    "own_cases": "200",
    "accuracy": 91,
    "least_accuracy": 80,
    "groups": [{"group": "Kvinnor", "n": 100, "accuracy": 90, "limit": 80}, {"group": "Män", "n": 100, "accuracy": 92, "limit": 80}],
    "result": "91 %",
}
WITHSTOOD = {
    "tested_on": "2026-11-01",
    "attacks": [
        {"attack": attack, "tried": "Hundra gånger.", "outcome": "passed"}
        for attack in ("altered_inputs", "hidden_instructions", "poisoned_data", "data_extraction")
    ],
    "holds_through": "2027-11-01",
}
#: What a proposed use of data says, but for its fields.
DATA_USE = {
    "what_sv": "Föreslå beslut om lån.",
    "what_en": "Propose decisions on loans.",
    "source_sv": "Ansökan",
    "source_en": "The application",
    "manner_sv": "Lämnas av den sökande.",
    "manner_en": "Given by the applicant.",
    "legal_basis_sv": "Uppgift av allmänt intresse",
    "legal_basis_en": "Task in the public interest",
    "retention": "Fem år efter beslutet.",
}


def name_reviewers(system: Any, *, owner: Actor, reviewers: tuple[Actor, ...], through: str, client: Any) -> None:
    """A newer record of who reviews the system, with instruction and training through the day; in force when it returns."""
    from insyn.web.register.actions import supply_record
    from insyn.web.relay import relay_once

    told = {"reviewers": [one.person for one in reviewers], "instruction": "Läs allt."}
    told |= {"instruction_through": through, "training_through": through}
    supply_record(actor=owner, system=system, kind=RecordKind.HUMAN_OVERSIGHT, content={"summary": "Nya.", **told})
    relay_once(client)
