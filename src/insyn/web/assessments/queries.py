"""What the pages of a classification read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from insyn.core.text import Text
from insyn.law.adoption import Adoption
from insyn.law.model import Fact
from insyn.rules.asking import OpenQuestion, most_left, to_ask
from insyn.rules.classify import SystemClass
from insyn.rules.comparing import SystemChange, compare_results
from insyn.rules.full_result import FullResult
from insyn.web import clock
from insyn.web.register import packs as rule_packs
from insyn.web.register.models import AdoptedPack, System

from .drafts import Row, may_answer
from .finding import Finding, Topic, work_out
from .models import Classification, Draft


def draft_of(system: System) -> Draft | None:
    return Draft.objects.filter(system=system).select_related("system__owner").first()


def classifications_of(system: System) -> list[Classification]:
    """Newest first."""
    return list(Classification.objects.filter(system=system).select_related("act"))


def before(classification: Classification) -> Classification | None:
    """The classification of the same system that came before."""
    return Classification.objects.filter(system=classification.system_id, pk__lt=classification.pk).first()


def finding_on(rows: Mapping[str, Row], on: date | None = None) -> Finding:
    """What the packs in force say of these rows, today unless told. Raises :class:`~insyn.web.accounts.errors.ActRefused`."""
    day = on or clock.today()
    adoptions = [Adoption(pack=row.pack, digest=row.digest, adopted_on=row.adopted_on) for row in AdoptedPack.objects.all()]
    return work_out(rule_packs.in_force(day), adoptions, rows, on=day)


@dataclass(frozen=True)
class TopicState:
    """A topic in the list of steps. ``asked``: questions to put now; ``answered``: those with an answer."""

    topic: Topic
    asked: tuple[OpenQuestion, ...]
    answered: tuple[Fact, ...]

    @property
    def state(self) -> str:
        if self.asked:
            return "begun" if self.answered else "waiting"
        return "done" if self.answered else "empty"


@dataclass(frozen=True)
class Standing:
    """Where a draft stands: what it says so far, its topics, and how many questions are left."""

    finding: Finding
    topics: tuple[TopicState, ...]
    now: int = 0
    most: int = 0
    deciding: tuple[Text, ...] = ()

    @property
    def shown(self) -> list[TopicState]:
        """The topics with something in them."""
        return [topic for topic in self.topics if topic.state != "empty"]

    def next_after(self, key: str = "") -> TopicState | None:
        """The next topic with a question to put: this one if there is more in it, then those after it."""
        keys = [state.topic.key for state in self.topics]
        start = keys.index(key) if key in keys else 0
        return next((state for state in self.topics[start:] if state.asked), None)

    def step_from(self, key: str, step: int) -> TopicState | None:
        """The neighbour of a topic among those with something in them."""
        keys = [state.topic.key for state in self.shown]
        place = keys.index(key) + step if key in keys else -1
        return self.shown[place] if 0 <= place < len(keys) else None


def standing(rows: Mapping[str, Row]) -> Standing:
    """The draft's rows against the packs in force today."""
    found = finding_on(rows)
    asked = {question.fact: question for question in to_ask(found.questions)}
    topics = tuple(
        TopicState(
            topic=topic,
            asked=tuple(asked[fact.id] for fact in topic.facts if fact.id in asked),
            answered=tuple(fact for fact in topic.facts if "answer" in rows.get(fact.id, {})),
        )
        for topic in found.topics
    )
    return Standing(finding=found, topics=topics, now=len(asked), most=most_left(found.questions), deciding=_deciding(found))


def _deciding(found: Finding) -> tuple[Text, ...]:
    """The questions that would settle the class: those to put now, then those that nobody knew."""
    if found.result.system_class is not SystemClass.UNDETERMINED:
        return ()
    wanted = [question for question in found.questions if question.decides_class and (question.now or question.asked)]
    asked = {fact.id: fact.question for topic in found.topics for fact in topic.facts}
    return tuple(asked[question.fact] for question in sorted(wanted, key=lambda question: question.asked))


def on_the_page(state: TopicState, rows: Mapping[str, Row]) -> list[Fact]:
    """The questions of a topic's page: those to put now, first those that decide the class, then those with an answer or evidence."""
    order = {question.fact: (not question.decides_class) for question in state.asked}
    written = {fact.id for fact in state.topic.facts if fact.id in rows}
    facts = [fact for fact in state.topic.facts if fact.id in order or fact.id in written]
    return sorted(facts, key=lambda fact: (fact.id not in written, order.get(fact.id, False)))


def answering(roles: Iterable[str], facts: Sequence[Fact]) -> frozenset[str]:
    """Those of the questions that somebody in these roles may answer."""
    held = tuple(roles)
    return frozenset(fact.id for fact in facts if any(may_answer(role, fact) for role in held))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> SystemChange | None:
    """What differs between two stored results; ``None`` when one of them was written in a form that is no longer read."""
    try:
        return compare_results(*(msgspec.convert(told, FullResult) for told in (old, new)))
    except msgspec.ValidationError:
        return None
