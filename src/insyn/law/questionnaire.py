"""Every question of the packs, with who answers it and which rules need the answer: enough to describe a system without reading the law."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from insyn.core.labels import label
from insyn.core.terms import Role
from insyn.core.text import Text

from .answers import NEVER, UNKNOWN
from .conditions import facts_in
from .model import Fact, FactType, Kind, Pack, PackKind, Rule
from .starts import STARTS_FACTS

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
    """``answered_by``: ``person``, or ``worked_out`` from other answers. ``evidence``: what shows that an answer is right."""

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
    """Every question, those of a topic together, topics in the order of :func:`topics_of`."""
    questions = [_question(fact, pack, packs) for pack in packs for fact in pack.facts.values()]
    topics = list(topics_of(packs))
    return tuple(sorted(questions, key=lambda question: topics.index(question.topic)))


def topics_of(packs: Sequence[Pack]) -> dict[str, Text]:
    """The parts of the questionnaire by id, with their headings, in the order of the packs and of each pack's own list; the first heading counts, of law before policy."""
    found: dict[str, Text] = {}
    for pack in packs:
        for topic, heading in pack.topics.items():
            found.setdefault(topic, heading)
    for pack in reversed([pack for pack in packs if pack.kind is PackKind.LAW]):
        found.update(pack.topics)  # no municipality renames a part of the law's questions
    return found


def _question(fact: Fact, pack: Pack, packs: Sequence[Pack]) -> Question:
    return Question(
        id=fact.id,
        topic=fact.topic,
        topic_label=topics_of(packs)[fact.topic],
        pack=pack.id,
        pack_kind=pack.kind,
        type=fact.type,
        question=fact.question,
        help=fact.help,
        who=() if fact.derived else tuple(Who(role, label(role)) for role in fact.who),
        evidence=fact.evidence,
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
