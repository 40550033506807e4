"""How review is set up in Lånestöd, by its owner: some cases are judged before the proposal is shown, and one is made up for practice."""

from __future__ import annotations

from demo.lindvalla import people
from demo.lindvalla.reviewing import BLIND_SHARE, MADE_UP, MADE_UP_CASE, WHY_BLIND
from demo.loans import words
from demo.loans.model import propose
from insyn.core.errors import InsynError
from insyn.core.terms import Role

from .context import Journey


def set_share(journey: Journey) -> None:
    """The owner sets the blind share, before the board decides: it holds for proposals that come from then on. Done once."""
    from demo.register import acting, system_of
    from insyn.web.reviews.actions import set_blind_share
    from insyn.web.reviews.standing import blind_share_of

    system = system_of(words.SLUG)
    if blind_share_of(system):
        return
    set_blind_share(actor=acting(people.OWNER, Role.SYSTEM_OWNER), system=system, per_mille=BLIND_SHARE, why=WHY_BLIND)
    journey.terminal.line(
        f"{people.OWNER.name} sets that {BLIND_SHARE} of a thousand proposals, drawn by the log, are judged before they are shown."
    )


def drawn_to_be_judged() -> frozenset[str]:
    """Record ids of the waiting proposals that the log has drawn, as the queue tells them."""
    from demo.register import system_of
    from insyn.web import clock
    from insyn.web.reviews import worklist

    return frozenset(row.rid for row in worklist.gather([system_of(words.SLUG)], "", clock.today()).rows if row.blind)


def make_up_case(journey: Journey) -> None:
    """The owner makes up a case with the proposal that Lånestöd would give. Done once.

    Its place in each officer's queue is drawn as it is made. Whoever opens the first case of the queue is to meet an application of the data
    set, so a case that comes first is not entered, and another is made.
    """
    from django.db import transaction

    from demo.register import acting, system_of
    from insyn.web.reviews.actions import make_case

    system, owner = system_of(words.SLUG), acting(people.OWNER, Role.SYSTEM_OWNER)
    if system.made_cases.exists():
        return
    found = journey.model.explain(MADE_UP)
    factors = [{"feature": one.feature, "value": one.value, "contribution": one.contribution} for one in found.factors]
    made = {**MADE_UP_CASE, "payload": dict(MADE_UP), "factors": factors, "proposed": propose(found.score)}
    for _ in range(100):
        with transaction.atomic():
            make_case(actor=owner, system=system, made=made)
            if not any(comes_first(person.username) for person in (people.OFFICER, people.SECOND_OFFICER)):
                break
            transaction.set_rollback(True)
    else:
        raise InsynError("the made-up case comes first in a queue, however often it is made")
    journey.terminal.line(
        f"{owner.name} makes up a case for practice, {MADE_UP_CASE['number']}; it comes to each officer among the real ones."
    )


def comes_first(username: str) -> bool:
    """Whether the first case of the officer's queue is a made-up one."""
    from demo.register import system_of
    from insyn.web import clock
    from insyn.web.accounts.models import User
    from insyn.web.reviews import calibration, worklist

    system, today = system_of(words.SLUG), clock.today()
    person = User.objects.get(username=username).person
    rows = worklist.chosen(worklist.gather([system], person, today), worklist.Wanted(), person)
    return bool(rows) and calibration.turn_of(system, rows[0].rid, today) is not None


def where_to_look(journey: Journey) -> list[tuple[str, str]]:
    """A line each of the guide, for what there is."""
    from demo.register import user_of
    from insyn.web import clock
    from insyn.web.register.models import System
    from insyn.web.reviews import calibration

    system = System.objects.filter(slug=words.SLUG).first()
    if system is None:
        return []
    url, officer = journey.services.web_url, people.OFFICER
    turns = [turn.rid[:8] for turn in calibration.turns(system, clock.today()) if turn.person == user_of(officer).person]
    rows = [("Judge before the proposal", f"{url}/arbete/granska/?kind=blind (as {officer.username})")]
    rows += [
        ("Made up, for practice", f"{short} in the queue of {officer.username}; she is told when she has decided it") for short in turns
    ]
    owners = f"{url}/arbete/system/{words.SLUG}"
    return [
        *rows,
        ("How review is set up", f"{owners}/granskning/ (as {people.OWNER.username})"),
        ("How people are told", f"{owners}/information/ (as {people.OWNER.username})"),
    ]
