"""What Lindvalla's offices wrote about Lånestöd and about the load test, one record of each kind that a gate may ask for.

The texts are invented; the figures of the validation are not, they are computed when the demonstration runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from demo.loans.validation import Check, Limits, Part
from demo.loans.words import GROUPS
from insyn.core.terms import RecordKind


@dataclass(frozen=True)
class Case:
    """The facts that the records name: the day, ids of persons in the register, and the validation's figures."""

    today: date
    stop_holder: str
    reviewers: tuple[str, ...]
    validation: dict[str, str]

    def later(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def earlier(self, days: int) -> str:
        return (self.today - timedelta(days=days)).isoformat()


def _assessment(summary: str, risks: str, benefit: str, remaining: str, owner: str = "Samhällsbyggnadsnämnden") -> dict[str, Any]:
    return {"summary": summary, "risks": risks, "benefit": benefit, "remaining_risk": remaining, "risk_owner": owner}


_ASSESSMENTS = {
    RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS: _assessment(
        "Bedömd i sex delar: användningen, tiden, de berörda, riskerna, den mänskliga tillsynen och åtgärderna om något går fel.",
        "Avslag som bygger på gamla orättvisor.\nAtt handläggaren följer förslaget utan egen prövning.",
        "Lika ansökningar får lika förslag, och varje förslag visar sina skäl.",
        "En människa beslutar alltid, utfallet följs per grupp och systemet kan stoppas direkt. Därför godtas det som återstår.",
    ),
    RecordKind.ASSESSMENT_DATA_PROTECTION: _assessment(
        "Nio uppgifter ur ansökan används. Inga känsliga personuppgifter går in i modellen; grupper för uppföljning lagras förseglade.",
        "Att uppgifter om ekonomi sprids.\nAtt modellen profilerar sökande.",
        "Färre uppgifter än i den gamla blanketten.",
        "Varje post är krypterad med egen nyckel, öppnas bara för en namngiven person och kan förstöras. Risken är godtagbar.",
    ),
    RecordKind.ASSESSMENT_DISCRIMINATION: _assessment(
        "Alla sju diskrimineringsgrunder är genomgångna. Kön, etnicitet och ålder är prövade på ansökningar som modellen inte hade sett; resultatet "
        "står i valideringen. Könsöverskridande identitet eller uttryck, religion eller annan trosuppfattning, funktionsnedsättning och sexuell "
        "läggning: inte prövade, för datamängden har inga sådana uppgifter. Skulder, kredithistorik och eget företag kan samvariera med grunderna.",
        "Svarta och latinamerikanska sökande fick oftare avslag av långivarna 1990; modellen lärde sig av de besluten.",
        "Skillnader mellan grupper syns i öppna siffror i stället för att döljas i enskilda beslut.",
        "Modellen beviljar ingen grupp mindre än långivarna gjorde, men skillnaden mellan grupper finns kvar. Den följs i öppna siffror.",
    ),
    RecordKind.ASSESSMENT_LEGAL_CERTAINTY: _assessment(
        "Beslutet fattas av en handläggare, motiveras med egna skäl och kan överklagas som förut.",
        "Att förslaget uppfattas som beslutet.",
        "Skälen blir tydligare för den sökande.",
        "Handläggaren kan inte besluta utan egna skäl. Risken är godtagbar.",
    ),
    RecordKind.ASSESSMENT_WORK_ENVIRONMENT: _assessment(
        "Handläggarnas arbete ändras: mindre räknande, mer prövning. Riskerna är genomgångna med skyddsombudet.",
        "Stress av att gå emot ett förslag.\nAtt kunskapen att pröva utan stöd går förlorad.",
        "Mindre ensidigt arbete.",
        "Handläggaren ser ansökan före förslaget, och ingen följs upp på hur ofta hon går emot. Risken är godtagbar.",
    ),
    RecordKind.ASSESSMENT_INFORMATION_SECURITY: _assessment(
        "Modellen körs på kommunens egen server. Anropen går genom Insyn med en nyckel för varje program.",
        "Att en nyckel kommer på avvägar.\nAtt någon ändrar modellen.",
        "Inga uppgifter lämnar kommunen.",
        "Nycklar kan dras in direkt och modellens kontrollsumma står i registret. Risken är godtagbar.",
    ),
    RecordKind.ASSESSMENT_ETHICS: _assessment(
        "Avvägning mellan snabbare besked och risken att gamla mönster upprepas.",
        "Att en siffra får tyngre vikt än människans berättelse.",
        "Snabbare besked och skäl som går att förstå.",
        "Förslaget visas alltid med sina faktorer och aldrig som ett betyg på personen. Risken är godtagbar.",
    ),
}

_SUMMARIES = {
    RecordKind.NEEDS_ANALYSIS: "Prövning av bostadslån tar i dag 40 minuter. Alternativen fler handläggare, enklare regler och AI vägdes; beslutsstöd med människa valdes.",
    RecordKind.SOURCING_CHOICE: "Egen modell: få uppgifter, full insyn och ingen leverantör som lär sig av kommunens ärenden.",
    RecordKind.CLASSIFICATION: "Bedömer kreditvärdighet för fysiska personer: hög risk enligt AI-förordningens bilaga III punkt 5 b.",
    RecordKind.PARTICIPATION_ROUND: "Tolv sökande och två intresseföreningar läste brevet och faktorerna. Tre formuleringar ändrades efter deras synpunkter.",
    RecordKind.DATA_USE: "Uppgifter ur ansökan och kreditupplysning får användas för förslag vid prövning av bostadslån, och bara för det.",
    RecordKind.INSTRUCTION: "Bruksanvisning för version 1.0: läs ansökan först, se sedan förslaget, skriv egna skäl. Följs upp i varje kvartals stickprov.",
    RecordKind.TRAINING: "Två halvdagar för alla handläggare: hur modellen räknar, var den har fel, hur man går emot den och hur man stoppar den.",
    RecordKind.CONTINUITY_PLAN: "Utan systemet, nätet eller Insyn prövas ansökningar på blankett. Övat i september: 25 ansökningar på en dag.",
    RecordKind.DELEGATION: "Inga beslut fattas automatiskt. Nämndens delegationsordning gäller handläggarna som förut.",
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
    RecordKind.COMPETENCE: "Den som leder arbetet har gått kommunens utbildning om AI-förordningen och prövat tre system tillsammans med samordnaren.",
    RecordKind.CONTINUITY_EXERCISE: "Övat i september: 25 ansökningar prövades på blankett utan systemet, leverantören, nätet och Insyn.",
    RecordKind.BENEFIT_REALISED: "Följs upp efter det första halvåret.",
    RecordKind.DPO_OPINION: "Dataskyddsombudet har läst konsekvensbedömningen och har inga invändningar mot att systemet används med de villkor som står där.",
}


def content_of(kind: RecordKind, case: Case) -> dict[str, Any]:
    """The content of Lånestöd's record of a kind."""
    if kind in _ASSESSMENTS:
        return _ASSESSMENTS[kind]
    if kind in _SUMMARIES:
        return {"summary": _SUMMARIES[kind]}
    return _DATED[kind](case)


def _mbl(case: Case) -> dict[str, Any]:
    return {
        "summary": "Förhandling enligt 11 § MBL innan beslutet om utveckling.",
        "union": "Vision Lindvalla",
        "invited": case.earlier(40),
        "minutes": "Parterna enades om att ansökan visas före förslaget och om att ingen följs upp på hur ofta hon går emot systemet.",
        "outcome": "agreement",
        "closed": case.earlier(20),
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
    return {"summary": "Prövad på ansökningar som modellen inte hade sett, per grupp.", **case.validation}


def _robustness(case: Case) -> dict[str, Any]:
    return {
        "summary": "Varje uppgift ändrades en i taget till sitt minsta och största värde. Ingen enskild felskrivning gav ett förslag utan spår i faktorerna."
    }


_DATED: Mapping[RecordKind, Callable[[Case], dict[str, Any]]] = {
    RecordKind.MBL_SECTION_11: _mbl,
    RecordKind.HUMAN_OVERSIGHT: _oversight,
    RecordKind.VALIDATION: _validation,
    RecordKind.ROBUSTNESS_TEST: _robustness,
    RecordKind.STOP_MANDATE: lambda case: {
        "summary": "Får stoppa systemet utan att fråga någon.",
        "person": case.stop_holder,
        "last_day": case.later(365),
    },
    RecordKind.EVALUATION_PLAN: lambda case: {"summary": "Utvärderas varje halvår, per grupp.", "due": case.later(180)},
    RecordKind.EVALUATION: lambda case: {
        "summary": "Första utvärderingen.",
        "result": "Se valideringen.",
        "next_due": case.later(180),
    },
}


def exercise_content(kind: RecordKind, case: Case) -> dict[str, Any]:
    """The content of the load test's record of a kind: it touches nobody, and says so."""
    if kind.value.startswith("assessment_"):
        return _assessment(
            "Övningssystem med påhittade anrop. Berör ingen människa.",
            "Inga.",
            "Visar att stoppet håller.",
            "Ingen.",
            "Kommunledningskontoret",
        )
    if kind in _SUMMARIES:
        return {"summary": "Övningssystem med påhittade anrop. Berör ingen människa, inga personuppgifter och inget arbete."}
    content = _DATED[kind](case)
    if kind is RecordKind.VALIDATION:
        return {"summary": "Ingen modell, bara påhittade svar.", "limits": "Inga.", "own_cases": "Inga.", "result": "Inget att mäta."}
    return content


def validation_texts(parts: Sequence[Part], checks: Sequence[Check], limits: Limits, *, training: int) -> dict[str, str]:
    """The validation's figures as the record states them."""
    whole, *groups = parts
    broken = [check for check in checks if not check.holds]
    lines = [_line("Alla", whole), *(_line(_label(part), part) for part in groups if part.n >= 10)]
    verdict = "Alla gränser hålls." if not broken else "Gränser som inte hålls: " + ", ".join(f"{one.name} {one.place}" for one in broken)
    found = next(check for check in checks if check.name == "denials_found")
    return {
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


def _label(part: Part) -> str:
    group = GROUPS[part.group]
    return f"{group['label']['sv']}: {group['values'][part.value]['sv']}"


def _line(label: str, part: Part) -> str:
    accuracy = part.accuracy
    return (
        f"{label} ({part.n}): {accuracy.rate:.1%} rätt (95 %: {accuracy.low:.1%} till {accuracy.high:.1%}); modellen beviljar "
        f"{part.proposed_grants / part.n:.1%}, långivarna {part.decided_grants / part.n:.1%}."
    )
