"""The delegation list, deviations from principles, and evaluations."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from insyn.web.accounts.models import Office
from insyn.web.fields import WordField
from insyn.web.language import InLanguage
from insyn.web.register.models import Act, Decision, Record, System

from .words import CLASSES, DECISIONS, STATES, Delegable, DeviationState, HighestClass


class DelegationSet(models.QuerySet["DelegationItem"]):
    def in_force(self, on: date) -> DelegationSet:
        """Items that hold on the day: begun, not past their last day, not ended by an act."""
        return self.filter(
            Q(last_day=None) | Q(last_day__gte=on),
            Q(ended_on=None) | Q(ended_on__gt=on),
            first_day__lte=on,
        )


class DelegationItem(models.Model):
    """One item of a board's delegation list: this decision, for these systems, to officials of this office or to an automated function.

    ``matter_types``: short names of matters; for an automated function those it may decide, for an official (empty: all) those that the
    systems may touch. ``highest_class``: no system above it. ``ended_on``: the first day on which it no longer holds.
    """

    number = models.CharField(max_length=20)
    board = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="delegations")
    what = WordField(max_length=32, words=Delegable)
    text_sv = models.CharField(max_length=400)
    text_en = models.CharField(max_length=400)
    office = models.ForeignKey(Office, null=True, blank=True, on_delete=models.PROTECT, related_name="delegated")
    highest_class = WordField(max_length=16, words=HighestClass, default=HighestClass.MINIMAL)
    matter_types = models.JSONField(default=list, blank=True)
    decided_on = models.DateField()
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    case_number = models.CharField(max_length=40)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_why = models.TextField(blank=True)
    ending = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    text = InLanguage()
    objects = DelegationSet.as_manager()

    class Meta:
        ordering = ["board", "number", "first_day", "id"]

    def __str__(self) -> str:
        return f"{self.number} {self.board}"

    @property
    def ends_on(self) -> date | None:
        """The last day on which the item holds; ``None`` while no end is known."""
        ends = [day for day in (self.last_day, self.ended_on and self.ended_on - timedelta(days=1)) if day is not None]
        return min(ends, default=None)

    @property
    def decision_words(self) -> str:
        return str(DECISIONS[Delegable(self.what)])

    @property
    def class_words(self) -> str:
        return str(CLASSES[HighestClass(self.highest_class)])


class OnDelegation(models.Model):
    """A decision that an official took, and the item that it was taken on: the list that the board is told of."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="on_delegation")
    item = models.ForeignKey(DelegationItem, on_delete=models.PROTECT, related_name="decisions")

    class Meta:
        ordering = ["decision"]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.item_id}"


class NeverAutomated(models.Model):
    """A type of matter that the municipality has decided never to leave to an automated function. Lifted only by another decision."""

    matter_type = models.CharField(max_length=64)
    why_sv = models.TextField()
    why_en = models.TextField()
    case_number = models.CharField(max_length=40)
    decided_on = models.DateField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True, blank=True)
    lifting = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    why = InLanguage()

    class Meta:
        ordering = ["matter_type", "id"]
        constraints = [models.UniqueConstraint(fields=["matter_type"], condition=Q(lifted_on=None), name="never_automated_once")]

    def __str__(self) -> str:
        return self.matter_type


class Deviation(models.Model):
    """One system's deviation from one rule of a policy (``pack/slug``): proposed, accepted by the owner in their own words, ended.

    It has effect from its acceptance through ``last_day``. ``title_*`` is what the rule was called then.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="deviations")
    rule = models.CharField(max_length=200)
    title_sv = models.CharField(max_length=300)
    title_en = models.CharField(max_length=300)
    reason = models.TextField()
    risk = models.TextField()
    measures = models.TextField()
    last_day = models.DateField()
    state = WordField(max_length=16, words=DeviationState, default=DeviationState.PROPOSED)
    proposing = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acceptance = models.TextField(blank=True)
    accepting = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    record = models.OneToOneField(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="deviation")
    ended_on = models.DateField(null=True, blank=True)
    ended_why = models.TextField(blank=True)
    ending = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    title = InLanguage()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "rule"], condition=Q(state="proposed"), name="one_proposed_deviation_from_a_rule")
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.system_id}"

    def in_force(self, on: date) -> bool:
        held = self.state == DeviationState.ACCEPTED and on <= self.last_day
        return held and self.accepted_by_id == self.system.owner_id

    @property
    def state_words(self) -> str:
        return str(STATES[DeviationState(self.state)])
