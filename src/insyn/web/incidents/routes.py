"""The standing arrangement for a system whose calls Insyn cannot hold: who is ordered to stop it, how, and within which time."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require
from insyn.web.register.actions.common import followed, fresh, only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System

from . import checks
from .models import StopRoute
from .reach import route_of

LONGEST_PROMISE = 7 * 24 * 60


@transaction.atomic
def set_stop_route(
    *,
    actor: Actor,
    system: System,
    to_kind: str,
    what: str,
    channel: str,
    out_of_hours: str,
    promised_minutes: int,
    to_user: User | None = None,
    contact_name: str = "",
    organisation: str = "",
    revision: int | None = None,
) -> StopRoute:
    """Arrange who is ordered to stop the system from today on. An earlier arrangement ends."""
    require(actor, "stop_route.set")
    system = fresh(system, revision)
    only_own(actor, system)
    if not 1 <= promised_minutes <= LONGEST_PROMISE:
        raise InvalidInput(_("Give the time in minutes, at least 1 and at most a week."), place="promised_minutes")
    to = checks.addressee(to_kind=to_kind, to_user=to_user, contact_name=contact_name, organisation=organisation, channel=channel)
    rest = {
        "what": checks.text("what", what),
        "out_of_hours": checks.text("out_of_hours", out_of_hours, most=2000),
        "promised_minutes": promised_minutes,
    }
    earlier = route_of(system, clock.today())
    if earlier is not None and all(getattr(earlier, name) == value for name, value in {**to, **rest}.items()):
        raise checks.done_already(_("this way to stop is in force"))
    act = write_act(verb="set_stop_route", actor=actor, system=system, text={**rest, "to_kind": to_kind, "to": _who(to)})
    _end_all(system)
    route = StopRoute.objects.create(system=system, first_day=clock.today(), act=act, **to, **rest)
    followed(system, act, actor)
    return route


@transaction.atomic
def end_stop_route(*, actor: Actor, route: StopRoute, why: str) -> Act:
    """End the arrangement. Where the permit rests on it, what is allowed closes at once."""
    require(actor, "stop_route.set")
    system = fresh(route.system, None)
    only_own(actor, system)
    if not StopRoute.objects.filter(pk=route.pk, ended_on=None).exists():
        raise checks.done_already(_("the way to stop has ended"))
    act = write_act(verb="end_stop_route", actor=actor, system=system, text={"why": checks.text("why", why), "set_by": route.act_id})
    StopRoute.objects.filter(pk=route.pk).update(ended_on=clock.today())
    return followed(system, act, actor)


def _end_all(system: System) -> None:
    StopRoute.objects.filter(system=system, ended_on=None).update(ended_on=clock.today())


def _who(to: dict[str, object]) -> str:
    user = to["to_user"]
    return user.person if isinstance(user, User) else f"{to['contact_name']}, {to['organisation']}"
