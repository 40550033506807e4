"""Acts about the organisation: an office gets another name, another place in the tree, or closes. None is ever deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase
from insyn.web import clock
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System
from insyn.web.register.shapes import required, worded

from .errors import ActRefused
from .models import Mandate, Office
from .permissions import require

_LONGEST = 120
_DEEPEST = 6
_OVER = (Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED)


@transaction.atomic
def rename_office(*, actor: Actor, office: Office, name_sv: str, name_en: str) -> Act:
    """Call an office something else. Its short name stays, since it stands in addresses; old acts keep the old name."""
    require(actor, "office.rename")
    office = _now(office)
    names = {"name_sv": _name("name_sv", name_sv), "name_en": _name("name_en", name_en)}
    if names == {"name_sv": office.name_sv, "name_en": office.name_en}:
        raise ActRefused(_("The office has this name already."))
    text = {"office": office.slug, "before": office.name_sv, **names}
    act = write_act(verb="rename_office", actor=actor, text=text)
    Office.objects.filter(pk=office.pk).update(**names)
    _found_by_the_new_name(office)
    return act


@transaction.atomic
def move_office(*, actor: Actor, office: Office, parent: Office | None) -> Act:
    """Put an office under another one, or at the top. It cannot come to stand under itself."""
    require(actor, "office.move")
    office = _now(office)
    if office.parent_id == (parent.pk if parent else None):
        raise ActRefused(_("The office stands there already."))
    may_stand_under(parent, moving=office)
    text = {"office": office.slug, "parent": parent.slug if parent else ""}
    act = write_act(verb="move_office", actor=actor, text=text)
    Office.objects.filter(pk=office.pk).update(parent=parent)
    return act


@transaction.atomic
def close_office(*, actor: Actor, office: Office, why: str) -> Act:
    """Let an office take nothing new. Refused while it holds a system, a mandate or another office: these must have somewhere to go first."""
    require(actor, "office.close")
    office = _now(office)
    if office.closed_on is not None:
        raise ActRefused(_("The office is closed already."))
    why, hindering = required("why", why), tuple(_held(office))
    if hindering:
        raise ActRefused(*hindering)
    act = write_act(verb="close_office", actor=actor, text={"office": office.slug, "why": why})
    Office.objects.filter(pk=office.pk).update(closed_on=clock.today())
    return act


def may_stand_under(parent: Office | None, *, moving: Office | None = None) -> None:
    """Raises :class:`InvalidInput` for a closed office, for a place under the office itself, and for a tree that gets too deep."""
    above = _with_all_above(parent)
    if parent is not None and parent.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="parent")
    if moving is not None and moving.pk in {office.pk for office in above}:
        raise InvalidInput(_("An office cannot stand under itself or under one of its own."), place="parent")
    if len(above) + (_height(moving) if moving else 1) > _DEEPEST:
        raise InvalidInput(_("At most %(limit)d levels.") % {"limit": _DEEPEST}, place="parent")


def _with_all_above(office: Office | None) -> list[Office]:
    found: list[Office] = []
    while office is not None and office.pk not in {one.pk for one in found}:
        found.append(office)
        office = Office.objects.filter(pk=office.parent_id).first() if office.parent_id else None
    return found


def _height(office: Office) -> int:
    levels, row = 0, [office.pk]
    while row and levels <= _DEEPEST:
        levels += 1
        row = list(Office.objects.filter(parent__in=row).values_list("pk", flat=True))
    return levels


def _held(office: Office) -> list[str]:
    """What the office still has, each in a sentence."""
    found = []
    if names := [child.name for child in office.children.filter(closed_on=None)[:5]]:
        found.append(_("Offices stand under it: %(names)s. Move or close them first.") % {"names": ", ".join(names)})
    if names := [system.name for system in System.objects.filter(office=office).exclude(phase__in=_OVER).order_by("slug")[:5]]:
        found.append(_("It answers for systems: %(names)s. Give them to another office first.") % {"names": ", ".join(names)})
    mandates = Mandate.objects.filter(office=office).exclude(last_day__lt=clock.today()).select_related("user")
    if names := sorted({str(mandate.user) for mandate in mandates[:5]}):
        found.append(_("People hold mandates in it: %(names)s. End them first.") % {"names": ", ".join(names)})
    return found


def _now(office: Office) -> Office:
    return Office.objects.select_for_update().get(pk=office.pk)


def _name(place: str, name: str) -> str:
    return worded(place, name, _LONGEST)


def _found_by_the_new_name(office: Office) -> None:
    from insyn.web.history.keeping import renamed  # history reads the register, which reads the offices

    renamed(office)
