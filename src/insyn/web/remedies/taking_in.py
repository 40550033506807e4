"""From the log to the lists: an entry of a reconsideration settles the cases about its decision.

It is done at once by whoever sent it, and by the relay for what was cut off in between. Doing it again changes nothing.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from insyn.core.entries import EntryHead, EntryKind
from insyn.core.errors import InvalidInput
from insyn.core.terms import ReconsiderationGround, ReviewVerdict
from insyn.web.incidents.models import Harmed
from insyn.web.incidents.words import PutRight
from insyn.web.register.models import System

from .models import RemedyCase
from .words import CaseState, Source


@transaction.atomic
def record_reconsideration_from_log(head: EntryHead, index: int) -> int:
    """Settle every case about the decision that was open; returns how many. Raises :class:`InvalidInput` for another kind of entry.

    ``head`` is the public entry at ``index``. What is put right of an incident follows, where nothing was entered there.
    """
    if head.kind != EntryKind.RECONSIDERATION or not head.about:
        raise InvalidInput(f"entry {index} is no reconsideration", place="entry")
    system = System.objects.filter(slug=head.system).first()
    if system is None:
        return 0
    day = date.fromisoformat(head.day)
    state = CaseState.CHANGED if head.verdict == ReviewVerdict.CHANGED else CaseState.UNCHANGED
    rows = RemedyCase.objects.filter(system=system, rid=head.about, state=CaseState.OPEN, since__lte=index)
    cases = list(rows.select_related("error__incident", "act"))
    settled = rows.update(state=state, ground=_ground(head.basis), entry=head.rid, index=index, settled_on=day)
    for case in cases:
        _put_right(case, day)
    return settled


def _ground(basis: str) -> str:
    return basis if basis in set(ReconsiderationGround) else ""


def _put_right(case: RemedyCase, day: date) -> None:
    of_incident = Harmed.objects.filter(rid=case.rid, incident__system=case.system, put_right="")
    incident = case.error.incident if case.error else None
    if incident is not None:
        of_incident = of_incident.filter(incident=incident)
    elif case.source != Source.INCIDENT:
        return
    of_incident.update(put_right=PutRight.RECONSIDERED, put_right_on=day)
