"""Those whom an incident touched: found in the log by their decisions, told, and put right.

Nothing sealed is opened here. A decision is named by its random id in the log, or by a case number that the office writes itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.messages import Actor
from insyn.core.terms import Reach
from insyn.evidence.reader import EvidenceReader
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act

from . import checks
from .handling import fresh_incident
from .models import Harmed, Incident
from .words import IncidentState, PutRight

#: So many decisions one incident may list; more are handled by a decision of their own about everybody concerned.
MOST = 5000
_LONGEST_CASE = 64


@transaction.atomic
def list_harmed_from_log(*, actor: Actor, incident: Incident, first_day: date, last_day: date, version: str = "") -> int:
    """List every decision of the system between two days (of one version, if named). Returns how many are new on the list."""
    incident = _may_handle(actor, incident)
    if last_day < first_day:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")
    checks.day_been("last_day", last_day)
    if incident.system.reach != Reach.EVERY_CALL:
        raise ActRefused(_("Insyn does not hold the calls of this system. Write the case numbers instead."))
    found = decisions_between(incident.system.slug, first_day, last_day, version)
    known = set(incident.harmed.exclude(rid="").values_list("rid", flat=True))
    new = [(rid, day) for rid, day in found if rid not in known]
    if not new:
        raise ActRefused(_("No decision was found there that is not on the list already."))
    text = {
        "incident": incident.act_id,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "version": version,
        "new": len(new),
    }
    act = write_act(verb="list_harmed", actor=actor, system=incident.system, text=text)
    Harmed.objects.bulk_create([Harmed(incident=incident, rid=rid, day=day, act=act) for rid, day in new])
    return len(new)


def decisions_between(system: str, first_day: date, last_day: date, version: str) -> list[tuple[str, date]]:
    """Random id and day of the decisions. Read from the log's public part, beside the sequencer; erased ones are left out."""
    try:
        with EvidenceReader.read_only(settings.HOME.evidence) as reader:
            found = reader.decisions_between(system, first_day, last_day, version=version, limit=MOST + 1)
    except StoreFailed as error:
        raise ActRefused(_("The log cannot be read here. Write the case numbers instead.")) from error
    if len(found) > MOST:
        raise ActRefused(_("There are more than %(most)d decisions. Choose fewer days, or one version.") % {"most": MOST})
    return found


@transaction.atomic
def list_harmed_by_hand(*, actor: Actor, incident: Incident, case_numbers: Iterable[str]) -> int:
    """List the cases that were touched, by their numbers. Returns how many are new on the list."""
    incident = _may_handle(actor, incident)
    wanted = list(dict.fromkeys(number.strip() for number in case_numbers if number.strip()))
    if not wanted:
        raise InvalidInput(_("Write at least one case number."), place="case_numbers")
    if too_long := [number for number in wanted if len(number) > _LONGEST_CASE]:
        raise InvalidInput(_("%(number)s… is too long for a case number.") % {"number": too_long[0][:20]}, place="case_numbers")
    known = set(incident.harmed.exclude(case_number="").values_list("case_number", flat=True))
    new = [number for number in wanted if number not in known]
    if not new:
        raise checks.done_already(_("these cases are on the list"))
    if incident.harmed.count() + len(new) > MOST:
        raise ActRefused(_("There are more than %(most)d decisions. Choose fewer days, or one version.") % {"most": MOST})
    text = {"incident": incident.act_id, "cases": new}
    act = write_act(verb="list_harmed", actor=actor, system=incident.system, text=text)
    Harmed.objects.bulk_create([Harmed(incident=incident, case_number=number, act=act) for number in new])
    return len(new)


@transaction.atomic
def tell_harmed(
    *, actor: Actor, incident: Incident, harmed: Iterable[Harmed], told_on: date | None = None, how: str = "", excused_why: str = ""
) -> int:
    """Record that these were told, when and how; or why they cannot or need not be told."""
    incident = _may_handle(actor, incident)
    rows = _chosen(incident, harmed)
    if bool(how.strip()) == bool(excused_why.strip()):
        raise InvalidInput(_("Write how they were told, or why they were not told: one of the two."), place="how")
    if any(row.told for row in rows):
        raise checks.done_already(_("somebody among them is told or excused"))
    fields: dict[str, object]
    if how.strip():
        day = checks.day_been("told_on", told_on, not_before=_begun(incident))
        fields = {"told_on": day, "told_how": checks.text("how", how, most=checks.LINE)}
    else:
        fields = {"excused_why": checks.text("excused_why", excused_why)}
    return _set(actor, incident, rows, "tell_harmed", fields)


@transaction.atomic
def put_right(*, actor: Actor, incident: Incident, harmed: Iterable[Harmed], what: str, why: str = "", on: date | None = None) -> int:
    """Record what was done for these. That nothing was needed takes a reason."""
    incident = _may_handle(actor, incident)
    rows = _chosen(incident, harmed)
    checks.one_of("put_right", what, PutRight)
    if any(row.put_right for row in rows):
        raise checks.done_already(_("something among them is put right"))
    why = checks.text("why", why) if what == PutRight.NOTHING_NEEDED else checks.optional("why", why)
    day = checks.day_been("on", on, not_before=_begun(incident))
    return _set(actor, incident, rows, "put_right", {"put_right": what, "put_right_why": why, "put_right_on": day})


def _begun(incident: Incident) -> date:
    from django.utils import timezone

    return timezone.localdate(incident.happened_at or incident.discovered_at)


def _may_handle(actor: Actor, incident: Incident) -> Incident:
    require(actor, "incident.handle")
    incident = fresh_incident(incident, None)
    only_own(actor, incident.system)
    if incident.state == IncidentState.CLOSED:
        raise checks.done_already(_("the incident is closed"))
    return incident


def _chosen(incident: Incident, harmed: Iterable[Harmed]) -> list[Harmed]:
    """The rows as they are now, of this incident only."""
    rows = list(Harmed.objects.select_for_update().filter(pk__in=[row.pk for row in harmed], incident=incident))
    if not rows:
        raise InvalidInput(_("Choose at least one decision."), place="harmed")
    return rows


def _set(actor: Actor, incident: Incident, rows: list[Harmed], verb: str, fields: dict[str, object]) -> int:
    shown = {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
    text = {"incident": incident.act_id, "decisions": [str(row) for row in rows], **shown}
    act = write_act(verb=verb, actor=actor, system=incident.system, text=text)
    return Harmed.objects.filter(pk__in=[row.pk for row in rows]).update(act=act, **fields)
