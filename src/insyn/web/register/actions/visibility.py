"""Who may read each field of an entry."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require

from ..entry import FIELDS, Level, Reading, cites, reading
from ..issuing import act_on
from ..models import Act, System
from .common import fresh, only_own

_LONGEST = 120


@transaction.atomic
def set_visibility(*, actor: Actor, system: System, readings: Mapping[str, Reading], revision: int | None = None) -> Act:
    """Decide who reads these fields, and by which provision one is withheld. It holds for all of the entry's history too.

    Raises :class:`InvalidInput` at the field: for one that the public must always see, and for a withheld one without a provision.
    """
    require(actor, "visibility.set")
    system = fresh(system, revision)
    only_own(actor, system)
    changed = {name: wanted for name, wanted in _checked(readings).items() if wanted != reading(system.visibility, FIELDS[name])}
    if not changed:
        raise ActRefused(_("Nothing was changed."))
    system.visibility = {**system.visibility, **{name: _stored(wanted) for name, wanted in changed.items()}}
    return act_on(system, verb="set_visibility", actor=actor, text={name: _stored(wanted) for name, wanted in changed.items()})


def _checked(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    found = {}
    for name, wanted in readings.items():
        field = FIELDS.get(name)
        if field is None:
            raise InvalidInput(_("There is no such field."), place=name)
        if field.fixed:
            raise InvalidInput(_("Nobody can decide who reads this: it is always public, or always internal."), place=name)
        found[name] = _provided(name, wanted)
    return found


def _provided(name: str, wanted: Reading) -> Reading:
    """With its provision when it is withheld, and without one otherwise."""
    if wanted.level not in set(Level):
        raise InvalidInput(_("Choose one of the alternatives."), place=name)
    provision = " ".join(wanted.provision.split())
    if wanted.level is not Level.WITHHELD:
        if provision:
            raise InvalidInput(_("Only what is withheld rests on a provision."), place=name, mend=_("Empty it, or choose withheld."))
        return Reading(Level(wanted.level))
    if not provision:
        raise InvalidInput(_("Name the provision that keeps this secret."), place=name, mend=_("For instance OSL 18 kap. 8 §."))
    if len(provision) > _LONGEST or not cites(provision):
        raise InvalidInput(
            _("This does not look like a provision."), place=name, mend=_("Write chapter and section, such as OSL 18 kap. 8 §.")
        )
    return Reading(Level.WITHHELD, provision)


def _stored(wanted: Reading) -> dict[str, str]:
    return {"level": wanted.level.value, **({"provision": wanted.provision} if wanted.provision else {})}
