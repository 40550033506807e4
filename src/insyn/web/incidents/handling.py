"""Incidents: reported by whoever sees one, handled against the clocks of the law, and closed only when nobody is left waiting.

A report starts the clocks at the time of discovery, not of the report. Answers that nobody has yet count as yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Tristate
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.permissions import require
from insyn.web.register import packs as rule_packs
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.compiling import known_answers
from insyn.web.register.models import Act, System

from . import checks
from .clocks import Clock, clocks_of
from .models import Incident, Notification
from .words import IncidentKind, IncidentState, NotificationState

#: The questions about an incident, each answered yes, no or unknown.
QUESTIONS = ("personal_data", "security", "serious", "death", "widespread")


@transaction.atomic
def report_incident(
    *,
    actor: Actor,
    system: System,
    what: str,
    kinds: Iterable[str],
    discovered_at: datetime,
    happened_at: datetime | None = None,
    answers: Mapping[str, str] | None = None,
) -> Incident:
    """Report that something went wrong. The clocks run from ``discovered_at``."""
    require(actor, "incident.report")
    if Phase(system.phase) is Phase.REFUSED:
        raise ActRefused(_("The municipality never used this system. Report the incident on the system that it concerns."))
    discovered_at = checks.moment("discovered_at", discovered_at)
    if happened_at is not None and happened_at > discovered_at:
        raise InvalidInput(_("It cannot have been discovered before it happened."), place="happened_at")
    what, kinds, answers = checks.text("what", what), _kinds(kinds), _answers(answers or {})
    text = {"what": what, "kinds": kinds, "discovered_at": discovered_at.isoformat(), **answers}
    act = write_act(verb="report_incident", actor=actor, system=system, text=text)
    incident = Incident.objects.create(
        system=system,
        what=what,
        kinds=kinds,
        discovered_at=discovered_at,
        happened_at=happened_at,
        reported_at=act.at,
        reported_by=checks.user_of(actor),
        act=act,
        **{question: answers.get(question, Tristate.UNKNOWN) for question in QUESTIONS},
    )
    set_clocks(incident)
    return incident


@transaction.atomic
def update_incident(
    *,
    actor: Actor,
    incident: Incident,
    revision: int,
    measures: str = "",
    answers: Mapping[str, str] | None = None,
    handled: bool = False,
    why: str = "",
) -> Incident:
    """Write what is known now. A question that is answered no ends its clock, and needs its reason; the clocks follow the answers."""
    require(actor, "incident.handle")
    incident = fresh_incident(incident, revision)
    only_own(actor, incident.system)
    _expect_open(incident)
    answers = _answers(answers or {})
    incident.measures = checks.optional("measures", measures)
    newly_no = [name for name, answer in answers.items() if answer == Tristate.NO and getattr(incident, name) != Tristate.NO]
    why = checks.text("why", why) if newly_no else checks.optional("why", why)
    if handled and not incident.measures:
        raise InvalidInput(_("Write which measures were taken before the incident counts as handled."), place="measures")
    for name, answer in answers.items():
        setattr(incident, name, answer)
    incident.state = IncidentState.HANDLED if handled else IncidentState.OPEN
    _save(incident)
    set_clocks(incident)
    _write("update_incident", actor, incident, {"measures": incident.measures, "why": why, "state": incident.state, **answers})
    return incident


@transaction.atomic
def publish_incident(*, actor: Actor, incident: Incident, revision: int, public: bool, text_sv: str = "", text_en: str = "") -> Incident:
    """Decide what everybody reads of the incident. A text without persons, or nothing but that there was one."""
    require(actor, "incident.handle")
    incident = fresh_incident(incident, revision)
    only_own(actor, incident.system)
    incident.public_text_sv = checks.optional("text_sv", text_sv, most=2000)
    incident.public_text_en = checks.optional("text_en", text_en, most=2000)
    if public and not incident.public_text_sv:
        raise InvalidInput(_("Write the text in Swedish; English is welcome too."), place="text_sv")
    incident.public = public
    _save(incident)
    _write("publish_incident", actor, incident, {"public": public, "sv": incident.public_text_sv, "en": incident.public_text_en})
    return incident


@transaction.atomic
def draft_notification(*, actor: Actor, notification: Notification, draft: str) -> Notification:
    """Keep the text that is going to be sent."""
    notification = _notification(actor, notification)
    notification.draft = checks.text("draft", draft, most=40_000)
    notification.save(update_fields=["draft"])
    _write("draft_notification", actor, notification.incident, _which(notification))
    return notification


@transaction.atomic
def record_notification(*, actor: Actor, notification: Notification, sent_at: datetime, reference: str, late_why: str = "") -> Notification:
    """Record when it was sent and under which reference. Late is told as late, with the reason."""
    notification = _notification(actor, notification)
    sent_at = checks.moment("sent_at", sent_at, not_before=notification.started_at)
    reference = checks.text("reference", reference, most=120)
    if sent_at > notification.due_at:
        late_why = checks.text("late_why", late_why)
    notification.state, notification.sent_at, notification.reference = NotificationState.SENT, sent_at, reference
    notification.late_why, notification.settled_by = late_why.strip(), actor.name
    notification.save()
    text = {**_which(notification), "sent_at": sent_at.isoformat(), "reference": reference, "late_why": notification.late_why}
    _write("record_notification", actor, notification.incident, text)
    return notification


@transaction.atomic
def waive_notification(*, actor: Actor, notification: Notification, why: str) -> Notification:
    """Decide, with the reason, that this notification is not needed."""
    notification = _notification(actor, notification)
    notification.state, notification.not_needed_why = NotificationState.NOT_NEEDED, checks.text("why", why)
    notification.settled_by = actor.name
    notification.save()
    _write("waive_notification", actor, notification.incident, {**_which(notification), "why": notification.not_needed_why})
    return notification


@transaction.atomic
def close_incident(*, actor: Actor, incident: Incident, revision: int, nobody_harmed_why: str = "") -> Incident:
    """Close it. Refused while a notification is neither sent nor decided not needed, or somebody harmed is neither told nor put right."""
    require(actor, "incident.close")
    incident = fresh_incident(incident, revision)
    only_own(actor, incident.system)
    _expect_open(incident)
    incident.nobody_harmed_why = checks.optional("nobody_harmed_why", nobody_harmed_why)
    if reasons := list(in_the_way(incident)):
        raise ActRefused(*reasons)
    incident.state, incident.closed_at = IncidentState.CLOSED, clock.now()
    _save(incident)
    _write("close_incident", actor, incident, {"nobody_harmed_why": incident.nobody_harmed_why})
    return incident


def in_the_way(incident: Incident) -> Iterable[str]:
    """Every reason why the incident may not be closed yet."""
    if not incident.measures:
        yield _("The measures are missing.")
    for notification in incident.notifications.filter(asked=True, state=NotificationState.OPEN):
        yield _("Not sent, and not decided that it is not needed: %(title)s.") % {"title": notification.title}
    harmed = list(incident.harmed.all())
    if not harmed and not incident.nobody_harmed_why:
        yield _("List the decisions that were touched, or write why nobody was harmed.")
    if untold := sum(not one.told for one in harmed):
        yield ngettext(
            "%(n)d person is neither told nor excused with a reason.", "%(n)d persons are neither told nor excused with a reason.", untold
        ) % {"n": untold}
    if unmended := sum(not one.put_right for one in harmed):
        yield ngettext(
            "For %(n)d decision it is not said what put it right.", "For %(n)d decisions it is not said what put them right.", unmended
        ) % {"n": unmended}


def set_clocks(incident: Incident) -> None:
    """Let the clocks follow the answers. None is taken away: one that no longer counts is kept with what was written about it."""
    found = {(one.rule, one.deadline): one for one in clocks_for(incident)}
    rows = {(row.rule, row.deadline): row for row in incident.notifications.all()}
    for key, row in rows.items():
        if row.asked != (key in found):
            row.asked = key in found
            row.save(update_fields=["asked"])
    for key in found.keys() - rows.keys():
        _start(incident, found[key])


def clocks_for(incident: Incident) -> tuple[Clock, ...]:
    """The clocks that the packs of the incident's day give it, as they are known now."""
    day = timezone.localdate(incident.discovered_at)
    packs = rule_packs.in_force(day)
    answers = {question: getattr(incident, question) for question in QUESTIONS}
    zone = timezone.get_default_timezone()
    return clocks_of(packs, known_answers(incident.system, packs), answers, discovered_at=incident.discovered_at, zone=zone)


def _start(incident: Incident, found: Clock) -> None:
    Notification.objects.create(
        incident=incident,
        rule=found.rule,
        deadline=found.deadline,
        title_sv=found.title.sv[:300],
        title_en=found.title.en[:300],
        to_sv=found.to.sv[:300],
        to_en=found.to.en[:300],
        provisions=list(found.provisions),
        packs=found.packs,
        started_at=found.started_at,
        due_at=found.due_at,
    )


def fresh_incident(incident: Incident, revision: int | None) -> Incident:
    """The incident as it is now. Raises :class:`ChangedMeanwhile` when somebody wrote in it after ``revision``."""
    now = Incident.objects.select_for_update().select_related("system__owner").get(pk=incident.pk)
    if revision is not None and revision != now.revision:
        raise ChangedMeanwhile(
            _("Somebody else has written about the incident since you opened the page. Nothing was saved; what you wrote stands below.")
        )
    return now


def _notification(actor: Actor, notification: Notification) -> Notification:
    require(actor, "incident.handle")
    now = Notification.objects.select_for_update().select_related("incident__system__owner").get(pk=notification.pk)
    only_own(actor, now.incident.system)
    if now.state != NotificationState.OPEN:
        raise checks.done_already(_("the notification is settled"))
    if now.incident.state == IncidentState.CLOSED:
        raise checks.done_already(_("the incident is closed"))
    return now


def _expect_open(incident: Incident) -> None:
    if incident.state == IncidentState.CLOSED:
        raise checks.done_already(_("the incident is closed"))


def _kinds(kinds: Iterable[str]) -> list[str]:
    found = sorted({checks.one_of("kinds", kind, IncidentKind) for kind in kinds})
    if not found:
        raise InvalidInput(_("Choose at least one."), place="kinds")
    return found


def _answers(answers: Mapping[str, str]) -> dict[str, str]:
    strange = [name for name in answers if name not in QUESTIONS]
    if strange:
        raise InvalidInput(_("There is no such question."), place=strange[0])
    return {name: checks.one_of(name, answer, Tristate) for name, answer in answers.items()}


def _save(incident: Incident) -> None:
    incident.revision += 1
    incident.save()


def _which(notification: Notification) -> dict[str, object]:
    return {"rule": notification.rule, "deadline": notification.deadline}


def _write(verb: str, actor: Actor, incident: Incident, text: Mapping[str, object]) -> Act:
    return write_act(verb=verb, actor=actor, system=incident.system, text={"incident": incident.act_id, **text})
