"""Lists of decisions that are to be looked at again, and limits of alarm. A decision is named by its random id; nothing from a case is here.

The truth of a reconsideration is its entry in the log. The rows here follow it (:mod:`insyn.web.remedies.taking_in`) and can be made anew.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from insyn.core.terms import ReconsiderationGround
from insyn.evidence.affected import Sought
from insyn.web.fields import WordField

from .words import CaseState, ErrorState, Measure, Reply, Source

_USER = settings.AUTH_USER_MODEL


class ErrorFound(models.Model):
    """An error that touched many decisions: what was wrong, and what the decisions have in common.

    The list is of the entries before ``end_index``, so that it stands still; ``next_index`` is where listing goes on. What was counted
    when it was opened and is not listed: ``waiting`` for a person, decided ``outside`` Insyn or never used, and ``erased`` of the same days.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="errors_found")
    incident = models.ForeignKey("incidents.Incident", null=True, blank=True, on_delete=models.PROTECT, related_name="errors_found")
    what = models.TextField()
    version = models.CharField(max_length=64, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    outcome = models.CharField(max_length=64, blank=True)
    stage = models.CharField(max_length=16, blank=True)
    group = models.CharField(max_length=64, blank=True)
    value = models.CharField(max_length=64, blank=True)
    feature = models.CharField(max_length=64, blank=True)
    feature_value = models.CharField(max_length=64, blank=True)
    deadline = models.DateField()
    state = WordField(max_length=12, words=ErrorState, default=ErrorState.LISTING.value, db_index=True)
    next_index = models.BigIntegerField(default=0)
    end_index = models.BigIntegerField()
    expected = models.PositiveIntegerField()
    waiting = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    erased = models.PositiveIntegerField(default=0)
    opened_on = models.DateField()
    withdrawn_why = models.TextField(blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    withdrawing = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.pk}"

    @property
    def sought(self) -> Sought:
        return Sought(
            system=self.system.slug,
            first=self.first_day,
            last=self.last_day,
            version=self.version,
            outcome=self.outcome,
            stage=self.stage,
            group=self.group,
            value=self.value,
            feature=self.feature,
            feature_value=self.feature_value,
        )


class RemedyCase(models.Model):
    """One decision that is to be looked at again. ``entry`` is the rid of the reconsideration in the log, at ``index``.

    ``receipt`` is that of the request that asked for it. ``act`` opened the case; what became of it is said by the entry. ``since`` is how
    long the log was then: an entry from before it settles nothing.
    """

    error = models.ForeignKey(ErrorFound, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="remedy_cases")
    rid = models.CharField(max_length=32, db_index=True)
    day = models.DateField(null=True, blank=True)
    source = WordField(max_length=12, words=Source)
    receipt = models.CharField(max_length=16, blank=True, db_index=True)
    opened_on = models.DateField()
    since = models.BigIntegerField()
    deadline = models.DateField(null=True, blank=True)
    assigned_to = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.SET_NULL, related_name="remedy_cases")
    state = WordField(max_length=12, words=CaseState, default=CaseState.OPEN.value)
    ground = WordField(max_length=20, words=ReconsiderationGround, blank=True)
    entry = models.CharField(max_length=32, blank=True)
    index = models.BigIntegerField(null=True, blank=True)
    settled_on = models.DateField(null=True, blank=True)
    told_on = models.DateField(null=True, blank=True)
    told_how = models.CharField(max_length=300, blank=True)
    excused_why = models.TextField(blank=True)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")
    telling = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["system", "state", "assigned_to"], name="remedy_to_do")]
        constraints = [
            models.UniqueConstraint(fields=["error", "rid"], condition=Q(error__isnull=False), name="each_decision_once_in_an_error"),
            models.UniqueConstraint(
                fields=["system", "rid", "source", "receipt"], condition=Q(error=None, state="open"), name="one_open_case_for_a_decision"
            ),
        ]

    def __str__(self) -> str:
        return self.rid

    @property
    def told(self) -> bool:
        return self.told_on is not None or bool(self.excused_why)


class AlarmLimit(models.Model):
    """From which share of the cases an alarm is raised, in per cent. The newest row of a measure counts; ``per_cent`` empty: no alarm."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="alarm_limits")
    measure = WordField(max_length=16, words=Measure)
    per_cent = models.PositiveSmallIntegerField(null=True, blank=True)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.measure} {self.per_cent}"


class AlarmAnswer(models.Model):
    """What the owner did about an alarm that rested on ``cases`` cases. It is raised again when so many more have come that it tells anew."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="alarm_answers")
    measure = WordField(max_length=16, words=Measure)
    cases = models.PositiveIntegerField()
    reply = WordField(max_length=12, words=Reply)
    why = models.TextField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.measure} {self.reply}"
