"""What the work list, the calendar and the board's page read, and what a person chose for themselves.

:class:`Standing`, :class:`Wanted` and :class:`Ending` say nothing of their own: each act on a system writes those of that system anew
(:mod:`insyn.web.portfolio.standing`), so that a page asks one narrow table instead of every permit, and costs the same in a large register.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from insyn.core.terms import Phase, Reach, Role, SystemKind
from insyn.core.text import Text
from insyn.web.fields import WordField


class Standing(models.Model):
    """How one system stands, as far as the board counts it. ``system_class`` is empty where no classification is recorded.

    ``granted`` and ``closes_after``: whether its permit is open, and the first of the last days that it rests on.
    """

    system = models.OneToOneField("register.System", primary_key=True, on_delete=models.PROTECT, related_name="standing")
    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    phase = WordField(max_length=16, words=Phase)
    kind = WordField(max_length=24, words=SystemKind)
    reach = WordField(max_length=16, words=Reach)
    system_class = models.CharField(max_length=16, blank=True)
    class_through = models.DateField(null=True)
    class_public = models.BooleanField(default=True)
    focus_area = models.CharField(max_length=16, blank=True)
    evaluation_due = models.DateField(null=True)
    evaluation_public = models.BooleanField(default=True)
    granted = models.BooleanField(default=False)
    closes_after = models.DateField(null=True)
    benefit_expected = models.BooleanField(default=False)
    benefit_realised = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["phase", "system"], name="standing_by_phase"),
            models.Index(fields=["evaluation_due"], name="standing_by_evaluation"),
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.phase}"


class Wanted(models.Model):
    """That a system lacks something which a role can supply: how much, and the titles of the first few. ``owner`` is the system's."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="wanted")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = WordField(max_length=32, words=Role)
    count = models.PositiveSmallIntegerField()
    titles = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["role", "system"], name="wanted_by_role"),
            models.Index(fields=["owner", "role", "system"], name="wanted_by_owner"),
        ]
        constraints = [models.UniqueConstraint(fields=["system", "role"], name="wanted_once_by_role")]

    def __str__(self) -> str:
        return f"{self.system_id} {self.role} {self.count}"


class Ending(models.Model):
    """A day after which something of a system no longer holds. ``role``: who supplied it, beside the owner; empty where nobody did."""

    class Kind(models.TextChoices):
        EVALUATION = "evaluation"
        RECORD = "record"
        MANDATE = "mandate"
        PERMIT = "permit"

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="endings")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = WordField(max_length=12, words=Kind)
    day = models.DateField()
    role = models.CharField(max_length=32, blank=True)
    what_sv = models.CharField(max_length=200)
    what_en = models.CharField(max_length=200)
    record = models.ForeignKey("register.Record", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["role", "day"], name="ending_by_role"),
            models.Index(fields=["owner", "day"], name="ending_by_owner"),
            models.Index(fields=["day"], name="ending_by_day"),
        ]

    @property
    def what(self) -> Text:
        return Text(self.what_sv, self.what_en)

    def __str__(self) -> str:
        return f"{self.system_id} {self.kind} {self.day}"


class CalendarAddress(models.Model):
    """A person's secret address of their calendar: its SHA-256 only. A new one takes the place of the old."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_address")
    sha256 = models.CharField(max_length=64, unique=True)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"


class DigestChoice(models.Model):
    """How often a person wants a letter about what waits. No row: never."""

    class Often(models.TextChoices):
        DAILY = "daily"
        WEEKLY = "weekly"
        NEVER = "never"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="digest_choice")
    often = WordField(max_length=8, words=Often)
    language = models.CharField(max_length=2, default="sv")
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.user_id} {self.often}"


class DigestSent(models.Model):
    """The letter of a day to a person. The row is written before the letter goes, so that nobody gets it twice; ``error`` allows a new try."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="digests")
    day = models.DateField()
    count = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"
