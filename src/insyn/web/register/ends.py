"""What of a permit has ended by itself, and what keeps one closed, in words that anybody may read: no names, no details of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import msgspec
from django.db.models import F
from django.utils.translation import gettext as _

from insyn.core.permit import End
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.signing import Signed
from insyn.rules.permits import OWNER
from insyn.web.accounts.errors import ActRefused
from insyn.web.incidents.reach import WHAT as STOP_ROUTE
from insyn.web.language import spoken

from . import packs as rule_packs
from .models import IssuedPermit, System

#: So many reasons of a closed permit are told; the page of the system has all requirements.
TOLD = 4


class Hold(msgspec.Struct, frozen=True):
    """As much of a permit as says whether calls are let through, and until when."""

    granted: bool = False
    missing: tuple[Reason, ...] = ()
    ends: tuple[End, ...] = ()

    def ended(self, on: date) -> tuple[End, ...]:
        """What has ended before the day, the first to end first. The gateway judges by the same comparison."""
        return tuple(sorted((end for end in self.ends if end.last_day < on.isoformat()), key=lambda end: (end.last_day, end.what)))

    def is_open(self, on: date) -> bool:
        return self.granted and not self.ended(on)


#: Of a system without a permit; the gateway lets nothing through.
NONE = Hold()
_signed = msgspec.json.Decoder(Signed).decode
_hold = msgspec.json.Decoder(Hold).decode


def holds_of(systems: Iterable[System]) -> dict[int, Hold]:
    """What holds each system, by its key, from its newest permit: one query. Our own rows, so the signature is not checked again."""
    keys = [system.pk for system in systems]
    if not keys:
        return {}
    rows = IssuedPermit.objects.filter(system__in=keys, epoch=F("system__epoch")).values_list("system", "signed")
    return {key: _hold(_signed(bytes(signed)).body) for key, signed in rows}


def since(ended: Iterable[End]) -> date:
    """The first day on which calls were refused."""
    return date.fromisoformat(min(end.last_day for end in ended)) + timedelta(days=1)


def told(ended: Iterable[End], on: date) -> list[str]:
    """What has ended, in words, each once."""
    ended = list(ended)
    titles = _titles(on) if any(_is_of_rule(end) for end in ended) else {}
    return list(dict.fromkeys(what_ended(end, titles) for end in ended))


def lacking(missing: Iterable[Reason]) -> Iterator[str]:
    """What is missing, in words: the title of a gate, or what the reason is in general."""
    found = (spoken(one.sentence).partition(":")[0] if one.rule else spoken(reason(one.code).sentence) for one in missing)
    yield from list(dict.fromkeys(found))[:TOLD]


def what_ended(end: End, titles: Mapping[str, str]) -> str:
    """``titles``: what the rules in force are called."""
    if _is_of_rule(end):
        title = titles.get(end.what, "")
        if end.code is RefusalCode.GATE_UNMET:
            return (
                _("A requirement has begun to apply and is not met: %(gate)s") % {"gate": title}
                if title
                else _("A new requirement applies")
            )
        return _("The record for: %(gate)s") % {"gate": title} if title else _("A record that use rests on")
    if end.what.startswith("data_use"):
        return _("A decided use of data")
    return names().get(end.what) or _("Something that use rests on")


def _is_of_rule(end: End) -> bool:
    return end.code in (RefusalCode.GATE_UNMET, RefusalCode.RECORD_EXPIRED) and "/" in end.what


def names() -> dict[str, str]:
    """What ends by its name in a permit, and is no rule's."""
    return {
        "evaluation": _("The time until the next evaluation"),
        "stop_holder": _("The last mandate to stop"),
        "reviewer": _("The last reviewer's mandate, instruction or training"),
        "decision": _("The decision on use, which was for a limited time"),
        "delegation": _("The board's delegation to the automated function"),
        OWNER: _("The owner's mandate"),
        STOP_ROUTE: _("The mandate of whoever is ordered to stop the system"),
    }


def _titles(on: date) -> dict[str, str]:
    """What the rules in force are called; nothing where the packs cannot be relied on, since the page must tell of the end all the same."""
    try:
        return {rule.id: spoken(rule.title) for pack in rule_packs.in_force(on) for rule in pack.rules.values()}
    except ActRefused:
        return {}
