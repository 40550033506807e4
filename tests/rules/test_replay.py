"""A change of packs, replayed over systems before anybody applies it: who is affected, in what, and from when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from replay_kit import LAW, POLICY, TODAY, day, edit, law, rule, side
from rules_kit import LOAN_FACTS, all_packs

from bench.replaying import changed, made_up
from insyn.law.adoption import Adoption
from insyn.law.answers import facts_of
from insyn.law.evaluate import evaluate
from insyn.law.model import Kind, PackKind
from insyn.law.protective import applying
from insyn.law.weighing import Weighing
from insyn.rules import replay as replaying
from insyn.rules.comparing import Side
from insyn.rules.full_result import full_result
from insyn.rules.replay import Affected, Change, How, RegisteredSystem, What, replay
from insyn.rules.spans import covers

PERSONS = {"decision.about_persons": "yes"}
THINGS = {"decision.about_persons": "no"}


def system(name: str = "lanestod", **facts: Any) -> RegisteredSystem:
    return RegisteredSystem(id=name, owner=f"owner of {name}", facts=facts)


def one(before: Side, after: Side, facts: Mapping[str, Any] = PERSONS) -> Affected:
    (found,) = replay([RegisteredSystem(id="lanestod", owner="p-1", facts=facts)], before, after)
    return found


def only(before: Side, after: Side, facts: Mapping[str, Any] = PERSONS) -> Change:
    (change,) = one(before, after, facts).changes
    return change


def test_the_same_packs_change_nothing() -> None:
    assert replay([system(**PERSONS), system("annat")], side(), side()) == ()


def test_a_new_wording_alone_changes_nothing_for_anybody() -> None:
    reworded = law(edit("rules/privacy.yaml", "sv: Krav på privacy", "sv: Kravet på privacy"))
    assert replay([system(**PERSONS)], side(), side(reworded)) == ()


def test_a_new_gate_is_told_for_those_to_whom_it_applies_with_owner_and_first_day() -> None:
    found = replay([system("a", **PERSONS), system("b", **THINGS), system("c")], side(), side(law(rule("tested-again"))))
    assert [(one.system, one.owner, one.first_day) for one in found] == [("a", "owner of a", TODAY), ("c", "owner of c", TODAY)]
    (change,) = found[0].changes
    assert (change.what, change.how, change.subject, change.before, change.after) == (
        What.GATE,
        How.NEW,
        "test-law/tested-again",
        None,
        "2020-01-01",
    )


def test_what_is_not_answered_is_affected_like_a_yes() -> None:
    assert only(side(), side(law(rule("tested-again"))), {"decision.about_persons": "unknown"}).how is How.NEW


def test_a_gate_that_is_no_longer_asked_is_told() -> None:
    change = only(side(), side(law(without=("privacy",))))
    assert (change.how, change.subject, change.day) == (How.GONE, "test-law/privacy", TODAY)


def test_a_duty_is_told_as_a_duty() -> None:
    change = only(side(), side(law(rule("told", kind="duty", value="told"))))
    assert (change.what, change.how) == (What.DUTY, How.NEW)


def test_what_begins_on_a_later_day_is_told_with_that_day() -> None:
    after = side(law(day("tl-next", "2027-12-02"), rule("tested-again", history="applicable tl-next")))
    assert only(side(), after).day == date(2027, 12, 2)


def test_a_first_day_that_moves_shows_from_the_earlier_of_both() -> None:
    later = law(day("tl-next", "2027-12-02"), rule("tested-again", history="applicable tl-next"))
    sooner = law(day("tl-next", "2026-12-02"), rule("tested-again", history="applicable tl-next"))
    change = only(side(later), side(sooner))
    assert (change.how, change.day, change.before, change.after) == (How.MOVED, date(2026, 12, 2), "2027-12-02", "2026-12-02")
    assert only(side(sooner), side(later)).day == date(2026, 12, 2)


def test_a_first_day_that_has_passed_in_both_texts_changes_nothing() -> None:
    other = law({"calendar.yaml": LAW["calendar.yaml"].replace(b"2020-01-01", b"2021-01-01")})
    assert replay([system(**PERSONS)], side(), side(other)) == ()


def test_a_rule_that_will_be_repealed_is_changed_from_its_last_day() -> None:
    after = side(law(day("tl-end", "2028-01-01"), rule("tested-again", history="applicable tl-in-force, repealed tl-end")))
    change = only(side(law(rule("tested-again"))), after)
    assert (change.how, change.day) == (How.CHANGED, date(2027, 12, 31))
    assert (change.before, change.after) == ({"last_day": None}, {"last_day": "2027-12-31"})


def test_another_supplier_of_a_record_is_a_change_of_the_gate() -> None:
    after = side(law(edit("rules/privacy.yaml", "supplied_by: [system_owner]", "supplied_by: [ai_coordinator]")))
    change = only(side(), after)
    assert change.how is How.CHANGED
    assert list(change.after["demands"]["supplied_by"]) == ["ai_coordinator"]


def test_a_prohibition_changes_the_class_and_is_a_gate() -> None:
    changes = {change.subject: change for change in one(side(), side(law(rule("banned", kind="prohibited", value="p.banned")))).changes}
    assert (changes["class"].before, changes["class"].after) == ("undetermined", "prohibited")
    assert changes["prohibitions"].after == ("p.banned",)
    assert changes["test-law/banned"].what is What.GATE


def test_an_answer_that_only_the_new_packs_ask_for_is_set_aside_on_the_old_side() -> None:
    question = b"  - id: decision.new\n    type: tristate\n    question: {sv: Ny, en: New question}\n    who: [system_owner]\n"
    asking = {path: data.replace(b"decision.about_persons", b"decision.new") for path, data in rule("tested-again").items()}
    after = side(law({"facts.yaml": LAW["facts.yaml"].replace(b"facts:\n", b"facts:\n" + question)}, asking))
    assert replay([system(**THINGS, **{"decision.new": "no"})], side(), after) == ()
    assert only(side(), after, {**THINGS, "decision.new": "yes"}).how is How.NEW
    assert only(after, side(), {**THINGS, "decision.new": "yes"}).how is How.GONE


def test_an_answer_that_is_none_any_longer_is_asked_again_and_counts_as_unknown() -> None:
    other = law({"facts.yaml": LAW["facts.yaml"].replace(b"value: loan", b"value: credit").replace(b"value: unknown", b"")})
    found = one(side(), side(other), {**THINGS, "decision.kinds": ["loan"]})
    assert (found.changes, found.ask_again, found.first_day) == ((), ("decision.kinds",), None)
    assert replay([system(**THINGS, **{"decision.kinds": ["permit"]})], side(), side(other)) == ()


def test_a_policy_that_is_adopted_adds_from_its_day() -> None:
    change = only(side(), side(adopted=TODAY, on=TODAY))
    assert (change.how, change.subject, change.after) == (How.NEW, "kommun-test/ethics", "2026-11-20")
    later = only(side(), Side(packs=side(adopted=TODAY).packs, on=TODAY, adoptions=(_adopted(TODAY + timedelta(days=30)),)))
    assert later.day == TODAY + timedelta(days=30)


def _adopted(on: date) -> Adoption:
    policy = next(pack for pack in side(adopted=on).packs if pack.id == "kommun-test")
    return Adoption(pack=policy.id, digest=policy.digest, adopted_on=on)


def test_what_a_policy_brings_forward_moves_from_the_laws_day_to_the_adoption() -> None:
    bringing = {**POLICY, "rules/ethics.yaml": POLICY["rules/ethics.yaml"] + b"brings_forward: [test-law/coming]\n"}
    after = side(LAW, bringing)
    policy = next(pack for pack in after.packs if pack.id == "kommun-test")
    after = Side(packs=after.packs, on=TODAY, adoptions=(Adoption(pack=policy.id, digest=policy.digest, adopted_on=TODAY),))
    changes = {change.subject: change for change in one(side(), after).changes}
    assert (changes["test-law/coming"].how, changes["test-law/coming"].day) == (How.MOVED, TODAY)
    assert (changes["test-law/coming"].before, changes["test-law/coming"].after) == ("2099-01-01", "2026-11-20")


def test_the_same_packs_on_two_days_tell_what_begins_between_them() -> None:
    packs = law(day("tl-next", "2027-12-02"), rule("tested-again", history="applicable tl-next"))
    change = only(side(packs), side(packs, on=date(2028, 1, 1)))
    assert (change.how, change.after) == (How.NEW, "2027-12-02")


def test_equal_answers_are_weighed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times = []
    weigh = Weighing.weigh
    monkeypatch.setattr(Weighing, "weigh", lambda *args: (times.append(1), weigh(*args))[1])
    found = replay([system(f"s{number}", **PERSONS, other="ignored") for number in range(50)], side(), side(law(rule("tested-again"))))
    assert len(found) == 50
    assert len(times) == 2


def test_two_processes_say_the_same_as_one_and_tell_how_far_they_are() -> None:
    systems = [system(f"s{number}", **(PERSONS if number % 3 else THINGS), number=number) for number in range(450)]
    after, told = side(law(rule("tested-again"))), []
    spread = replay(systems, side(), after, workers=2, progress=told.append)
    assert spread == replay(systems, side(), after)
    assert (len(spread), told[-1], told) == (300, 450, sorted(told))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_systems_are_told_who_is_affected_and_from_when_and_each_as_if_it_were_alone() -> None:
    law_packs = tuple(pack for pack in all_packs() if pack.kind is PackKind.LAW)
    before, after = Side(packs=law_packs, on=TODAY), Side(packs=changed(law_packs), on=TODAY)
    systems = made_up(law_packs, 10_000)
    found = {one.system: one for one in replay(systems, before, after, workers=2)}
    assert len(found) > 9_000
    assert all(one.first_day and one.first_day >= TODAY and one.owner for one in found.values())
    for alone in systems[::500]:
        assert replay([alone], before, after) == tuple(filter(None, (found.get(alone.id),)))


def shipped() -> Side:
    packs = all_packs()
    adopted = [Adoption(pack=pack.id, digest=pack.digest, adopted_on=date(2026, 9, 1)) for pack in packs if pack.id.startswith("kommun/")]
    return Side(packs=packs, on=TODAY, adoptions=tuple(adopted))


OLD = {"aia.first_placed": "2025-01-01", "aia.design_changed": "2027-12-20", "aia.intended_for_public_authorities": "no"}


@pytest.mark.parametrize(
    "facts",
    [{}, LOAN_FACTS, LOAN_FACTS | OLD, {"aia.is_ai": "no"}, LOAN_FACTS | OLD | {"aia.intended_for_public_authorities": "yes"}],
    ids=["nothing", "loans", "changed later", "no AI", "for authorities"],
)
def test_the_days_worked_out_are_those_that_every_single_day_gives(facts: dict[str, Any]) -> None:
    """The oracle: evaluate anew on each side of each day of the calendars and of the answers."""
    here = shipped()
    looking = replaying._Looking(here)
    asked = facts_of(here.packs)
    facts = {fact: answer for fact, answer in facts.items() if fact in asked}
    view = looking.view(facts)
    days = {entry.day for pack in here.packs for entry in pack.calendar.values()} | {date(2027, 12, 20)}
    for on in sorted(begins + shift for begins in days for shift in (timedelta(0), timedelta(days=-1)) if begins + shift >= TODAY):
        said = {result.rule.id for result in applying(evaluate(here.packs, facts, on=on), *_FOLLOWS)}
        assert {rule for rule, row in view.rows.items() if covers(row.spans, on)} == said, on


@pytest.mark.parametrize("seed", range(5))
def test_a_replay_comes_to_the_same_class_as_a_classification(seed: int) -> None:
    here = shipped()
    (one_system,) = made_up(here.packs, 1, seed=seed)
    of_class = replaying._Looking(here).view(one_system.facts).of_class
    found = full_result(here.packs, here.adoptions, one_system.facts, on=TODAY)
    assert (of_class["class"], of_class["act_as"]) == (found.system_class, found.act_as)
    for name in ("annex_items", "annex_open", "prohibitions", "derogation", "roles", "transparency"):
        assert of_class[name] == getattr(found, name), name


_FOLLOWS = (Kind.PROHIBITED, Kind.STOP_RULE, Kind.GATE, Kind.DUTY, Kind.TRANSPARENCY, Kind.PRINCIPLE, Kind.CADENCE)
