"""Three needs in Lindvalla: one that a traditional solution met, one that ended in no, and one that still waits. All invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.lindvalla.people import LEAD, OFFICER, PersonOf

#: So many days ahead the benefit is to be reached.
BENEFIT_DAYS = 270


@dataclass(frozen=True)
class NeedOf:
    """``told`` in the words of ``raise_need``, ``analysis`` of ``analyse_need``, ``decision`` of ``decide_need``; empty: not yet."""

    by: PersonOf
    office: str
    told: dict[str, str]
    analysis: dict[str, Any]
    decision: dict[str, str]


def _way(kind: str, name: str, *, benefit: str, cost: str, risk: str, people: str, work: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "benefit": benefit, "cost": cost, "risk": risk, "people": people, "work_environment": work}


QUESTIONS = NeedOf(
    OFFICER,
    "bostadslan",
    {
        "title_sv": "Samma frågor om bostadslån varje dag",
        "title_en": "The same questions about housing loans every day",
        "problem": "Handläggarna svarar på samma tio frågor i telefon. Det tar en fjärdedel av arbetsdagen.",
        "concerns": "De som söker bostadslån, och fyra handläggare.",
        "today": "Svaren finns i ett dokument på 40 sidor som ingen hittar i.",
        "wanted": "Att den som söker får svar direkt, och att handläggarna får tid att pröva.",
        "focus_area": "meetings",
    },
    {
        "summary": "En chattbot vägdes mot en sida med tio frågor och svar i klarspråk. Sidan ger nästan samma nytta utan ny risk.",
        "alternatives": [
            _way(
                "ai",
                "Chattbot på webbplatsen",
                benefit="Svar dygnet runt.",
                cost="180 000 kr första året, sedan 90 000 kr om året.",
                risk="Fel svar om rätten till lån. Den som frågar kan skriva känsliga uppgifter.",
                people="Hjälper den som är van vid chatt. Andra ringer ändå.",
                work="Handläggarna får rätta svaren i efterhand.",
            ),
            _way(
                "traditional",
                "Tio frågor och svar i klarspråk",
                benefit="Svar dygnet runt på de tio vanligaste frågorna.",
                cost="Två veckors arbete, sedan en dag i kvartalet.",
                risk="Sidan blir gammal om ingen har ansvar för den.",
                people="Går att läsa, lyssna på och skriva ut på fem språk.",
                work="Färre samtal.",
            ),
        ],
        "chosen": "Tio frågor och svar i klarspråk",
        "reasons": "Nio av tio samtal gäller de tio frågorna. Då behövs ingen AI.",
        "measure": "Samtal om de tio frågorna",
        "expected": "Från 60 till 20 i veckan",
    },
    {
        "outcome": "traditional",
        "why_sv": "En sida med tio frågor och svar löser behovet till en bråkdel av kostnaden, och ingen behöver lita på ett svar som kan vara fel.",
        "why_en": "A page with ten questions and answers meets the need at a fraction of the cost, and nobody has to trust an answer that may be wrong.",
        "case_number": "SBN 2026/188",
    },
)

MOODS = NeedOf(
    LEAD,
    "bildningsforvaltningen",
    {
        "title_sv": "Se tidigt vilka elever som mår dåligt",
        "title_en": "See early which pupils are unwell",
        "problem": "Elevhälsan får veta sent att en elev mår dåligt.",
        "concerns": "Elever i årskurs 7 till 9, vårdnadshavare och elevhälsan.",
        "today": "Lärare hör av sig när de är oroliga. Enkät en gång om året.",
        "wanted": "Att elever får stöd tidigare.",
        "focus_area": "other",
    },
    {
        "summary": "En tjänst som läser av känslor i elevernas texter vägdes mot fler samtal med skolsköterskan.",
        "alternatives": [
            _way(
                "ai",
                "Avläsning av känslor i skoltexter",
                benefit="Kan ge en tidig signal.",
                cost="400 000 kr om året.",
                risk="Stort intrång i barns tankar, och många falska larm.",
                people="Elever kan börja skriva det som systemet vill läsa.",
                work="Elevhälsan får larm som ingen hinner följa upp.",
            ),
            _way(
                "traditional",
                "Hälsosamtal i varje årskurs",
                benefit="Varje elev träffar en vuxen varje år.",
                cost="En halv skolskötersketjänst.",
                risk="Samtalen blir korta om tjänsten är obesatt.",
                people="Eleven väljer själv vad hon berättar.",
                work="Skolsköterskan får mer tid för samtal.",
            ),
        ],
        "chosen": "Avläsning av känslor i skoltexter",
        "reasons": "Verksamheten önskade en signal som inte beror på vem som frågar.",
        "measure": "Veckor från första signal till stöd",
        "expected": "Från åtta till fyra",
    },
    {
        "outcome": "no",
        "why_sv": "Kommunen läser inte av barns känslor. Skolan ska fråga eleverna i stället. Pengarna läggs på hälsosamtal.",
        "why_en": "The municipality does not read children's emotions. The school asks the pupils instead. The money goes to health talks.",
        "case_number": "BIN 2026/52",
    },
)

MINUTES = NeedOf(
    LEAD,
    "bildningsforvaltningen",
    {
        "title_sv": "Anteckningar från föräldramöten tar lång tid",
        "title_en": "Notes from parents' meetings take long",
        "problem": "Lärare skriver rent anteckningar på kvällen efter varje möte.",
        "concerns": "Lärare och vårdnadshavare.",
        "today": "Läraren antecknar för hand och skriver rent, ungefär en timme per möte.",
        "wanted": "Att anteckningen är klar när mötet är slut.",
        "focus_area": "efficient",
    },
    {},
    {},
)

NEEDS = (QUESTIONS, MOODS, MINUTES)
