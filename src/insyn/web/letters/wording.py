"""The words of the decision letter, in both languages. Short sentences; whatever only the officer knows is a slot.

No law is named here, no court and no number of days: how one appeals stands in the municipality's own text.
"""

from __future__ import annotations

from insyn.core.terms import ReconsiderationGround, ReviewVerdict
from insyn.core.text import Text

#: How a slot begins, until the officer has filled it.
SLOT = Text("[Skriv: ", "[Write: ")

TITLE = Text("Beslut i ditt ärende", "Decision in your case")
CASE = Text("Ärende {number}", "Case {number}")
ADDRESSEE = Text("namn och adress]", "name and address]")
DECIDED_BY = Text("namn och titel på den som beslutar]", "name and title of who decides]")
RULES_SLOT = Text("vilka lagar och regler beslutet bygger på]", "which laws and rules the decision rests on]")
APPEAL_SLOT = Text(
    "hur man överklagar. Kommunens text för den här sortens ärende saknas i registret]",
    "how to appeal. The municipality’s text for this type of matter is missing in the register]",
)

WHAT = Text("Det här har vi beslutat", "What we have decided")
WHY = Text("Därför har vi beslutat så", "Why we decided this")
RULES = Text("Regler som vi har följt", "Rules that we followed")
HOW_AI = Text("Så har AI använts", "How AI was used")
MORE = Text("Om du undrar eller tycker att något är fel", "If you wonder, or think that something is wrong")
APPEAL = Text("Så överklagar du", "How to appeal")
CONTACT = Text("Kontakta oss", "Contact us")

DECISION = Text("Vårt beslut är: {outcome}.", "Our decision is: {outcome}.")
SIGNED = Text("Beslutet har tagits av: {who}", "The decision was taken by: {who}")

AGAIN = Text("Vi har tittat på ditt ärende igen.", "We have looked at your case again.")
GROUNDS = {
    ReconsiderationGround.CORRECTION: Text("Det fanns ett fel som syntes tydligt.", "There was an obvious error."),
    ReconsiderationGround.MAY_CHANGE: Text("Vi har prövat om beslutet ska ändras.", "We have examined whether to change the decision."),
    ReconsiderationGround.MUST_CHANGE: Text(
        "Vi har prövat om beslutet är tydligt fel och måste ändras.",
        "We have examined whether the decision is clearly wrong and must be changed.",
    ),
    ReconsiderationGround.ASKED_FOR_HUMAN: Text(
        "Du bad att en människa skulle titta på det.", "You asked that a person should look at it."
    ),
    ReconsiderationGround.ERROR_FOUND: Text(
        "Vi hittade ett fel när vi följde upp hur systemet fungerar.",
        "We found an error when we followed up how the system works.",
    ),
}
CHANGED_NOW = Text("Beslutet ändras. Nu gäller: {outcome}.", "The decision is changed. From now on this holds: {outcome}.")
STANDS = Text("Beslutet står fast: {outcome}.", "The decision stands: {outcome}.")

USED = Text("Vi har använt AI-systemet {name}, version {version}.", "We used the AI system {name}, version {version}.")
STEP = Text("Det hjälpte till med: {step}.", "It helped with: {step}.")
PROPOSED = Text("Systemet föreslog detta den {day}: {proposed}.", "On {day} the system proposed this: {proposed}.")
GAVE = Text("Systemet lämnade ett svar den {day}.", "The system gave an answer on {day}.")
PERSON_DECIDED = Text("En människa har läst ärendet och tagit beslutet.", "A person has read the case and taken the decision.")
FOLLOWED = {
    ReviewVerdict.ACCEPTED: Text(
        "Den som beslutade kom fram till samma sak som systemet.", "Whoever decided came to the same conclusion as the system."
    ),
    ReviewVerdict.CHANGED: Text(
        "Den som beslutade följde inte förslaget, utan ändrade det.", "Whoever decided did not follow the proposal, but changed it."
    ),
    ReviewVerdict.REJECTED: Text("Den som beslutade följde inte förslaget.", "Whoever decided did not follow the proposal."),
}
WEIGHED = Text("Det här vägde tyngst i systemets förslag:", "This weighed the most in the system’s proposal:")
MEANS = Text(
    "”Talade för” betyder att det gjorde svaret ”{favourable}” mer troligt.",
    "“In favour” means that it made the answer “{favourable}” more likely.",
)
CITED = Text("Systemet stödde sig på de här orden:", "The system rested on these words:")
QUOTED = Text("{label}: ”{words}”", "{label}: “{words}”")
NO_FACTORS = Text("Saknas: systemet sa inte vad som vägde tyngst.", "Missing: the system did not say what weighed the most.")
LIMITS = Text("Det här vet vi om systemets brister: {limits}", "What we know of the system’s weaknesses: {limits}")
NO_LIMITS = Text("Saknas: i registret står inget om systemets svagheter.", "Missing: the register says nothing of the system’s weaknesses.")
REGISTER = Text("Mer om systemet finns här: {address}", "More about the system is here: {address}")

ASK = Text("Du kan be oss att:", "You can ask us to:")
ASKABLE = (
    Text("förklara beslutet", "explain the decision"),
    Text("låta en människa titta på ärendet igen", "let a person look at the case again"),
    Text("pröva beslutet på nytt", "reconsider the decision"),
    Text("rätta uppgifter om dig som är fel", "correct data about you that are wrong"),
)
FREE = Text("Det kostar inget. Det kan aldrig användas mot dig.", "It costs nothing. It can never be held against you.")
SEE = Text(
    "Du kan se ditt ärende här: {mine} Logga in med e-legitimation. Har du en kod i ett brev? Då går du hit: {enter} "
    "Har du inget av det? Be oss om en kod.",
    "You can see your case here: {mine} Sign in with e-ID. Have you a code in a letter? Then go here: {enter} "
    "Have you neither? Ask us for a code.",
)
APPEAL_TOO = Text("Det tar inte bort din rätt att överklaga.", "It does not take away your right to appeal.")
