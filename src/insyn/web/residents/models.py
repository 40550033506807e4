"""Codes for residents, tries per address, and what residents ask for. No text from a case is stored here."""

from __future__ import annotations

from django.db import models


class CaseCode(models.Model):
    """A one-time code from a printed letter. ``rids`` are the records that it opens; the code itself is stored nowhere.

    ``used_at`` is the one time it was entered; the view then lasts half an hour.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="case_codes")
    rids = models.JSONField(default=list)
    code_hash = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.system_id} {self.expires:%Y-%m-%d}"


class CodeTries(models.Model):
    """How many codes an address (as a keyed hash) has tried since ``started``. Rows are dropped when their time is over."""

    address = models.CharField(max_length=32, unique=True)
    started = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} since {self.started:%H:%M}"


class RightsRequest(models.Model):
    """A resident asks that a person looks at the case again. ``receipt`` is the number that the resident keeps.

    ``message`` is the resident's own letter to the municipality, optional.
    """

    code = models.ForeignKey(CaseCode, on_delete=models.PROTECT, related_name="requests")
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="rights_requests")
    rid = models.CharField(max_length=32)
    receipt = models.CharField(max_length=16, unique=True)
    asked_on = models.DateField()
    message = models.TextField(blank=True)
    answered_on = models.DateField(null=True, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    answer_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.receipt
