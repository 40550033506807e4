"""Acts of staff about who may look for whom, whose identity is protected, and which numbers are one person's.

A person is entered by identity number or by a case, and becomes a token at once. The number stands in no row, act or message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.birth import ADULT, birth_in
from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number
from insyn.core.messages import Actor, FindCase, Found
from insyn.core.subject import is_persons_number
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.models import System

from .models import NumberLink, ProtectedIdentity, Representation, RepresentationKind, TwoPersons
from .standing import persons_of_case, token_of, tokens_of

_PURPOSE = "authority"
_Row = TypeVar("_Row", bound=TwoPersons)


@dataclass(frozen=True)
class Person:
    """Somebody as staff found them: a token, and the day of birth where the number told it."""

    token: str
    born: date | None


def find_person(*, actor: Actor, place: str, number: str = "", system: System | None = None, case: str = "") -> Person:
    """The person of an identity number, or of a case in a system. Leaves entries in the log.

    Raises :class:`InvalidInput` naming ``place``, :class:`~insyn.core.errors.Unreachable` and :class:`~insyn.core.refusals.Refused`.
    """
    number = number.strip() or _number_in(actor, system, case.strip(), place)
    if not is_persons_number(number, on=(today := clock.today())):
        raise InvalidInput(_("This is no identity number. Write it with twelve digits, such as 19121212-1212."), place=place)
    birth = birth_in(number, on=today)  # a coordination number may tell of no day
    return Person(token_of(number, actor=actor, purpose=_PURPOSE), birth.day if birth else None)


def _number_in(actor: Actor, system: System | None, case: str, place: str) -> str:
    if system is None or not case:
        raise InvalidInput(_("Write an identity number, or choose a system and write a case."), place=place)
    found = bridge.ask_allowed(lambda number: FindCase(id=number, system=system.slug, case=case, actor=actor, purpose=_PURPOSE))
    rids = found.rids if isinstance(found, Found) else ()
    persons = persons_of_case(system.slug, rids, actor=actor, purpose=_PURPOSE)
    numbers = [number for number, _rids in persons.values() if number]
    if len(numbers) > 1:
        raise InvalidInput(_("The case is about several persons. Write the identity number instead."), place=place)
    if not numbers:
        raise InvalidInput(_("No record of that case says whom it is about. Write the identity number instead."), place=place)
    return numbers[0]


@transaction.atomic
def record_representation(
    *,
    actor: Actor,
    kind: str,
    whom: Person,
    who: Person,
    first_day: date,
    last_day: date | None,
    evidence: str,
    case_number: str,
    despite_protection: bool = False,
) -> Representation:
    """Note that somebody may act for somebody else from a day. It gives nothing before :func:`confirm_representation`.

    A guardian's authority ends by itself the day when the child is grown up.
    """
    require(actor, "representation.record")
    _check_words(evidence=evidence, case_number=case_number)
    if set(tokens_of(whom.token, confirmed=False)) & set(tokens_of(who.token, confirmed=False)):
        raise ActRefused(_("Nobody represents themselves. The two numbers are of the same person."))
    last_day = _last_day(kind, whom, first_day, last_day)
    if last_day is not None and last_day < first_day:
        raise InvalidInput(_("The last day is before the first."), place="last_day")
    same = Representation.objects.filter(kind=kind, whom=whom.token, who=who.token, ended_on=None)
    if any(row.last_day is None or row.last_day >= clock.today() for row in same):
        raise ActRefused(_("This authority is recorded already. End it first if it has changed."))
    text = {
        "kind": kind,
        "whom": whom.token,
        "who": who.token,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat() if last_day else "",
        "evidence": evidence,
        "case_number": case_number,
        "despite_protection": despite_protection,
    }
    act = write_act(verb="record_representation", actor=actor, text=text)
    return Representation.objects.create(
        kind=kind,
        whom=whom.token,
        who=who.token,
        first_day=first_day,
        last_day=last_day,
        evidence=evidence,
        case_number=case_number,
        despite_protection=despite_protection,
        act=act,
    )


def _last_day(kind: str, whom: Person, first_day: date, last_day: date | None) -> date | None:
    """Of a guardian at the latest the day before the child is grown up."""
    if kind != RepresentationKind.GUARDIAN:
        return last_day
    if whom.born is None:
        raise InvalidInput(_("A child's number tells when the child is grown up, and this one does not."), place="whom_number")
    grown_up = _birthday(whom.born, ADULT)
    if first_day >= grown_up:
        raise ActRefused(_("The person is grown up, so nobody is their guardian. Choose another kind of authority."))
    return min(last_day or date.max, grown_up - timedelta(days=1))


def _birthday(born: date, age: int) -> date:
    """Whoever was born on a leap day has it the day after in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


@transaction.atomic
def confirm_representation(*, actor: Actor, representation: Representation, whom: Person, who: Person) -> Representation:
    """A second person has seen the evidence and found the same two persons. From now on the representative may look, on the days of it."""
    require(actor, "representation.record")
    row = _to_confirm(Representation, representation.pk, actor)
    _check_same(whom_number=(whom, row.whom), who_number=(who, row.who))
    row.confirm_act = write_act(
        verb="confirm_representation", actor=actor, text={"representation": row.act_id, "case_number": row.case_number}
    )
    row.save(update_fields=["confirm_act"])
    return row


def _to_confirm(kind: type[_Row], key: int, actor: Actor) -> _Row:
    """The row, held, where the actor may confirm it: nobody has confirmed or ended it, and somebody else noted it."""
    row = kind.objects.select_for_update(of=("self",)).select_related("act").get(pk=key)
    if not row.to_confirm:
        raise ActRefused(_("It is confirmed or ended already."))
    if row.act.person == actor.person:
        raise ActRefused(_("Somebody else must confirm it. Nobody opens a person's cases to another alone."))
    return row


def _check_same(**persons: tuple[Person, str]) -> None:
    """A number that the first person mistyped opens a stranger's cases; so the second finds the persons too, not knowing what was noted."""
    for place, (found, noted) in persons.items():
        if found.token != noted:
            raise InvalidInput(
                _(
                    "This is not the person that was noted. Look at the evidence again. If what was noted is wrong, end it and note it anew."
                ),
                place=place,
            )


@transaction.atomic
def end_representation(*, actor: Actor, representation: Representation, why: str) -> Representation:
    """End the authority today, confirmed or not: it gives nothing from now on, not in an open session either. One person is enough."""
    require(actor, "representation.end")
    _check_words(why=why)
    row = Representation.objects.select_for_update().get(pk=representation.pk)
    if row.ended_on is not None:
        raise ActRefused(_("The authority has been ended already."))
    row.ended_on, row.why_ended = clock.today(), why
    row.end_act = write_act(verb="end_representation", actor=actor, text={"about": row.act_id, "why": why})
    row.save(update_fields=["ended_on", "why_ended", "end_act"])
    return row


@transaction.atomic
def mark_protected(*, actor: Actor, person: Person, why: str, case_number: str) -> ProtectedIdentity:
    """The person's identity is protected from now on."""
    require(actor, "protection.mark")
    _check_words(why=why, case_number=case_number)
    if ProtectedIdentity.objects.filter(token__in=tokens_of(person.token, confirmed=False), lifted_on=None).exists():
        raise ActRefused(_("The person's identity is marked as protected already."))
    act = write_act(verb="mark_protected", actor=actor, text={"token": person.token, "why": why, "case_number": case_number})
    return ProtectedIdentity.objects.create(token=person.token, why=why, case_number=case_number, act=act)


@transaction.atomic
def lift_protection(*, actor: Actor, mark: ProtectedIdentity, why: str) -> ProtectedIdentity:
    """The person's identity is protected no longer."""
    require(actor, "protection.lift")
    _check_words(why=why)
    row = ProtectedIdentity.objects.select_for_update().get(pk=mark.pk)
    if row.lifted_on is not None:
        raise ActRefused(_("The mark has been lifted already."))
    row.lifted_on, row.why_lifted = clock.today(), why
    row.lift_act = write_act(verb="lift_protection", actor=actor, text={"about": row.act_id, "why": why})
    row.save(update_fields=["lifted_on", "why_lifted", "lift_act"])
    return row


@transaction.atomic
def link_numbers(*, actor: Actor, old: Person, new: Person, evidence: str, case_number: str) -> NumberLink:
    """Two numbers are one person's: a changed number, or a coordination number before the personal one. Nothing is shown by it before
    :func:`confirm_link`."""
    require(actor, "number.link")
    _check_words(evidence=evidence, case_number=case_number)
    if old.token == new.token:
        raise InvalidInput(_("This is the same number as the old one."), place="new_number")
    if new.token in tokens_of(old.token, confirmed=False):
        raise ActRefused(_("The numbers are linked already."))
    text = {"old": old.token, "new": new.token, "evidence": evidence, "case_number": case_number}
    act = write_act(verb="link_numbers", actor=actor, text=text)
    return NumberLink.objects.create(old=old.token, new=new.token, evidence=evidence, case_number=case_number, act=act)


@transaction.atomic
def confirm_link(*, actor: Actor, link: NumberLink, old: Person, new: Person) -> NumberLink:
    """A second person has seen the evidence and typed the same numbers. From now on both numbers' cases are one person's."""
    require(actor, "number.link")
    link = _to_confirm(NumberLink, link.pk, actor)
    _check_same(old_number=(old, link.old), new_number=(new, link.new))
    link.confirm_act = write_act(verb="confirm_link", actor=actor, text={"link": link.act_id, "case_number": link.case_number})
    link.save(update_fields=["confirm_act"])
    return link


@transaction.atomic
def end_link(*, actor: Actor, link: NumberLink, why: str) -> NumberLink:
    """The link was wrong. From now on neither number shows the other's cases."""
    require(actor, "number.link")
    _check_words(why=why)
    link = NumberLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.end_act_id:
        raise ActRefused(_("The link is ended already."))
    link.end_act = write_act(verb="end_link", actor=actor, text={"link": link.act_id, "why": why.strip()})
    link.why_ended = why.strip()
    link.save(update_fields=["end_act", "why_ended"])
    return link


def _check_words(**words: str) -> None:
    """Something is said, and no identity number in it."""
    for place, text in words.items():
        if not text.strip():
            raise InvalidInput(_("Write what it rests on."), place=place)
        if holds_identity_number(text):
            raise InvalidInput(_("Write no identity number here. The text is kept, and the number is not."), place=place)
