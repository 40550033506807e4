"""Acts about people: opening the register, offices, persons and mandates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web import clock
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import renew
from insyn.web.register.models import Act, Municipality, Record, System
from insyn.web.register.shapes import required

from .errors import ActRefused
from .models import Mandate, Office, User
from .organisation import may_stand_under
from .permissions import require


@transaction.atomic
def open_register(
    *,
    name: str,
    username: str,
    first_name: str,
    last_name: str,
    password: str,
    office: str,
    office_sv: str,
    office_en: str,
    demo: bool = False,
) -> Act:
    """The first act: name the municipality and its first administrator, who is the one that acts. Only on an empty register."""
    if Act.objects.exists() or User.objects.exists():
        raise ActRefused(_("The register is open already."))
    Municipality.objects.create(name=required("name", name), demo=demo)
    user = _make_user(username, first_name, last_name, password)
    home = Office.objects.create(slug=office, name_sv=office_sv, name_en=office_en, kind=Office.Kind.ADMINISTRATION)
    actor = Actor(person=user.person, name=str(user), role=Role.ADMINISTRATOR, office=office_sv)
    act = write_act(verb="open_register", actor=actor, text={"name": name, "administrator": user.person, "demo": demo})
    Mandate.objects.create(user=user, role=Role.ADMINISTRATOR, office=home, first_day=clock.today(), act=act)
    return act


@transaction.atomic
def open_office(*, actor: Actor, slug: str, name_sv: str, name_en: str, kind: str, parent: Office | None = None) -> Act:
    """Enter a board, an administration, a company or a union."""
    require(actor, "office.open")
    if kind not in Office.Kind.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="kind")
    if Office.objects.filter(slug=required("slug", slug)).exists():
        raise InvalidInput(_("Another office has this short name."), place="slug")
    may_stand_under(parent)
    Office.objects.create(slug=slug, name_sv=required("name_sv", name_sv), name_en=required("name_en", name_en), kind=kind, parent=parent)
    return write_act(verb="open_office", actor=actor, text={"slug": slug, "name_sv": name_sv, "kind": kind})


@transaction.atomic
def add_person(*, actor: Actor, username: str, first_name: str, last_name: str, password: str) -> Act:
    """Let a person sign in. Without a mandate they may do nothing. The person's id stands in the act's text."""
    require(actor, "person.add")
    user = _make_user(username, first_name, last_name, password)
    return write_act(verb="add_person", actor=actor, text={"person": user.person, "name": str(user)})


def _make_user(username: str, first_name: str, last_name: str, password: str) -> User:
    username = required("username", username)
    if User.objects.filter(username=username).exists():
        raise InvalidInput(_("The name is taken."), place="username")
    user = User(username=username, first_name=required("first_name", first_name), last_name=required("last_name", last_name))
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), place="password") from error
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def appoint(
    *, actor: Actor, user: User, role: Role | str, office: Office, first_day: date | None = None, last_day: date | None = None
) -> Act:
    """Give a person a mandate from ``first_day`` (today) through ``last_day`` (until further notice)."""
    require(actor, "mandate.appoint")
    first_day = first_day or clock.today()
    if role not in set(Role):
        raise InvalidInput(_("Choose one of the alternatives."), place="role")
    if last_day is not None and last_day < first_day:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")
    if office.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="office")
    text = {"person": user.person, "role": str(role), "office": office.slug, "first_day": first_day.isoformat()}
    act = write_act(verb="appoint", actor=actor, text={**text, "last_day": last_day.isoformat() if last_day else ""})
    Mandate.objects.create(user=user, role=str(role), office=office, first_day=first_day, last_day=last_day, act=act)
    _renew_named(user.person, actor=actor, because=act)
    return act


@transaction.atomic
def end_mandate(*, actor: Actor, mandate: Mandate, last_day: date, why: str) -> Act:
    """Let a mandate end on a day that is not later than it was. What rests on the person follows at once."""
    require(actor, "mandate.end")
    mandate = Mandate.objects.select_related("user").get(pk=mandate.pk)
    if mandate.last_day is not None and last_day > mandate.last_day:
        raise InvalidInput(_("The mandate ends earlier than that. A longer one is a new mandate."), place="last_day")
    text = {"person": mandate.user.person, "role": mandate.role, "last_day": last_day.isoformat(), "why": required("why", why)}
    act = write_act(verb="end_mandate", actor=actor, text=text)
    Mandate.objects.filter(pk=mandate.pk).update(last_day=last_day)
    _renew_named(mandate.user.person, actor=actor, because=act)
    return act


def _renew_named(person: str, *, actor: Actor, because: Act) -> None:
    """The permits of the systems that the person owns, stops, reviews, asks or is ordered to stop follow."""
    for system in _systems_that_name(person):
        renew(system, actor=actor, because=because)


def _systems_that_name(person: str) -> Iterable[System]:
    kinds = (RecordKind.STOP_MANDATE, RecordKind.HUMAN_OVERSIGHT)
    rows = Record.objects.filter(kind__in=kinds, withdrawn_on=None).values_list("system_id", "content")
    named = {key for key, content in rows if content.get("person") == person or person in content.get("reviewers", ())}
    obeys = Q(stop_routes__to_user__person=person, stop_routes__ended_on=None)
    asks = Q(assistant_passes__person=person, assistant_passes__last_day__gte=clock.today())
    return System.objects.filter(Q(pk__in=named) | Q(owner__person=person) | obeys | asks).distinct()
