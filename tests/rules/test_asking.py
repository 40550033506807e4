"""Which questions are still asked of an owner: those that can change something, the deciding ones first, and it ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from rules_kit import DAY, LOAN_FACTS, all_packs

from insyn.core.errors import InvalidInput
from insyn.core.terms import Tristate
from insyn.law.adoption import packs_in_force
from insyn.law.answers import facts_of
from insyn.law.model import Fact, FactType, Kind, Pack, PackKind
from insyn.rules.asking import most_left, open_questions, to_ask
from insyn.rules.classify import SystemClass
from insyn.rules.explaining import because
from insyn.rules.full_result import FullResult, full_result

LAW = packs_in_force(all_packs(), [], on=DAY)
FACTS = facts_of(LAW)
ASKED = [fact for fact in FACTS.values() if not fact.derived]


def asked(answers: Mapping[str, Any], packs: tuple[Pack, ...] = LAW) -> list[str]:
    return [question.fact for question in to_ask(open_questions(packs, answers, on=DAY))]


def least(fact: Fact) -> Any:
    """The answer that says least of a system: no, nothing, never."""
    match fact.type:
        case FactType.TRISTATE:
            return "no"
        case FactType.SET:
            return []
        case FactType.DATE:
            return "never"
    return fact.values[0].value


def ask_all(known: Mapping[str, Any], *, otherwise: Any = least) -> dict[str, Any]:
    """Answer what is asked, one question at a time, until nothing is."""
    answers: dict[str, Any] = {}
    for _ in range(len(ASKED) + 1):
        left = asked(answers)
        if not left:
            return answers
        assert left[0] not in answers
        answers[left[0]] = known.get(left[0], otherwise(FACTS[left[0]]) if callable(otherwise) else otherwise)
    raise AssertionError("the asking does not end")


def class_of(answers: Mapping[str, Any]) -> SystemClass:
    return full_result(LAW, [], answers, on=DAY).system_class


def test_whoever_begins_is_asked_first_what_decides_whether_the_law_applies() -> None:
    assert asked({})[0] == "aia.is_ai"


def test_a_system_outside_the_act_is_asked_nothing_more_about_the_act() -> None:
    answers = ask_all({"aia.is_ai": "no"})
    assert class_of(answers) is SystemClass.OUT_OF_SCOPE
    assert {fact for fact in answers if fact.startswith(("aia.", "p."))} == {"aia.is_ai"}


def test_the_exemption_is_asked_about_only_where_a_use_is_listed() -> None:
    plain = ask_all({"aia.is_ai": "yes"})
    assert class_of(plain) is SystemClass.MINIMAL
    assert "aia.profiling" not in plain
    assert "aia.profiling" in ask_all({"aia.is_ai": "yes", "aia.uses": ["public_benefits"]})


def test_profiling_ends_the_questions_about_the_exemption() -> None:
    answers = ask_all({"aia.is_ai": "yes", "aia.uses": ["public_benefits"], "aia.profiling": "yes"})
    assert class_of(answers) is SystemClass.HIGH_RISK
    assert "aia.limb" not in answers


def test_first_days_are_asked_about_only_where_a_duty_hangs_on_them() -> None:
    assert "aia.first_placed" not in ask_all({"aia.is_ai": "yes"})
    high = {"aia.is_ai": "yes", "aia.uses": ["public_benefits"], "aia.profiling": "yes"}
    assert "aia.design_changed" not in ask_all({**high, "aia.first_placed": "2028-01-01"})
    assert "aia.design_changed" in ask_all({**high, "aia.first_placed": "2026-01-01"})


def test_dont_know_to_everything_ends_too_and_leaves_the_strict_side() -> None:
    answers = ask_all({}, otherwise="unknown")
    found = full_result(LAW, [], answers, on=DAY)
    assert found.system_class is SystemClass.UNDETERMINED
    assert found.act_as is SystemClass.PROHIBITED
    assert all(question.asked for question in open_questions(LAW, answers, on=DAY))


def test_the_questions_of_a_policy_are_asked_only_when_it_binds(lindvalla: tuple[Pack, ...]) -> None:
    own = {fact for pack in lindvalla if pack.kind is PackKind.POLICY for fact in pack.facts}
    assert not own & {question.fact for question in open_questions(LAW, {}, on=DAY)}


def test_a_system_of_which_all_is_known_is_asked_nothing() -> None:
    answers = ask_all(LOAN_FACTS)
    assert open_questions(LAW, answers, on=DAY) == ()
    assert most_left(open_questions(LAW, {}, on=DAY)) >= len(answers)


def test_topics_come_in_the_packs_order_and_deciding_questions_first_in_each() -> None:
    found = open_questions(LAW, {}, on=DAY)
    packs = {pack.id: (number, list(pack.topics)) for number, pack in enumerate(LAW)}

    def place(question: Any) -> tuple[int, int, bool]:
        number, topics = packs[question.pack]
        topic = FACTS[question.fact].topic
        return number, topics.index(topic) if topic in topics else len(topics), not question.decides_class

    assert [place(question) for question in found] == sorted(place(question) for question in found)


def test_a_wrong_answer_is_refused() -> None:
    with pytest.raises(InvalidInput):
        open_questions(LAW, {"aia.is_ai": "maybe"}, on=DAY)


def an_answer(fact: Fact) -> st.SearchStrategy[Any]:
    values = [choice.value for choice in fact.values]
    match fact.type:
        case FactType.TRISTATE:
            return st.sampled_from(["yes", "no", "unknown"])
        case FactType.SET:
            return st.lists(st.sampled_from([*values, "unknown"]), unique=True, max_size=3)
        case FactType.DATE:
            return st.sampled_from(["never", "unknown", "2026-01-01", "2027-12-02", "2028-08-02", "2029-01-01"])
    return st.sampled_from([*values, "unknown"])


SOME_ANSWERS = st.fixed_dictionaries({}, optional={fact.id: an_answer(fact) for fact in ASKED})
ALL_ANSWERS = st.fixed_dictionaries({fact.id: an_answer(fact) for fact in ASKED})
few = settings(max_examples=40)


@few
@given(SOME_ANSWERS)
def test_whatever_is_answered_something_is_asked_while_something_is_left(answers: dict[str, Any]) -> None:
    questions = open_questions(LAW, answers, on=DAY)
    assert bool(to_ask(questions)) is (most_left(questions) > 0)


def what_counts(found: FullResult) -> Any:
    """The class, and everything to do with its days."""
    plain = [msgspec.structs.replace(row, unknown=()) for row in (*found.gates, *found.duties)]
    days = [(effect.rule, effect.law_applies_from, effect.policy_applies_from, effect.applies) for effect in found.effects]
    items = () if found.system_class is SystemClass.OUT_OF_SCOPE else found.annex_items
    return found.system_class, found.act_as, items, plain, days


@few
@given(SOME_ANSWERS, ALL_ANSWERS)
def test_what_is_not_asked_would_have_changed_nothing(answers: dict[str, Any], others: dict[str, Any]) -> None:
    needed = {question.fact for question in open_questions(LAW, answers, on=DAY)}
    more = {fact: answer for fact, answer in others.items() if fact not in needed and fact not in answers}
    assert what_counts(full_result(LAW, [], {**answers, **more}, on=DAY)) == what_counts(full_result(LAW, [], answers, on=DAY))


@few
@given(SOME_ANSWERS, ALL_ANSWERS)
def test_an_answer_never_makes_more_questions_than_were_left(answers: dict[str, Any], others: dict[str, Any]) -> None:
    before = open_questions(LAW, answers, on=DAY)
    for question in to_ask(before)[:1]:
        more = {**answers, question.fact: others[question.fact]}
        after = {left.fact for left in open_questions(LAW, more, on=DAY) if not left.asked}
        assert after < {left.fact for left in before if not left.asked}


# -------------------------------------------------------------------------------------------------------------------- why


def test_a_high_risk_class_is_explained_with_its_item_and_the_exemption_that_profiling_closed() -> None:
    answers = ask_all({"aia.is_ai": "yes", "aia.uses": ["public_benefits"], "aia.profiling": "yes"})
    found = {reason.kind: reason for reason in because(LAW, answers, on=DAY)}
    assert found[Kind.ANNEX_ITEM].value == "III.5(a)"
    assert [one.fact for one in found[Kind.ANNEX_ITEM].settled_by] == ["aia.uses"]
    exemption = found[Kind.DEROGATION]
    assert exemption.result is Tristate.NO
    assert ("aia.profiling", "yes") in [(one.fact, one.answer) for one in exemption.settled_by]
    assert exemption.citations


def test_a_minimal_class_is_explained_by_every_rule_that_does_not_hit() -> None:
    reasons = because(LAW, ask_all({"aia.is_ai": "yes"}), on=DAY)
    assert {reason.kind for reason in reasons} == {Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.TRANSPARENCY}
    assert all(reason.result is Tristate.NO and reason.settled_by for reason in reasons)


def test_a_system_outside_is_explained_by_what_puts_it_there() -> None:
    reasons = because(LAW, {"aia.is_ai": "no"}, on=date(2026, 11, 20))
    assert [(reason.kind, [one.fact for one in reason.settled_by]) for reason in reasons] == [(Kind.SCOPE_OUT, ["aia.is_ai"])]
