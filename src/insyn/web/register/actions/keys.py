"""Client keys: what a program shows the gateway."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require

from ..issuing import act_on
from ..models import Act, ClientKey, System
from ..shapes import required
from .common import fresh

#: A key that is replaced must end while those who know of it remember.
MOST_OVERLAP_DAYS = 90


class IssuedKey(NamedTuple):
    """``key`` is shown once; the register keeps its SHA-256."""

    act: Act
    key: str


@transaction.atomic
def issue_client_key(*, actor: Actor, system: System, name: str, revision: int | None = None) -> IssuedKey:
    """Make a key for a program that calls on behalf of the system."""
    require(actor, "client_key.issue")
    system = fresh(system, revision)
    name = required("name", name)
    if system.client_keys.filter(name=name).exists():
        raise InvalidInput(_("The system has a key with this name."), place="name")
    key, digest = _make(system, name)
    return IssuedKey(act_on(system, verb="issue_client_key", actor=actor, text={"name": name, "sha256": digest}), key)


@transaction.atomic
def rotate_client_key(*, actor: Actor, system: System, name: str, last_day: date, revision: int | None = None) -> IssuedKey:
    """Make a new key for a program that has one. Both hold through ``last_day``, so the program changes keys without a pause."""
    require(actor, "client_key.issue")
    system = fresh(system, revision)
    today = clock.today()
    if not today <= last_day <= today + timedelta(days=MOST_OVERLAP_DAYS):
        raise InvalidInput(
            _("The old key's last day is today or at most %(days)s days from now.") % {"days": MOST_OVERLAP_DAYS}, place="last_day"
        )
    held = [key for key in system.client_keys.filter(name=name, revoked=None) if key.last_day is None or key.last_day >= today]
    if not held:
        raise ActRefused(_("The system has no such key, or it is revoked already."))
    for old in held:
        old.last_day = min(old.last_day or last_day, last_day)
        old.save(update_fields=["last_day"])
    key, digest = _make(system, name)
    text = {"name": name, "sha256": digest, "last_day": last_day.isoformat()}
    return IssuedKey(act_on(system, verb="rotate_client_key", actor=actor, text=text), key)


def _make(system: System, name: str) -> tuple[str, str]:
    """A key and its SHA-256, which alone is kept."""
    key = f"insyn_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    ClientKey.objects.create(system=system, name=name, sha256=digest, created=clock.now())
    return key, digest


@transaction.atomic
def revoke_client_key(*, actor: Actor, system: System, name: str, revision: int | None = None) -> Act:
    """End every key of a program. The gateway refuses them at once."""
    require(actor, "client_key.revoke")
    system = fresh(system, revision)
    if not system.client_keys.filter(name=name, revoked=None).update(revoked=clock.now()):
        raise ActRefused(_("The system has no such key, or it is revoked already."))
    return act_on(system, verb="revoke_client_key", actor=actor, text={"name": name})
