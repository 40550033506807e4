"""How a result is laid out: in words, with what was written and not what was asked for, and nothing worked out anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from insyn.core.text import Text
from insyn.law.model import Choice, Fact, FactType
from insyn.web.assessments.drafts import written
from insyn.web.assessments.finding import Topic, as_put
from insyn.web.assessments.showing import said, the_class, told_changes, whole
from insyn.web.assessments.words import period

KINDS = Fact(
    id="it.kinds",
    type=FactType.SET,
    question=Text("Vilka slag?", "Which kinds?"),
    evidence=Text("En lista.", "A list."),
    values=(Choice("red", Text("Röd", "Red")), Choice("blue", Text("Blå", "Blue"))),
)
SINCE = Fact(id="it.since", type=FactType.DATE, question=Text("Sedan när?", "Since when?"))
TOPIC = Topic(key="t", title=Text("Ämne", "Topic"), facts=(KINDS, SINCE))
EMPTY = {"class": "minimal", "act_as": "minimal", "roles": [], "gates": [], "duties": [], "effects": []}


@pytest.mark.parametrize(
    ("answer", "sv", "en"),
    [
        ([], "Inget av detta", "None of these"),
        (["red", "unknown"], "Röd, vet inte om fler", "Red, don’t know if more"),
        ("unknown", "Vet inte", "Don’t know"),
        (None, "", ""),
    ],
)
def test_an_answer_is_told_in_the_words_it_could_be_given_in(answer: Any, sv: str, en: str) -> None:
    question = as_put([TOPIC], ["it.kinds"])[0]["questions"][0]
    with override("sv"):
        assert said(answer, question) == sv
    with override("en"):
        assert said(answer, question) == en


def test_a_day_is_a_day_and_never_is_a_word() -> None:
    question = as_put([TOPIC], ["it.since"])[0]["questions"][0]
    with override("sv"):
        assert [said(answer, question) for answer in ("2026-01-31", "never")] == ["2026-01-31", "Har inte hänt"]


def test_the_evidence_shown_is_what_was_written_never_what_was_asked_for() -> None:
    topics = as_put([TOPIC], ["it.kinds"])
    bare = whole(EMPTY, [], topics, {"it.kinds": {"answer": ["red"]}})
    assert not bare["topics"][0]["rows"][0].get("evidence")
    assert bare["without_evidence"] == 1
    shown = whole(EMPTY, [], topics, {"it.kinds": {"answer": ["red"], "evidence": "Listan."}})
    assert shown["topics"][0]["rows"][0]["evidence"] == "Listan."
    assert shown["without_evidence"] == 0


def test_a_word_of_another_time_is_shown_as_it_is() -> None:
    assert the_class({"class": "limited", "act_as": "limited"})["name"] == "limited"


def test_a_comparison_of_two_equal_results_is_empty() -> None:
    from insyn.rules.comparing import SystemChange

    found = told_changes(SystemChange(result=(), gates=(), duties=()), EMPTY, EMPTY)
    assert found == {"result": [], "rules": []}


def test_writing_the_same_again_changes_nothing() -> None:
    from insyn.core.messages import Actor

    actor = Actor(person="p-1", name="Ny", role="system_owner", office="Kontoret")
    before = {"it.kinds": {"answer": ["red"], "person": "p-2", "name": "Gammal", "role": "system_owner", "at": "2026-01-01"}}
    assert written(before, {"it.kinds": {"answer": ["red"], "evidence": ""}}, actor) == before


@pytest.mark.parametrize(
    ("within", "sv", "en"),
    [
        ("PT72H", "72 timmar", "72 hours"),
        ("P15D", "15 dagar", "15 days"),
        ("P1M", "1 månad", "1 month"),
        ("P1Y6M", "1 år 6 månader", "1 year 6 months"),
    ],
)
def test_a_clock_is_told_in_words(within: str, sv: str, en: str) -> None:
    for language, expected in (("sv", sv), ("en", en)):
        with override(language):
            assert period(within) == expected
