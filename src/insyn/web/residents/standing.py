"""Who a resident is while a page is made, and what that person may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

import msgspec
from django.db.models import Q

from insyn.core.entries import EntryKind
from insyn.core.messages import Actor, FindSubject, FoundSubject, Open, Opened, SubjectRecord
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.said import OWN_CASE as OWN_CASE
from insyn.core.subject import is_persons_number
from insyn.core.terms import DisclosureGroup
from insyn.web import bridge, clock

from .models import CaseCode, NumberLink, ProtectedIdentity, Representation

#: Who acts when a resident does who came with a code: the person whom the case concerns, known by the code and by nothing else.
RESIDENT = Actor(person="resident", name="Den som ärendet gäller", role="resident")
#: How long a resident is in.
VIEW_TIME = timedelta(minutes=30)


class Via(StrEnum):
    """How a resident came in."""

    EID = "eid"
    CODE = "code"


@dataclass(frozen=True)
class Resident:
    """A person on the own page. ``subject``: the token of the person whom the pages are about, empty with a code.

    ``acting``: the authority by which somebody else looks, whose own token is ``signed_in``. ``protected``: no name, number or address of this
    person is shown, and no letter goes out by mail.
    """

    via: Via
    subject: str
    code: CaseCode | None
    acting: Representation | None
    protected: bool
    until: datetime
    signed_in: str = ""
    session: int = 0

    @property
    def actor(self) -> Actor:
        """As whom the log names the person. A token is no identity number, and the log holds even that sealed."""
        if self.acting is not None:
            kind = self.acting.kind
            return Actor(person=f"t-{self.signed_in}", name="Den som företräder någon", role="representative", office=kind)
        if self.via is Via.EID:
            return Actor(person=f"t-{self.subject}", name=RESIDENT.name, role=RESIDENT.role)
        return RESIDENT

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Every token of the person: changed numbers, and a coordination number before the personal one."""
        return tokens_of(self.subject) if self.subject else ()

    @cached_property
    def records(self) -> tuple[SubjectRecord, ...]:
        """The records about the person, asked of the sequencer once for each page; each asking leaves an entry there.

        Raises :class:`~insyn.core.errors.Unreachable` and :class:`Refused`.
        """
        if self.via is Via.CODE:
            return tuple(_by_code(self.code, self.actor)) if self.code else ()
        found = [record for token in self.tokens for record in find_token(token, actor=self.actor, purpose=OWN_CASE)]
        return tuple(sorted(found, key=lambda record: record.index))

    def may_see(self, rid: str, system: str) -> bool:
        """Whether the record is about this person. With a code: whether the letter's code opens it."""
        if self.via is Via.CODE:
            return self.code is not None and rid in self.code.rids and self.code.system.slug == system
        return any(record.rid == rid and record.system == system for record in self.records)


def find_token(token: str, *, actor: Actor, purpose: str) -> tuple[SubjectRecord, ...]:
    """The records of a token. Raises :class:`~insyn.core.errors.Unreachable` and :class:`Refused`."""
    return bridge.expect(FoundSubject, lambda number: FindSubject(id=number, token=token, actor=actor, purpose=purpose)).records


def token_of(number: str, *, actor: Actor, purpose: str) -> str:
    """The token of an identity number. The number goes to the sequencer and is kept nowhere."""
    return bridge.expect(FoundSubject, lambda message: FindSubject(id=message, subject=number, actor=actor, purpose=purpose)).token


def tokens_of(token: str, *, confirmed: bool = True) -> tuple[str, ...]:
    """The token and those of the same person's other numbers, the asked first. ``confirmed`` false: also by links that wait for a second person."""
    found, ahead = [token], [token]
    known = NumberLink.objects.in_force() if confirmed else NumberLink.objects.standing()
    while ahead:
        links = known.filter(Q(old__in=ahead) | Q(new__in=ahead))
        near = {end for link in links for end in (link.old, link.new)}
        ahead = sorted(near - set(found))
        found += ahead
    return tuple(found)


def is_protected(token: str) -> bool:
    """Whether the person's identity is protected, under whichever number; a link protects before it is confirmed."""
    return bool(token) and ProtectedIdentity.objects.filter(token__in=tokens_of(token, confirmed=False), lifted_on=None).exists()


def is_protected_number(number: str, *, actor: Actor) -> bool:
    """The same by identity number, for whoever has just opened a case. Without any mark in the register nothing is asked."""
    if not number or not ProtectedIdentity.objects.filter(lifted_on=None).exists():
        return False
    return is_protected(token_of(number, actor=actor, purpose="protected_identity"))


def number_of_case(system: str, rid: str, *, actor: Actor, purpose: str) -> str:
    """The identity number that a record was sent with, or empty. It is for the next question to the sequencer, and nothing else."""
    opened = bridge.ask_allowed(
        lambda number: Open(id=number, rid=rid, groups=(DisclosureGroup.CASE,), actor=actor, purpose=purpose, system=system)
    )
    facts = opened.groups.get(DisclosureGroup.CASE) if isinstance(opened, Opened) else None
    return str(facts.get("subject", "")) if isinstance(facts, dict) else ""


def persons_of_case(system: str, rids: Sequence[str], *, actor: Actor, purpose: str) -> dict[str, tuple[str, list[str]]]:
    """Whom the records of a case are about: for each token the number and the records. Under the empty token those that say nobody.

    A case may be about several persons, and the first of them is not the one who was meant.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for rid in rids:
        number = number_of_case(system, rid, actor=actor, purpose=purpose)
        if not is_persons_number(number, on=clock.today()):  # a word such as "unknown" stands for many, and is nobody's token
            number = ""
        token = token_of(number, actor=actor, purpose=purpose) if number else ""
        found.setdefault(token, (number, []))[1].append(rid)
    return found


def _by_code(code: CaseCode, actor: Actor) -> Sequence[SubjectRecord]:
    """The records of a letter's code. Each is asked for without opening anything of it; an erased one is said."""
    return [found for rid in code.rids if (found := _one(rid, code.system.slug, actor)) is not None]


def _one(rid: str, system: str, actor: Actor) -> SubjectRecord | None:
    try:
        opened = bridge.ask_allowed(lambda number: Open(id=number, rid=rid, groups=(), actor=actor, purpose=OWN_CASE, system=system))
    except Refused as refused:
        if refused.refusal.code is RefusalCode.RECORD_ERASED:
            return SubjectRecord(rid=rid, index=-1, system=system, version="", day="", kind=EntryKind.DECISION.value, erased=True)
        return None
    if not isinstance(opened, Opened):
        return None
    plain = {name: getattr(opened, name) for name in ("rid", "index", "system", "version", "day")}
    return msgspec.convert({**plain, "kind": EntryKind.DECISION.value}, SubjectRecord)
