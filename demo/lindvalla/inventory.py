"""Who in Lindvalla has learnt what, and what the schools answered when all offices were asked for their AI systems. All invented."""

from __future__ import annotations

from demo.lindvalla import people
from demo.lindvalla.people import PersonOf

WHAT = "AI-förordningen och Lindvallas policy: klassa, bedöma och säga nej, två dagar"
GIVEN_BY = "Kommunförbundets AI-skola (påhittad)"
YEARS_DAYS = 700

#: Whoever classifies or assesses in the demonstration, and whoever answers for an office.
COMPETENT: tuple[PersonOf, ...] = (
    people.COORDINATOR,
    people.OWNER,
    people.OTHER_OWNER,
    people.DATA_PROTECTION,
    people.SECRETARY,
    people.CHAIR,
    people.SECURITY,
    people.LEAD,
    people.SECOND_LEAD,
)
DAYS_TO_ANSWER, MORE_DAYS = 30, 45
ASKS_FOR_TIME = "gatukontoret"
WHY_LATER = "Leverantören svarar på vilka korsningar som styrs av inlärning först i december."
ANSWERS = "bildningsforvaltningen"
STATEMENT = "Jag har frågat alla rektorer, IT-samordnaren och upphandlaren, och gått igenom listan över inloggade tjänster."
NOTE = "Stämmer, men reglerna ändrades i höst: syskonförtur räknas nu efter kötid."
REPORTED = (
    {
        "name": "Läsappen",
        "kind": "bought",
        "purpose": "Föreslår övningar i läsning efter vad eleven har klarat. Läraren väljer.",
        "supplier": "Läslust AB (påhittat)",
    },
)
