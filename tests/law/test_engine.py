"""The engine against Kleene's words, days on both sides, what is kept between two evaluations, and what threads do to it."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from insyn.core.errors import InvalidInput
from insyn.core.terms import Tristate
from insyn.core.text import Text
from insyn.law import kleene, starts
from insyn.law.conditions import WORDS, Questions, Ready
from insyn.law.derived import derive, open_behind
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import (
    FIRST,
    All,
    Always,
    AnyOf,
    Ask,
    CalendarDay,
    Condition,
    Fact,
    FactType,
    Kind,
    Not,
    Operator,
    Pack,
    Rule,
    RuleResult,
)
from insyn.law.protective import applying
from insyn.law.ready import ReadyRule, ready
from insyn.rules.collisions import collisions

ROOT = Path(__file__).resolve().parents[2]
RULE = "rules/no-harm.yaml"
DAY = date(2026, 11, 20)
EXCEPTIONS = """exceptions:
  - {id: red, title: {sv: Röd, en: Red}, when: {fact: it.kinds, has: red}, citations: [act-1]}
  - {id: blue, title: {sv: Blå, en: Blue}, when: {fact: it.kinds, has: blue}, citations: [act-1]}
why:"""


def found(files: Any, facts: dict[str, Any], on: date = DAY, rule: str = "little-law/no-harm") -> RuleResult:
    packs = load_packs(files.folder.parent)
    return next(result for result in evaluate(packs, facts, on=on).results if result.rule.id == rule)


asks = st.sampled_from(["a.a", "a.b", "a.c"]).map(lambda fact: Ask(fact, Operator.IS, "yes"))
conditions = st.recursive(
    asks | st.just(Always()),
    lambda part: (
        st.lists(part, min_size=1, max_size=3).map(lambda parts: All(tuple(parts)))
        | st.lists(part, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
        | part.map(Not)
    ),
    max_leaves=8,
)


def in_words(condition: Condition, answers: dict[str, str]) -> Tristate:
    match condition:
        case All(parts):
            return kleene.every(in_words(part, answers) for part in parts)
        case AnyOf(parts):
            return kleene.some(in_words(part, answers) for part in parts)
        case Not(part):
            return kleene.opposite(in_words(part, answers))
        case Ask():
            return Tristate(answers[condition.fact])
        case Always():
            return Tristate.YES


@given(conditions, st.fixed_dictionaries({fact: st.sampled_from(["yes", "no", "unknown"]) for fact in ("a.a", "a.b", "a.c")}))
def test_numbers_say_what_kleene_says_in_words(condition: Condition, answers: dict[str, str]) -> None:
    questions = Questions()
    made = Ready(condition, questions, {})
    values = questions.unanswered()
    questions.answer(values, answers)
    opened: dict[str, None] = {}
    made.open(values, opened)
    assert WORDS[made.value(values)] is in_words(condition, answers)
    assert bool(opened) is (in_words(condition, answers) is Tristate.UNKNOWN)
    assert all(answers[fact] == "unknown" for fact in opened)


@pytest.mark.parametrize(
    ("answer", "result"),
    [("2024-12-31", "no"), ("2025-01-01", "yes"), ("2025-01-02", "yes"), ("never", "no"), ("unknown", "unknown"), (None, "unknown")],
)
def test_a_day_is_asked_on_both_sides(little_law: Any, answer: str | None, result: str) -> None:
    little_law.swap(RULE, "fact: it.harms, is: yes", "fact: it.since, at_least: later-day")
    assert found(little_law, {"it.since": answer} if answer else {}).result.value == result


@pytest.mark.parametrize("answer", ["2026-W05-6", "20260131", "2026-02-30", "\uff12026-01-31", "2026-01-31T00:00", ""])
def test_a_day_is_written_in_one_way(little_law: Any, answer: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date"):
        found(little_law, {"it.since": answer})


@pytest.mark.parametrize(
    ("asked", "answer", "result"),
    [
        ("has: red", ["red", "unknown"], "yes"),
        ("has: red", ["blue", "unknown"], "unknown"),
        ("has: red", ["blue"], "no"),
        ("has: red", [], "no"),
        ("has: red", "unknown", "unknown"),
        ("at_least: 1", ["unknown"], "unknown"),
        ("at_least: 1", ["red", "unknown"], "yes"),
        ("at_least: 2", ["red", "unknown"], "unknown"),
        ("at_least: 2", ["red", "blue"], "yes"),
        ("at_least: 2", ["red"], "no"),
    ],
)
def test_a_set_may_hold_a_doubt(little_law: Any, asked: str, answer: Any, result: str) -> None:
    little_law.swap(RULE, "fact: it.harms, is: yes", f"fact: it.kinds, {asked}")
    assert found(little_law, {"it.kinds": answer}).result.value == result


@pytest.mark.parametrize(
    ("harms", "kinds", "result", "exception", "opened"),
    [
        ("yes", [], "yes", "", ()),
        ("yes", ["blue"], "no", "blue", ()),
        ("yes", ["red", "blue"], "no", "red", ()),
        ("yes", "unknown", "unknown", "", ("it.kinds",)),
        ("yes", ["blue", "unknown"], "no", "blue", ()),
        ("no", "unknown", "no", "", ()),
        ("unknown", [], "unknown", "", ("it.harms",)),
        ("unknown", "unknown", "unknown", "", ("it.harms", "it.kinds")),
    ],
)
def test_exceptions_free_only_by_a_yes(
    little_law: Any, harms: str, kinds: Any, result: str, exception: str, opened: tuple[str, ...]
) -> None:
    little_law.swap(RULE, "why:", EXCEPTIONS)
    got = found(little_law, {"it.harms": harms, "it.kinds": kinds})
    assert (got.result.value, got.exception, got.unknown) == (result, exception, opened)


SUSPENDED = "at: first-day}\n  - {status: suspended, at: later-day}\n  - {status: applicable, at: last-day}"


@pytest.mark.parametrize(
    ("on", "in_force"),
    [("2019-12-31", False), ("2020-01-01", True), ("2024-12-31", True), ("2025-01-01", False), ("2025-12-31", False), ("2026-01-01", True)],
)
def test_a_rule_that_was_suspended_for_a_time(little_law: Any, on: str, in_force: bool) -> None:
    little_law.swap("calendar.yaml", "calendar:\n", "calendar:\n  - {id: last-day, day: 2026-01-01, basis: act-1}\n")
    little_law.swap(RULE, "at: first-day}", SUSPENDED)
    got = found(little_law, {"it.harms": "yes"}, date.fromisoformat(on))
    assert (got.in_force, got.applies_from) == (in_force, date(2020, 1, 1))


def bringing(little_law: Any, beside: Callable[..., Any], *, at: str = "") -> Any:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "why:", "brings_forward: [little-law/no-harm]\nwhy:")
    policy.swap("rules/council-rule.yaml", "fact: it.harms", "fact: it.also")
    little_law.swap("facts.yaml", "facts:\n", "facts:\n  - {id: it.also, type: tristate, question: {sv: a, en: b}, who: [system_owner]}\n")
    little_law.swap("calendar.yaml", "calendar:\n", "calendar:\n  - {id: coming, day: 2030-01-01, basis: act-1}\n")
    little_law.swap(RULE, "at: first-day", "at: coming")
    if at:
        policy.write("calendar.yaml", "calendar:\n  - {id: our-day, day: " + at + ", basis: act-1}\n")
        policy.swap("rules/council-rule.yaml", "why:", "history: [{status: applicable, at: our-day}]\nwhy:")
    return policy


@pytest.mark.parametrize(("also", "brought"), [("yes", True), ("unknown", True), ("no", False)])
def test_law_is_brought_forward_where_the_policys_rule_holds(little_law: Any, beside: Callable[..., Any], also: str, brought: bool) -> None:
    bringing(little_law, beside)
    got = found(little_law, {"it.harms": "yes", "it.also": also})
    assert (got.in_force, bool(got.brought_by)) == (brought, brought)


@pytest.mark.parametrize(("at", "brought"), [("2026-11-20", True), ("2026-11-21", False)])
def test_nor_before_the_policys_own_day(little_law: Any, beside: Callable[..., Any], at: str, brought: bool) -> None:
    bringing(little_law, beside, at=at)
    assert found(little_law, {"it.harms": "yes", "it.also": "yes"}).in_force is brought


def test_a_law_that_is_suspended_is_not_brought_back(little_law: Any, beside: Callable[..., Any]) -> None:
    bringing(little_law, beside)
    little_law.swap(RULE, "at: coming}", "at: first-day}\n  - {status: suspended, at: later-day}")
    got = found(little_law, {"it.harms": "yes", "it.also": "yes"})
    assert (got.in_force, got.brought_by) == (False, ())


def test_what_waits_for_the_class_names_its_own_open_question_too(little_law: Any) -> None:
    rule = (little_law.folder / RULE).read_text().replace("no-harm", "duty").replace("kind: prohibited", "kind: duty")
    both = "{all: [{fact: it.kinds, has: red}, {fact: class.bad, is: yes}]}"
    little_law.write("rules/duty.yaml", rule.replace("{fact: it.harms, is: yes}", both))
    assert found(little_law, {}, rule="little-law/duty").unknown == ("it.kinds", "it.harms")


@pytest.mark.parametrize(
    ("kind", "at", "answer", "acted_on"),
    [
        ("scope_out", "first-day", "yes", False),
        ("scope_out", "first-day", "unknown", True),
        ("scope_out", "first-day", "no", True),
        ("scope_out", "coming", "yes", True),
        ("derogation", "first-day", "yes", True),
    ],
)
def test_only_a_scope_that_is_shown_and_in_force_takes_a_packs_duties_away(
    little_law: Any, beside: Callable[..., Any], kind: str, at: str, answer: str, acted_on: bool
) -> None:
    beside()
    rule = (little_law.folder / RULE).read_text()
    little_law.write(
        "rules/duty.yaml", rule.replace("no-harm", "duty").replace("kind: prohibited", "kind: duty").replace("it.harms", "it.also")
    )
    little_law.swap("facts.yaml", "facts:\n", "facts:\n  - {id: it.also, type: tristate, question: {sv: a, en: b}, who: [system_owner]}\n")
    little_law.swap("calendar.yaml", "calendar:\n", "calendar:\n  - {id: coming, day: 2030-01-01, basis: act-1}\n")
    little_law.swap(RULE, "kind: prohibited", f"kind: {kind}")
    little_law.swap(RULE, "at: first-day", f"at: {at}")
    found_ = evaluate(load_packs(little_law.folder.parent), {"it.harms": answer, "it.also": "yes"}, on=DAY)
    acting = {result.rule.id for result in applying(found_, Kind.DUTY, Kind.STOP_RULE)}
    assert ("little-law/duty" in acting) is acted_on
    assert ("kommun/by/council-rule" in acting) is (answer != "no"), "what one law leaves out, a policy may still ask"


def test_rules_that_collide_are_shown_each_with_its_own_words(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "kind: stop_rule", "kind: duty")
    policy.swap("rules/council-rule.yaml", "[act-1]", "[act-2]")
    policy.swap("rules/council-rule.yaml", "why:", "yields_to: [{rule: little-law/no-harm, why: {sv: x, en: x}}]\nwhy:")
    packs = load_packs(little_law.folder.parent)
    (collision,) = collisions(evaluate(packs, {"it.harms": "yes"}, on=DAY))
    assert (collision.prevails_title.en, collision.yields_title.en) == ("No harm", "The council's rule")
    assert [citation.provision for citation in collision.prevails_citations] == ["act-1"]
    assert [citation.provision for citation in collision.yields_citations] == ["act-2"]
    assert collisions(evaluate(packs, {"it.harms": "no"}, on=DAY)) == ()
    assert collisions(evaluate(packs, {"it.harms": "yes"}, on=date(2019, 12, 31))) == (), "the law that prevails has not begun"


ANNEX_III: dict[str, Any] = {"aia.is_ai": "yes", "aia.outside": [], "aia.uses": ["public_benefits"], "aia.profiling": "yes"}
CALENDAR = {
    name: CalendarDay(id=name, day=day, basis="x")
    for name, day in {
        "aia-113-3-c-i": date(2027, 12, 2),
        "aia-113-3-c-ii": date(2028, 8, 2),
        "aia-111-2-public-authorities": date(2030, 8, 2),
        "aia-111-4-generators": date(2026, 12, 2),
    }.items()
}
ONLY_ANNEX_I = {starts.BY_ANNEX_III: "no", starts.HIGH_RISK: "yes"}


@pytest.mark.parametrize(
    ("first", "answers", "day"),
    [
        ("2027-12-02", ONLY_ANNEX_I, "2028-08-02"),
        ("2026-08-02", ONLY_ANNEX_I, "2026-08-02"),  # no rule of that route
        ("2027-12-02", ONLY_ANNEX_I | {starts.BY_ANNEX_III: "unknown"}, "2027-12-02"),
        ("2027-12-02", ONLY_ANNEX_I | {starts.HIGH_RISK: "unknown"}, "2027-12-02"),
    ],
)
def test_the_later_route_is_shown_or_it_is_the_earlier(first: str, answers: dict[str, Any], day: str) -> None:
    assert starts.aia_legacy(date.fromisoformat(first), answers, CALENDAR) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("placed", "day"),
    [("2026-08-01", "2026-12-02"), ("2026-08-02", "2026-08-02"), ("never", "2026-08-02"), ("unknown", "2026-08-02"), (None, "2026-08-02")],
)
def test_old_generators_wait_only_when_their_age_is_shown(placed: str | None, day: str) -> None:
    answers = {starts.PLACED: placed} if placed else {}
    assert starts.aia_generators(date(2026, 8, 2), answers, CALENDAR) == date.fromisoformat(day)


SYSTEM = st.fixed_dictionaries(
    {
        starts.PLACED: st.sampled_from(["2026-01-01", "2027-12-02", "2029-01-01", "never"]),
        starts.CHANGED: st.sampled_from(["2026-02-01", "2028-03-01", "2031-01-01", "never"]),
        starts.FOR_AUTHORITIES: st.sampled_from(["yes", "no"]),
        starts.PURPOSE_CHANGED: st.sampled_from(["yes", "no"]),
        starts.BY_ANNEX_III: st.sampled_from(["yes", "no"]),
        starts.HIGH_RISK: st.sampled_from(["yes", "no"]),
    }
)


@given(SYSTEM, st.sets(st.sampled_from([starts.PLACED, starts.CHANGED, starts.FOR_AUTHORITIES, starts.PURPOSE_CHANGED])))
def test_to_forget_an_answer_never_gives_a_later_day(answers: dict[str, str], forgotten: set[str]) -> None:
    first = date(2027, 12, 2)
    known = {fact: answer for fact, answer in answers.items() if fact not in forgotten}
    whole, less = (starts.aia_legacy(first, given_, CALENDAR) or date.max for given_ in (answers, known))
    assert less <= whole


def concluded(**values: str) -> list[RuleResult]:
    """Results of rules that conclude these, each written kind__value; only kind, value and answer matter here."""
    kinds = [(name.partition("__"), Tristate(answer)) for name, answer in values.items()]
    return [
        RuleResult(
            rule=rule_that_concludes(Kind(kind), value),
            result=answer,
            in_force=True,
            applies_from=DAY,
            citations=(),
            trace=(),
            unknown=(f"ask.{kind}",),
        )
        for (kind, _, value), answer in kinds
    ]


def rule_that_concludes(kind: Kind, value: str) -> Rule:
    said = VALUES.get(value, value)
    words = Text("x", "x")
    return Rule(
        id=f"p/{value}", pack="p", slug=value, title=words, kind=kind, value=said, when=Always(), citations=(), why=words, mend=words
    )


VALUES = {"ia": "I.A", "ib": "I.B", "iii2": "III.2", "iii5": "III.5(b)"}
OPEN_SCOPE, IN, OUT = {"scope_out__o": "unknown"}, {"scope_out__o": "no"}, {"scope_out__o": "yes"}


@pytest.mark.parametrize(
    ("name", "values", "answer"),
    [
        ("in_scope", IN, "yes"),
        ("in_scope", OPEN_SCOPE, "unknown"),
        ("in_scope", OUT, "no"),
        ("prohibited", IN | {"prohibited__a": "yes"}, "yes"),
        ("prohibited", OPEN_SCOPE | {"prohibited__a": "yes"}, "unknown"),
        ("prohibited", OUT | {"prohibited__a": "yes"}, "no"),
        ("high_risk", IN | {"annex_item__ib": "yes"}, "yes"),
        ("high_risk", IN | {"annex_item__ia": "yes", "derogation__d": "yes"}, "yes"),
        ("high_risk", IN | {"annex_item__iii5": "yes", "derogation__d": "yes"}, "no"),
        ("high_risk", IN | {"annex_item__iii5": "yes", "derogation__d": "unknown"}, "unknown"),
        ("high_risk", OUT | {"annex_item__iii5": "yes", "annex_item__ia": "yes", "annex_item__ib": "yes"}, "no"),
        ("high_risk_annex_i_a", IN | {"annex_item__ib": "yes"}, "no"),
        ("high_risk_annex_i_b", IN | {"annex_item__ib": "yes"}, "yes"),
        ("high_risk_annex_i_b", OPEN_SCOPE | {"annex_item__ib": "yes"}, "unknown"),
        ("high_risk_annex_iii_not_2", IN | {"annex_item__iii2": "yes"}, "no"),
        ("high_risk_annex_iii_not_2", IN | {"annex_item__iii5": "yes", "derogation__d": "yes"}, "no"),
        ("derogated", IN | {"annex_item__iii5": "yes", "derogation__d": "yes"}, "yes"),
        ("derogated", IN | {"annex_item__iii5": "yes", "derogation__d": "yes", "annex_item__ib": "yes"}, "no"),
        ("derogated", IN | {"annex_item__iii5": "yes", "derogation__d": "yes", "annex_item__ia": "unknown"}, "unknown"),
        ("derogated", OUT | {"annex_item__iii5": "yes", "derogation__d": "yes"}, "no"),
        ("derogated", IN | {"annex_item__iii5": "no", "derogation__d": "yes"}, "no"),
        ("annex_items", {"annex_item__ia": "yes", "annex_item__ib": "unknown", "annex_item__iii2": "no"}, ("I.A", "unknown")),
        ("roles", {"role__deployer": "yes", "role__provider": "no"}, ("deployer",)),
        ("transparency", {"transparency__chat": "unknown"}, ("unknown",)),
    ],
)
def test_what_is_worked_out_from_the_rules(name: str, values: dict[str, str], answer: object) -> None:
    assert worked_out(name, concluded(**values)) == answer


def test_a_value_that_one_rule_gives_is_not_in_doubt_for_another() -> None:
    twice = [*concluded(role__provider="yes"), *concluded(role__provider="unknown")]
    assert worked_out("roles", twice) == ("provider",)


def worked_out(name: str, results: list[RuleResult]) -> object:
    return derive([fact_worked_out(name)], results)[f"class.{name}"]


def fact_worked_out(name: str) -> Fact:
    return Fact(id=f"class.{name}", type=FactType.TRISTATE, question=Text("x", "x"), derived=name)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("in_scope", "scope_out"),
        ("prohibited", "scope_out prohibited"),
        ("high_risk", "scope_out annex_item derogation"),
        ("high_risk_annex_iii", "scope_out annex_item derogation"),
        ("derogated", "scope_out annex_item derogation"),
        ("annex_items", "annex_item"),
        ("transparency", "transparency"),
        ("roles", "role"),
    ],
)
def test_behind_each_stand_the_questions_that_can_change_it(name: str, kinds: str) -> None:
    every = concluded(**{f"{kind}__x": "unknown" for kind in (*FIRST, Kind.ROLE)})
    found = open_behind([fact_worked_out(name)], every)[f"class.{name}"]
    assert set(found) == {f"ask.{kind}" for kind in kinds.split()}


def law() -> tuple[Pack, ...]:
    return tuple(pack for pack in load_packs(ROOT / "packs") if pack.id in ("eu-ai-act", "eu-gdpr"))


PRODUCT: dict[str, Any] = ANNEX_III | {
    "aia.uses": [],
    "aia.product_kinds": ["toys"],
    "aia.part_in_product": "safety_component",
    "aia.annex_i_third_party": "yes",
}
FREED: dict[str, Any] = ANNEX_III | {"aia.profiling": "no", "aia.no_significant_risk": "yes", "aia.limb": ["preparatory"]}


def test_what_one_system_answered_says_nothing_of_the_next() -> None:
    """The same packs for all, against packs made ready anew for each."""
    packs = law()
    asked = [(facts, day) for facts in (ANNEX_III, PRODUCT, FREED, {}) for day in (DAY, date(2027, 12, 2), date(2028, 8, 2))]
    for facts, day in itertools.chain(asked, reversed(asked)):
        alone = tuple(msgspec.structs.replace(pack) for pack in packs)
        assert evaluate(packs, facts, on=day) == evaluate(alone, facts, on=day)


def test_whatever_moves_a_rules_day_is_asked_anew_for_each_system() -> None:
    """Here the rule's own condition asks nothing, so that only the day differs."""
    pack = next(pack for pack in law() if pack.id == "eu-ai-act")
    questions = Questions()
    rule = ReadyRule(msgspec.structs.replace(pack.rules["named-overseers"], when=Always()), pack, questions)
    old = {starts.PLACED: "2026-01-01", starts.PURPOSE_CHANGED: "no", starts.CHANGED: "never", starts.FOR_AUTHORITIES: "yes"}
    systems: list[tuple[dict[str, Any], date]] = [
        ({starts.HIGH_RISK: "yes", starts.BY_ANNEX_III: "yes"}, date(2027, 12, 2)),
        ({starts.HIGH_RISK: "yes", starts.BY_ANNEX_III: "no"}, date(2028, 8, 2)),
        (old, date(2030, 8, 2)),
        (old | {starts.CHANGED: "2029-01-01"}, date(2029, 1, 1)),
        (old | {starts.PURPOSE_CHANGED: "yes"}, date(2027, 12, 2)),
    ]
    for answers, day in systems:
        known = questions.nothing_known()
        questions.put(known, answers)
        assert rule.result(questions.unanswered(), known, answers, DAY).applies_from == day


def test_the_number_alone_is_that_of_the_whole_result(little_law: Any) -> None:
    little_law.swap(RULE, "why:", EXCEPTIONS)
    packs = load_packs(little_law.folder.parent)
    rule, questions = ready(packs).rules[0], ready(packs).questions
    kinds: list[Any] = ["unknown", (), ("red",), ("blue",), ("blue", "unknown"), ("red", "blue")]
    for harms, kind in itertools.product(("yes", "no", "unknown"), kinds):
        values = questions.unanswered()
        questions.answer(values, {"it.harms": harms, "it.kinds": kind})
        assert rule.answer(values) is evaluate(packs, {"it.harms": harms, "it.kinds": kind}, on=DAY).results[0].result


def test_the_order_of_the_packs_changes_no_answer() -> None:
    packs = load_packs(ROOT / "packs")
    for facts in (ANNEX_III, PRODUCT, FREED, {}):
        forward, back = (
            {
                result.rule.id: (result.result, result.in_force, result.applies_from, result.citations)
                for result in evaluate(order, facts, on=DAY).results
            }
            for order in (packs, packs[::-1])
        )
        assert forward == back


def test_threads_that_ask_for_many_sets_each_get_their_own() -> None:
    packs = load_packs(ROOT / "packs")
    small = [pack for pack in packs if len(pack.rules) < 5]
    sets = list(itertools.combinations(small, 2))[:40]
    wrong: list[object] = []

    def ask(turn: int) -> None:
        try:
            for number in range(300):
                chosen = sets[(turn * 7 + number * 11) % len(sets)]
                if ready(chosen).packs != chosen:
                    wrong.append(chosen)
        except Exception as error:
            wrong.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []
