"""What Lindvalla's unions, safety representative and residents said of Lånestöd. All invented."""

from __future__ import annotations

from dataclasses import dataclass

from demo.lindvalla.people import SECOND_UNION, UNION, PersonOf

SUBJECT = "Ändrat arbetssätt för handläggarna när Lånestöd lämnar förslag, före beslutet om utveckling."
CENTRAL_GROUND = "Kommunens huvudavtal"
DAYS_TO_ASK = 21


@dataclass(frozen=True)
class Talk:
    """How the negotiation with one union went."""

    union: str
    representative: PersonOf
    minutes: str
    requests: str
    answer: str
    stance: str
    statement: str


TALKS = (
    Talk(
        "vision",
        UNION,
        "Parterna gick igenom arbetssättet. Ansökan visas före förslaget. Ingen följs upp på hur ofta hon går emot systemet.",
        "Att tid avsätts för att pröva utan stöd.",
        "En ansökan av tio prövas utan förslag. Tiden räknas in.",
        "agreement",
        "Förbundet är överens med arbetsgivaren om det som står i protokollet.",
    ),
    Talk(
        "akademikerna",
        SECOND_UNION,
        "Parterna gick igenom arbetssättet och kraven på utbildning.",
        "Att utbildningen är tre dagar.",
        "Utbildningen är två halvdagar. Den följs upp efter ett halvår.",
        "disagreement",
        "Förbundet anser att utbildningen är för kort. Förbundet begär inte central förhandling.",
    ),
)

SAFETY_WORD = "Jag har deltagit i två genomgångar med handläggarna och skriver under bedömningen."


@dataclass(frozen=True)
class Said:
    """A proposal, what it was answered, and why."""

    text: str
    reply: str
    why: str


ROUND = {
    "title_sv": "Vad ska stå i brevet om bostadslån?",
    "title_en": "What should the letter about housing loans say?",
    "question_sv": "Läs exemplet på beslutsbrev. Vad är svårt att förstå? Vad saknas?",
    "question_en": "Read the example of a letter. What is hard to understand? What is missing?",
    "groups_sv": "De som har sökt bostadslån, och föreningar för boende och skuldsatta",
    "groups_en": "People who have applied for a housing loan, and associations for residents and people in debt",
}
ON_THE_WEB = Said("Skriv vad jag kan göra om jag inte håller med.", "taken", "Brevet säger nu överst hur man begär en ny prövning.")
ON_PAPER = Said(
    "Ta bort ordet kreditvärdighet. Ingen vet vad det är.", "partly", "Ordet står kvar, för lagen har det, men nu med en förklaring."
)
AT_THE_MEETING = (
    Said("Visa de tre viktigaste skälen, inte alla.", "taken", "De tre tyngsta skälen står först. Alla skäl finns på sidan Mitt ärende."),
    Said("Låt den sökande välja bort AI helt.", "not_taken", "En människa beslutar alltid. Två vägar skulle ge olika handläggningstid."),
)
PLACE, PARTICIPANTS = "Stadsbiblioteket", 12
EARLY = {
    "why_sv": "Demonstrationen visar hela vägen på en dag.",
    "why_en": "The demonstration shows the whole way in one day.",
}
CHANGED = {
    "changed_sv": "Tre formuleringar i brevet ändrades, och de tre tyngsta skälen visas först.",
    "changed_en": "Three wordings of the letter were changed, and the three weightiest reasons are shown first.",
}
NEXT_ROUND = {
    "title_sv": "Hur fungerar beskedet om bostadslån?",
    "title_en": "How does the answer about housing loans work?",
    "question_sv": "Har du fått ett besked där Lånestöd användes? Vad var bra och vad var dåligt?",
    "question_en": "Have you had an answer where the loan support was used? What was good and what was bad?",
    "groups_sv": ROUND["groups_sv"],
    "groups_en": ROUND["groups_en"],
    "easy_sv": "Du har sökt bostadslån.\nEtt datorprogram hjälpte den som läste.\nVad var bra?\nVad var dåligt?",
    "easy_en": "You asked for a housing loan.\nA computer program helped the person who read it.\nWhat was good?\nWhat was bad?",
}
#: What somebody asked on the system's page, and what they were answered.
ASKED = "Läser programmet mina kontoutdrag?"
ANSWERED = "Nej. Det får bara de uppgifter som du skrev i din ansökan. Vilka de är står på sidan under ”Vilka uppgifter systemet använder”."
