"""Acts on the municipality's texts for letters, and on the register of how people are told. Each is one transaction with one act."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import mask
from insyn.core.messages import Actor
from insyn.core.terms import NoticeChannel
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.participation.texts import plain_text
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import System

from .models import MatterText, NoticeWay

MAX_TEXT, MAX_WORDS, MAX_STEP, MAX_WHY, MAX_LINK = 4000, 2000, 200, 400, 300


@transaction.atomic
def set_matter_text(
    *, actor: Actor, system: System, matter_type: str, appeal_sv: str, appeal_en: str, contact_sv: str, contact_en: str
) -> MatterText:
    """Say how one appeals and whom one asks, in decisions of a type of matter; of all types where it is empty. The older text stays as a row."""
    require(actor, "letter.text")
    system = fresh(system, None)
    only_own(actor, system)
    if matter_type and matter_type not in matter_types(system):
        raise InvalidInput(_("The system touches no such type of matter."), place="matter_type")
    words = {"appeal_sv": appeal_sv, "appeal_en": appeal_en, "contact_sv": contact_sv, "contact_en": contact_en}
    texts = {name: _unnamed(name, text, MAX_TEXT) for name, text in words.items()}
    before = MatterText.objects.filter(system=system, matter_type=matter_type).first()
    if before is not None and all(getattr(before, name) == text for name, text in texts.items()):
        raise ActRefused(_("Nothing was changed."))
    act = write_act(verb="set_matter_text", actor=actor, system=system, text={"matter_type": matter_type, **texts})
    return MatterText.objects.create(system=system, matter_type=matter_type, act=act, **texts)


def matter_types(system: System) -> list[str]:
    """Every type of matter that the system's purposes touch."""
    return sorted({name for purpose in system.purposes for name in purpose.get("matter_types", ())})


@transaction.atomic
def record_notice(
    *,
    actor: Actor,
    system: System,
    channel: NoticeChannel | str,
    step_sv: str,
    step_en: str,
    words_sv: str,
    words_en: str,
    first_day: date,
    last_day: date | None = None,
    sample: str = "",
) -> NoticeWay:
    """Record how people are told that the system helps, where no call shows it."""
    require(actor, "notice.record")
    system = fresh(system, None)
    only_own(actor, system)
    if channel not in set(NoticeChannel):
        raise InvalidInput(_("Choose one of the alternatives."), place="channel")
    if last_day is not None and last_day < first_day:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")
    text: dict[str, Any] = {
        "channel": str(channel),
        "step_sv": _unnamed("step_sv", step_sv, MAX_STEP),
        "step_en": _unnamed("step_en", step_en, MAX_STEP),
        "words_sv": _unnamed("words_sv", words_sv, MAX_WORDS),
        "words_en": _unnamed("words_en", words_en, MAX_WORDS),
        "sample": _sample(sample),
    }
    days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat() if last_day else ""}
    act = write_act(verb="record_notice", actor=actor, system=system, text=text | days)
    return NoticeWay.objects.create(system=system, first_day=first_day, last_day=last_day, act=act, **text)


@transaction.atomic
def end_notice(*, actor: Actor, way: NoticeWay, why: str, ended_on: date | None = None) -> NoticeWay:
    """People are no longer told in this way, from a day on."""
    require(actor, "notice.record")
    way = NoticeWay.objects.select_related("system").get(pk=way.pk)
    only_own(actor, way.system)
    if way.ended_on is not None:
        raise ActRefused(_("It is ended already, on %(day)s.") % {"day": way.ended_on.isoformat()})
    day = ended_on or clock.today()
    if day < way.first_day:
        raise InvalidInput(_("It begins on %(day)s, so it cannot end before.") % {"day": way.first_day.isoformat()}, place="ended_on")
    why = _unnamed("why", why, MAX_WHY)
    text = {"notice": way.act_id, "ended_on": day.isoformat(), "why": why}
    way.ending = write_act(verb="end_notice", actor=actor, system=way.system, text=text)
    way.ended_on, way.ended_why = day, why
    way.save(update_fields=["ending", "ended_on", "ended_why"])
    return way


def _unnamed(place: str, text: str, limit: int) -> str:
    """Plain text. It is shown to everybody, so an identity number in it is refused."""
    found = plain_text(place, text, limit=limit)
    if mask(found) != found:
        raise InvalidInput(_("There is an identity number here."), place=place, mend=_("Take it away: everybody reads this text."))
    return found


def _sample(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    if not text.startswith("https://") or len(text) > MAX_LINK or any(sign.isspace() for sign in text):
        raise InvalidInput(_("Write an address that begins with https://."), place="sample")
    return _unnamed("sample", text, MAX_LINK)
