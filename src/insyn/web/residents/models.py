"""Who a resident is: codes, sessions, authority to act for somebody, protected identities. No text from a case is stored here.

A person is known by a ``token``: the keyed hash that the sequencer makes of an identity number. The number itself is stored nowhere.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

TOKEN = {"max_length": 32}


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


class RepresentationKind(models.TextChoices):
    """By what authority somebody acts for another."""

    GUARDIAN = "guardian", _("Guardian of a child")
    GOD_MAN = "god_man", _("Court-appointed representative (god man)")
    FORVALTARE = "forvaltare", _("Administrator (förvaltare)")
    POWER_OF_ATTORNEY = "power_of_attorney", _("By a written power of attorney")
    UNION = "union", _("The union, for an employee")


class TwoPersons(models.Model):
    """What opens one person's cases to somebody else, and so takes two members of staff: one notes it, another confirms it.

    ``evidence``: what staff saw, in words. One person ends it, at once.
    """

    evidence = models.TextField()
    case_number = models.CharField(max_length=60)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    confirm_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why_ended = models.TextField(blank=True)

    class Meta:
        abstract = True

    @property
    def to_confirm(self) -> bool:
        """Whether a second person may confirm it still."""
        return self.confirm_act_id is None and self.end_act_id is None


class Representation(TwoPersons):
    """Somebody (``who``) may act for somebody else (``whom``). Both are tokens; no name is kept. It gives nothing before it is confirmed.

    ``despite_protection``: the guardian may look although the child's identity is protected. ``recorded_alone``: it is from the time when one
    person was enough, and holds as it did then.
    """

    kind = models.CharField(max_length=20, choices=RepresentationKind.choices)
    whom = models.CharField(**TOKEN)
    who = models.CharField(**TOKEN)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    despite_protection = models.BooleanField(default=False)
    recorded_alone = models.BooleanField(default=False)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["who"], name="representation_who")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.case_number}"

    @property
    def is_confirmed(self) -> bool:
        """Whether a second person has confirmed it, where that was needed."""
        return self.recorded_alone or self.confirm_act_id is not None

    def holds(self, on: date) -> bool:
        """Whether the authority holds on the day. On the day when it is ended it holds no more."""
        through = self.last_day is None or on <= self.last_day
        return self.is_confirmed and self.first_day <= on and through and (self.ended_on is None or on < self.ended_on)

    @property
    def over_from(self) -> date | None:
        """The first day without authority, where one is known."""
        days = [day for day in (self.ended_on, self.last_day and date.fromordinal(self.last_day.toordinal() + 1)) if day]
        return min(days, default=None)


class ProtectedIdentity(models.Model):
    """A person with protected personal data. Lifted marks stay, with their end."""

    token = models.CharField(**TOKEN, db_index=True)
    why = models.TextField()
    case_number = models.CharField(max_length=60)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True, blank=True)
    why_lifted = models.TextField(blank=True)
    lift_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.case_number


class NumberLinkSet(models.QuerySet["NumberLink"]):
    def standing(self) -> NumberLinkSet:
        """Links that nobody has ended, confirmed or not."""
        return self.filter(end_act=None)

    def in_force(self) -> NumberLinkSet:
        """Links that a second person has confirmed and nobody has ended."""
        return self.standing().exclude(confirm_act=None)


class NumberLink(TwoPersons):
    """Two identity numbers of one person: a changed number, or a coordination number before the personal one.

    It shows one number's cases to the other when a second person has confirmed it; a wrong one would open somebody else's.
    """

    old = models.CharField(**TOKEN, db_index=True)
    new = models.CharField(**TOKEN, db_index=True)

    objects = NumberLinkSet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], condition=models.Q(end_act=None), name="one_link_for_two_numbers"),
        ]

    def __str__(self) -> str:
        return self.case_number


class ResidentSession(models.Model):
    """A resident who has come in, for half an hour. ``key_hash``: of the random id in the cookie. ``token`` is empty with a code.

    ``acting``: for whom a representative looks. ``protected``: as it was found out for a code, whose person has no token here; empty before.
    ``opened``: how many records were opened, which has an end.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    via = models.CharField(max_length=8)
    token = models.CharField(max_length=32, blank=True)
    code = models.ForeignKey(CaseCode, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    acting = models.ForeignKey(Representation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    protected = models.BooleanField(null=True)
    opened = models.PositiveIntegerField(default=0)
    until = models.DateTimeField()
    ended = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.via} {self.until:%H:%M}"


class UsedSignIn(models.Model):
    """A sign-in by e-ID that has come back once: its state is good for nothing more. Dropped when it would be too old anyway."""

    state_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"
