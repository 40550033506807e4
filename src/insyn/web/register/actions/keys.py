"""Client keys: what a program shows the gateway."""

from __future__ import annotations

import hashlib
import secrets
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
    key = f"insyn_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    ClientKey.objects.create(system=system, name=name, sha256=digest, created=clock.now())
    return IssuedKey(act_on(system, verb="issue_client_key", actor=actor, text={"name": name, "sha256": digest}), key)


@transaction.atomic
def revoke_client_key(*, actor: Actor, system: System, name: str, revision: int | None = None) -> Act:
    """End a key. The gateway refuses it at once."""
    require(actor, "client_key.revoke")
    system = fresh(system, revision)
    if not system.client_keys.filter(name=name, revoked=None).update(revoked=clock.now()):
        raise ActRefused(_("The system has no such key, or it is revoked already."))
    return act_on(system, verb="revoke_client_key", actor=actor, text={"name": name})
