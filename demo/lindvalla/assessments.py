"""Lånestöd's seven assessments: the answers to each kind's questions, its risks one by one, and what was weighed against what.

The texts are invented; figures are not, they stand in the validation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from insyn.core.terms import RecordKind
from insyn.web.register.contents.questions import questions_of

BOARD = "Samhällsbyggnadsnämnden"
#: So many days from today, as 2026-01-31.
Later = Callable[[int], str]


@dataclass(frozen=True)
class Risk:
    """``likelihood``, ``consequence``, ``remaining``: from 1 to 4. ``days``: from today until the measure is done."""

    cause: str
    group: str
    likelihood: int
    consequence: int
    measure: str
    remaining: int
    owner: str = "Enhetschefen för bostadslån"
    days: int = 60


@dataclass(frozen=True)
class Assessment:
    """``answers`` {question: answer}."""

    summary: str
    answers: Mapping[str, str]
    risks: tuple[Risk, ...]
    benefit: str
    remaining: str
    weighing: str
    owner: str = BOARD


ASSESSMENTS: Mapping[RecordKind, Assessment] = {
    RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS: Assessment(
        "Bedömd i sex delar: användningen, tiden, de berörda, riskerna, den mänskliga tillsynen och åtgärderna om något går fel.",
        {
            "process": "Prövning av bostadslån. Handläggaren läser ansökan, ser sedan förslaget med dess faktorer och beslutar med egna skäl. Det "
            "är vad systemet är byggt för.",
            "period": "Från nämndens beslut till nästa utvärdering, ungefär 80 ansökningar i månaden.",
            "affected": "De som söker bostadslån och deras hushåll. Mest den som har låg inkomst, skulder eller eget företag.",
            "harms": "Ett avslag som bygger på gamla orättvisor, eller på en uppgift som är fel, stänger vägen till ett hem.",
            "oversight": "Två utsedda handläggare med utbildning och instruktion. De kan gå emot varje förslag, och stoppansvarig kan stoppa allt.",
            "if_it_happens": "Enhetschefen stoppar och nämnden underrättas. Den drabbade får brev, ny prövning av en människa och väg att klaga.",
            "data_protection_reused": "Uppgifter, lagring och rättigheter står i konsekvensbedömningen för dataskydd.",
        },
        (
            Risk(
                "Avslag som bygger på gamla orättvisor", "Sökande med utländsk bakgrund", 2, 4, "Utfallet mäts per grupp varje kvartal", 2
            ),
            Risk("Handläggaren följer förslaget utan egen prövning", "Alla sökande", 3, 3, "Ansökan visas före förslaget; stickprov", 1),
        ),
        "Lika ansökningar får lika förslag, och varje förslag visar sina skäl.",
        "En människa beslutar alltid, utfallet följs per grupp och systemet kan stoppas direkt. Därför godtas det som återstår.",
        "Nyttan för alla sökande är större än den risk som återstår, så länge skillnaderna mellan grupper mäts och visas.",
    ),
    RecordKind.ASSESSMENT_DATA_PROTECTION: Assessment(
        "Nio uppgifter ur ansökan används. Inga känsliga personuppgifter går in i modellen; grupper för uppföljning lagras förseglade.",
        {
            "processing": "Inkomst, lån, pris, skulder och kredithistorik ur ansökan och kreditupplysningen, för prövning av bostadslån och bara för "
            "det. Ingen utanför kommunen får dem.",
            "necessity": "Varje uppgift prövades genom att tas bort: de nio som är kvar ändrar förslaget. Grund: uppgift av allmänt intresse.",
            "risks_to_rights": "Att uppgifter om ekonomi sprids, och att ett förslag blir en profil som följer personen.",
            "safeguards": "Varje post är krypterad med egen nyckel, öppnas bara för en namngiven person, loggas och gallras efter fem år.",
            "views_sought": "Tolv sökande och två intresseföreningar läste brevet.",
            "officer_advice": "Dataskyddsombudet rådde till kortare gallringstid för utkast. Så blev det.",
        },
        (
            Risk("Uppgifter om ekonomi sprids", "Sökande", 1, 4, "Egen nyckel för varje post", 1),
            Risk("Modellen profilerar sökande", "Sökande", 2, 3, "Förslaget gallras med ärendet och används inte till annat", 1),
        ),
        "Färre uppgifter än i den gamla blanketten.",
        "Varje post är krypterad med egen nyckel, öppnas bara för en namngiven person och kan förstöras. Risken är godtagbar.",
        "Färre uppgifter och bättre spår väger tyngre än att de räknas samman.",
    ),
    RecordKind.ASSESSMENT_DISCRIMINATION: Assessment(
        "Alla sju diskrimineringsgrunder är genomgångna. Kön, etnicitet och ålder är prövade på ansökningar som modellen inte hade sett; "
        "resultatet står i valideringen. De fyra andra är inte prövade, för datamängden har inga sådana uppgifter.",
        {
            "sex": "Finns inte i modellen. Prövad per grupp, se valideringen. Ombud: medsökande och arbetslöshet.",
            "gender_identity": "Inte prövad: datamängden har ingen sådan uppgift. Namn används inte.",
            "ethnicity": "Finns inte i modellen. Prövad per grupp, se valideringen. Ombud: kredithistorik och läge.",
            "religion": "Inte prövad: datamängden har ingen sådan uppgift. Inget känt ombud bland de nio uppgifterna.",
            "disability": "Inte prövad: datamängden har ingen sådan uppgift. Arbetslöshet kan vara ombud.",
            "sexual_orientation": "Inte prövad: datamängden har ingen sådan uppgift. Medsökandes kön används inte.",
            "age": "Prövad som över och under medianen, se valideringen. Ombud: kredithistorikens längd.",
            "economy": "Skulder och låg inkomst är vad lånet prövas mot. Den som har det knappt får oftare avslag, och ska få veta varför.",
            "combined": "Grupper under tio ansökningar är för små för att mäta.",
        },
        (
            Risk(
                "Långivarna 1990 avslog oftare; modellen lärde sig av de besluten",
                "Svarta och latinamerikanska sökande",
                3,
                4,
                "Andelen beviljade får inte vara lägre än långivarnas i någon grupp; öppna siffror",
                2,
            ),
        ),
        "Skillnader mellan grupper syns i öppna siffror i stället för att döljas i enskilda beslut.",
        "Modellen beviljar ingen grupp mindre än långivarna gjorde, men skillnaden mellan grupper finns kvar. Den följs i öppna siffror.",
        "Att se skillnaden är första steget till att minska den. Utan mätning hade den funnits kvar osedd.",
    ),
    RecordKind.ASSESSMENT_LEGAL_CERTAINTY: Assessment(
        "Beslutet fattas av en handläggare, motiveras med egna skäl och kan överklagas som förut.",
        {
            "who_decides": "En handläggare beslutar på delegation. Systemet lämnar ett förslag. Är de oense gäller människan, med sina skäl.",
            "investigation": "Handläggaren läser hela ansökan och begär komplettering som förut. Systemet ser bara nio uppgifter.",
            "heard": "Den sökande får förslaget och faktorerna när beslutet går emot, och kan yttra sig före beslutet.",
            "reasons": "Handläggaren skriver egna skäl. Faktorerna visas i klartext i brevet.",
            "put_right": "Rättelse, ändring och överklagande som förut. En begäran om ny prövning går till en annan handläggare.",
            "alike": "Utan systemet prövas ansökan på blankett efter samma regler. Varje version prövas innan den används.",
        },
        (Risk("Förslaget uppfattas som beslutet", "Sökande", 2, 3, "Brevet säger vem som beslutat och varför", 1),),
        "Skälen blir tydligare för den sökande.",
        "Handläggaren kan inte besluta utan egna skäl. Risken är godtagbar.",
        "Tydligare skäl väger tyngre än risken att förslaget läses som beslut.",
    ),
    RecordKind.ASSESSMENT_WORK_ENVIRONMENT: Assessment(
        "Handläggarnas arbete ändras: mindre räknande, mer prövning. Riskerna är genomgångna med skyddsombudet.",
        {
            "work_changes": "Mindre räknande, fler svåra fall i rad. Ingen har fått fler ansökningar om dagen.",
            "strain": "Stress av att gå emot ett förslag, och av att stå för det.",
            "watched": "Nej. Ingen följs upp på hur ofta hon går emot systemet.",
            "skills": "En dag i månaden prövas ansökningar utan systemet.",
            "safety_representative": "Skyddsombudet var med i genomgången, läste instruktionen och skrev under.",
        },
        (
            Risk("Stress av att gå emot ett förslag", "Handläggare", 2, 2, "Ingen uppföljning per person", 1),
            Risk("Kunskapen att pröva utan stöd går förlorad", "Handläggare", 3, 2, "En dag i månaden utan systemet", 1),
        ),
        "Mindre ensidigt arbete.",
        "Handläggaren ser ansökan före förslaget, och ingen följs upp på hur ofta hon går emot. Risken är godtagbar.",
        "Mindre ensidigt arbete väger tyngre, om kunskapen hålls vid liv.",
    ),
    RecordKind.ASSESSMENT_INFORMATION_SECURITY: Assessment(
        "Modellen körs på kommunens egen server. Anropen går genom Insyn med en nyckel för varje program.",
        {
            "information": "Uppgifter om ekonomi: hög konfidentialitet och riktighet, måttlig tillgänglighet, hög spårbarhet.",
            "where": "På kommunens server. Inget lämnar kommunen.",
            "suppliers": "Ingen leverantör av modellen. Öppen programvara med låsta versioner.",
            "attacks": "Varje uppgift har gränser. Modellen läser ingen fritext. Se robusthetsprovet.",
            "noticed": "Misslyckade anrop och ovanliga utfall larmar jouren.",
            "access": "En nyckel för varje program, som dras in direkt. Behörigheter följer mandat med slutdag.",
        },
        (
            Risk("En nyckel kommer på avvägar", "Sökande", 2, 3, "Nyckeln kan dras in direkt", 1),
            Risk("Någon ändrar modellen", "Sökande", 1, 4, "Modellens kontrollsumma står i registret", 1),
        ),
        "Inga uppgifter lämnar kommunen.",
        "Nycklar kan dras in direkt och modellens kontrollsumma står i registret. Risken är godtagbar.",
        "Att allt körs hos kommunen väger tyngre än att kommunen själv måste sköta det.",
    ),
    RecordKind.ASSESSMENT_ETHICS: Assessment(
        "Avvägning mellan snabbare besked och risken att gamla mönster upprepas.",
        {
            "accuracy_explained": "En modell som går att räkna efter för hand valdes. En större prövades inte: varje faktor ska kunna visas.",
            "quick_careful": "Besked snabbare, men ansökan läses alltid först. Den minut det kostar är värd det.",
            "privacy_fairness": "Grupper lagras förseglade för att skillnader ska kunna mätas, och gallras med ärendet.",
            "fair_how": "Lika ansökningar ska få lika förslag, och ingen grupp beviljas mer sällan än förut. Lika andel ja fick stå tillbaka.",
            "dignity": "Förslaget visas alltid med sina faktorer och aldrig som ett betyg på personen.",
            "not_using": "Väntan på 22 dagar i stället för 10, och skäl som skiljer sig mellan handläggare.",
            "environment": "Modellen ryms i en vanlig dator. Energin märks inte.",
        },
        (Risk("En siffra får tyngre vikt än människans berättelse", "Sökande", 2, 3, "Ansökan visas före förslaget", 1),),
        "Snabbare besked och skäl som går att förstå.",
        "Förslaget visas alltid med sina faktorer och aldrig som ett betyg på personen. Risken är godtagbar.",
        "Snabbare och tydligare besked väger tyngre, eftersom en människa alltid läser först.",
    ),
}


def assessment_of(kind: RecordKind, day: Later) -> dict[str, Any]:
    """The content of the assessment. ``day(60)`` is sixty days from today."""
    found = ASSESSMENTS[kind]
    return {
        "summary": found.summary,
        **found.answers,
        "risks": [_line(risk, day) for risk in found.risks],
        "benefit": found.benefit,
        "remaining_risk": found.remaining,
        "weighing": found.weighing,
        "risk_owner": found.owner,
    }


def exercise_assessment(kind: RecordKind, day: Later) -> dict[str, Any]:
    """The load test touches nobody: every question has the same answer."""
    nobody = "Övningssystem med påhittade anrop. Berör ingen människa."
    risk = Risk(
        "Någon tror att övningen gäller riktiga ärenden", "Ingen", 1, 1, "Sidan säger att det är en övning", 1, "Kommunledningskontoret"
    )
    return {
        "summary": nobody,
        **{question.id: nobody for question in questions_of(kind) if question.required},
        "risks": [_line(risk, day)],
        "benefit": "Visar att stoppet håller.",
        "remaining_risk": "Ingen.",
        "weighing": "Ingen berörs.",
        "risk_owner": "Kommunledningskontoret",
    }


def _line(risk: Risk, day: Later) -> dict[str, str]:
    return {
        "cause": risk.cause,
        "group": risk.group,
        "likelihood": str(risk.likelihood),
        "consequence": str(risk.consequence),
        "measure": risk.measure,
        "remaining": str(risk.remaining),
        "owner": risk.owner,
        "day": day(risk.days),
    }
