"""Step 1: a municipality with boards, offices and people, a policy that its council adopts, and systems of different kinds."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from demo.journal import client_keys, sign_ins
from demo.lindvalla import people, systems
from demo.lindvalla.people import PersonOf
from demo.loans import words
from insyn.core.terms import Role

from .context import Journey
from .incidents import order_exercise
from .noticing import tell_people
from .ordering import name_stop_ways

POLICY = "kommun/lindvalla"
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"


class Opened(msgspec.Struct, frozen=True):
    """How much stands in the register after the step."""

    offices: int
    people: int
    systems: int
    acts: int


def run(journey: Journey) -> Opened:
    if done := journey.journal.done("opening", Opened):
        journey.terminal.line(f"Done before: {done.offices} offices, {done.people} people, {done.systems} systems.")
        return done
    from insyn.web.accounts.models import Office, User
    from insyn.web.register.models import Act, System

    enter_people(journey)
    tell_model(journey)
    enter_systems(journey)
    issue_keys(journey)
    result = Opened(Office.objects.count(), User.objects.count(), System.objects.count(), Act.objects.count())
    journey.terminal.line(
        f"{result.offices} offices, {result.people} people, {result.systems} systems; {result.acts} acts, each by a named person."
    )
    journey.journal.keep("opening", result)
    return result


def enter_people(journey: Journey) -> None:
    """The municipality, its offices, people and mandates, and the policy that its council has adopted."""
    open_municipality(journey)
    enter_offices_and_people(journey)
    journey.terminal.line(f"{people.ADMINISTRATOR.name} opens the register and enters offices, people and mandates.")
    adopt_policy(journey)


def new_password() -> str:
    """Easy to type, hard to guess: three groups of four."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def password_of(journey: Journey, person: PersonOf) -> str:
    """The person's password in this demonstration, made the first time."""
    book = sign_ins(journey.home)
    return book.get(person.username) or book.keep(person.username, new_password())


def open_municipality(journey: Journey) -> None:
    from insyn.web.accounts.actions import open_register
    from insyn.web.register.models import Municipality

    if Municipality.objects.exists():
        return
    admin, (_, slug) = people.ADMINISTRATOR, people.ADMINISTRATOR.roles[0]
    office = next(office for office in people.OFFICES if office.slug == slug)
    open_register(
        name=people.MUNICIPALITY,
        username=admin.username,
        first_name=admin.first,
        last_name=admin.last,
        password=password_of(journey, admin),
        office=office.slug,
        office_sv=office.sv,
        office_en=office.en,
        demo=True,
    )


def enter_offices_and_people(journey: Journey) -> None:
    """Offices, people and mandates; each an act of the administrator."""
    from demo.register import acting, office_of, user_of
    from insyn.web.accounts.actions import add_person, appoint, open_office
    from insyn.web.accounts.models import Mandate, Office, User

    administrator = acting(people.ADMINISTRATOR)
    for office in people.OFFICES:
        if not Office.objects.filter(slug=office.slug).exists():
            parent = office_of(office.parent) if office.parent else None
            open_office(actor=administrator, slug=office.slug, name_sv=office.sv, name_en=office.en, kind=office.kind, parent=parent)
    for person in people.PEOPLE:
        if not User.objects.filter(username=person.username).exists():
            password = password_of(journey, person)
            add_person(actor=administrator, username=person.username, first_name=person.first, last_name=person.last, password=password)
        for role, slug in person.roles:
            if not Mandate.objects.filter(user=user_of(person), role=role).exists():
                appoint(actor=administrator, user=user_of(person), role=role, office=office_of(slug))


def adopt_policy(journey: Journey) -> None:
    from demo.register import acting
    from insyn.web import clock
    from insyn.web.register.actions import adopt_pack
    from insyn.web.register.models import AdoptedPack

    if AdoptedPack.objects.filter(pack=POLICY).exists():
        return
    day = clock.today() - timedelta(days=1)
    adopt_pack(actor=acting(people.SECRETARY), pack=POLICY, adopted_on=day, case_number="KF 2026/118")
    journey.terminal.line(f"{people.SECRETARY.name} enters that the council has adopted the policy {POLICY}, case KF 2026/118.")


def tell_model(journey: Journey) -> None:
    """Train and validate the model, and say how right it is."""
    parts, checks = journey.validation
    accuracy, training = parts[0].accuracy, len(journey.applications.training)
    broken = sum(not check.holds for check in checks)
    journey.terminal.line(
        f"Lånestöd's model learns from {training} of 1 989 real applications (Boston, 1990; nobody in Sweden, no names). Held out, it agrees with "
        f"the loan officers in {accuracy.rate:.1%} (95 % {accuracy.low:.1%} to {accuracy.high:.1%}); {broken} of {len(checks)} limits set "
        "beforehand are broken."
    )


def enter_systems(journey: Journey) -> None:
    """The register's entries: Lånestöd by its owner, the others by the AI coordinator."""
    from demo.register import acting, system_of
    from insyn.core.terms import Phase
    from insyn.web.register import actions

    enter(journey, systems.loan_support(journey.one_in), by=people.OWNER, owner=people.OWNER)
    enter(journey, systems.LOAD_SYSTEM, by=people.COORDINATOR, owner=people.OTHER_OWNER)
    for description in systems.OTHERS:
        enter(journey, description, by=people.COORDINATOR, owner=people.OTHER_OWNER)
    chair = acting(people.CHAIR)
    refused, retired = system_of(systems.ABSENCE["slug"]), system_of(systems.PHONE_ROUTING["slug"])
    if refused.phase != Phase.REFUSED:
        why = systems.REFUSED_WHY
        actions.refuse_system(actor=chair, system=refused, why_sv=why["sv"], why_en=why["en"], case_number="BIN 2026/31")
    if retired.phase != Phase.RETIRED:
        actions.retire_system(actor=chair, system=retired, why="Växeln kopplar bättre.", case_number="KS 2026/77")
    add_versions(journey)
    name_stop_ways(journey)
    tell_people(journey)
    order_exercise()


def enter(journey: Journey, description: dict[str, Any], *, by: PersonOf, owner: PersonOf) -> None:
    from demo.register import acting, office_of, user_of
    from insyn.web.register.actions import register_system
    from insyn.web.register.models import System

    if System.objects.filter(slug=description["slug"]).exists():
        return
    entry = {**description, "office": office_of(description["office"])}
    register_system(actor=acting(by), owner=user_of(owner), **entry)
    journey.terminal.line(f"{by.name} registers {description['name_sv']} ({description['kind']}, {description['reach']}).")


def add_versions(journey: Journey) -> None:
    from demo.register import acting, system_of
    from insyn.web.register.actions import add_version

    loans, load = system_of(words.SLUG), system_of(systems.LOAD_TEST)
    if not loans.versions.exists():
        model = "Logistisk regression, nio uppgifter (scikit-learn)"
        add_version(
            actor=acting(people.OWNER),
            system=loans,
            name=words.VERSION,
            model=model,
            digest=journey.model.digest,
            base=journey.model.base,
            learned_from=[{"purpose": "training", "source": words.TRAINED_ON, "residents_data": "no"}],
        )
    if not load.versions.exists():
        add_version(actor=acting(people.OTHER_OWNER), system=load, name=systems.LOAD_VERSION, model="Påhittade svar")


def issue_keys(journey: Journey) -> None:
    """A key for each program that calls; kept in the demonstration's secrets as the program would keep it."""
    for slug in (words.SLUG, systems.LOAD_TEST):
        _issue_key(journey, slug, ("program", "program-2", "program-3"))


def _issue_key(journey: Journey, slug: str, names: Iterable[str]) -> None:
    from demo.register import acting, system_of
    from insyn.web.register.actions import issue_client_key

    book = client_keys(journey.home)
    if book.get(slug):
        return
    system = system_of(slug)
    # A key that was issued and not kept (the demonstration was cut off between the two) is lost; the next name is taken.
    name = next(name for name in names if not system.client_keys.filter(name=name).exists())
    book.keep(slug, issue_client_key(actor=acting(people.ADMINISTRATOR, Role.ADMINISTRATOR), system=system, name=name).key)
