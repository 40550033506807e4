"""What Lindvalla's offices wrote about Lånestöd and about the load test, one record of each kind that a gate may ask for.

The texts are invented; the figures of the validation are not, they are computed when the demonstration runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from demo.lindvalla.assessments import ASSESSMENTS, assessment_of, exercise_assessment
from demo.lindvalla.examined import EXAMINED
from demo.loans.validation import Check, Limits, Part
from demo.loans.words import GROUPS
from insyn.core.terms import RecordKind


@dataclass(frozen=True)
class Case:
    """The facts that the records name: the day, ids of persons in the register, and the figures of the validation and of the test of the explanations."""

    today: date
    stop_holder: str
    reviewers: tuple[str, ...]
    validation: dict[str, Any]
    fidelity: Mapping[str, Any] = field(default_factory=dict)

    def later(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def earlier(self, days: int) -> str:
        return (self.today - timedelta(days=days)).isoformat()


_SUMMARIES = {
    RecordKind.CLASSIFICATION: "Bedömer kreditvärdighet för fysiska personer: hög risk enligt AI-förordningens bilaga III punkt 5 b.",
    RecordKind.DATA_USE: "Uppgifter ur ansökan och kreditupplysning får användas för förslag vid prövning av bostadslån, och bara för det.",
    RecordKind.NOTICE: "Blanketten och beslutsbrevet säger att ett AI-system lämnar förslag, att en människa beslutar och hur man ber om en ny prövning.",
    RecordKind.RETENTION_DECISION: "Förslag, faktorer och granskningar gallras fem år efter beslutet enligt nämndens gallringsbeslut; register och logg bevaras.",
    RecordKind.PROVIDER_DOCUMENTATION: "Kommunen har byggt systemet: teknisk dokumentation, bruksanvisning och försäkran om överensstämmelse för version 1.0.",
    RecordKind.WORKERS_INFORMED: "Alla handläggare och deras fackliga företrädare är informerade om att systemet används, till vad och hur det stoppas.",
    RecordKind.EU_REGISTRATION: "Systemet är anmält för registrering av kommunen som leverantör; nämndens användning anmäls med adressen till den posten.",
    RecordKind.DEVIATION: "Ingen avvikelse från policyns principer.",
    RecordKind.PROCUREMENT_REQUIREMENTS: "Inget är upphandlat: kommunen har byggt systemet.",
    RecordKind.NOT_HIGH_RISK_DOCUMENTATION: "Systemet är av hög risk och behandlas så.",
    RecordKind.BIAS_PROCESSING: "Inga känsliga personuppgifter används för att söka efter snedvridning.",
    RecordKind.ACCESSIBILITY_TEST: "Systemet har ingen egen sida; granskningssidan och brevet är prövade med skärmläsare och tangentbord.",
    RecordKind.SECRECY_ASSESSMENT: "Ingen utanför kommunen når uppgifterna.",
    RecordKind.CAMERA_ASSESSMENT: "Ingen kamera används.",
    RecordKind.DPO_OPINION: "Dataskyddsombudet har läst konsekvensbedömningen och har inga invändningar mot att systemet används med de villkor som står där.",
}


def content_of(kind: RecordKind, case: Case) -> dict[str, Any]:
    """The content of Lånestöd's record of a kind."""
    if kind in ASSESSMENTS:
        return assessment_of(kind, case.later)
    if kind in EXAMINED:
        return EXAMINED[kind](case.later, case.earlier, case.stop_holder)
    if kind in _SUMMARIES:
        return {"summary": _SUMMARIES[kind]}
    return _DATED[kind](case)


def _mbl(case: Case) -> dict[str, Any]:
    return {
        "summary": "Förhandling enligt 11 § MBL innan beslutet om utveckling.",
        "section": "11",
        "union": "Akademikerförbundet Lindvalla, Vision Lindvalla",
        "invited": case.earlier(40),
        "minutes": "Parterna enades om att ansökan visas före förslaget och om att ingen följs upp på hur ofta hon går emot systemet.",
        "outcome": "disagreement",
        "end": "union",
        "closed": case.earlier(20),
    }


def _round(case: Case) -> dict[str, Any]:
    return {
        "summary": "Tolv sökande och två intresseföreningar läste brevet och faktorerna. Tre formuleringar ändrades efter deras synpunkter.",
        "round": "vad-ska-sta-i-brevet-om-bostadslan",
        "groups": "De som har sökt bostadslån, och föreningar för boende och skuldsatta",
        "opened": case.earlier(60),
        "closed": case.earlier(30),
        "received": 4,
        "shown": 4,
        "taken": 2,
        "partly": 1,
        "not_taken": 1,
        "for_evaluation": "no",
        "changed": "Tre formuleringar i brevet ändrades.",
    }


def _oversight(case: Case) -> dict[str, Any]:
    return {
        "summary": "Två handläggare är utsedda att granska och besluta.",
        "reviewers": list(case.reviewers),
        "instruction": "Läs materialet före förslaget. Gå emot förslaget när en faktor inte stämmer med ansökan. Skriv egna skäl.",
        "instruction_through": case.later(365),
        "training_through": case.later(365),
    }


def _validation(case: Case) -> dict[str, Any]:
    days = {"limits_set": case.earlier(30), "tested_on": case.earlier(0)}
    return {"summary": "Prövad på ansökningar som modellen inte hade sett, per grupp.", **days, **case.validation}


def _needs_analysis(case: Case) -> dict[str, Any]:
    return {
        "summary": "Prövning av bostadslån tar i dag 40 minuter. Fler handläggare, enklare regler och AI vägdes; beslutsstöd med människa valdes.",
        "focus_area": "efficient",
        "alternatives": [
            {
                "kind": "nothing",
                "name": "Som i dag",
                "benefit": "Ingen omställning.",
                "cost": "Ingen ny kostnad.",
                "risk": "Väntan på besked blir längre när ansökningarna ökar.",
                "people": "Sökande väntar 22 dagar.",
                "work_environment": "Mycket räknande och tidspress.",
            },
            {
                "kind": "traditional",
                "name": "En handläggare till och enklare blankett",
                "benefit": "Besked efter omkring 15 dagar.",
                "cost": "En tjänst om året.",
                "risk": "Svårt att rekrytera.",
                "people": "Alla prövas som i dag, snabbare.",
                "work_environment": "Mindre tidspress.",
            },
            {
                "kind": "ai",
                "name": "Beslutsstöd med människa",
                "benefit": "Besked efter omkring 10 dagar, och skälen visas i siffror.",
                "cost": "Utveckling och uppföljning, ungefär en halv tjänst om året.",
                "risk": "Att gamla mönster upprepas och att förslaget följs utan prövning.",
                "people": "Varje sökande får skälen och kan begära att en människa ser på nytt.",
                "work_environment": "Mindre räknande, mer prövning; kunskapen att pröva utan stöd måste hållas vid liv.",
            },
        ],
        "chosen": "Beslutsstöd med människa",
        "reasons": "Störst nytta för de sökande, om en människa alltid beslutar och utfallet följs per grupp.",
        "measure": "Dagar från ansökan till besked, median",
        "expected": "Från 22 till 10 dagar",
        "expected_by": case.later(365),
    }


def _sourcing_choice(case: Case) -> dict[str, Any]:
    return {
        "summary": "Egen modell: få uppgifter, full insyn och ingen leverantör som lär sig av kommunens ärenden.",
        "criteria": [
            {
                "criterion": "Hur unik användningen är",
                "build": "Nämndens egna regler",
                "build_together": "Få kommuner ger bostadslån",
                "buy": "Byggt för banker",
            },
            {
                "criterion": "Tillgång till uppgifter och hur känsliga de är",
                "build": "Stannar i kommunen",
                "build_together": "Måste delas",
                "buy": "Lämnas till leverantören",
            },
            {
                "criterion": "Insyn i hur modellen räknar",
                "build": "Full",
                "build_together": "Full",
                "buy": "Bara det leverantören visar",
            },
        ],
        "chosen": "build",
        "reasons": "Modellen är liten, uppgifterna få, och varje faktor ska kunna visas för den sökande.",
    }


_DATED: Mapping[RecordKind, Callable[[Case], dict[str, Any]]] = {
    RecordKind.NEEDS_ANALYSIS: _needs_analysis,
    RecordKind.SOURCING_CHOICE: _sourcing_choice,
    RecordKind.MBL_SECTION_11: _mbl,
    RecordKind.PARTICIPATION_ROUND: _round,
    RecordKind.HUMAN_OVERSIGHT: _oversight,
    RecordKind.VALIDATION: _validation,
    RecordKind.STOP_MANDATE: lambda case: {
        "summary": "Får stoppa systemet utan att fråga någon.",
        "person": case.stop_holder,
        "last_day": case.later(365),
    },
    RecordKind.EVALUATION_PLAN: lambda case: {"summary": "Utvärderas varje halvår, per grupp.", "due": case.later(180)},
    RecordKind.EVALUATION: lambda case: {
        "summary": "Första utvärderingen.",
        "result": "Se valideringen.",
        "outcome": "continue",
        "benefit": "Besked efter nio dagar i stället för tjugotvå. Väntat var tio.",
        "participation": "Tolv sökande läste brevet på nytt och två intresseföreningar svarade skriftligt.",
        "next_due": case.later(180),
    },
    RecordKind.FIDELITY_TEST: lambda case: {
        "summary": "Förklaringarna är prövade på systemets egna beslut: det som vägde mest togs bort, och poängen räknades om.",
        **case.fidelity,
    },
    RecordKind.BENEFIT_REALISED: lambda case: {
        "summary": "Följs upp efter det första halvåret.",
        "measure": "Dagar från ansökan till besked, median",
        "expected": "10 dagar",
        "realised": "9 dagar",
        "measured_on": case.earlier(1),
    },
    RecordKind.DELEGATION: lambda case: {
        "summary": "Inga beslut fattas automatiskt. Nämndens delegationsordning gäller handläggarna som förut.",
        "item": "4.12",
        "matter_types": "Inga",
        "scope": "Ingen automatiserad funktion beslutar. Varje beslut fattas av en handläggare.",
        "decided_on": case.earlier(30),
        "procedure_act": "yes",
        "no_hindrance": "yes",
        "examined_by": "Kommunledningskontoret",
        "responsible": "Samhällsbyggnadsnämnden",
    },
}


def exercise_content(kind: RecordKind, case: Case) -> dict[str, Any]:
    """The content of the load test's record of a kind: it touches nobody, and says so."""
    if kind.value.startswith("assessment_"):
        return exercise_assessment(kind, case.later)
    if kind in _SUMMARIES:
        return {"summary": "Övningssystem med påhittade anrop. Berör ingen människa, inga personuppgifter och inget arbete."}
    return _exercise_validation(case) if kind is RecordKind.VALIDATION else content_of(kind, case)


def _exercise_validation(case: Case) -> dict[str, Any]:
    """There is no model: what is tested is that each invented call gets its invented answer."""
    return {
        "summary": "Ingen modell, bara påhittade svar.",
        "supplier_shows": "yes",
        "training_data": "Ingen: svaren är påhittade.",
        "left_out": "Ingen berörs.",
        "labelled_by": "Ingen.",
        "fitness": "Ska bara visa att stoppet håller.",
        "limits": "Varje påhittat anrop ska få sitt påhittade svar.",
        "limits_set": case.earlier(30),
        "tested_on": case.earlier(1),
        "own_cases": "Hundra påhittade anrop.",
        "accuracy": 100,
        "least_accuracy": 100,
        "groups": [{"group": "Påhittade anrop", "n": 100, "accuracy": 100, "limit": 100}],
        "result": "Alla hundra fick sitt svar.",
    }


def validation_texts(parts: Sequence[Part], checks: Sequence[Check], limits: Limits, *, training: int) -> dict[str, Any]:
    """The validation's figures as the record states them."""
    whole, *groups = parts
    broken = [check for check in checks if not check.holds]
    lines = [_line("Alla", whole), *(_line(_label(part), part) for part in groups if part.n >= 10)]
    verdict = "Alla gränser hålls." if not broken else "Gränser som inte hålls: " + ", ".join(f"{one.name} {one.place}" for one in broken)
    found = next(check for check in checks if check.name == "denials_found")
    return {
        "supplier_shows": "yes",
        "training_data": f"{training} ansökningar om bostadslån i Boston 1990, ur en öppen datamängd.",
        "left_out": "Alla svenska sökande, och alla som söker i dag. Grupper under tio ansökningar är för små för att pröva.",
        "labelled_by": "Långivarna i Boston 1990, genom sina beslut. Två uppgifter bedömdes delvis av långivaren.",
        "fitness": "Duger för att visa hur Insyn håller ett system. Duger inte för att besluta om svenska lån.",
        "accuracy": _percent(whole.right, whole.n),
        "least_accuracy": _percent(whole.decided_grants, whole.n),
        "groups": [
            {
                "group": _label(part),
                "n": part.n,
                "accuracy": _percent(part.right, part.n),
                "limit": _whole(100 * limits.group_accuracy),
            }
            for part in groups
            if part.n >= 10
        ],
        "limits": (
            f"Rätt oftare än om alla beviljades. Minst {limits.denials_found:.0%} av långivarnas avslag ska föreslås. I varje grupp om minst "
            f"tio: minst {limits.group_accuracy:.0%} rätt, och högst {limits.grant_gap:.0%} lägre andel beviljade än långivarnas."
        ),
        "own_cases": (
            f"{training} ansökningar, tio delar: varje ansökan prövad av en modell tränad på de övriga nio. Rätt betyder samma som långivarens "
            "beslut 1990. Det betyder inte rättvist, och ingen vet om lånen betalades tillbaka."
        ),
        "result": "\n".join([*lines, f"Av långivarnas avslag föreslogs {found.found:.0%}.", verdict]),
        "gaps": (
            "Boston 1990, inga svenska sökande. Långivarnas beslut är facit, också där de var orättvisa. Två uppgifter bedömdes delvis av "
            "långivaren. Grupper under tio ansökningar visas inte."
        ),
    }


def _percent(some: int, of: int) -> float | int:
    return _whole(round(100 * some / of, 1))


def _whole(number: float) -> float | int:
    """As the register stores it: a whole number without decimals."""
    return int(number) if float(number).is_integer() else number


def _label(part: Part) -> str:
    group = GROUPS[part.group]
    return f"{group['label']['sv']}: {group['values'][part.value]['sv']}"


def _line(label: str, part: Part) -> str:
    accuracy = part.accuracy
    return (
        f"{label} ({part.n}): {accuracy.rate:.1%} rätt (95 %: {accuracy.low:.1%} till {accuracy.high:.1%}); modellen beviljar "
        f"{part.proposed_grants / part.n:.1%}, långivarna {part.decided_grants / part.n:.1%}."
    )
