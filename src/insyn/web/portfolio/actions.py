"""What a person decides for themselves: where letters go and how often, and the secret address of their calendar."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require
from insyn.web.addresses import checked_address
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act

from .models import CalendarAddress, DigestChoice

_TOKEN_BYTES = 32


@transaction.atomic
def choose_digest(*, actor: Actor, often: str, email: str = "", language: str = "sv") -> Act:
    """Choose how often letters come, and to which address. The address itself stands in no act: acts are kept for good."""
    require(actor, "settings.own")
    if often not in DigestChoice.Often.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="often")
    if language not in dict(settings.LANGUAGES):
        raise InvalidInput(_("Choose one of the alternatives."), place="language")
    email = _address(email, needed=often != DigestChoice.Often.NEVER)
    user = User.objects.select_for_update().get(person=actor.person)
    held = DigestChoice.objects.filter(user=user).first()
    if (held.often if held else "never", held.language if held else "sv", user.email) == (often, language, email):
        raise ActRefused(_("Nothing was changed."))
    text = {"often": often, "language": language, "address_changed": user.email != email}
    act = write_act(verb="choose_digest", actor=actor, text=text)
    User.objects.filter(pk=user.pk).update(email=email)
    DigestChoice.objects.update_or_create(user=user, defaults={"often": often, "language": language, "act": act})
    return act


def _address(email: str, *, needed: bool) -> str:
    if needed and not email.strip():
        raise InvalidInput(_("Letters need an address."), place="email")
    return checked_address(email)


@transaction.atomic
def rotate_calendar_address(*, actor: Actor) -> str:
    """Make a new secret address for the person's calendar and return its token, which is stored nowhere. The old address is dead at once."""
    require(actor, "settings.own")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    user = User.objects.get(person=actor.person)
    act = write_act(verb="rotate_calendar_address", actor=actor, text={"person": actor.person})
    CalendarAddress.objects.update_or_create(user=user, defaults={"sha256": hashed(token), "act": act})
    return token


def hashed(token: str) -> str:
    """What is stored of a token: it is random and long, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
