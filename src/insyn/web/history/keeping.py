"""Keeping history and lists in step with the register: called by every act on a system, inside its transaction."""

from __future__ import annotations

import hashlib
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from insyn.web import clock
from insyn.web.accounts.models import Office
from insyn.web.assessments.models import Classification
from insyn.web.fields import upsert
from insyn.web.register.entry import content_of, veiled
from insyn.web.register.models import Act, System

from .models import Listing, Revision, Searchable

_encode = msgspec.json.Encoder(order="deterministic").encode
#: Swedish sorts å, ä and ö last, in this order; their code points do not.
_LAST = str.maketrans({"å": "{", "ä": "|", "ö": "}"})
#: Nobody searches by the hundredth kilobyte of an entry.
_SEARCHED = 20_000
#: So many entries in one transaction: nobody waits long for the register, and what was done stays done.
_AT_ONCE = 200


def keep(system: System, act: Act | None) -> None:
    """After an act on the system: a revision when the entry says something new, and its lines in lists and search."""
    held, public = _classes(system)
    content = _encode({**content_of(system), "class": public})
    digest = hashlib.sha256(content).hexdigest()
    newest = Revision.objects.filter(system=system).order_by("-number").values_list("number", "digest").first()
    if newest and newest[1] == digest:
        Listing.objects.filter(system=system).update(found_class=held)  # its record need not be public
        return
    Revision.objects.create(
        system=system,
        number=(newest[0] if newest else 0) + 1,
        act=act,
        at=act.at if act else clock.now(),
        digest=digest,
        content=zlib.compress(content, 6),
    )
    list_anew(system, found_class=held, public_class=public)


def begin() -> int:
    """The first revision, and the lines in lists and search, of every entry that lacks them: it was there before history began.

    Returns how many lacked something. One query when none does.
    """
    lacking = [~Exists(rows.objects.filter(system=OuterRef("pk"))) for rows in (Revision, Listing, Searchable)]
    found = list(System.objects.filter(lacking[0] | lacking[1] | lacking[2]).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(found), _AT_ONCE):
        with transaction.atomic():
            for system in System.objects.filter(pk__in=found[first : first + _AT_ONCE]).select_related("office", "owner"):
                if system.revisions.exists():
                    list_anew(system)
                else:
                    keep(system, None)
    return len(found)


def list_anew(system: System, *, found_class: str | None = None, public_class: str | None = None) -> None:
    """Make the entry's lines in lists and search anew."""
    if found_class is None or public_class is None:
        found_class, public_class = _classes(system)
    upsert(Listing(system=system, **line_of(system, found_class=found_class, public_class=public_class)))
    upsert(Searchable(system=system, **words_of(system)))


def line_of(system: System, *, found_class: str, public_class: str) -> dict[str, Any]:
    return {
        "sort_sv": sort_key(system.name_sv),
        "sort_en": sort_key(system.name_en),
        "phase": system.phase,
        "kind": system.kind,
        "reach": system.reach,
        "office_id": system.office_id,
        "owner_id": system.owner_id,
        "evaluation_due": system.evaluation_due,
        "found_class": found_class,
        "public_class": public_class,
    }


def words_of(system: System) -> dict[str, str]:
    """What the entry is found by. The public's words come from the entry as the public reads it."""
    shown = veiled(system)
    own = (str(system.owner), *system.links.values())
    return {"public": _joined(_words(shown)), "work": _joined((*_words(system), *own))}


def _words(system: System) -> Iterable[str]:
    office = system.office
    yield from (system.name_sv, system.name_en, system.slug, system.summary_sv, system.summary_en, system.supplier)
    yield from (office.name_sv, office.name_en)
    for purpose in system.purposes:
        yield from (purpose["purpose"], *purpose["name"].values())


def _joined(parts: Iterable[str]) -> str:
    return fold("\n".join(str(part) for part in parts if part))[:_SEARCHED]


def renamed(office: Office) -> None:
    """An office is called something else: what its systems are found by follows."""
    for system in System.objects.filter(office=office).select_related("office", "owner").iterator(chunk_size=200):
        list_anew(system)


def fold(text: str) -> str:
    """Text for comparing: one form of each letter, no difference between capitals and small. Å, ä and ö stay letters of their own."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).replace("\0", " ")


def sort_key(name: str) -> str:
    return fold(name).translate(_LAST)


class _Told(msgspec.Struct):
    """As much of a result as says the class. The whole is some hundred kilobytes and is never unpacked for this."""

    system_class: str = msgspec.field(name="class")
    act_as: str = ""


_told = msgspec.json.Decoder(_Told).decode


def with_class(rows: QuerySet[Classification]) -> QuerySet[Classification]:
    """Classifications with their result as text, for :func:`class_in`."""
    return rows.annotate(told=Cast("result", TextField()))


def class_in(told: str) -> dict[str, str]:
    """``class`` and ``act_as`` of a result."""
    found = _told(told)
    return {"class": found.system_class, "act_as": found.act_as}


def _classes(system: System) -> tuple[str, str]:
    """The class recorded last that has not been withdrawn, and that of the newest public record; empty without one."""
    rows = with_class(Classification.objects.filter(system=system, record__withdrawn_on=None).order_by("-pk"))
    newest = rows.values_list("told", "record__public").first()
    if newest is None:
        return "", ""
    held, is_public = class_in(newest[0])["class"], newest[1]
    shown = newest[0] if is_public else rows.filter(record__public=True).values_list("told", flat=True).first()
    return held, class_in(shown)["class"] if shown else ""
