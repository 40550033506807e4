"""Disposal decisions and legal holds, as the register knows them. What is destroyed and what is held is the sequencer's, and stands in the log."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from insyn.web.fields import WordField
from insyn.web.register.models import Act, System


class HoldOn(StrEnum):
    """What a legal hold is on. Of a case the number is not kept here: the sequencer has its keyed hash."""

    SYSTEM = "system"
    CASE = "case"
    RECORD = "record"


class DisposalDecision(models.Model):
    """A decision to dispose of months of one system and retention class (gallringsbeslut). ``months`` are ISO: 2026-11."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="disposal_decisions")
    retention = models.CharField(max_length=32)
    months = models.JSONField()
    decided_on = models.DateField()
    case_number = models.CharField(max_length=40)
    delegation = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    decider_person = models.CharField(max_length=12)
    decider_name = models.CharField(max_length=200)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-decided_on", "-id"]

    def __str__(self) -> str:
        return f"{self.case_number} {self.system_id}"


class LegalHold(models.Model):
    """A legal hold: nothing of the system, case or record may be destroyed until it is lifted. ``record`` is a record's id."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="legal_holds")
    on = WordField(max_length=8, words=HoldOn)
    record = models.CharField(max_length=32, blank=True)
    why = models.TextField()
    case_number = models.CharField(max_length=40)
    put_on = models.DateField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True, blank=True)
    lifted_why = models.TextField(blank=True)
    lifting = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-put_on", "-id"]

    def __str__(self) -> str:
        return f"{self.on} {self.system_id}"
