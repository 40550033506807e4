"""Stops and the decisions that lift them, as the register knows them. The log is the truth; a stop's row is made from its entry."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from insyn.core.scope import Target
from insyn.core.terms import StopScope
from insyn.web.fields import WordField
from insyn.web.language import InLanguage


class StopOrder(models.Model):
    """A stop that stands in the log. Made from the log by its id, never before.

    ``system`` is empty for a stop of a supplier (``covers`` says whom it holds) and of everything. ``reason`` is the holder's own words and is
    not public; ``public_why`` is what the public reads, written afterwards. ``entered_by``: who entered an order that was given on paper.
    """

    rid = models.CharField(max_length=32, unique=True)
    scope = WordField(max_length=16, words=StopScope, default=StopScope.SYSTEM)
    system = models.ForeignKey("register.System", null=True, on_delete=models.PROTECT, related_name="stop_orders")
    version = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=64, blank=True)
    supplier = models.CharField(max_length=64, blank=True)
    index = models.BigIntegerField(unique=True)
    day = models.DateField()
    ordered_at = models.CharField(max_length=40)
    via = models.CharField(max_length=40)
    person = models.CharField(max_length=64)
    person_name = models.CharField(max_length=200)
    role = models.CharField(max_length=32)
    office = models.CharField(max_length=120, blank=True)
    entered_by = models.CharField(max_length=200, blank=True)
    exercise = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    public_why_sv = models.TextField(blank=True)
    public_why_en = models.TextField(blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    public_why = InLanguage()

    class Meta:
        ordering = ["-index"]

    def __str__(self) -> str:
        return f"{self.scope} {self.system_id} {self.index}"

    @property
    def target(self) -> Target:
        """What it is of, in the words of the log."""
        system = self.system.slug if self.system is not None else ""
        return Target(scope=StopScope(self.scope), system=system, version=self.version, purpose=self.purpose, supplier=self.supplier)


class StopCover(models.Model):
    """A system that a supplier's stop holds, by the entry that says so."""

    stop = models.ForeignKey(StopOrder, on_delete=models.PROTECT, related_name="covers")
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="+")
    index = models.BigIntegerField(unique=True)

    class Meta:
        ordering = ["index"]

    def __str__(self) -> str:
        return f"{self.stop_id} {self.system_id}"


class Resume(models.Model):
    """A decision to lift a stop. In effect only when its entry stands in the log (``act.log_index``)."""

    stop = models.ForeignKey(StopOrder, on_delete=models.PROTECT, related_name="resumes")
    decided_on = models.DateField()
    case_number = models.CharField(max_length=40)
    why = models.TextField()
    decider_name = models.CharField(max_length=200)
    decider_office = models.CharField(max_length=120, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.stop_id} {self.decided_on}"


class WideMandate(models.Model):
    """A decision that a stop holder may stop a supplier or everything, and so each system too. ``stop_key``: public half of a personal stop key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wide_mandates")
    first_day = models.DateField()
    last_day = models.DateField()
    stop_key = models.CharField(max_length=64, blank=True)
    case_number = models.CharField(max_length=40)
    ended_on = models.DateField(null=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_day}"


class WideList(models.Model):
    """The signed list of wide stop holders as it went to the log; the highest number counts. ``log_index``: empty until it stands there."""

    number = models.PositiveIntegerField(unique=True)
    signed = models.BinaryField()
    log_index = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class OtherLog(models.Model):
    """How far another sequencer has been told: the next index of the first log, and the newest list of wide stop holders."""

    name = models.CharField(max_length=64, unique=True)
    next_index = models.BigIntegerField(default=0)
    wide_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.next_index}"
