"""What Lånestöd's version was tested against, and what its people were told and taught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from insyn.core.terms import RecordKind

#: So many days from today (or before it), as 2026-01-31.
Days = Callable[[int], str]


def _attack(attack: str, tried: str, outcome: str, found: str) -> dict[str, str]:
    return {"attack": attack, "tried": tried, "outcome": outcome, "found": found}


def robustness(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    return {
        "summary": "Varje uppgift ändrades en i taget till sitt minsta och största värde. Ingen enskild felskrivning gav ett förslag utan spår i "
        "faktorerna.",
        "tested_on": earlier(5),
        "attacks": [
            _attack("altered_inputs", "Nio uppgifter, minsta och största värde var för sig.", "passed", "Varje ändring syns i faktorerna."),
            _attack("hidden_instructions", "Prövades inte.", "not_applicable", "Modellen läser ingen fritext och inga dokument."),
            _attack(
                "poisoned_data", "En av tjugo träningsansökningar fick fel facit.", "passed", "Förslagen ändrades i färre än tre av hundra."
            ),
            _attack("data_extraction", "Tusen anrop med nära lika ansökningar.", "passed", "Ingen enskild ansökan gick att återskapa."),
        ],
        "holds_through": later(300),
    }


def instruction(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    return {
        "summary": "Bruksanvisning för version 1.0. Följs upp i varje kvartals stickprov.",
        "instructions": [
            {
                "role": "case_officer",
                "instruction": "Läs ansökan först, se sedan förslaget, skriv egna skäl.",
                "holds_through": later(365),
            },
            {"role": "stop_holder", "instruction": "Stoppa först, fråga sedan. Ring enhetschefen.", "holds_through": later(365)},
        ],
    }


def training(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    taught = "Hur modellen räknar, var den har fel, hur man går emot den och hur man stoppar den."
    return {
        "summary": "Två halvdagar för alla handläggare.",
        "trainings": [{"role": "case_officer", "taught": taught, "given_by": "Kommunens AI-samordnare", "holds_through": later(365)}],
    }


def competence(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    return {
        "summary": "Leder arbetet med att stoppa och starta om.",
        "person": person,
        "competence": "Har gått kommunens utbildning om AI-förordningen och prövat tre system tillsammans med samordnaren.",
        "given_by": "Kommunens AI-samordnare",
        "holds_through": later(365),
    }


def continuity_plan(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    return {
        "summary": "Utan systemet, leverantören, nätet eller Insyn prövas ansökningar på blankett.",
        "without_ai": "Handläggaren prövar själv, på samma blankett. 25 ansökningar om dagen på fyra handläggare.",
        "without_supplier": "Modellen är kommunens egen och körs vidare. Kreditupplysning begärs per telefon.",
        "without_network": "Blanketter i pärm på kontoret. Beslut skrivs för hand och sparas i kassaskåpet.",
        "without_insyn": "Inga anrop besvaras. Ansökningar prövas på blankett tills Insyn svarar igen.",
        "entered_afterwards": "Registratorn för in varje beslut med den dag och tid då det fattades, och blanketten som bilaga.",
    }


def continuity_exercise(later: Days, earlier: Days, person: str) -> dict[str, Any]:
    results = {
        "without_ai": "25 ansökningar på en dag.",
        "without_supplier": "Kreditupplysning per telefon tog tolv minuter var.",
        "without_network": "Elva ansökningar. Blanketterna i pärmen var av fjolårets version och är utbytta.",
        "without_insyn": "Inget anrop besvarades, och alla visste vad de skulle göra.",
    }
    return {
        "summary": "Övat på fyra dagar: ansökningar prövades på blankett.",
        "tries": [{"level": level, "day": earlier(40), "held": "yes", "result": result} for level, result in results.items()],
        "entered_afterwards": "36 beslut fördes in i efterhand med sin verkliga tid. Två hade fel dag och rättades.",
    }


EXAMINED: Mapping[RecordKind, Callable[[Days, Days, str], dict[str, Any]]] = {
    RecordKind.ROBUSTNESS_TEST: robustness,
    RecordKind.INSTRUCTION: instruction,
    RecordKind.TRAINING: training,
    RecordKind.COMPETENCE: competence,
    RecordKind.CONTINUITY_PLAN: continuity_plan,
    RecordKind.CONTINUITY_EXERCISE: continuity_exercise,
}
