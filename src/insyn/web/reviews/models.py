"""Who has taken which waiting case, how large the blind share is, and the made-up cases. No text of a real case is stored here."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Claim(models.Model):
    """A person has taken a waiting record, so that two do not read the same case.

    No act: it decides nothing about the person concerned, gives nobody a right and keeps nobody out; whoever may decide may do so without it.
    So it is a plain row by record id. It is dropped when the case is decided, and losing them all would only cost the office an agreement.
    ``given_by``: who assigned it, empty when the person took it.
    """

    system = models.ForeignKey("register.System", on_delete=models.CASCADE, related_name="claims")
    rid = models.CharField(max_length=32, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    since = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return f"{self.rid[:8]} {self.user_id}"


class BlindShare(models.Model):
    """How many of a thousand proposals a person judges before seeing them; compiled into the permit. No row: none."""

    system = models.OneToOneField("register.System", on_delete=models.PROTECT, related_name="blind_share")
    per_mille = models.PositiveSmallIntegerField()
    act = models.OneToOneField("register.Act", null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.system_id} {self.per_mille}"


class MadeCase(models.Model):
    """A calibration case that the owner made up: what the officers see, what the system is said to propose, and what is right.

    ``payload`` {feature: value} and ``factors`` [{feature, value, contribution}] as a real record has them; ``more`` [[label, value]] are rows
    in words of their own. ``spread_days``: within so many days it comes to each officer, each on a day of their own.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="made_cases")
    number = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    factors = models.JSONField(default=list)
    more = models.JSONField(default=list)
    proposed = models.CharField(max_length=64)
    right = models.CharField(max_length=64)
    why = models.TextField()
    spread_days = models.PositiveSmallIntegerField()
    made_on = models.DateField()
    ended_on = models.DateField(null=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.number}"

    @property
    def wrong_proposal(self) -> bool:
        return self.proposed != self.right


class Answered(models.Model):
    """A person has answered a made-up case, by the keyed id under which it came to them. What they answered is nowhere beside it."""

    made_case = models.ForeignKey(MadeCase, on_delete=models.PROTECT, related_name="answered")
    rid = models.CharField(max_length=32, unique=True)

    def __str__(self) -> str:
        return self.rid[:8]


class Counted(models.Model):
    """How often a made-up case was decided rightly, of all who answered it. It names nobody and cannot be taken apart by person.

    ``told_answers`` and ``told_right``: what is shown. It follows in steps of many answers (:func:`.actions.tell_results`): an act says who has
    decided one, so a number that moved with each answer would say how they did.
    """

    made_case = models.OneToOneField(MadeCase, on_delete=models.PROTECT, related_name="counted")
    answers = models.PositiveIntegerField(default=0)
    right = models.PositiveIntegerField(default=0)
    told_answers = models.PositiveIntegerField(default=0)
    told_right = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.right}/{self.answers}"
