"""Who may stop a supplier or everything: recorded on a decision, carried to the log as one signed list.

The list follows the mandates by itself: :func:`tell_wide_holders` compares what holds today with what went to the log last, and sends a new
list with the next number where they differ. A person whose mandate as stop holder ends is gone from it with that day.
"""

from __future__ import annotations

from datetime import date

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Actor, Denied, Done, KeepStopHolders
from insyn.core.permit import StopHolder, StopHolders, open_stop_holders, sign_stop_holders
from insyn.core.signing import Signed
from insyn.core.terms import Role
from insyn.rules.narrowing import in_order
from insyn.sdk.control import ControlClient
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act

from .models import WideList, WideMandate

_KEY_DIGITS = 64


@transaction.atomic
def grant_wide_stop(*, actor: Actor, user: User, last_day: date, case_number: str, stop_key: str = "") -> WideMandate:
    """Record the decision that a stop holder may stop suppliers and everything until a day."""
    require(actor, "stop.wide")
    today, stop_key = clock.today(), stop_key.strip().lower()
    if not case_number.strip():
        raise InvalidInput(_("A decision needs a case number."), place="case_number")
    if last_day < today:
        raise InvalidInput(_("The day has passed. Give the last day of the mandate."), place="last_day")
    if not Mandate.objects.valid(today).filter(user=user, role=Role.STOP_HOLDER).exists():
        raise InvalidInput(_("%(person)s holds no mandate as stop holder on that day.") % {"person": user}, place="user")
    if stop_key and not _is_key(stop_key):
        raise InvalidInput(_("A public stop key is 64 hexadecimal digits."), place="stop_key")
    if WideMandate.objects.filter(user=user, ended_on=None, last_day__gte=today).exists():
        raise ActRefused(_("The person holds such a mandate already. End it first."))
    text = {"person": user.person, "last_day": last_day.isoformat(), "case_number": case_number.strip(), "stop_key": stop_key}
    act = write_act(verb="grant_wide_stop", actor=actor, text=text)
    return WideMandate.objects.create(
        user=user, first_day=today, last_day=last_day, stop_key=stop_key, case_number=case_number.strip(), act=act
    )


@transaction.atomic
def end_wide_stop(*, actor: Actor, mandate: WideMandate, why: str) -> Act:
    """End such a mandate today."""
    require(actor, "stop.wide")
    mandate = WideMandate.objects.select_for_update().select_related("user").get(pk=mandate.pk)
    if mandate.ended_on is not None or mandate.last_day < clock.today():
        raise ActRefused(_("The mandate has ended already."))
    if not why.strip():
        raise InvalidInput(_("Say why."), place="why")
    mandate.ended_on = clock.today()
    mandate.save(update_fields=["ended_on"])
    return write_act(verb="end_wide_stop", actor=actor, text={"person": mandate.user.person, "because": mandate.act_id, "why": why.strip()})


def _is_key(text: str) -> bool:
    try:
        return len(text) == _KEY_DIGITS and bool(bytes.fromhex(text))
    except ValueError:
        return False


def wide_holders(on: date) -> tuple[StopHolder, ...]:
    """Who may stop everything, by the register today. No mandate outlasts the role of stop holder."""
    rows = WideMandate.objects.filter(ended_on=None, first_day__lte=on, last_day__gte=on, user__is_active=True).select_related("user")
    found = []
    for row in rows:
        days = list(Mandate.objects.valid(on).filter(user=row.user, role=Role.STOP_HOLDER).values_list("last_day", flat=True))
        if days:
            last = min(row.last_day, date.max if None in days else max(days))
            found.append(StopHolder(person=row.user.person, last_day=last.isoformat(), public=row.stop_key))
    return in_order(found)


def tell_wide_holders(client: ControlClient) -> None:
    """Send the list to the log if it changed, or if the last one did not arrive. Raises :class:`Unreachable`."""
    newest = WideList.objects.first()
    holders, held = wide_holders(clock.today()), _opened(newest).holders if newest else ()
    if holders != held:
        newest = _keep(StopHolders(number=newest.number + 1 if newest else 1, holders=holders))
    if newest is None or newest.log_index is not None:
        return
    signed = msgspec.json.decode(bytes(newest.signed), type=Signed)
    answer = client.ask_new(lambda number: KeepStopHolders(id=number, holders=signed))
    if isinstance(answer, Done):
        WideList.objects.filter(pk=newest.pk).update(log_index=answer.receipt.index)
    elif not isinstance(answer, Denied):  # refused while the log is closed: sent again in the next round
        raise Unreachable(f"the sequencer answered {type(answer).__name__} to a list of stop holders")


def _keep(held: StopHolders) -> WideList:
    return WideList.objects.create(number=held.number, signed=msgspec.json.encode(sign_stop_holders(held, bridge.register_key())))


def _opened(row: WideList) -> StopHolders:
    return open_stop_holders(msgspec.json.decode(bytes(row.signed), type=Signed), public=bridge.register_key().public)
