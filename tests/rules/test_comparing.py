"""What changes between two days, two texts and two adoptions: said of rules, and of a system."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from rules_kit import LOAN_FACTS, all_packs

from insyn.core.errors import InvalidInput, PackError
from insyn.core.terms import Tristate
from insyn.core.text import Text
from insyn.law.adoption import Adoption
from insyn.law.model import CalendarDay, Kind, Pack
from insyn.rules.comparing import Comparison, Side, compare, compare_results
from insyn.rules.full_result import FullResult, full_result

NOVEMBER, ANNEX_III = date(2026, 11, 20), date(2027, 12, 2)
LAW = tuple(pack for pack in all_packs() if not pack.id.startswith("kommun/"))
LINDVALLA = next(pack for pack in all_packs() if pack.id == "kommun/lindvalla")


def changed(pack: str, **changes: Any) -> tuple[Pack, ...]:
    return tuple(msgspec.structs.replace(found, digest="0" * 64, **changes) if found.id == pack else found for found in LAW)


def act_rule(slug: str, **changes: Any) -> tuple[Pack, ...]:
    """The law with one rule of the AI Act said otherwise."""
    rules = dict(next(pack for pack in LAW if pack.id == "eu-ai-act").rules)
    rules[slug] = msgspec.structs.replace(rules[slug], **changes)
    return changed("eu-ai-act", rules=rules)


def between(old: tuple[Pack, ...], new: tuple[Pack, ...], first: date = NOVEMBER, last: date = NOVEMBER) -> Comparison:
    return compare(Side(packs=old, on=first), Side(packs=new, on=last))


def test_nothing_changes_between_a_day_and_itself() -> None:
    found = between(LAW, LAW)
    assert (found.packs, found.rules) == ((), ())


def test_between_two_days_rules_begin_and_their_text_stays() -> None:
    found = between(LAW, LAW, date(2026, 12, 1), date(2026, 12, 2))
    assert [(rule.rule, rule.change, rule.in_force_before, rule.in_force_after) for rule in found.rules] == [
        ("eu-ai-act/prohibited-5-1-ba", "same", False, True),
        ("eu-ai-act/prohibited-5-1-bb", "same", False, True),
    ]
    assert found.packs == ()


def test_a_rule_that_is_taken_away_or_put_in_is_named() -> None:
    rules = dict(next(pack for pack in LAW if pack.id == "eu-ai-act").rules)
    del rules["ai-literacy"]
    without = changed("eu-ai-act", rules=rules)
    assert [(rule.rule, rule.change) for rule in between(LAW, without).rules] == [("eu-ai-act/ai-literacy", "removed")]
    assert [(rule.rule, rule.change) for rule in between(without, LAW).rules] == [("eu-ai-act/ai-literacy", "added")]
    assert [change.pack for change in between(LAW, without).packs] == ["eu-ai-act"]


def test_a_changed_rule_says_in_what() -> None:
    found = between(LAW, act_rule("ai-literacy", mend=Text("Annat.", "Other."), citations=("aia-3-4",)))
    assert [(rule.rule, set(rule.parts)) for rule in found.rules] == [("eu-ai-act/ai-literacy", {"mend", "citations", "provisions"})]


def test_a_moved_day_is_a_changed_history_of_each_rule_that_rests_on_it() -> None:
    act = next(pack for pack in LAW if pack.id == "eu-ai-act")
    moved = {**act.calendar, "aia-113-3-a-new": CalendarDay(id="aia-113-3-a-new", day=date(2026, 11, 1), basis="aia-113-3-a")}
    found = between(LAW, changed("eu-ai-act", calendar=moved))
    assert [(rule.rule, rule.parts, rule.in_force_after) for rule in found.rules] == [
        ("eu-ai-act/prohibited-5-1-ba", ("history",), True),
        ("eu-ai-act/prohibited-5-1-bb", ("history",), True),
    ]


def test_another_wording_of_a_question_changes_the_rules_that_ask_it() -> None:
    act = next(pack for pack in LAW if pack.id == "eu-ai-act")
    asked = msgspec.structs.replace(act.facts["aia.only_fraud_detection"], question=Text("Ny fråga?", "New question?"))
    found = between(LAW, changed("eu-ai-act", facts={**act.facts, asked.id: asked}))
    assert [(rule.rule, rule.parts) for rule in found.rules] == [("eu-ai-act/annex-iii-5b", ("questions",))]


def test_a_policy_begins_on_the_day_of_its_adoption() -> None:
    act = Adoption(pack=LINDVALLA.id, digest=LINDVALLA.digest, adopted_on=date(2026, 12, 1))
    packs = (*LAW, LINDVALLA)
    found = compare(Side(packs=packs, on=NOVEMBER, adoptions=(act,)), Side(packs=packs, on=date(2026, 12, 1), adoptions=(act,)))
    assert {rule.rule.rpartition("/")[0] for rule in found.rules} == {LINDVALLA.id}
    assert {(rule.in_force_before, rule.in_force_after) for rule in found.rules} == {(False, True)}


def loan(packs: tuple[Pack, ...] = LAW, on: date = NOVEMBER, adoptions: tuple[Adoption, ...] = (), **facts: Any) -> FullResult:
    return full_result(packs, adoptions, LOAN_FACTS | {"aia.first_placed": "unknown"} | facts, on=on)


def test_between_two_days_the_gates_of_a_high_risk_system_come_into_force() -> None:
    change = compare_results(loan(), loan(on=ANNEX_III))
    assert change.result == ()
    assert {"fundamental-rights", "named-overseers", "persons-told-of-ai", "use-by-instructions", "register-public-use"} <= {
        gate.what.rpartition("/")[2] for gate in change.gates
    }
    assert all((gate.before["in_force"], gate.after["in_force"]) == (False, True) for gate in change.gates)


def test_an_item_gone_from_the_annex_takes_its_class_and_its_gates_with_it() -> None:
    rules = dict(next(pack for pack in LAW if pack.id == "eu-ai-act").rules)
    del rules["annex-iii-5b"]
    change = compare_results(loan(**{"aia.transparency": []}), loan(changed("eu-ai-act", rules=rules), **{"aia.transparency": []}))
    said = {part.what: (part.before, part.after) for part in change.result}
    assert said["class"] == ("high_risk", "minimal")
    assert said["annex_items"] == (("III.5(b)",), ())
    assert {gate.after for gate in change.gates} == {None}
    assert "eu-ai-act/named-overseers" in [gate.what for gate in change.gates]


def test_a_policy_asks_for_what_the_law_asks_later_and_both_days_are_shown() -> None:
    act = Adoption(pack=LINDVALLA.id, digest=LINDVALLA.digest, adopted_on=date(2026, 9, 1))
    found = loan((*LAW, LINDVALLA), adoptions=(act,))
    overseers = next(effect for effect in found.effects if effect.rule == "eu-ai-act/named-overseers")
    assert overseers.law_applies_from == ANNEX_III
    assert overseers.policy_applies_from == date(2026, 9, 1)
    assert all(rule.startswith(LINDVALLA.id) for rule in overseers.policy_rules)
    policy = next(effect for effect in found.effects if effect.rule == overseers.policy_rules[0])
    assert (policy.law_applies_from, policy.policy_applies_from, policy.in_force) == (None, date(2026, 9, 1), True)


def test_answers_that_only_a_policy_not_adopted_asks_for_are_set_aside_and_named() -> None:
    assert loan(all_packs()).set_aside == tuple(sorted(set(LOAN_FACTS) - {fact for pack in LAW for fact in pack.facts}))


def test_every_rule_is_in_the_trace_with_its_citation() -> None:
    found = loan()
    assert {weighed.rule for weighed in found.trace} == {rule.id for pack in LAW for rule in pack.rules.values()}
    assert all(weighed.citations for weighed in found.trace)
    steps = {step.fact: step for weighed in found.trace if weighed.rule == "eu-ai-act/annex-iii-5b" for step in weighed.steps}
    assert steps["aia.uses"].answer == ("credit_score",)


def test_a_doubt_keeps_the_class_open_and_says_who_can_settle_it() -> None:
    found = loan(**{"p.emotion_from_biometrics": "unknown", "p.setting": "unknown"})
    waits = [fact for fact in found.unknown if fact.decides_class]
    assert "p.emotion_from_biometrics" in [fact.fact for fact in waits]
    assert all(fact.who and fact.rules for fact in waits)
    assert all(gate.applies is Tristate.UNKNOWN for gate in found.gates if gate.rule == "eu-ai-act/prohibited-5-1-f")


def test_effects_are_what_somebody_must_do_or_leave() -> None:
    kinds = {effect.kind for effect in loan().effects}
    assert not kinds & {Kind.ROLE, Kind.ANNEX_ITEM, Kind.DEROGATION, Kind.SCOPE_OUT}


def test_a_day_before_the_law_and_a_set_of_packs_without_law_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2025-02-02"):
        loan(on=date(2025, 2, 1))
    with pytest.raises(PackError, match="no law"):
        full_result((LINDVALLA,), (), {}, on=NOVEMBER)


def test_a_day_later_than_the_calendar_is_answered_and_said() -> None:
    assert not loan(on=date(2030, 8, 2)).beyond_calendar
    assert loan(on=date(2030, 8, 3)).beyond_calendar
