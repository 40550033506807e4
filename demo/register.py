"""Short ways to Lindvalla's persons, offices and systems in the register, and to the moment when an act stands in the log.

Import it after :func:`demo.installation.prepare`.
"""

from __future__ import annotations

import time

from demo.lindvalla.people import PersonOf
from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.models import Office, User
from insyn.web.accounts.permissions import actor_of
from insyn.web.register.models import Outbox, System

RELAY_SECONDS = 30.0


def user_of(person: PersonOf) -> User:
    return User.objects.get(username=person.username)


def acting(person: PersonOf, role: Role | None = None) -> Actor:
    """The person in a role (their first one): who every act names."""
    return actor_of(user_of(person), role or person.roles[0][0], clock.today())


def office_of(slug: str) -> Office:
    return Office.objects.get(slug=slug)


def system_of(slug: str) -> System:
    return System.objects.get(slug=slug)


def settle(*, seconds: float = RELAY_SECONDS) -> None:
    """Wait until every act stands in the log. Raises :class:`Unreachable` with the reason of the one that does not get there."""
    deadline = time.monotonic() + seconds
    while Outbox.objects.filter(sent_at=None).exists():
        if time.monotonic() > deadline:
            first = Outbox.objects.filter(sent_at=None).select_related("act").order_by("id").first()
            raise Unreachable(f"the act {first.act.verb!r} did not reach the log in {seconds:.0f} s: {first.error or 'no answer'}")
        time.sleep(0.02)
