"""Data uses: which data of whom are used for what, on which ground, and who decided it.

A row is proposed by the owner and decided by somebody else. Nothing in it changes afterwards but its end: it is withdrawn, or a field in it
is retired. What a decided data use lets a permit hold is in :mod:`insyn.web.register.datalimits`.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from insyn.web.fields import WordField
from insyn.web.language import InLanguage

from .purposes import DataOutcome, PurposeKind


class DataUseSet(models.QuerySet["DataUse"]):
    def holding(self, on: date) -> DataUseSet:
        """Allowed by a decision of the day or earlier, not withdrawn, not past its last day."""
        return self.filter(
            Q(valid_through=None) | Q(valid_through__gte=on),
            Q(withdrawn_on=None) | Q(withdrawn_on__gt=on),
            outcome=DataOutcome.ALLOWED,
            decided_on__lte=on,
        )


class DataUse(models.Model):
    """Data of one system for one purpose.

    ``categories`` []; ``fields`` [{name, why, collected_how, retired_on?}]. ``act`` proposed it, ``deciding`` decided it, ``ending`` withdrew it.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="uses_of_data")
    purpose = models.SlugField(max_length=64)
    purpose_kind = WordField(max_length=24, words=PurposeKind, default=PurposeKind.ORDINARY)
    what_sv = models.CharField(max_length=400)
    what_en = models.CharField(max_length=400)
    categories = models.JSONField(default=list)
    source_sv = models.CharField(max_length=400)
    source_en = models.CharField(max_length=400)
    manner_sv = models.CharField(max_length=400)
    manner_en = models.CharField(max_length=400)
    fields = models.JSONField(default=list)
    legal_basis_sv = models.CharField(max_length=400)
    legal_basis_en = models.CharField(max_length=400)
    secrecy = models.CharField(max_length=400, blank=True)
    retention = models.CharField(max_length=400)
    disposal_decision = models.CharField(max_length=200, blank=True)
    proposed_on = models.DateField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    outcome = WordField(max_length=16, words=DataOutcome, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decider_name = models.CharField(max_length=200, blank=True)
    decider_office = models.CharField(max_length=120, blank=True)
    delegation = models.CharField(max_length=200, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    valid_through = models.DateField(null=True, blank=True)
    deciding = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_on = models.DateField(null=True, blank=True)
    ending = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    what = InLanguage()
    source = InLanguage()
    manner = InLanguage()
    legal_basis = InLanguage()

    objects = DataUseSet.as_manager()

    class Meta:
        ordering = ["system", "id"]
        indexes = [models.Index(fields=["system", "outcome"], name="data_uses_by_system")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.purpose_kind} {self.pk}"

    @property
    def waits(self) -> bool:
        """Proposed, and neither decided nor taken back."""
        return not self.outcome and self.withdrawn_on is None

    def holds(self, on: date) -> bool:
        """The same as :meth:`DataUseSet.holding`, for a row in hand."""
        return (
            self.outcome == DataOutcome.ALLOWED
            and self.decided_on is not None
            and self.decided_on <= on
            and (self.withdrawn_on is None or self.withdrawn_on > on)
            and (self.valid_through is None or self.valid_through >= on)
        )

    def fields_in_use(self) -> list[dict[str, str]]:
        """The fields that are not retired."""
        return [field for field in self.fields if not field.get("retired_on")]

    def get_purpose_kind_display(self) -> str:
        """What the kind of purpose is called."""
        return str(PurposeKind(self.purpose_kind).label)
