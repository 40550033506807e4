"""Every question of the packs, with who answers it and which rules need the answer: enough to describe a system without reading the law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from insyn.core.labels import label
from insyn.core.terms import Role
from insyn.core.text import Text

from .answers import NEVER, UNKNOWN
from .conditions import facts_in
from .model import Fact, FactType, Kind, Pack, PackKind
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
    topics, needing = topics_of(packs), _needing(packs)
    questions = [_question(fact, pack, topics[fact.topic], needing.get(fact.id, ())) for pack in packs for fact in pack.facts.values()]
    order = list(topics)
    return tuple(sorted(questions, key=lambda question: order.index(question.topic)))


def topics_of(packs: Sequence[Pack]) -> dict[str, Text]:
    """The parts of the questionnaire by id, with their headings, in the order of the packs and of each pack's own list; the first heading counts, of law before policy."""
    found: dict[str, Text] = {}
    for pack in packs:
        for topic, heading in pack.topics.items():
            found.setdefault(topic, heading)
    for pack in reversed([pack for pack in packs if pack.kind is PackKind.LAW]):
        found.update(pack.topics)  # no municipality renames a part of the law's questions
    return found


def _question(fact: Fact, pack: Pack, heading: Text, needing: Iterable[Needing]) -> Question:
    return Question(
        id=fact.id,
        topic=fact.topic,
        topic_label=heading,
        pack=pack.id,
        pack_kind=pack.kind,
        type=fact.type,
        question=fact.question,
        help=fact.help,
        who=() if fact.derived else tuple(Who(role, label(role)) for role in fact.who),
        evidence=fact.evidence,
        answered_by="worked_out" if fact.derived else "person",
        answers=_answers(fact),
        needed_by=tuple(needing),
    )


def _answers(fact: Fact) -> tuple[PossibleAnswer, ...]:
    """What may be answered; a date is besides any day, and a set any number of these."""
    own = [PossibleAnswer(choice.value, choice.label) for choice in fact.values]
    if fact.type is FactType.TRISTATE:
        own = [PossibleAnswer("yes", _YES), PossibleAnswer("no", _NO)]
    if fact.type is FactType.DATE:
        own = [PossibleAnswer(NEVER, _NEVER)]
    return (*own, PossibleAnswer(UNKNOWN, _UNKNOWN))


def _needing(packs: Iterable[Pack]) -> dict[str, list[Needing]]:
    """For each fact the rules that ask for it, in the packs' order."""
    found: dict[str, list[Needing]] = {}
    for rule in (rule for pack in packs for rule in pack.rules.values()):
        asked = {
            "condition": [ask.fact for ask in facts_in(rule.when)],
            "exception": [ask.fact for exception in rule.exceptions for ask in facts_in(exception.when)],
            "first_day": STARTS_FACTS.get(rule.starts_by, ()),
        }
        for purpose, facts in asked.items():
            for fact in dict.fromkeys(facts):
                found.setdefault(fact, []).append(Needing(rule.id, rule.kind, rule.title, purpose))
    return found
