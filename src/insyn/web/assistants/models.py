"""Passes: who has confirmed which text of an instruction, and what of that has been taken back."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q


class PassSet(models.QuerySet["AssistantPass"]):
    def standing(self, on: date) -> PassSet:
        """Not taken back, not past their last day."""
        return self.filter(revoked_on=None, last_day__gte=on)


class AssistantPass(models.Model):
    """A person's pass to an assistant. The pass itself is shown once; here stands its SHA-256 (hex), and nothing to call with.

    ``instruction`` is the SHA-256 (hex) of the text that the person confirmed. A row is never changed but for ``revoked_on``.
    """

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="assistant_passes")
    person = models.CharField(max_length=12, db_index=True)
    person_name = models.CharField(max_length=200)
    instruction = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)
    issued_on = models.DateField()
    last_day = models.DateField()
    revoked_on = models.DateField(null=True, blank=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    objects = PassSet.as_manager()

    class Meta:
        ordering = ["-issued_on", "id"]
        indexes = [models.Index(fields=["system", "last_day"], condition=Q(revoked_on=None), name="standing_passes")]

    def __str__(self) -> str:
        return f"{self.person} {self.system_id}"
