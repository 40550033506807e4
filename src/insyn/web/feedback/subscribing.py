"""Subscriptions by mail: asked for, confirmed from the letter, ended by one click. No act tells of them: they are nobody's business.

What is answered to somebody who asks is the same whether the address is known or not, and so is what is done before the answer:
:func:`ask` writes one row and looks nothing up by the address. :func:`take_in` goes on from there in the relay.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import Office
from insyn.web.addresses import checked_address
from insyn.web.register.models import System

from .events import public_size
from .models import Asked, Letter, Subscriber, Wish
from .words import CONFIRM_DAYS, EventKind, LetterKind

#: So many wishes an address may hold, and so long it waits between two letters that ask for the same confirmation.
MOST_WISHES = 50
_AGAIN = timedelta(days=1)
#: So many letters that ask for a confirmation leave in a day: nobody uses the site to flood others.
MOST_ASKED_IN_A_DAY = 500
#: And so many of them to one address, whatever is asked for in its name.
MOST_ASKED_OF_ONE = 5
_CONFIRM, _END = "insyn.feedback.confirm", "insyn.feedback.end"


@dataclass(frozen=True)
class _Wanted:
    """What somebody asks for, read and found whole."""

    email: str
    system: System | None = None
    office: Office | None = None
    kind: str = ""
    language: str = "sv"


def _read(wanted: _Wanted) -> _Wanted:
    address = checked_address(wanted.email).lower()
    if not address:
        raise InvalidInput(_("Letters need an address."), place="email")
    if wanted.kind and wanted.kind not in EventKind.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="kind")
    if wanted.language not in dict(settings.LANGUAGES):
        raise InvalidInput(_("Choose one of the alternatives."), place="language")
    return replace(wanted, email=address)


def _refuse_too_many(now: datetime) -> None:
    lately = Letter.objects.filter(kind=LetterKind.CONFIRM, made_at__gt=now - _AGAIN).count()
    if lately >= MOST_ASKED_IN_A_DAY:
        raise ActRefused(_("Unusually many have asked for letters today. Try again tomorrow."))


@transaction.atomic
def ask(*, email: str, system: System | None = None, office: Office | None = None, kind: str = "", language: str = "sv") -> None:
    """Put down that somebody asks. Nothing depends on whether the address is known."""
    wanted, now = _read(_Wanted(email, system, office, kind, language)), clock.now()
    _refuse_too_many(now)
    if Asked.objects.count() >= MOST_ASKED_IN_A_DAY:
        raise ActRefused(_("Unusually many have asked for letters today. Try again tomorrow."))
    Asked.objects.create(email=wanted.email, system=system, office=office, kind=kind, language=language, asked_at=now)


def take_in() -> int:
    """Make wishes and letters of what has been asked for, and delete the questions; returns how many. Each is one transaction."""
    taken = 0
    for row in Asked.objects.select_related("system", "office")[:MOST_ASKED_IN_A_DAY]:
        with transaction.atomic():
            if not Asked.objects.filter(pk=row.pk).delete()[0]:
                continue  # another run has it
            with suppress(ActRefused, InvalidInput):  # the day has had its letters: whoever asked may ask again, as the page says
                subscribe(email=row.email, system=row.system, office=row.office, kind=row.kind, language=row.language)
                taken += 1
    return taken


@transaction.atomic
def subscribe(
    *, email: str, system: System | None = None, office: Office | None = None, kind: str = "", language: str = "sv"
) -> Letter | None:
    """Note a wish, and make the letter that asks whether it was meant; none where it is confirmed already or was asked for lately."""
    address, now = _read(_Wanted(email, system, office, kind, language)).email, clock.now()
    _refuse_too_many(now)
    subscriber, _made = Subscriber.objects.get_or_create(email=address, defaults={"language": language})
    wish = subscriber.wishes.filter(system=system, office=office, kind=kind).first()
    if wish is None and subscriber.wishes.count() >= MOST_WISHES:
        return None
    wish = wish or Wish.objects.create(subscriber=subscriber, system=system, office=office, kind=kind, asked_at=now)
    if wish.confirmed_at is not None or wish.letters.filter(made_at__gt=now - _AGAIN).exists():
        return None
    if subscriber.letters.filter(kind=LetterKind.CONFIRM, made_at__gt=now - _AGAIN).count() >= MOST_ASKED_OF_ONE:
        return None
    Wish.objects.filter(pk=wish.pk).update(asked_at=now)
    return Letter.objects.create(kind=LetterKind.CONFIRM, subscriber=subscriber, wish=wish, made_at=now)


@transaction.atomic
def confirm(token: str) -> Wish | None:
    """The wish of the link, confirmed; ``None`` where the link leads nowhere (any more). A second press changes nothing."""
    wish = _wishes().select_for_update(of=("self",)).filter(key=_key(_CONFIRM, token)).first()
    if wish is None:
        return None
    if wish.confirmed_at is None:
        now = clock.now()
        Wish.objects.filter(pk=wish.pk).update(confirmed_at=now)
        Subscriber.objects.filter(pk=wish.subscriber_id, confirmed_at=None).update(confirmed_at=now, from_index=public_size())
        wish.refresh_from_db()
    return wish


def wish_of(token: str) -> Wish | None:
    return _wishes().filter(key=_key(_CONFIRM, token)).first()


def _wishes() -> QuerySet[Wish]:
    """Those that are confirmed or still may be: a link is no good after its days, whether the job that forgets has run or not."""
    found = Q(confirmed_at__isnull=False) | Q(asked_at__gt=clock.now() - CONFIRM_DAYS)
    return Wish.objects.filter(found).select_related("subscriber", "system", "office")


@transaction.atomic
def end(token: str) -> bool:
    """Delete the subscriber of the link with all that hangs on it. False where there was none; the page says the same in both cases."""
    return Subscriber.objects.filter(key=_key(_END, token)).delete()[0] > 0


def _key(purpose: str, token: str) -> str:
    try:
        return Signer(salt=purpose).unsign(token)
    except BadSignature:
        return "-"  # no key: keys are of hex digits


def confirm_link(wish: Wish) -> str:
    return settings.PUBLIC_ADDRESS + reverse("feedback:confirm", args=[Signer(salt=_CONFIRM).sign(wish.key)])


def end_link(subscriber: Subscriber) -> str:
    return settings.PUBLIC_ADDRESS + reverse("feedback:end", args=[Signer(salt=_END).sign(subscriber.key)])


def words_of(wish: Wish) -> str:
    """What the wish is for, in the active language."""
    kind = str(EventKind(wish.kind).label) if wish.kind else _("Everything that happens")
    if wish.system is not None:
        return _("%(kind)s: %(name)s") % {"kind": kind, "name": wish.system.name}
    if wish.office is not None:
        return _("%(kind)s: systems of %(name)s and what is below it") % {"kind": kind, "name": wish.office.name}
    return _("%(kind)s: the whole register") % {"kind": kind}


@transaction.atomic
def forget_unconfirmed() -> int:
    """Delete wishes that nobody confirmed in time, and addresses without a wish; returns how many addresses."""
    Wish.objects.filter(confirmed_at=None, asked_at__lte=clock.now() - CONFIRM_DAYS).delete()
    return Subscriber.objects.filter(~Q(wishes__isnull=False)).delete()[1].get("feedback.Subscriber", 0)
