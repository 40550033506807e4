"""Needs: what somebody wants to solve, before there is a system, and what the analysis ended in.

Rows of analyses and decisions are written once; a newer one counts, and a need that is reopened keeps those that it had.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from insyn.core.terms import Role
from insyn.web.fields import WordField
from insyn.web.language import InLanguage

from .words import Alternative, FocusArea, NeedOutcome, NeedPhase, word


class Need(models.Model):
    """A need, by its number (``B-2026-001``). Nothing of it is public before it is decided. ``revision`` counts changes."""

    number = models.CharField(max_length=12, unique=True)
    title_sv = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160, blank=True)
    problem = models.TextField()
    concerns = models.TextField()
    today = models.TextField()
    wanted = models.TextField()
    focus_area = WordField(max_length=16, words=FocusArea)
    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="needs")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_on = models.DateField()
    phase = WordField(max_length=12, words=NeedPhase, default=NeedPhase.OPEN, db_index=True)
    outcome = WordField(max_length=12, words=NeedOutcome, blank=True, default="")
    system = models.OneToOneField("register.System", null=True, blank=True, on_delete=models.PROTECT, related_name="need")
    revision = models.PositiveIntegerField(default=0)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    title = InLanguage()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def phase_word(self) -> str:
        return word("phase", self.phase)

    @property
    def outcome_word(self) -> str:
        return word("outcome", self.outcome)

    @property
    def area_word(self) -> str:
        return word("area", self.focus_area)


class NeedAnalysis(models.Model):
    """AI weighed against the traditional solution. ``alternatives``: [{kind, name, benefit, cost, risk, people, work_environment}]."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="analyses")
    summary = models.TextField()
    alternatives = models.JSONField()
    chosen = models.CharField(max_length=200)
    reasons = models.TextField()
    measure = models.CharField(max_length=200)
    expected = models.CharField(max_length=200)
    expected_by = models.DateField()
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    role = WordField(max_length=32, words=Role)
    made_on = models.DateField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.need_id} {self.made_on}"

    @property
    def chosen_kind(self) -> Alternative:
        """Of what kind the chosen solution is."""
        return Alternative(next(row["kind"] for row in self.alternatives if row["name"] == self.chosen))

    @property
    def rows(self) -> list[dict[str, object]]:
        """The alternatives as the pages show them: with the word for their kind, and whether one was chosen."""
        return [{**row, "kind_word": word("kind", row["kind"]), "chosen": row["name"] == self.chosen} for row in self.alternatives]


class NeedDecision(models.Model):
    """What a need ended in, and why, for everybody to read."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="decisions")
    analysis = models.ForeignKey(NeedAnalysis, on_delete=models.PROTECT, related_name="decisions")
    outcome = WordField(max_length=12, words=NeedOutcome)
    why_sv = models.TextField()
    why_en = models.TextField(blank=True)
    decided_on = models.DateField()
    case_number = models.CharField(max_length=40)
    decider_person = models.CharField(max_length=12)
    decider_name = models.CharField(max_length=200)
    decider_role = WordField(max_length=32, words=Role)
    decider_office_sv = models.CharField(max_length=120)
    decider_office_en = models.CharField(max_length=120)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    why = InLanguage()
    decider_office = InLanguage()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.need_id} {self.outcome}"

    @property
    def outcome_word(self) -> str:
        return word("outcome", self.outcome)
