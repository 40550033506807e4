"""From answers to what a page shows and a classification keeps: the full result, why the class is what it is, and the questions as put.

Everything here is plain JSON, so that a draft of today and a classification of long ago are shown by the same templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import msgspec

from insyn.law.adoption import Adoption
from insyn.law.answers import NEVER, UNKNOWN
from insyn.law.model import Fact, FactType, Pack
from insyn.rules.asking import OpenQuestion, open_questions
from insyn.rules.explaining import because
from insyn.rules.full_result import FullResult, full_result

from . import words
from .drafts import Row, answers_in

#: The kinds that decide a class come first where rules are listed.
_FIRST = ("scope_out", "prohibited", "annex_item", "derogation", "transparency", "role")


@dataclass(frozen=True)
class Topic:
    """A part of the questionnaire; ``key`` stands in addresses."""

    key: str
    title: Any
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Finding:
    """What the packs say of one set of answers on one day."""

    result: FullResult
    reasons: list[dict[str, Any]]
    questions: tuple[OpenQuestion, ...]
    topics: tuple[Topic, ...]
    titles: Mapping[str, Any]

    @cached_property
    def told(self) -> dict[str, Any]:
        """The result as JSON."""
        return msgspec.to_builtins(self.result)


def work_out(packs: Sequence[Pack], adoptions: Iterable[Adoption], rows: Mapping[str, Row], *, on: date) -> Finding:
    """Everything about these rows under the packs that bind on the day."""
    topics = topics_of(packs)
    answers = answers_in(rows, (fact.id for topic in topics for fact in topic.facts))
    return Finding(
        result=full_result(packs, adoptions, answers, on=on),
        reasons=msgspec.to_builtins(because(packs, answers, on=on)),
        questions=open_questions(packs, answers, on=on),
        topics=topics,
        titles={rule.id: msgspec.to_builtins(rule.title) for pack in packs for rule in pack.rules.values()},
    )


def topics_of(packs: Iterable[Pack]) -> tuple[Topic, ...]:
    """The topics in the packs' order, with the questions that people answer."""
    found: dict[str, Topic] = {}
    for pack in packs:
        for name, title in {**pack.topics, "": pack.title}.items():
            facts = tuple(
                fact for fact in pack.facts.values() if not fact.derived and (fact.topic if fact.topic in pack.topics else "") == name
            )
            if facts:
                key = ".".join(part for part in (pack.id.replace("/", "-"), name) if part)
                found[key] = Topic(key=key, title=title, facts=facts)
    return tuple(found.values())


def asked_for(finding: Finding) -> dict[str, list[dict[str, Any]]]:
    """For each fact the rules that ask for it, with their citations; those that decide a class first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for weighed in finding.told["trace"]:
        title, kind = finding.titles[weighed["rule"]], weighed["kind"]
        rule = {
            "rule": weighed["rule"],
            "kind": kind,
            "kind_name": words.named(words.KINDS, kind),
            "title": title,
            "citations": weighed["citations"],
        }
        for fact in dict.fromkeys(step["fact"] for step in weighed["steps"]):
            found.setdefault(fact, []).append(rule)
    for rules in found.values():
        rules.sort(key=lambda rule: _FIRST.index(rule["kind"]) if rule["kind"] in _FIRST else len(_FIRST))
    return found


def as_put(topics: Iterable[Topic], facts: Iterable[str]) -> list[dict[str, Any]]:
    """The topics as JSON, with those of their questions that are named: the wording that was answered."""
    wanted = set(facts)
    put = [
        {
            "key": topic.key,
            "title": msgspec.to_builtins(topic.title),
            "questions": [_question(fact) for fact in topic.facts if fact.id in wanted],
        }
        for topic in topics
    ]
    return [topic for topic in put if topic["questions"]]


def _question(fact: Fact) -> dict[str, Any]:
    labels = {choice.value: choice.label for choice in fact.values}
    if fact.type is FactType.TRISTATE:
        labels = {"yes": words.YES, "no": words.NO}
    if fact.type is FactType.DATE:
        labels = {NEVER: words.NEVER}
    if fact.type is FactType.SET:
        labels |= {"": words.NONE, UNKNOWN: words.UNKNOWN_MORE}
    return {
        "fact": fact.id,
        "question": msgspec.to_builtins(fact.question),
        "asked_for": msgspec.to_builtins(fact.evidence),
        "answers": {value: msgspec.to_builtins(label) for value, label in labels.items()},
    }
