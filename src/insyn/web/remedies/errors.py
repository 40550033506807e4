"""An error found by supervision: describe it, see how many decisions it touched, open a case for each, and take the list back.

1. :func:`look_for` counts and writes nothing; so does :func:`look_told`, for whoever may not open the decisions.
2. :func:`open_error` writes the act and the error, with the end of the log as it is then, and lists the first decisions.
3. :func:`list_more` lists the next ones. The relay calls it until nothing is left; it may be cut off anywhere, and lists none twice.
4. :func:`look_again` moves the end of the log on: proposals that were decided since come in, what is listed stays.
5. :func:`withdraw_error` takes the list back, as long as nobody has decided any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.messages import Actor
from insyn.core.terms import Reach, Stage
from insyn.evidence.affected import Counted, Sought, count_affected, find_affected
from insyn.evidence.reader import EvidenceReader
from insyn.rules.small_cells import SMALL_CELL
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import PERMISSIONS, require
from insyn.web.incidents import checks
from insyn.web.incidents.models import Incident
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import issued
from insyn.web.register.models import System

from .models import ErrorFound, RemedyCase
from .telling import Magnitude, magnitude, names_what_is_sealed, public_part, tells_of_few, whole_months
from .texts import unnamed
from .words import CaseState, ErrorState, Source

#: So many decisions are listed at a time; and so many one error may touch.
CHUNK = 2000
MOST = 200_000


def look_told(system: System, sought: Sought) -> Magnitude:
    """The same for whoever may not open the decisions (:mod:`.telling`). Raises as :func:`look_for` does."""
    _check(system, sought)
    wide = whole_months(sought)
    with log() as reader:
        found, among = (count_affected(reader.connection, one) for one in (wide, public_part(wide)))
    return magnitude(wide, found, among)


def look_for(system: System, sought: Sought) -> Counted:
    """How many decisions it touched, by month. Nothing is written. Raises :class:`InvalidInput` and :class:`ActRefused`."""
    _check(system, sought)
    with log() as reader:
        return count_affected(reader.connection, sought)


@transaction.atomic
def open_error(*, actor: Actor, system: System, sought: Sought, what: str, deadline: date, incident: Incident | None = None) -> ErrorFound:
    """Open the error and list its first decisions. The same description is not opened twice while its list stands."""
    require(actor, "error.find")
    only_own(actor, system)
    what = unnamed("what", what)
    if deadline < clock.today():
        raise InvalidInput(_("The day has passed already. Set one that lies ahead."), place="deadline")
    if incident is not None and incident.system_id != system.pk:
        raise InvalidInput(_("The incident is about another system."), place="incident")
    counted = look_for(system, sought)
    if names_what_is_sealed(sought) and actor.role not in PERMISSIONS["reconsider.each"]:
        _not_of_few(counted, look_for(system, public_part(sought)))
    if not 0 < counted.decided <= MOST:
        raise ActRefused(
            _("No decision was found that the error touched.")
            if not counted.decided
            else _("There are more than %(most)d decisions. Choose fewer days, or one version.") % {"most": MOST}
        )
    described = _columns(sought)
    twin = ErrorFound.objects.filter(system=system, **described).exclude(state=ErrorState.WITHDRAWN).first()
    if twin is not None:
        raise ActRefused(_("This error is opened already, as number %(number)d. Look for more decisions there.") % {"number": twin.pk})
    with log() as reader:
        end = reader.size
    text = {**{name: str(value) for name, value in described.items()}, "what": what, "deadline": deadline.isoformat()}
    text |= {"decisions": counted.decided, "incident": incident.act_id if incident else ""}
    act = write_act(verb="open_error", actor=actor, system=system, text=text)
    error = ErrorFound.objects.create(
        system=system,
        incident=incident,
        what=what,
        deadline=deadline,
        end_index=end,
        expected=counted.decided,
        waiting=counted.waiting,
        outside=counted.outside,
        erased=counted.erased,
        opened_on=clock.today(),
        act=act,
        **described,
    )
    list_more(error)
    return error


def _not_of_few(found: Counted, among: Counted) -> None:
    if tells_of_few(found, among):
        raise ActRefused(
            _(
                "Fewer than %(few)d of the decisions of these days have this in common, or fewer than %(few)d lack it. A list of them would tell what single persons got. Leave out what the system said, the group and the feature; or let the auditor or the data protection officer open the error."
            )
            % {"few": SMALL_CELL}
        )


def _columns(sought: Sought) -> dict[str, object]:
    found = {name: value for name, value in msgspec.structs.asdict(sought).items() if name != "system"}
    return {"first_day": found.pop("first"), "last_day": found.pop("last"), **found}


@transaction.atomic
def list_more(error: ErrorFound, *, chunk: int = CHUNK) -> int:
    """List the next decisions, at most ``chunk``; returns how many are new. Does nothing when the list is whole.

    The rows and how far the log has been read are written together, and a decision is once in an error.
    """
    error = ErrorFound.objects.select_for_update().select_related("system", "act").get(pk=error.pk)
    if error.state != ErrorState.LISTING:
        return 0
    with log() as reader:
        scan = find_affected(reader.connection, error.sought, start=error.next_index, end=error.end_index)
        found = list(islice((one for one in scan if one.decided), chunk))
    before = error.cases.count()
    rows = [
        RemedyCase(
            error=error,
            system=error.system,
            rid=one.rid,
            day=one.day,
            source=Source.INCIDENT if error.incident_id else Source.ERROR,
            opened_on=error.opened_on,
            since=error.end_index,
            deadline=error.deadline,
            act=error.act,
        )
        for one in found
    ]
    RemedyCase.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)
    whole = len(found) < chunk
    error.next_index = error.end_index if whole else found[-1].index + 1
    error.state = ErrorState.LISTED if whole else ErrorState.LISTING
    error.save(update_fields=["next_index", "state"])
    return error.cases.count() - before


def list_what_waits() -> int:
    """One chunk of every list that is not whole; for the relay. Returns how many decisions were listed."""
    return sum(list_more(error) for error in ErrorFound.objects.filter(state=ErrorState.LISTING))


@transaction.atomic
def look_again(*, actor: Actor, error: ErrorFound) -> int:
    """List what the error touches in the log as it is now: proposals decided since then too. Returns how many are new at once."""
    require(actor, "error.find")
    error = _standing(error)
    only_own(actor, error.system)
    counted = look_for(error.system, error.sought)
    with log() as reader:
        end = reader.size
    write_act(verb="look_again_for_error", actor=actor, system=error.system, text={"error": error.act_id, "decisions": counted.decided})
    error.end_index, error.next_index, error.state = end, 0, ErrorState.LISTING
    error.expected = max(counted.decided, error.cases.count())
    error.waiting, error.outside, error.erased = counted.waiting, counted.outside, counted.erased
    error.save()
    return list_more(error)


@transaction.atomic
def withdraw_error(*, actor: Actor, error: ErrorFound, why: str) -> int:
    """Take the list back before anything is begun. Returns how many cases were closed with it."""
    require(actor, "error.find")
    error = _standing(error)
    only_own(actor, error.system)
    why = unnamed("why", why)
    if error.cases.exclude(state=CaseState.OPEN).exists():
        raise ActRefused(_("Somebody has begun: a decision of the list is settled already. Decide the rest one by one."))
    act = write_act(verb="withdraw_error", actor=actor, system=error.system, text={"error": error.act_id, "why": why})
    error.state, error.withdrawn_why, error.withdrawing = ErrorState.WITHDRAWN, why, act
    error.save(update_fields=["state", "withdrawn_why", "withdrawing"])
    return error.cases.filter(state=CaseState.OPEN).update(state=CaseState.WITHDRAWN)


@transaction.atomic
def note_erased(*, actor: Actor, error: ErrorFound) -> int:
    """Note which decisions of the list were erased since: they cannot be reached. Returns how many."""
    require(actor, "reconsider.assign")
    error = _standing(error)
    only_own(actor, error.system)
    waiting = dict(error.cases.filter(state=CaseState.OPEN).values_list("rid", "pk"))
    with log() as reader:
        gone = [pk for rid, pk in waiting.items() if (index := reader.index_of(rid)) is None or reader.is_erased(index)]
    if gone:
        write_act(verb="note_erased_decisions", actor=actor, system=error.system, text={"error": error.act_id, "decisions": len(gone)})
    for begin in range(0, len(gone), CHUNK):
        error.cases.filter(pk__in=gone[begin : begin + CHUNK]).update(state=CaseState.UNREACHABLE, settled_on=clock.today())
    return len(gone)


def _standing(error: ErrorFound) -> ErrorFound:
    error = ErrorFound.objects.select_for_update().select_related("system__owner", "act").get(pk=error.pk)
    if error.state == ErrorState.WITHDRAWN:
        raise checks.done_already(_("the list is taken back"))
    return error


def _check(system: System, sought: Sought) -> None:
    if system.reach != Reach.EVERY_CALL:
        raise ActRefused(_("Insyn does not hold the calls of this system, so it cannot list its decisions."))
    permit = issued(system)
    if permit is not None and permit.held:
        raise ActRefused(
            _("Negotiation or assessment about employees is not closed. Until then nothing that the system says of them is looked through.")
        )
    if sought.last < sought.first:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")
    checks.day_been("last_day", sought.last)
    if sought.stage not in ("", Stage.PROPOSAL, Stage.DECISION):
        raise InvalidInput(_("Choose one of the alternatives."), place="stage")
    for name, value in (("group", "value"), ("feature", "feature_value")):
        if getattr(sought, value) and not getattr(sought, name):
            raise InvalidInput(_("Choose what the value is of."), place=name)


@contextmanager
def log() -> Iterator[EvidenceReader]:
    """The log beside the sequencer, without its keys. Raises :class:`ActRefused` where it cannot be read."""
    try:
        with EvidenceReader.read_only(settings.HOME.evidence) as reader:
            yield reader
    except StoreFailed as error:
        raise ActRefused(_("The log cannot be read here.")) from error
