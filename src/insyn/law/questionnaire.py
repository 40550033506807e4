"""Every question of the packs, with who answers it and which rules need the answer: enough to describe a system without reading the law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from insyn.core.labels import label
from insyn.core.terms import Role
from insyn.core.text import Text

from .answers import NEVER, UNKNOWN
from .conditions import facts_in
from .model import Fact, FactType, Kind, Pack, PackKind, Rule
from .starts import STARTS_FACTS

#: What a fact is about, by the first word of its id. A word that is not here is called by its pack's title.
_TOPICS = {
    "aia": Text("Systemet och vad det används till", "The system and what it is used for"),
    "p": Text("Förbjudna metoder", "Prohibited practices"),
    "class": Text("Klassningen (räknas ut)", "The classification (worked out)"),
    "data": Text("Personuppgifter", "Personal data"),
    "decision": Text("Beslut om människor", "Decisions about people"),
    "discrimination": Text("Diskriminering", "Discrimination"),
    "work": Text("De anställdas arbete", "The employees’ work"),
}
_YES, _NO = Text("Ja", "Yes"), Text("Nej", "No")
_UNKNOWN, _NEVER = Text("Vet inte", "Unknown"), Text("Har inte hänt", "Has not happened")


class Who(msgspec.Struct, frozen=True):
    role: Role
    label: Text


class PossibleAnswer(msgspec.Struct, frozen=True):
    value: str
    label: Text


class Needing(msgspec.Struct, frozen=True):
    """A rule that asks for the fact. ``for_what``: its condition, an exception from it, or its first day."""

    rule: str
    kind: Kind
    title: Text
    for_what: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """``answered_by``: ``person``, or ``worked_out`` from other answers. ``evidence`` is ``None`` while packs do not say what shows the answer."""

    id: str
    topic: str
    topic_label: Text
    pack: str
    pack_kind: PackKind
    type: FactType
    question: Text
    help: Text | None
    who: tuple[Who, ...]
    evidence: Text | None
    answered_by: str
    answers: tuple[PossibleAnswer, ...]
    needed_by: tuple[Needing, ...]


def questionnaire(packs: Sequence[Pack]) -> tuple[Question, ...]:
    """Every question, those of a topic together, topics in the order in which the packs first ask."""
    questions = [_question(fact, pack, packs) for pack in packs for fact in pack.facts.values()]
    topics = list(dict.fromkeys(question.topic for question in questions))
    return tuple(sorted(questions, key=lambda question: topics.index(question.topic)))


def _question(fact: Fact, pack: Pack, packs: Iterable[Pack]) -> Question:
    topic = fact.id.partition(".")[0]
    return Question(
        id=fact.id,
        topic=topic,
        topic_label=_TOPICS.get(topic, pack.title),
        pack=pack.id,
        pack_kind=pack.kind,
        type=fact.type,
        question=fact.question,
        help=fact.help,
        who=() if fact.derived else tuple(Who(role, label(role)) for role in fact.who),
        evidence=None,
        answered_by="worked_out" if fact.derived else "person",
        answers=_answers(fact),
        needed_by=tuple(needing for pack in packs for rule in pack.rules.values() for needing in _needing(rule, fact.id)),
    )


def _answers(fact: Fact) -> tuple[PossibleAnswer, ...]:
    """What may be answered; a date is besides any day, and a set any number of these."""
    own = [PossibleAnswer(choice.value, choice.label) for choice in fact.values]
    if fact.type is FactType.TRISTATE:
        own = [PossibleAnswer("yes", _YES), PossibleAnswer("no", _NO)]
    if fact.type is FactType.DATE:
        own = [PossibleAnswer(NEVER, _NEVER)]
    return (*own, PossibleAnswer(UNKNOWN, _UNKNOWN))


def _needing(rule: Rule, fact: str) -> list[Needing]:
    asked = {
        "condition": any(ask.fact == fact for ask in facts_in(rule.when)),
        "exception": any(ask.fact == fact for exception in rule.exceptions for ask in facts_in(exception.when)),
        "first_day": fact in STARTS_FACTS.get(rule.starts_by, ()),
    }
    return [Needing(rule.id, rule.kind, rule.title, purpose) for purpose, asks in asked.items() if asks]
