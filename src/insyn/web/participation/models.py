"""Influence: negotiations with the unions, safety representatives, and rounds with the groups that are affected.

Changes go through the acts of this app. A text that came from outside is stored as it came, and shown only as ``shown``, where identity
numbers are masked and an official has looked.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from insyn.web.fields import WordField
from insyn.web.language import InLanguage

from .words import End, HiddenBecause, Moderation, Reply, RoundState, SafetyStance, Section, Stance, State, Way


class UnionParty(models.Model):
    """Whether a union has a collective agreement with the municipality, from a day on. Without a row every union counts as one that has."""

    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="party_rows")
    has_agreement = models.BooleanField()
    from_day = models.DateField()
    why = models.TextField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["from_day", "id"]

    def __str__(self) -> str:
        return f"{self.office_id} {self.has_agreement}"


class Negotiation(models.Model):
    """A negotiation with one union about one system, under one section.

    ``central_by`` is the last day on which the union can ask for central negotiation, and ``central_ground`` where that time stands (a
    collective agreement): no pack sets it. ``approved`` is the union's act of approving the minutes in their version ``minutes_version``.
    ``end`` says what the closing rests on. ``revision`` counts changes.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="negotiations")
    section = WordField(max_length=4, words=Section.values)
    union = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="negotiations")
    subject = models.TextField()
    case_number = models.CharField(max_length=40, blank=True)
    invited_on = models.DateField()
    invited_by = models.CharField(max_length=200)
    begun = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")
    state = WordField(max_length=20, words=State.values, default=State.INVITED)
    met_on = models.DateField(null=True, blank=True)
    minutes = models.TextField(blank=True)
    minutes_version = models.PositiveIntegerField(default=0)
    requests = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    central_by = models.DateField(null=True, blank=True)
    central_ground = models.CharField(max_length=200, blank=True)
    approved = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stance = WordField(max_length=16, words=Stance.values, blank=True)
    statement = models.TextField(blank=True)
    stated_on = models.DateField(null=True, blank=True)
    central_requested_on = models.DateField(null=True, blank=True)
    central_why = models.TextField(blank=True)
    central_ended_on = models.DateField(null=True, blank=True)
    central_outcome = models.TextField(blank=True)
    end = WordField(max_length=16, words=End.values, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    closing = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "section", "union"], condition=~Q(state="closed"), name="one_open_negotiation")
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.section} {self.union_id}"

    @property
    def state_words(self) -> str:
        return str(State(self.state).label)

    @property
    def section_words(self) -> str:
        return str(Section(self.section).label)

    @property
    def stance_words(self) -> str:
        return str(Stance(self.stance).label) if self.stance else ""

    @property
    def end_words(self) -> str:
        return str(End(self.end).label) if self.end else ""


class SafetyStatement(models.Model):
    """What a safety representative said of the work-environment assessment, signed in as nobody else.

    ``assessment`` is the owner's record; ``record`` the representative's own, when they sign. ``answer``: what the owner says to an objection.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="safety_statements")
    assessment = models.ForeignKey("register.Record", on_delete=models.PROTECT, related_name="safety_statements")
    record = models.OneToOneField("register.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stance = WordField(max_length=16, words=SafetyStance.values)
    text = models.TextField()
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    stated_on = models.DateField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answer_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.stance}"

    @property
    def stance_words(self) -> str:
        return str(SafetyStance(self.stance).label)


class Round(models.Model):
    """A participation round: a question to the groups that a system affects most, open from one day through another.

    ``easy``: the question for those who want few and short words. ``for_evaluation``: held for an evaluation of the system in use. ``closed_early`` says in public why it closed before its last day.
    ``changed``: what the proposals changed, written when the round is published; ``record`` is what publishing supplied.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="rounds")
    slug = models.SlugField(max_length=64, unique=True)
    title_sv = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    question_sv = models.TextField()
    question_en = models.TextField(blank=True)
    groups_sv = models.CharField(max_length=400)
    groups_en = models.CharField(max_length=400, blank=True)
    easy_sv = models.TextField(blank=True)
    easy_en = models.TextField(blank=True)
    opens = models.DateField()
    closes = models.DateField()
    for_evaluation = models.BooleanField(default=False)
    state = WordField(max_length=16, words=RoundState.values, default=RoundState.DRAFT)
    closed_on = models.DateField(null=True, blank=True)
    closed_early_sv = models.TextField(blank=True)
    closed_early_en = models.TextField(blank=True)
    changed_sv = models.TextField(blank=True)
    changed_en = models.TextField(blank=True)
    published_on = models.DateField(null=True, blank=True)
    record = models.OneToOneField("register.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    title = InLanguage()
    question = InLanguage()
    groups = InLanguage()
    easy = InLanguage()
    closed_early = InLanguage()
    changed = InLanguage()

    class Meta:
        ordering = ["-opens", "id"]

    def __str__(self) -> str:
        return self.title

    def is_open(self, on: date) -> bool:
        """May somebody answer today? The last day is included, to its midnight."""
        return self.state == RoundState.OPEN and self.opens <= on <= self.closes

    def has_ended(self, on: date) -> bool:
        return self.state in (RoundState.CLOSED, RoundState.PUBLISHED) or (self.state == RoundState.OPEN and on > self.closes)


class RoundGroup(models.Model):
    """A group that the system affects, as the register called it when the round was opened. Who answers may say that they belong to it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="declared")
    number = models.PositiveIntegerField()
    name_sv = models.CharField(max_length=400)
    name_en = models.CharField(max_length=400, blank=True)

    name = InLanguage()

    class Meta:
        ordering = ["round", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="one_group_by_number")]

    def __str__(self) -> str:
        return self.name


class Contribution(models.Model):
    """One proposal in a round. ``original`` is as it came and is never public; ``shown`` is what may be.

    ``number`` counts within the round. ``token`` comes from the form, so that sending twice is one. ``edited``: an official took out personal
    data, and the page says so. ``place``, ``participants``: of a meeting. ``entered_by`` is empty for the web: nobody asked who it was.
    ``receipt``: by which whoever answered on the web can follow it; ``group``: what they said of themselves, if anything.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="contributions")
    number = models.PositiveIntegerField()
    way = WordField(max_length=8, words=Way.values)
    original = models.TextField()
    shown = models.TextField()
    edited = models.BooleanField(default=False)
    received_on = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    participants = models.PositiveIntegerField(null=True, blank=True)
    entered_by = models.CharField(max_length=200, blank=True)
    token = models.CharField(max_length=32, null=True, blank=True)
    receipt = models.CharField(max_length=14, null=True, blank=True, unique=True)
    group = models.ForeignKey(RoundGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moderation = WordField(max_length=12, words=Moderation.values, default=Moderation.WAITING)
    hidden_because = WordField(max_length=16, words=HiddenBecause.values, blank=True)
    moderated = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reply = WordField(max_length=12, words=Reply.values, blank=True)
    why_sv = models.TextField(blank=True)
    why_en = models.TextField(blank=True)
    replied = models.ForeignKey("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    why = InLanguage()

    class Meta:
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="one_contribution_by_number"),
            models.UniqueConstraint(fields=["round", "token"], name="one_contribution_for_each_form"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number}"

    @property
    def way_words(self) -> str:
        return str(Way(self.way).label)

    @property
    def moderation_words(self) -> str:
        return str(Moderation(self.moderation).label)

    @property
    def hidden_words(self) -> str:
        return str(HiddenBecause(self.hidden_because).label) if self.hidden_because else ""

    @property
    def reply_words(self) -> str:
        return str(Reply(self.reply).label) if self.reply else ""


class AnswerTries(models.Model):
    """How many answers came from an address (as a keyed hash) since ``started``. Rows are dropped when their time is over."""

    address = models.CharField(max_length=32, unique=True)
    started = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.count} since {self.started:%H:%M}"
