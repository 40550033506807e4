"""What data are used for, and how a decision on it may end: two closed lists of words."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PurposeKind(TextChoices):
    """What is done with the data. Training, tuning, testing and a supplier's own improvement are purposes of their own."""

    ORDINARY = "ordinary", _("Ordinary use")
    TRAINING = "training", _("Training")
    TUNING = "tuning", _("Tuning")
    TESTING = "testing", _("Testing")
    SUPPLIER_IMPROVEMENT = "supplier_improvement", _("The supplier's own improvement")


class DataOutcome(TextChoices):
    """How a proposed use of data was decided."""

    ALLOWED = "allowed", _("Allowed")
    REFUSED = "refused", _("Refused")
