"""Reconsidering one decision, and the cases that ask for it. The decision itself is an entry in the log, sent before any row is touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.entries import EntryHead, EntryKind
from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Done, NoticeGiven, Receipt, Reconsider
from insyn.core.terms import ReconsiderationGround, ReviewVerdict, Role
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require
from insyn.web.incidents import checks
from insyn.web.oversight.queries import may_review
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import System
from insyn.web.rights.models import RightsRequest

from .errors import log
from .grounds import check_change, effect_of, reasons_with_ground
from .models import RemedyCase
from .opening import is_decision
from .taking_in import record_reconsideration_from_log
from .texts import unnamed
from .words import SETTLED, CaseState, Source

#: So many cases one act touches at most: of more, an error is opened.
MOST = 500
#: Looked at again without undue delay; an own day that the list can hold people to.
DAYS = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What the officer decided. ``replaces``, ``opened`` and ``before`` bind it to what was seen; ``not_worse``: said by the officer where the
    register cannot tell. ``receipt``: of the request that asked for it."""

    rid: str
    replaces: str
    opened: str
    before: str
    ground: ReconsiderationGround
    outcome: str
    reasons: str
    heard_party: bool
    not_worse: bool = False
    detriment_ground: str = ""
    receipt: str = ""
    letter: str = ""
    notice: NoticeGiven | None = None


def reconsider(*, actor: Actor, system: System, decided: Decided) -> Receipt:
    """Send the reconsideration to the log, then settle the cases about it. Returns where it stands.

    Raises :class:`InvalidInput` and :class:`ActRefused` for what the ground does not carry, :class:`Refused` and ``Unreachable`` from the log.
    """
    require(actor, "reconsider.do")
    may_reconsider(actor, system)
    if decided.outcome not in system.outcomes:
        raise InvalidInput(_("Choose the outcome that holds from now on."), place="outcome")
    effect = effect_of(before=decided.before, after=decided.outcome, favourable=system.favourable_outcome)
    check_change(ground=decided.ground, effect=effect, not_worse=decided.not_worse, detriment_ground=decided.detriment_ground)
    asked = request_of(decided.receipt, system, decided.rid)
    if asked:
        _case_of_request(asked, system, decided.rid)
    done = bridge.expect(
        Done,
        lambda number: Reconsider(
            id=number,
            system=system.slug,
            rid=decided.rid,
            replaces=decided.replaces,
            opened=decided.opened,
            ground=decided.ground,
            outcome=decided.outcome,
            reasons=reasons_with_ground(decided.reasons, decided.detriment_ground),
            heard_party=decided.heard_party,
            actor=actor,
            about=asked.act_id if asked else "",
            letter=decided.letter,
            notice=decided.notice,
        ),
    )
    _settle(system, decided, done.receipt)
    return done.receipt


def may_reconsider(actor: Actor, system: System) -> None:
    """The newest permit names whoever may decide: mandate, instruction and training all hold. Raises :class:`NotAllowed`."""
    if not may_review(system, actor.person, clock.today()):
        raise NotAllowed(
            _(
                "You may not decide on cases of %(system)s. It takes a mandate, the instruction and training that hold; the owner enters them."
            )
            % {"system": system.name}
        )


def _concerned(actor: Actor, system: System) -> None:
    """An owner acts on their own systems, an officer on those whose cases they may decide."""
    only_own(actor, system)
    if actor.role == Role.CASE_OFFICER:
        may_reconsider(actor, system)


def request_of(receipt: str, system: System, rid: str) -> RightsRequest | None:
    """The request with this receipt. Raises :class:`ActRefused` when it is about something else."""
    if not receipt:
        return None
    found = RightsRequest.objects.filter(receipt=receipt).first()
    if found is None or found.system_id not in (None, system.pk) or found.rid not in ("", rid):
        raise ActRefused(_("No request about this decision has that receipt."))
    return found


def _settle(system: System, decided: Decided, receipt: Receipt) -> None:
    """As the relay would, from what the entry says."""
    verdict = ReviewVerdict.ACCEPTED if decided.outcome == decided.before else ReviewVerdict.CHANGED
    head = EntryHead(
        kind=EntryKind.RECONSIDERATION,
        system=system.slug,
        day=receipt.day,
        rid=receipt.rid,
        about=decided.rid,
        verdict=verdict.value,
        basis=decided.ground.value,
    )
    record_reconsideration_from_log(head, receipt.index)


@transaction.atomic
def _case_of_request(asked: RightsRequest, system: System, rid: str) -> None:
    """A case that the entry settles, so that the queue of requests finds the decision. Made first: the entry may come by the relay."""
    with log() as reader:
        since = reader.size
    RemedyCase.objects.get_or_create(
        error=None,
        system=system,
        rid=rid,
        source=Source.REQUEST,
        receipt=asked.receipt,
        state=CaseState.OPEN,
        defaults={"opened_on": clock.today(), "since": since, "deadline": asked.due, "act": asked.act},
    )


@transaction.atomic
def open_cases(
    *, actor: Actor, system: System, rids: Iterable[str], why: str, source: Source | str, receipt: str = "", deadline: date | None = None
) -> list[RemedyCase]:
    """Open one case for each decision; one that is open already for the same reason stays as it is. Returns all of them.

    For the decisions of an error see :mod:`insyn.web.remedies.errors`.
    """
    require(actor, "reconsider.open")
    _concerned(actor, system)
    source = Source(source)
    wanted = list(dict.fromkeys(rids))
    since = _check_rids(system, wanted)
    why = unnamed("why", why)
    request_of(receipt, system, wanted[0])
    known = {row.rid: row for row in _open_of(system, wanted, source, receipt)}
    new = [rid for rid in wanted if rid not in known]
    if new:
        text = {"decisions": new, "why": why, "source": source.value, **({"receipt": receipt} if receipt else {})}
        act = write_act(verb="open_reconsiderations", actor=actor, system=system, text=text)
        today = clock.today()
        RemedyCase.objects.bulk_create(
            RemedyCase(
                system=system,
                rid=rid,
                source=source,
                receipt=receipt,
                opened_on=today,
                since=since,
                deadline=deadline or today + DAYS,
                act=act,
            )
            for rid in new
        )
    return list(_open_of(system, wanted, source, receipt))


def _open_of(system: System, rids: Sequence[str], source: Source, receipt: str) -> Iterable[RemedyCase]:
    return RemedyCase.objects.filter(error=None, system=system, rid__in=rids, source=source, receipt=receipt, state=CaseState.OPEN)


def _check_rids(system: System, rids: Sequence[str]) -> int:
    """Each must be a decision of the system. Returns how long the log is."""
    if not rids:
        raise InvalidInput(_("Choose at least one decision."), place="rids")
    if len(rids) > MOST:
        raise ActRefused(_("At most %(most)d decisions at a time. Describe an error instead.") % {"most": MOST})
    with log() as reader:
        unknown = [rid for rid in rids if not is_decision(reader, system.slug, rid)]
        size = reader.size
    if unknown:
        raise InvalidInput(_("%(rid)s is no decision of this system.") % {"rid": unknown[0][:40]}, place="rids")
    return size


@transaction.atomic
def assign_cases(*, actor: Actor, system: System, cases: Iterable[RemedyCase], people: Sequence[User]) -> int:
    """Give the cases to these officers, in turn, so that each gets as many. Only whoever may decide gets any. Returns how many."""
    require(actor, "reconsider.assign")
    only_own(actor, system)
    if not people:
        raise InvalidInput(_("Choose at least one officer."), place="people")
    if unfit := [person for person in people if not may_review(system, person.person, clock.today())]:
        raise InvalidInput(_("%(person)s may not decide on cases of this system today.") % {"person": unfit[0]}, place="people")
    rows = _locked(system, cases, state=CaseState.OPEN)
    text = {"cases": len(rows), "error": rows[0].error_id, "people": [person.person for person in people]}
    write_act(verb="assign_reconsiderations", actor=actor, system=system, text=text)
    for number, person in enumerate(people):
        mine = [row.pk for row in rows[number :: len(people)]]
        for begin in range(0, len(mine), MOST):
            RemedyCase.objects.filter(pk__in=mine[begin : begin + MOST]).update(assigned_to=person)
    return len(rows)


@transaction.atomic
def record_told(
    *, actor: Actor, system: System, cases: Iterable[RemedyCase], told_on: date | None = None, how: str = "", excused_why: str = ""
) -> int:
    """Record that those concerned were told, when and how; or why they cannot or need not be told. Returns how many."""
    require(actor, "reconsider.tell")
    _concerned(actor, system)
    if bool(how.strip()) == bool(excused_why.strip()):
        raise InvalidInput(_("Write how they were told, or why they were not told: one of the two."), place="how")
    rows = [row for row in _locked(system, cases) if not row.told and row.state in SETTLED]
    if not rows:
        raise ActRefused(_("None of these is decided and not yet told."))
    fields: dict[str, object]
    if how.strip():
        fields = {"told_on": checks.day_been("told_on", told_on), "told_how": unnamed("how", how, most=checks.LINE)}
    else:
        fields = {"excused_why": unnamed("excused_why", excused_why)}
    shown = {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
    text = {"cases": len(rows), "error": rows[0].error_id, **shown}
    act = write_act(verb="tell_reconsidered", actor=actor, system=system, text=text)
    keys = [row.pk for row in rows]
    for begin in range(0, len(keys), MOST):
        RemedyCase.objects.filter(pk__in=keys[begin : begin + MOST]).update(telling=act, **fields)
    return len(rows)


def _locked(system: System, cases: Iterable[RemedyCase], **only: object) -> list[RemedyCase]:
    """The rows as they are now, of this system only."""
    keys = [case.pk for case in cases]
    rows: list[RemedyCase] = []
    for begin in range(0, len(keys), MOST):
        rows += RemedyCase.objects.select_for_update().filter(pk__in=keys[begin : begin + MOST], system=system, **only)
    if not rows:
        raise InvalidInput(_("Choose at least one decision."), place="cases")
    return rows
