"""Incidents with their clocks, notifications and remedy; dated stop orders to people where no call can be held.

Everything that happened has its time in UTC to the second; a measured time is the difference between two such times, never a field that
somebody fills in. Names of people and what they wrote are internal; what the public reads has fields of its own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from insyn.core.terms import Role, Tristate
from insyn.web.fields import WordField
from insyn.web.language import InLanguage

from .words import How, IncidentKind, IncidentState, NotificationState, OrderState, PutRight, Recipient, word

_USER = settings.AUTH_USER_MODEL


class Addressee(models.Model):
    """Whom an order goes to: a technician of ours, who signs in, or a supplier's named contact, who does not."""

    to_kind = WordField(max_length=16, words=Recipient)
    to_user = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    contact_name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def addressee(self) -> str:
        """The named person, for pages behind sign-in."""
        if self.to_kind == Recipient.TECHNICIAN:
            return str(self.to_user)
        return ", ".join(part for part in (self.contact_name, self.organisation) if part)

    @property
    def public_addressee(self) -> str:
        """The office or the company, for everybody."""
        kind = word("recipient", self.to_kind)
        return f"{kind} ({self.organisation})" if self.to_kind == Recipient.SUPPLIER and self.organisation else kind


class RouteSet(models.QuerySet["StopRoute"]):
    def in_force(self, on: date) -> RouteSet:
        """Begun, not ended, and to a technician only while the mandate holds."""
        mandates = Q(to_user__mandates__role=Role.TECHNICIAN, to_user__mandates__first_day__lte=on) & (
            Q(to_user__mandates__last_day=None) | Q(to_user__mandates__last_day__gte=on)
        )
        reachable = Q(to_kind=Recipient.SUPPLIER) | (mandates & Q(to_user__is_active=True))
        return self.filter(reachable, Q(ended_on=None) | Q(ended_on__gt=on), first_day__lte=on).distinct()


class StopRoute(Addressee):
    """A standing arrangement: who is ordered to stop this system, how they are reached at any hour, and within which time they promise to have done it."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="stop_routes")
    what = models.TextField()
    out_of_hours = models.TextField()
    promised_minutes = models.PositiveIntegerField()
    first_day = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    objects = RouteSet.as_manager()

    class Meta:
        ordering = ["-first_day", "-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.to_kind}"

    @property
    def promised(self) -> timedelta:
        return timedelta(minutes=self.promised_minutes)


class DatedOrder(Addressee):
    """One order to one person to stop a system, with every step's time. ``stop_order`` is the stop that was put in Insyn's log first."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="dated_orders")
    what = models.TextField()
    exercise = models.BooleanField(default=False)
    state = WordField(max_length=16, words=OrderState, default=OrderState.ORDERED, db_index=True)
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    due = models.DateTimeField()
    stop_order = models.CharField(max_length=32, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=300, blank=True)
    acknowledged_how = WordField(max_length=16, words=How, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=300, blank=True)
    done_person = models.CharField(max_length=12, blank=True)
    done_how = WordField(max_length=16, words=How, blank=True)
    done_what = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=300, blank=True)
    confirmed_what = models.TextField(blank=True)
    withdrawn_why = models.TextField(blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-ordered_at", "-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.pk}"

    @property
    def waits(self) -> bool:
        """Is the system, as far as we know, still running?"""
        return self.state in (OrderState.ORDERED, OrderState.ACKNOWLEDGED)

    def is_overdue(self, now: datetime) -> bool:
        return self.waits and self.due < now

    @property
    def was_late(self) -> bool:
        return self.done_at is not None and self.done_at > self.due

    @property
    def to_acknowledge(self) -> timedelta | None:
        return self.acknowledged_at - self.ordered_at if self.acknowledged_at else None

    @property
    def to_done(self) -> timedelta | None:
        return self.done_at - self.ordered_at if self.done_at else None


class DutySet(models.QuerySet["StopDuty"]):
    def covering(self, first: date, last: date) -> DutySet:
        """On duty some day between the two, both included."""
        return self.filter(
            Q(last_day=None) | Q(last_day__gte=first), Q(ended_on=None) | Q(ended_on__gt=first), first_day__lte=last
        ).select_related("user", "system")


class StopDuty(models.Model):
    """Who is to stop a system, in which order they are called, between two days. Without a system: every system. ``phone`` is never public."""

    system = models.ForeignKey("register.System", null=True, blank=True, on_delete=models.PROTECT, related_name="stop_duties")
    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(default=1)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    out_of_hours = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    objects = DutySet.as_manager()

    class Meta:
        ordering = ["place", "first_day", "id"]

    def __str__(self) -> str:
        return f"{self.system_id or '*'} {self.place} {self.user_id}"

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day) and (self.ended_on is None or day < self.ended_on)


class Incident(models.Model):
    """Something went wrong with a system, or nearly. ``what`` and ``measures`` are internal; the public reads ``public_text``.

    The questions (``personal_data``, ``serious``, ``security``, ``death``, ``widespread``) start the clocks; unknown counts as yes.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="incidents")
    what = models.TextField()
    kinds = models.JSONField(default=list)
    discovered_at = models.DateTimeField()
    happened_at = models.DateTimeField(null=True, blank=True)
    personal_data = WordField(max_length=8, words=Tristate, default=Tristate.UNKNOWN)
    serious = WordField(max_length=8, words=Tristate, default=Tristate.UNKNOWN)
    security = WordField(max_length=8, words=Tristate, default=Tristate.UNKNOWN)
    death = WordField(max_length=8, words=Tristate, default=Tristate.UNKNOWN)
    widespread = WordField(max_length=8, words=Tristate, default=Tristate.UNKNOWN)
    state = WordField(max_length=16, words=IncidentState, default=IncidentState.OPEN, db_index=True)
    measures = models.TextField(blank=True)
    public = models.BooleanField(default=False)
    public_text_sv = models.TextField(blank=True)
    public_text_en = models.TextField(blank=True)
    nobody_harmed_why = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    public_text = InLanguage()

    class Meta:
        ordering = ["-discovered_at", "-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.pk}"

    @property
    def kind_words(self) -> list[str]:
        return [word("incident_kind", kind) for kind in self.kinds if kind in set(IncidentKind)]


class Notification(models.Model):
    """One duty to notify, as the packs put it on the day of the incident: from when, until when, to whom, and what became of it.

    ``asked`` goes false when an answer shows that the duty does not arise; what was written about it stays.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notifications")
    rule = models.CharField(max_length=120)
    deadline = models.CharField(max_length=64)
    title_sv = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    to_sv = models.CharField(max_length=300, blank=True)
    to_en = models.CharField(max_length=300, blank=True)
    provisions = models.JSONField(default=list)
    packs = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    asked = models.BooleanField(default=True)
    state = WordField(max_length=16, words=NotificationState, default=NotificationState.OPEN)
    draft = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    late_why = models.TextField(blank=True)
    not_needed_why = models.TextField(blank=True)
    settled_by = models.CharField(max_length=200, blank=True)

    title = InLanguage()
    to = InLanguage()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "rule", "deadline"], name="one_clock_for_each_deadline")]

    def __str__(self) -> str:
        return f"{self.rule} {self.deadline}"

    @property
    def waits(self) -> bool:
        return self.asked and self.state == NotificationState.OPEN

    @property
    def was_late(self) -> bool:
        return self.sent_at is not None and self.sent_at > self.due_at

    def is_overdue(self, now: datetime) -> bool:
        return self.waits and self.due_at < now


class Harmed(models.Model):
    """One decision that an incident touched: a record id of the log, or a case number. Whether the person was told, and what put it right."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="harmed")
    rid = models.CharField(max_length=32, blank=True)
    case_number = models.CharField(max_length=64, blank=True)
    day = models.DateField(null=True, blank=True)
    told_on = models.DateField(null=True, blank=True)
    told_how = models.CharField(max_length=300, blank=True)
    excused_why = models.TextField(blank=True)
    put_right = WordField(max_length=16, words=PutRight, blank=True)
    put_right_why = models.TextField(blank=True)
    put_right_on = models.DateField(null=True, blank=True)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["incident", "rid", "case_number"], name="each_harmed_decision_once")]

    def __str__(self) -> str:
        return self.rid or self.case_number

    @property
    def told(self) -> bool:
        return self.told_on is not None or bool(self.excused_why)

    @property
    def settled(self) -> bool:
        return self.told and bool(self.put_right)
