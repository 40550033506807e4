"""Inventory rounds, each office's answer to them, and who has the competence that classifying and assessing take."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from insyn.core.terms import SystemKind
from insyn.web.fields import WordField
from insyn.web.language import InLanguage


class Round(models.Model):
    """One time that every administration and company is asked which systems it has. ``repeat_of`` is the round of the year before."""

    year = models.PositiveSmallIntegerField()
    title_sv = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    opens = models.DateField()
    due = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    repeat_of = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="repeated_by")
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    title = InLanguage()

    class Meta:
        ordering = ["-opens", "-id"]

    def __str__(self) -> str:
        return self.title


class Assignment(models.Model):
    """That one office is to answer a round, and its answer: systems, or an explicit none with a signed statement."""

    class State(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"
        LATE = "late"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="assignments")
    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="inventories")
    due = models.DateField()
    state = WordField(max_length=8, words=State, default=State.OPEN)
    none = models.BooleanField(default=False)
    statement = models.TextField(blank=True)
    signed_name = models.CharField(max_length=200, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answer = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "office"], name="one_assignment_for_each_office")]
        ordering = ["office__name_sv"]

    def __str__(self) -> str:
        return f"{self.office_id} {self.state}"

    def overdue(self, on: date) -> bool:
        """Not answered, and the day has passed."""
        return self.state == self.State.OPEN and self.due < on


class Confirmed(models.Model):
    """What the lead says of a system that the register has already."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="confirmed")
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="+")
    still_right = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "system"], name="confirmed_once")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.still_right}"


class ReportedSystem(models.Model):
    """A system that the register did not know. The coordinator enters it, names the entry that it belongs to, or says why it is none."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reported")
    name = models.CharField(max_length=120)
    kind = WordField(max_length=24, words=SystemKind)
    purpose = models.CharField(max_length=400)
    supplier = models.CharField(max_length=200, blank=True)
    system = models.ForeignKey("register.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why_not = models.CharField(max_length=500, blank=True)
    settled = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class CompetenceSet(models.QuerySet["CompetenceRecord"]):
    def valid(self, on: date) -> CompetenceSet:
        """Those that hold on the day, both ends included."""
        return self.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), first_day__lte=on, valid_through__gte=on)


class CompetenceRecord(models.Model):
    """What somebody has learnt, from whom, and how long it counts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="competences")
    what = models.CharField(max_length=300)
    given_by = models.CharField(max_length=200)
    first_day = models.DateField()
    valid_through = models.DateField(db_index=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    objects = CompetenceSet.as_manager()

    class Meta:
        ordering = ["-valid_through", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what}"
