"""What the acts of this app check of times, texts and persons. Each refusal names its field and what would mend it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import User
from insyn.web.register.shapes import at_most, worded

from .words import Recipient

LONG, LINE = 10_000, 300


def text(place: str, value: str, *, most: int = LONG) -> str:
    """A text that must be there and not be longer than this."""
    return worded(place, value, most)


def optional(place: str, value: str, *, most: int = LONG) -> str:
    return at_most(place, value, most)


def one_of(place: str, value: str, words: type) -> str:
    if value not in set(words):
        raise InvalidInput(_("Choose one of the alternatives."), place=place)
    return str(value)


def moment(place: str, value: datetime | None, *, not_before: datetime | None = None) -> datetime:
    """A time that has been: now when none is given, never ahead of now, and not before what it rests on."""
    now = clock.now()
    value = value or now
    if value.tzinfo is None:
        raise InvalidInput(_("The time lacks its time zone."), place=place)
    if value > now:
        raise InvalidInput(_("The time lies ahead. Enter it when it has been."), place=place)
    if not_before is not None and value < _whole_minute(not_before):
        raise InvalidInput(_("The time lies before what it rests on. Check the date and the time."), place=place)
    return max(value, not_before) if not_before is not None else value


def _whole_minute(value: datetime) -> datetime:
    """Forms write minutes: half past is not before half past and ten seconds."""
    return value.astimezone(UTC).replace(second=0, microsecond=0)


def ahead(place: str, value: datetime) -> datetime:
    if value.tzinfo is None or value <= clock.now():
        raise InvalidInput(_("The time has passed already. Set one that lies ahead."), place=place)
    return value


def day_been(place: str, value: date | None, *, not_before: date | None = None) -> date:
    value = value or clock.today()
    if value > clock.today():
        raise InvalidInput(_("The day lies ahead. Enter it when it has been."), place=place)
    if not_before is not None and value < not_before:
        raise InvalidInput(_("The day lies before what it rests on."), place=place)
    return value


def addressee(*, to_kind: str, to_user: User | None, contact_name: str, organisation: str, channel: str) -> dict[str, object]:
    """Whom an order goes to: always a named person, reachable in a named way."""
    one_of("to_kind", to_kind, Recipient)
    channel = text("channel", channel, most=LINE)
    if to_kind == Recipient.TECHNICIAN:
        if to_user is None:
            raise InvalidInput(_("Choose the technician who gets the order."), place="to_user")
        if not to_user.mandates.valid(clock.today()).filter(role=Role.TECHNICIAN).exists():
            raise InvalidInput(_("%(person)s holds no mandate as technician today.") % {"person": to_user}, place="to_user")
        return {"to_kind": to_kind, "to_user": to_user, "contact_name": "", "organisation": "", "channel": channel}
    return {
        "to_kind": to_kind,
        "to_user": None,
        "contact_name": text("contact_name", contact_name, most=200),
        "organisation": text("organisation", organisation, most=200),
        "channel": channel,
    }


def done_already(what: str) -> ActRefused:
    return ActRefused(_("This is done already: %(what)s. Nothing was changed.") % {"what": what})


def user_of(actor: Actor) -> User:
    return User.objects.get(person=actor.person)
