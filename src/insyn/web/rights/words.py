"""The closed lists of this app, and what each word is called."""

from __future__ import annotations

from enum import StrEnum

from insyn.core.text import Text


class RequestKind(StrEnum):
    """What a person may ask for."""

    EXPLANATION = "explanation"
    HUMAN_REVIEW = "human_review"
    RECONSIDERATION = "reconsideration"
    CORRECTION = "correction"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    EXTRACT = "extract"
    ERASURE = "erasure"


class Channel(StrEnum):
    """How a request came."""

    EID = "eid"
    CODE = "code"
    VISIT = "visit"
    PHONE = "phone"
    LETTER = "letter"


class RequestState(StrEnum):
    """How far a request has come. That it is overdue is worked out from the day, never stored."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class RequestOutcome(StrEnum):
    """What the answer was."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class RefusalGround(StrEnum):
    """Why the answer is no, or no to a part."""

    MUST_BE_KEPT = "must_be_kept"
    UNDER_TRIAL = "under_trial"
    DATA_IS_RIGHT = "data_is_right"
    DECISION_STANDS = "decision_stands"
    PUBLIC_TASK = "public_task"
    NOT_THE_PERSON = "not_the_person"
    NOTHING_HELD = "nothing_held"


class EscalatedTo(StrEnum):
    """Who takes over a request that is late, or in which the officer is a party."""

    DATA_PROTECTION_OFFICER = "data_protection_officer"
    COUNCIL_SECRETARY = "council_secretary"


#: How staff may have got a request that did not come through the site.
BY_STAFF = (Channel.VISIT, Channel.PHONE, Channel.LETTER)

LABELS: dict[StrEnum, Text] = {
    RequestKind.EXPLANATION: Text("Förklaring", "Explanation"),
    RequestKind.HUMAN_REVIEW: Text("Att en människa tittar igen", "That a person looks again"),
    RequestKind.RECONSIDERATION: Text("Omprövning av beslutet", "Reconsideration of the decision"),
    RequestKind.CORRECTION: Text("Rättelse av en uppgift", "Correction of data"),
    RequestKind.OBJECTION: Text("Invändning mot att AI används", "Objection to the use of AI"),
    RequestKind.RESTRICTION: Text("Begränsning: uppgifterna får vila", "Restriction: the data is left alone"),
    RequestKind.EXTRACT: Text("Utdrag ur mina uppgifter", "Extract of my data"),
    RequestKind.ERASURE: Text("Radering", "Erasure"),
    Channel.EID: Text("E-legitimation", "E-ID"),
    Channel.CODE: Text("Kod ur ett brev", "Code from a letter"),
    Channel.VISIT: Text("Besök", "Visit"),
    Channel.PHONE: Text("Telefon", "Phone"),
    Channel.LETTER: Text("Brev", "Letter"),
    RequestState.OPEN: Text("Väntar på svar", "Waits for an answer"),
    RequestState.ANSWERED: Text("Besvarad", "Answered"),
    RequestState.WITHDRAWN: Text("Återtagen", "Withdrawn"),
    RequestOutcome.GRANTED: Text("Ja, som du bad om", "Yes, as you asked"),
    RequestOutcome.PARTLY: Text("Ja, till en del", "Yes, in part"),
    RequestOutcome.REFUSED: Text("Nej", "No"),
    RefusalGround.MUST_BE_KEPT: Text(
        "Uppgifterna måste sparas (arkivlagen, 3 och 10 §§)", "The data must be kept (Archives Act, sections 3 and 10)"
    ),
    RefusalGround.UNDER_TRIAL: Text("Ärendet prövas eller granskas just nu", "The case is being tried or supervised just now"),
    RefusalGround.DATA_IS_RIGHT: Text("Uppgiften har kontrollerats och stämmer", "The data has been checked and is right"),
    RefusalGround.DECISION_STANDS: Text(
        "Beslutet har prövats igen och står fast (förvaltningslagen, 37 och 38 §§)",
        "The decision has been tried again and stands (Administrative Procedure Act, sections 37 and 38)",
    ),
    RefusalGround.PUBLIC_TASK: Text(
        "Kommunens skäl väger tyngre (dataskyddsförordningen, artikel 21)", "The municipality’s reasons weigh more (GDPR Article 21)"
    ),
    RefusalGround.NOT_THE_PERSON: Text(
        "Det går inte att veta att uppgifterna hör till den som frågar (dataskyddsförordningen, artikel 12)",
        "It cannot be known that the data belongs to whoever asks (GDPR Article 12)",
    ),
    RefusalGround.NOTHING_HELD: Text("Det finns inga sådana uppgifter", "There is no such data"),
    EscalatedTo.DATA_PROTECTION_OFFICER: Text("Dataskyddsombudet", "The data protection officer"),
    EscalatedTo.COUNCIL_SECRETARY: Text("Sekreteraren i fullmäktige", "The council secretary"),
}
_LISTS: dict[str, type[StrEnum]] = {
    "kind": RequestKind,
    "channel": Channel,
    "state": RequestState,
    "outcome": RequestOutcome,
    "escalated": EscalatedTo,
    "ground": RefusalGround,
}


def word(of: str, value: object) -> Text:
    """What a stored word of that list is called; the word itself where it is none of ours."""
    found = _LISTS[of]
    return LABELS[found(value)] if value in set(found) else Text(str(value), str(value))
