"""What each kind of request rests on, in what time it is answered, and in what words it is offered. Data: one row a kind.

A provision stands here only as our source list has it, with how far it has been verified. The marks ``K`` and ``?`` may demand: they give a
person a right to ask and an office a day to answer. None of them excuses a late or a missing answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insyn.core.terms import VerificationLevel
from insyn.core.text import Text
from insyn.law.durations import parts_of

from .words import RequestKind

_S, _K, _V = VerificationLevel.SECONDARY, VerificationLevel.KNOWLEDGE, VerificationLevel.READ
#: The clock of GDPR Art. 12(3), and how much longer it may be when the person is told why within the first time.
MONTH, TWO_MONTHS = "P1M", "P2M"


@dataclass(frozen=True)
class Ground:
    """A provision, and how far it has been verified."""

    provision: Text
    level: VerificationLevel


@dataclass(frozen=True)
class About:
    """``slug``: its address. ``within`` and ``longer`` are ISO 8601 durations. ``own``: the day is the municipality's own, where the law says
    only "without delay". ``needs_record``: it is about one decision. ``promise``: what happens next. ``easy``: the same in very plain words.
    ``question``: over the field where the person writes; ``must_say``: it cannot be left empty.
    """

    slug: str
    grounds: tuple[Ground, ...]
    what: Text
    promise: Text
    easy: Text
    question: Text
    within: str = MONTH
    longer: str = TWO_MONTHS
    needs_record: bool = True
    own: bool = False
    must_say: bool = False

    @property
    def own_days(self) -> int:
        """Days where the law names none, unless the municipality has set others."""
        return parts_of(self.within)[2]


def _gdpr(article: str) -> Ground:
    return Ground(Text(f"dataskyddsförordningen, artikel {article}", f"GDPR Article {article}"), _K)


def _fl(section: str, level: VerificationLevel) -> Ground:
    return Ground(Text(f"förvaltningslagen, {section} §", f"Administrative Procedure Act, section {section}"), level)


#: The time to answer, and where one complains, for every kind.
TIME = _gdpr("12")
COMPLAINT = _gdpr("77")
_AIA_86 = Ground(Text("AI-förordningen, artikel 86", "AI Act Article 86"), _V)
_ARCHIVE = Ground(Text("arkivlagen, 3 och 10 §§", "Archives Act, sections 3 and 10"), _S)

ABOUT: Mapping[RequestKind, About] = {
    RequestKind.EXPLANATION: About(
        slug="forklaring",
        grounds=(_gdpr("15"), _AIA_86),
        what=Text(
            "Du får veta hur systemet kom fram till sitt förslag i ditt ärende, och vad det betydde för beslutet.",
            "You are told how the system came to its proposal in your case, and what it meant for the decision.",
        ),
        promise=Text(
            "En människa läser din fråga och svarar dig med vanliga ord.", "A person reads your question and answers you in plain words."
        ),
        easy=Text("Vi berättar hur datorn tänkte.", "We tell you how the computer thought."),
        question=Text("Vad vill du ha förklarat?", "What do you want explained?"),
    ),
    RequestKind.HUMAN_REVIEW: About(
        slug="manniska",
        grounds=(_gdpr("22"),),
        what=Text(
            "En människa tittar på ditt ärende en gång till. Det ska vara en annan än den som bestämde, om det går.",
            "A person looks at your case once more: somebody else than whoever decided, where that can be done.",
        ),
        promise=Text(
            "Handläggaren läser allt i ärendet och kan ändra beslutet. Du får veta vad hen kom fram till och varför.",
            "The case officer reads everything in the case and can change the decision. You are told what they found and why.",
        ),
        easy=Text("En människa läser ditt ärende igen.", "A person reads your case again."),
        question=Text("Vad vill du att vi tittar på?", "What do you want us to look at?"),
    ),
    RequestKind.RECONSIDERATION: About(
        slug="omprovning",
        grounds=(_fl("37", _S), _fl("38", _S)),
        within="P21D",
        longer="P21D",
        own=True,
        what=Text(
            "Kommunen prövar sitt eget beslut igen. Beslutet kan ändras om det är fel.",
            "The municipality tries its own decision again. The decision can be changed if it is wrong.",
        ),
        promise=Text(
            "Lagen sätter ingen dag, så kommunen har satt en egen. Du kan också överklaga. I beslutet står hur du gör.",
            "The law sets no day, so the municipality has set its own. You can appeal too. The decision says how.",
        ),
        easy=Text("Kommunen prövar sitt beslut igen.", "The municipality tries its decision again."),
        question=Text("Vad tycker du är fel i beslutet?", "What do you think is wrong in the decision?"),
    ),
    RequestKind.CORRECTION: About(
        slug="rattelse",
        grounds=(_gdpr("16"), _fl("36", _K)),
        what=Text(
            "Du säger vilken uppgift som är fel och hur det borde stå. Det gäller också skrivfel i själva beslutet.",
            "You say which data is wrong and how it ought to read. This also covers slips of the pen in the decision itself.",
        ),
        promise=Text(
            "Den rätta uppgiften läggs till. Den gamla skrivs inte över, så att alla kan se vad som har hänt.",
            "The right data is added. The old one is not written over, so that everybody can see what happened.",
        ),
        easy=Text("Du säger vad som är fel. Vi rättar det.", "You say what is wrong. We put it right."),
        question=Text("Vilken uppgift är fel, och hur borde det stå?", "Which data is wrong, and how ought it to read?"),
        must_say=True,
    ),
    RequestKind.OBJECTION: About(
        slug="invandning",
        grounds=(_gdpr("21"),),
        what=Text(
            "Du säger att du inte vill att systemet använder dina uppgifter, och varför det är så för just dig.",
            "You say that you do not want the system to use your data, and why that is so for you.",
        ),
        promise=Text(
            "Kommunen måste då visa starka skäl för att få gå vidare. Annars slutar systemet att använda uppgifterna.",
            "The municipality must then show strong reasons to go on. Otherwise the system stops using the data.",
        ),
        easy=Text("Du säger nej till att datorn hjälper till.", "You say no to help from the computer."),
        question=Text("Varför vill du inte att systemet används för dig?", "Why do you not want the system to be used for you?"),
        must_say=True,
    ),
    RequestKind.RESTRICTION: About(
        slug="begransning",
        grounds=(_gdpr("18"),),
        what=Text(
            "Uppgifterna finns kvar men får vila. Till exempel medan kommunen tar reda på om de stämmer.",
            "The data stays but is left alone. For instance while the municipality finds out whether it is right.",
        ),
        promise=Text(
            "Medan uppgifterna vilar öppnas de bara för dig, för svaret till dig och om någon behöver dem för ett rättsligt krav.",
            "While it rests, the data is opened only for you, for the answer to you, and where somebody needs it for a legal claim.",
        ),
        easy=Text("Vi rör inte dina uppgifter tills vi vet mer.", "We do not touch your data until we know more."),
        question=Text("Varför ska uppgifterna vila?", "Why should the data be left alone?"),
    ),
    RequestKind.EXTRACT: About(
        slug="utdrag",
        grounds=(_gdpr("15"),),
        needs_record=False,
        what=Text(
            "Du får se allt som systemen har om dig. Du kan läsa det här eller spara det som en fil.",
            "You see everything that the systems have about you. You can read it here or save it as a file.",
        ),
        promise=Text(
            "Utdraget görs medan du ser på. Kommunen sparar ingen kopia.",
            "The extract is made while you look. The municipality keeps no copy.",
        ),
        easy=Text("Du får se allt vi har om dig.", "You see all that we have about you."),
        question=Text("Är det något särskilt du letar efter?", "Is there something that you look for?"),
    ),
    RequestKind.ERASURE: About(
        slug="radering",
        grounds=(_gdpr("17"), _ARCHIVE),
        what=Text(
            "Du ber att uppgifter om dig tas bort. Det går inte alltid, för lagen säger att kommunen ska spara mycket.",
            "You ask that data about you is removed. It is not always possible, as the law says that the municipality must keep a lot.",
        ),
        promise=Text(
            "En människa prövar om uppgifterna får tas bort. Blir svaret nej får du veta varför. Blir det ja står raderingen i loggen.",
            "A person tries whether the data may be removed. If the answer is no, you are told why. If it is yes, the erasure stands in the log.",
        ),
        easy=Text("Du ber oss att ta bort uppgifter.", "You ask us to remove data."),
        question=Text("Vilka uppgifter vill du få borttagna, och varför?", "Which data do you want removed, and why?"),
    ),
}
BY_SLUG = {about.slug: kind for kind, about in ABOUT.items()}

#: What is kept although somebody asks for its erasure, and who decides. Shown before anybody asks.
ARCHIVE_RULES: tuple[Text, ...] = (
    Text(
        "Kommunens handlingar hör till allas arkiv. De får tas bort bara om lagen eller ett beslut säger det.",
        "What the municipality writes belongs to everybody’s archive. It may be removed only if the law or a decision says so.",
    ),
    Text(
        "Beslutet fattas av nämnden, eller av någon som nämnden har gett den uppgiften. En annan människa utför det.",
        "The decision is taken by the board, or by somebody whom the board has given that task. Another person carries it out.",
    ),
    Text(
        "Inget tas bort medan någon prövar ärendet igen, eller medan det granskas.",
        "Nothing is removed while somebody tries the case again, or while it is under supervision.",
    ),
    Text(
        "Det som ska sparas för alltid lämnas till arkivet. Det tas aldrig bort här.",
        "What is to be kept for good goes to the archive. It is never removed here.",
    ),
    Text(
        "Själva raden i loggen står kvar. Den säger inget om dig.",
        "The line in the log stays. It says nothing about you.",
    ),
)
