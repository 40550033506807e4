"""Stops and the decisions that lift them, as the register knows them. The log is the truth; a stop's row is made from its entry."""

from __future__ import annotations

from django.db import models

from insyn.web.language import InLanguage


class StopOrder(models.Model):
    """A stop that stands in the log. Made from the log by its id, never before.

    ``reason`` is the holder's own words and is not public; ``public_why`` is what the public reads, written afterwards.
    """

    rid = models.CharField(max_length=32, unique=True)
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="stop_orders")
    index = models.BigIntegerField(unique=True)
    day = models.DateField()
    ordered_at = models.CharField(max_length=40)
    via = models.CharField(max_length=40)
    person = models.CharField(max_length=64)
    person_name = models.CharField(max_length=200)
    role = models.CharField(max_length=32)
    office = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)
    public_why_sv = models.TextField(blank=True)
    public_why_en = models.TextField(blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    public_why = InLanguage()

    class Meta:
        ordering = ["-index"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.index}"


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
