"""Kleene's logic, and that an answer never makes a settled result less settled."""

from __future__ import annotations

from hypothesis import given, strategies as st

from insyn.core.terms import Tristate
from insyn.law import kleene
from insyn.law.conditions import WORDS, Questions, Ready
from insyn.law.model import LOOSENING, All, Always, AnyOf, Ask, Condition, Kind, Not, Operator
from insyn.law.protective import holds

answers = st.sampled_from(list(Tristate))
FACTS = ("a.a", "b.b", "c.c")
asks = st.builds(Ask, st.sampled_from(FACTS), st.just(Operator.IS), st.sampled_from(["yes", "no"]))


def _larger(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(All, several) | st.builds(AnyOf, several) | st.builds(Not, inner)


conditions: st.SearchStrategy[Condition] = st.recursive(asks | st.just(Always()), _larger, max_leaves=8)
known = st.dictionaries(st.sampled_from(FACTS), st.sampled_from(["yes", "no", "unknown"]))


def asked_of(condition: Condition, facts: dict[str, str]) -> tuple[Tristate, tuple[str, ...]]:
    """The answer, and the facts that keep it open."""
    questions = Questions()
    ready = Ready(condition, questions, {})
    values = questions.unanswered()
    questions.answer(values, facts)
    found: dict[str, None] = {}
    ready.open(values, found)
    return WORDS[ready.value(values)], tuple(found)


def result(condition: Condition, facts: dict[str, str]) -> Tristate:
    return asked_of(condition, facts)[0]


def in_words(condition: Condition, facts: dict[str, str]) -> Tristate:
    """The same condition by Kleene's tables, part by part."""
    match condition:
        case All(parts):
            return kleene.every(in_words(part, facts) for part in parts)
        case AnyOf(parts):
            return kleene.some(in_words(part, facts) for part in parts)
        case Not(part):
            return kleene.opposite(in_words(part, facts))
        case Ask():
            answer = facts.get(condition.fact, "unknown")
            return Tristate.UNKNOWN if answer == "unknown" else Tristate.YES if answer == condition.value else Tristate.NO
        case Always():
            return Tristate.YES


@given(conditions, known)
def test_a_condition_made_ready_answers_as_the_tables_do(condition: Condition, facts: dict[str, str]) -> None:
    assert result(condition, facts) is in_words(condition, facts)


@given(answers, answers)
def test_the_tables_are_those_of_minimum_and_maximum(one: Tristate, two: Tristate) -> None:
    order = [Tristate.NO, Tristate.UNKNOWN, Tristate.YES]
    assert kleene.every([one, two]) is min(one, two, key=order.index)
    assert kleene.some([one, two]) is max(one, two, key=order.index)


@given(st.lists(answers))
def test_de_morgan_holds(several: list[Tristate]) -> None:
    assert kleene.opposite(kleene.every(several)) is kleene.some([kleene.opposite(answer) for answer in several])


@given(answers)
def test_twice_the_opposite_is_the_answer_itself(answer: Tristate) -> None:
    assert kleene.opposite(kleene.opposite(answer)) is answer


@given(conditions, known)
def test_a_settled_result_stays_whatever_the_unknown_facts_turn_out_to_be(condition: Condition, facts: dict[str, str]) -> None:
    before = result(condition, facts)
    if before is Tristate.UNKNOWN:
        return
    for answer in ("yes", "no"):
        full = {fact: facts.get(fact, "unknown") for fact in FACTS}
        full = {fact: answer if given == "unknown" else given for fact, given in full.items()}
        assert result(condition, full) is before


@given(conditions, known)
def test_unknown_names_facts_whose_answers_settle_it(condition: Condition, facts: dict[str, str]) -> None:
    _, asked = asked_of(condition, facts)
    assert bool(asked) is (result(condition, facts) is Tristate.UNKNOWN)
    for answer in ("yes", "no"):
        assert result(condition, facts | dict.fromkeys(asked, answer)) is not Tristate.UNKNOWN


@given(conditions)
def test_with_every_answer_given_nothing_is_unknown(condition: Condition) -> None:
    assert result(condition, dict.fromkeys(FACTS, "no")) is not Tristate.UNKNOWN


def test_unknown_protects_the_person_in_every_kind_of_conclusion() -> None:
    for kind in Kind:
        assert holds(kind, Tristate.UNKNOWN) is (kind not in LOOSENING)
        assert holds(kind, Tristate.YES)
        assert not holds(kind, Tristate.NO)
