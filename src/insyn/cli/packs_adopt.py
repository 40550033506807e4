"""`insyn packs adopt`: record, at a terminal, that the council adopted a policy. A dry run unless told otherwise; the act is the web site's."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.rules.replay import Affected

from .packs_systems import open_register, summary

if TYPE_CHECKING:
    from insyn.web.accounts.models import User


def adopt(arguments: argparse.Namespace) -> int:
    """In this order: the day; the register; the person and their right; the policy; what would change; with --yes the act.

    Raises :class:`InvalidInput` for each that is wrong, before anything is changed.
    """
    from .packs import read_day

    home: Home = arguments.home
    on = read_day(arguments.on, place="--on") if arguments.on else None
    open_register(home)
    user = _signed_in(arguments.username, from_input=arguments.password_stdin)
    actor = _actor(user)
    affected, total, on = _looked_at(arguments.pack, on)
    print(f"If the council adopts {arguments.pack} as of {on}:", end="")
    for line in summary(affected, total):
        print(line)
    if not arguments.yes:
        print("\nA dry run: nothing was changed. Add --yes to record the adoption.")
        return 0
    from insyn.web.register.actions import adopt_pack

    act = adopt_pack(actor=actor, pack=arguments.pack, adopted_on=on, case_number=arguments.case)
    print(f"\nRecorded by {actor.name} as act {act.pk}. Its entry stands in the log when the services have sent it.")
    return 0


def _signed_in(username: str, *, from_input: bool) -> User:
    """The person, by the same check as the sign-in page: wrong passwords are counted and lock the name for a while."""
    from django.contrib.auth import authenticate
    from django.core.exceptions import PermissionDenied
    from django.http import HttpRequest

    password = sys.stdin.readline().rstrip("\n") if from_input else getpass.getpass(f"Password of {username}: ")
    request = HttpRequest()
    request.method, request.path = "POST", "/insyn-packs-adopt"
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": "insyn packs adopt"}
    try:
        user = authenticate(request, username=username, password=password)
    except PermissionDenied:
        user = None
    if user is None:
        raise InvalidInput(
            "the name or the password is wrong, or there have been too many attempts",
            place="--as",
            mend="Wait a quarter of an hour, or ask the administrator.",
        )
    return user  # type: ignore[return-value]


def _actor(user: User) -> Actor:
    """The person in the office that records adoptions. Raises :class:`InvalidInput` without a mandate that holds today."""
    from insyn.web import clock
    from insyn.web.accounts.permissions import PERMISSIONS, as_actor, holds, role_label

    mandate = holds(user, "pack.adopt", clock.today())
    if mandate is None:
        roles = ", ".join(sorted(role_label(role) for role in PERMISSIONS["pack.adopt"]))
        raise InvalidInput(f"{user} may not record an adoption", place="--as", mend=f"It takes a mandate as: {roles}.")
    return as_actor(mandate)


def _looked_at(pack: str, on: date | None) -> tuple[tuple[Affected, ...], int, date]:
    """What the adoption would change, for how many systems, and the day."""
    from insyn.web import clock
    from insyn.web.accounts.models import User
    from insyn.web.register.actions.packs import checked_adoption
    from insyn.web.register.packs import known
    from insyn.web.register.replaying import finished_dry_run

    day = on or clock.today()
    adoption = checked_adoption(pack, day)
    found = finished_dry_run(known().adopting(adoption), on=clock.today())
    affected = found.affected or ()
    names = {user.person: str(user) for user in User.objects.filter(person__in={one.owner for one in affected})}
    return tuple(_named(one, names) for one in affected), found.total, day


def _named(found: Affected, names: dict[str, str]) -> Affected:
    return msgspec.structs.replace(found, owner=names.get(found.owner, found.owner))
