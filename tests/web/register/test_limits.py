"""Limits at run time: the owner sets them, tighter at once, looser only by a new decision; and what the permit then carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from record_kit import DATA_USE

from insyn.core.errors import InvalidInput
from insyn.core.limits import CategoryClass, FieldGrant, Hours, Limits
from insyn.core.messages import Actor, Factor, Opened, Outcome
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import Mode, Phase, Population, Reach, Role, Tristate, UnknownFields
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.oversight.opening import case_of
from insyn.web.register.actions import (
    continue_system,
    decide_data_use,
    decide_use,
    describe_system,
    pause_system,
    propose_data_use,
    retire_data_field,
    set_limits,
    withdraw_data_use,
)
from insyn.web.register.compiling import permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, DataUse, System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
WHY = "Beslut i ledningsgruppen."
USE = {
    "purpose": "loans",
    "categories": ["income"],
    **DATA_USE,
}
KLASSA = {"confidentiality": 3, "integrity": 2, "availability": 1, "traceability": 0, "day": "2026-02-03"}


def now(system: System) -> System:
    return System.objects.get(pk=system.pk)


def limits_in_force(system: System) -> Limits:
    permit = issued(system)
    assert permit is not None
    return permit.limits


@pytest.fixture
def approved(sequencer: Any, in_use: System) -> System:
    """In use beside a running sequencer: what tightens goes there first."""
    return in_use


@pytest.fixture
def put_in_use(meet_gates: Any, member: Actor) -> Callable[[System], System]:
    def decide(system: System) -> System:
        meet_gates(system)
        decide_use(actor=member, system=now(system), versions=["1.0"], case_number="KS 2026/1")
        return now(system)

    return decide


@pytest.fixture
def limit(owner: Actor) -> Callable[..., System]:
    """``limit(system, per_day=5)``: the owner sets these limits and no others."""

    def make(system: System, *, data_classes: Any = None, **limits: Any) -> System:
        set_limits(actor=owner, system=system, limits=limits, data_classes=data_classes or {}, why=WHY)
        return now(system)

    return make


@pytest.fixture
def data(owner: Actor, member: Actor) -> Callable[..., DataUse]:
    """``data(system, ["income"])``: a decided use of data with these fields."""

    def make(system: System, names: list[str], **told: Any) -> DataUse:
        fields = [{"name": name, "why": "Behövs.", "collected_how": "Ur ansökan."} for name in names]
        row = DataUse.objects.get(act=propose_data_use(actor=owner, system=system, fields=fields, **{**USE, **told}))
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2026/9")
        return DataUse.objects.get(pk=row.pk)

    return make


# ------------------------------------------------------------------------------------------------------------------ who and when


def test_the_owner_tightens_a_system_in_use_at_once_and_in_words_of_their_own(approved: System, limit: Any) -> None:
    limit(approved, per_day=20, excludes=["minor"])
    assert limits_in_force(approved) == Limits(per_day=20, excludes=frozenset({Population.MINOR}))
    act = Act.objects.filter(system=approved, verb="set_limits").latest("at")
    assert (act.text["why"], act.text["limits"]) == (WHY, {"per_day": 20, "excludes": ["minor"]})
    assert Act.objects.filter(system=approved, verb="narrow", text__because="set_limits").exists()


def test_what_the_decision_does_not_cover_is_not_let_through_by_the_owner_alone(approved: System, limit: Any, member: Actor) -> None:
    limit(approved, per_day=20)
    limit(approved, per_day=10)
    limit(approved, per_day=20)
    limit(approved)  # no limit at all: the decision was taken without any
    decide_again(limit(approved, per_day=20), member)
    with pytest.raises(ActRefused, match="Pausa systemet"):
        limit(approved, per_day=21)
    assert now(approved).limits == {"per_day": 20}
    limit(approved, per_day=19)
    limit(approved, per_day=20)


def decide_again(system: System, member: Actor) -> None:
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/77")


def test_after_a_pause_looser_limits_send_the_system_back_for_a_decision(approved: System, limit: Any, owner: Actor, member: Actor) -> None:
    decide_again(limit(approved, per_day=20), member)
    pause_system(actor=owner, system=now(approved), why="Gränserna ses över.")
    assert limit(approved, per_day=10).phase == Phase.PAUSED
    assert limit(approved, per_day=30).phase == Phase.ASSESSMENT
    assert not issued(approved).granted  # type: ignore[union-attr]


def test_a_decision_to_go_on_covers_the_limits_of_its_day(approved: System, limit: Any, owner: Actor, member: Actor) -> None:
    limit(approved, per_day=20)
    pause_system(actor=owner, system=now(approved), why="Gränserna ses över.")
    continue_system(actor=member, system=now(approved), case_number="KS 2026/78", why="Gränserna räcker.")
    with pytest.raises(ActRefused, match="Pausa systemet"):
        limit(approved, per_day=21)


def test_before_a_decision_limits_are_changed_freely(system: System, limit: Any) -> None:
    limit(system, per_day=20)
    assert limit(system, per_day=40).limits == {"per_day": 40}


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.AI_COORDINATOR, Role.ELECTED_MEMBER])
def test_nobody_but_the_owner_sets_limits(system: System, person: Any, role: Role) -> None:
    with pytest.raises(NotAllowed):
        set_limits(actor=person(role), system=system, limits={"per_day": 1}, data_classes={}, why=WHY)


def test_another_owner_does_not(system: System, person: Any) -> None:
    with pytest.raises(NotAllowed):
        set_limits(actor=person(Role.SYSTEM_OWNER, "annan"), system=system, limits={"per_day": 1}, data_classes={}, why=WHY)


# ------------------------------------------------------------------------------------------------------------- what is not a limit


@pytest.mark.parametrize(
    ("limits", "place"),
    [
        ({"per_day": 0}, "per_day"),
        ({"per_hour": -1}, "per_hour"),
        ({"per_hour": 20, "per_day": 10}, "per_hour"),
        ({"per_day": "many"}, "per_day"),
        ({"excludes": ["left_handed"]}, "excludes"),
        ({"unknown_fields": "perhaps"}, "unknown_fields"),
        ({"hours": []}, "hours"),
        ({"hours": [{"weekdays": [1], "begins": "8:00", "ends": "17:00"}]}, "hours[0].begins"),
        ({"hours": [{"weekdays": [1], "begins": "08:00", "ends": "25:00"}]}, "hours[0].ends"),
        ({"hours": [{"weekdays": [1], "begins": "17:00", "ends": "08:00"}]}, "hours[0].ends"),
        ({"hours": [{"weekdays": [8], "begins": "08:00", "ends": "17:00"}]}, "hours[0].weekdays"),
        ({"hours": [{"weekdays": [], "begins": "08:00", "ends": "17:00"}]}, "hours[0].weekdays"),
        ({"never_automated": ["building_permit"]}, "never_automated"),
        ({"no_such_limit": 1}, ""),
    ],
)
def test_what_cannot_be_a_limit_is_refused_by_its_place_and_changes_nothing(system: System, owner: Actor, limits: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as error:
        set_limits(actor=owner, system=system, limits=limits, data_classes={}, why=WHY)
    assert error.value.place.startswith(place)
    assert now(system).limits == {}


@pytest.mark.parametrize(
    ("classes", "place"),
    [
        ({"highest": 4, "classes": {}}, "highest"),
        ({"highest": -1, "classes": {}}, "highest"),
        ({"highest": "two", "classes": {}}, "highest"),
        ({"highest": 3, "classes": {"shoes": 1}}, "class-shoes"),
        ({"highest": 3, "classes": {"income": -2}}, "class-income"),
    ],
)
def test_what_cannot_be_a_class_is_refused(system: System, owner: Actor, classes: Any, place: str) -> None:
    describe_system(actor=owner, system=system, klassa=KLASSA)
    with pytest.raises(InvalidInput) as error:
        set_limits(actor=owner, system=now(system), limits={}, data_classes=classes, why=WHY)
    assert error.value.place == place


def test_a_system_that_nobody_has_classified_holds_no_class(system: System, limit: Any) -> None:
    with pytest.raises(InvalidInput, match="KLASSA"):
        limit(system, data_classes={"highest": 2, "classes": {"income": 2}})


# ---------------------------------------------------------------------------------------------------------------- what is compiled


def test_fields_of_the_payload_come_from_the_decided_uses_of_data(
    system: System, limit: Any, data: Any, owner: Actor, put_in_use: Any
) -> None:
    row = data(system, ["income", "debts", "age"])
    data(system, ["pets"], purpose="other_loans")
    withdrawn = data(system, ["shoes"])
    withdraw_data_use(actor=owner, system=now(system), data_use=withdrawn, why="Behövs inte.")
    retire_data_field(actor=owner, system=now(system), data_use=row, field="age", why="Behövs inte.")
    fields = [{"name": "proposed", "why": "Behövs.", "collected_how": "Ur ansökan."}]
    propose_data_use(actor=owner, system=now(system), fields=fields, **USE)
    limit(system, unknown_fields="drop")
    permit = issued(put_in_use(system))
    assert permit is not None
    assert permit.granted
    assert permit.limits.unknown_fields is UnknownFields.DROP
    income = frozenset({"income"})
    assert permit.purposes[0].fields == (FieldGrant("debts", income), FieldGrant("income", income))


def test_a_system_in_use_is_not_held_to_fields_that_nobody_has_decided_on(in_use: System, limit: Any) -> None:
    with pytest.raises(ActRefused, match="loans"):
        limit(in_use, unknown_fields="refuse")
    assert now(in_use).limits == {}


def test_the_class_in_the_permit_is_never_above_the_systems_own(system: System, limit: Any, owner: Actor) -> None:
    describe_system(actor=owner, system=system, klassa=KLASSA)
    limit(now(system), data_classes={"highest": 3, "classes": {"income": 2}})
    assert limits_in_force(system) == Limits(highest_class=3, classes=(CategoryClass("income", 2),))
    for own, carried in ((1, 1), (4, 3)):
        describe_system(actor=owner, system=now(system), klassa={**KLASSA, "confidentiality": own})
        assert limits_in_force(system).highest_class == carried


def test_hours_that_overlap_are_written_once(system: System, limit: Any) -> None:
    rows = [{"weekdays": [1, 2], "begins": "08:00", "ends": "12:00"}, {"weekdays": [2, 1], "begins": "11:00", "ends": "17:00"}]
    found = limit(system, hours=rows)
    assert found.limits == {"hours": [{"weekdays": [1, 2], "begins": "08:00", "ends": "17:00"}]}
    permit = permit_of(found, epoch=1, compiled_from=0, on=today())
    assert permit.limits.hours == (Hours(frozenset({1, 2}), "08:00", "17:00"),)


def test_a_system_without_limits_keeps_the_permit_that_it_had(in_use: System) -> None:
    permit = issued(in_use)
    assert permit is not None
    assert permit.limits == Limits()
    assert [grant.fields for grant in permit.purposes] == [None]


def test_what_the_municipality_never_automates_stands_in_the_permit_of_a_system_that_could(make_system: Any, person: Any) -> None:
    from insyn.web.decisions.actions import state_never_automated

    system = make_system(modes=["support", "automated"])
    words = {"why_sv": "Ingripande.", "why_en": "Intrusive.", "case_number": "KS 2026/8", "decided_on": today()}
    state_never_automated(actor=person(Role.COUNCIL_SECRETARY), matter_type="housing_loan", **words)
    permit = permit_of(now(system), epoch=1, compiled_from=0, on=today())
    assert permit.limits.never_automated == frozenset({"housing_loan"})
    assert Mode.AUTOMATED in {Mode(mode) for mode in system.modes}


# ------------------------------------------------------------------------------------------------------------------------ pages


def address(system: System) -> str:
    return reverse("register:limits", args=[system.slug])


def filled(system: System, **changes: Any) -> dict[str, Any]:
    return {"revision": now(system).revision, "unknown_fields": "let_through", "rows": 1, "why": WHY, **changes}


def test_the_owner_sets_limits_on_the_page_and_reads_them_back_in_sentences(system: System, sign_in: Any, owner: Actor) -> None:
    describe_system(actor=owner, system=system, klassa=KLASSA)
    hours = {"row-0-weekdays": ["1", "2", "3", "4", "5"], "row-0-begins": "08:00", "row-0-ends": "17:00"}
    sent = filled(system, excludes=["minor"], per_day=20, highest=2, never_automated=["housing_loan"], **{"class-income": 2}, **hours)
    assert sign_in(owner).post(address(system), sent).status_code == 302
    assert now(system).data_classes == {"highest": 2, "classes": {"income": 2}}
    page = sign_in(owner).get(address(system)).content.decode()
    for line in (
        "Används inte för: barn under 18 år.",
        "En människa beslutar alltid i: housing_loan.",
        "Uppgifter som är känsligare än systemet är klassat för tas inte emot.",
        "Högst 20 beslut eller förslag om dagen.",
        "Används bara: måndag till fredag 08:00–17:00.",
    ):
        assert line in page
    assert 'value="08:00"' in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"per_hour": 20, "per_day": 10}, "Fler i timmen än om dagen"),
        ({"rows": 2, "row-1-weekdays": ["1"], "row-1-begins": "17:00", "row-1-ends": "08:00"}, "Slutet måste komma efter början"),
        ({"row-0-begins": "08:00", "row-0-ends": "17:00"}, "Välj minst en veckodag"),
        ({"why": ""}, "måste fyllas i"),
        ({"revision": 0}, "Någon annan har ändrat"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stands(
    system: System, sign_in: Any, owner: Actor, changes: Any, told: str
) -> None:
    answer = sign_in(owner).post(address(system), filled(system, per_day=99) | changes)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert now(system).limits == {}


def test_one_more_line_of_hours_is_given_without_judging_the_rest(system: System, sign_in: Any, owner: Actor) -> None:
    sent = filled(system, more="1", per_day=7, **{"row-0-weekdays": ["6", "7"], "row-0-begins": "10:00", "row-0-ends": "12:00"})
    page = sign_in(owner).post(address(system), sent).content.decode()
    assert 'name="row-1-begins"' in page
    assert 'value="10:00"' in page
    assert now(system).limits == {}


def test_others_read_the_limits_and_have_no_form(system: System, sign_in: Any, person: Any, limit: Any) -> None:
    limit(system, per_day=20)
    officer = sign_in(person(Role.CASE_OFFICER))
    page = officer.get(address(system), headers={"accept-language": "en"}).content.decode()
    assert "At most 20 decisions or proposals a day." in page
    assert "<textarea" not in page
    assert officer.post(address(system), filled(system, per_day=30)).status_code == 200
    assert now(system).limits == {"per_day": 20}


def test_the_public_page_says_the_limits_or_that_they_are_missing_and_no_class_by_its_number(
    client: Any, system: System, limit: Any, owner: Actor
) -> None:
    public = reverse("site:system", args=[system.slug])
    assert "Ingen gräns är satt utöver ändamål" in client.get(public).content.decode()
    describe_system(actor=owner, system=system, klassa=KLASSA)
    limit(now(system), excludes=["protected_identity"], data_classes={"highest": 3, "classes": {"income": 2}})
    page = client.get(public).content.decode()
    assert "Används inte för: personer med skyddade personuppgifter." in page
    assert "känsligare än systemet är klassat för" in page
    history = client.get(reverse("history:system", args=[system.slug])).content.decode()
    assert "Gränser vid drift" in history
    assert "Klass för varje uppgiftskategori" not in history


# ------------------------------------------------------------------------------------------------- from the register to the caller


def test_the_program_that_asks_hears_of_a_limit_as_soon_as_the_owner_has_set_it(approved: System, guard: Any, limit: Any) -> None:
    asks = guard(approved)
    outcome = Outcome(
        outcome="grant",
        payload={"income": 1},
        case="LN-1",
        score=1.0,
        factors=(Factor("income", 1, 1.0),),
        notice="brev",
        population={Population.MINOR: Tristate.NO},
    )
    assert asks.decide(outcome).stage == "proposal"
    limit(approved, excludes=["minor"])
    assert asks.decide(outcome).stage == "proposal"
    with pytest.raises(Refused) as refused:
        asks.decide(msgspec.structs.replace(outcome, population=msgspec.UNSET))
    assert refused.value.refusal.code is RefusalCode.POPULATION_UNKNOWN
    assert refused.value.refusal.manual_way is not None
    with asks.decision() as decision:
        assert decision.cleared.population_due == (Population.MINOR,)
    asks.close()


def test_whoever_decides_on_use_reads_the_limits_beside_the_decision(system: System, limit: Any, sign_in: Any, member: Actor) -> None:
    limit(system, per_day=20)
    page = sign_in(member).get(reverse("register:decisions", args=[system.slug])).content.decode()
    assert page.index("Det som ett beslut om användning omfattar") < page.index("Högst 20 beslut eller förslag om dagen.")


def test_a_system_whose_calls_are_not_held_says_that_its_limits_are_not_either(make_system: Any, sign_in: Any, owner: Actor) -> None:
    system = make_system(slug="avtal", reach=Reach.CONTRACT_ONLY)
    assert "prövas inte heller gränserna" in sign_in(owner).get(address(system)).content.decode()


def test_the_reviewer_is_told_that_fields_were_left_out(system: System) -> None:
    groups = {"output": {"outcome": "grant"}, "case": {"case": "LN-1", "dropped": 2}}
    opened = Opened(rid="0" * 32, index=3, leaf="", system=system.slug, version="1.0", day="2026-11-20", groups=groups, salts={})
    case = case_of(opened, system, "sv")
    assert case.dropped == 2
    page = render_to_string("reviews/case.html", {"case": case, "system": system})
    assert "2 uppgifter som inget beslut nämner skickades också." in page
