"""How a message comes in. Its act tells that it came, about what and under which receipt; never what it says, nor from whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number, mask
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.addresses import checked_address
from insyn.web.needs.models import Need
from insyn.web.participation.models import Round
from insyn.web.participation.texts import plain_text
from insyn.web.register.acts import write_act
from insyn.web.register.entry import Level, all_fields, reading
from insyn.web.register.models import System

from .codes import key_of, new_receipt
from .models import Contact, Message
from .words import ANSWER_DAYS, MAX_MESSAGE, OTHER_PARTS, Kind

#: Who acts when somebody writes: nobody asked who it is.
SOMEBODY = Actor(person="resident", name="Någon som säger till", role="resident")
MOST_IN_A_DAY = 1_000
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class About:
    """What a message is about; the site as a whole when it is none of the three."""

    system: System | None = None
    need: Need | None = None
    round: Round | None = None

    @property
    def parts(self) -> dict[str, str]:
        """The parts of the page where something may be wrong: of a system the fields that the public reads, or is told are withheld."""
        found = {}
        if self.system is not None:
            shown = (one for one in all_fields() if reading(self.system.visibility, one).level is not Level.INTERNAL)
            found = {field.name: str(field.label) for field in shown}
        return found | {word: str(label) for word, label in OTHER_PARTS.items() if self.system is not None or word == "other"}


@dataclass(frozen=True)
class Sent:
    """What the sender keeps."""

    message: Message
    key: str


@transaction.atomic
def receive_message(
    *,
    about: About,
    kind: str,
    text: str,
    token: str,
    part: str = "",
    email: str = "",
    language: str = "sv",
    may_publish: bool = True,
    suspected: bool = False,
) -> Sent:
    """Take a message in. The same form sent twice is one: the first is returned, with the same key."""
    if not _TOKEN.fullmatch(token):
        raise InvalidInput(_("The form is incomplete. Open the page again."), place="token")
    before = Message.objects.filter(token=token).first()
    if before is not None:
        return Sent(before, key_of(token))
    if kind not in Kind.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="kind")
    part, text = _part(about, kind, part), plain_text("text", text, limit=MAX_MESSAGE)
    email = checked_address(email)
    if Message.objects.filter(received_on=clock.today()).count() >= MOST_IN_A_DAY:
        raise ActRefused(_("Unusually many messages have come in today. Try again tomorrow, or write a letter."))
    receipt = new_receipt()
    told = {
        "receipt": receipt,
        "kind": kind,
        "part": part,
        "need": about.need and about.need.number,
        "round": about.round and about.round.slug,
    }
    act = write_act(
        verb="receive_message", actor=SOMEBODY, system=about.system, text={name: value for name, value in told.items() if value}
    )
    message = Message.objects.create(
        receipt=receipt,
        token=token,
        kind=kind,
        system=about.system,
        need=about.need,
        round=about.round,
        part=part,
        text=text,
        shown=mask(text),
        language=language,
        may_publish=may_publish,
        suspected=suspected,
        received_on=clock.today(),
        due_on=clock.today() + timedelta(days=ANSWER_DAYS),
        act=act,
    )
    if email:
        Contact.objects.create(message=message, email=email, language=language)
    return Sent(message, key_of(token))


def _part(about: About, kind: str, part: str) -> str:
    if kind != Kind.ERROR:
        return ""
    if part not in about.parts:
        raise InvalidInput(_("Say which part of the page is wrong."), place="part")
    return part


def numbers_in(text: str) -> list[int]:
    """The lines of a text, counted from one, in which an identity number stands."""
    return [number for number, line in enumerate(text.splitlines(), 1) if holds_identity_number(_seen(line))]


def _seen(text: str) -> str:
    """The text without signs that cannot be seen: a number with such a sign inside is a number."""
    try:
        return plain_text("text", text, required=False)
    except InvalidInput:
        return text
