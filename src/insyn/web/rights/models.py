"""Requests about rights, what is added to them, drafts of answers, marks of restriction, and decisions to erase.

A person is a ``token``, the keyed hash that the sequencer gives; an identity number is stored nowhere. What a resident wrote is a letter to the
municipality and stays as it came; whatever shows it outside the request itself masks identity numbers first.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from insyn.core.identity import mask
from insyn.web.fields import WordField
from insyn.web.register.models import Act, System

from .words import Channel, EscalatedTo, RefusalGround, RequestKind, RequestOutcome, RequestState


class RightsRequest(models.Model):
    """A person asks for something about themselves. ``receipt`` is the number that they keep.

    ``token``: the person concerned, empty for a code, which is about the person in its case. ``asked_by``: the representative's token, where
    another person asked. ``rid`` is empty where the request is about everything. ``law_due`` is the last day of the law, ``due`` the day that
    counts: an own day of the municipality may come earlier, and an extension moves both. ``changed``: whether a decision was changed after it.
    """

    kind = WordField(max_length=16, words=RequestKind, default=RequestKind.HUMAN_REVIEW.value)
    channel = WordField(max_length=8, words=Channel, default=Channel.CODE.value)
    code = models.ForeignKey("residents.CaseCode", null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    token = models.CharField(max_length=32, blank=True, db_index=True)
    asked_by = models.CharField(max_length=32, blank=True)
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="rights_requests")
    rid = models.CharField(max_length=32, blank=True, db_index=True)
    receipt = models.CharField(max_length=16, unique=True)
    asked_on = models.DateField()
    law_due = models.DateField()
    due = models.DateField(db_index=True)
    message = models.TextField(blank=True)
    state = WordField(max_length=12, words=RequestState, default=RequestState.OPEN.value, db_index=True)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="rights_requests"
    )
    extended_on = models.DateField(null=True, blank=True)
    extended_why = models.TextField(blank=True)
    extend_act = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    escalated_to = WordField(max_length=24, words=EscalatedTo, blank=True, default="")
    escalated_why = models.TextField(blank=True)
    escalate_act = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = WordField(max_length=8, words=RequestOutcome, blank=True, default="")
    answer = models.TextField(blank=True)
    ground = WordField(max_length=20, words=RefusalGround, blank=True, default="")
    changed = models.BooleanField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answer_act = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_on = models.DateField(null=True, blank=True)
    withdraw_act = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["system", "state"], name="rights_system_state")]

    def __str__(self) -> str:
        return self.receipt

    @property
    def is_open(self) -> bool:
        return self.state == RequestState.OPEN

    @property
    def masked(self) -> str:
        """The letter as lists show it."""
        return mask(self.message)


class Addition(models.Model):
    """What the person wrote afterwards."""

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="additions")
    text = models.TextField()
    added_on = models.DateField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.added_on}"

    @property
    def masked(self) -> str:
        return mask(self.text)


class AnswerDraft(models.Model):
    """A begun answer. Several persons may have written one each time; nothing rests on it, so it is no act."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = WordField(max_length=8, words=RequestOutcome, blank=True, default="")
    text = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at", "-id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.saved_at:%Y-%m-%d %H:%M}"


class OwnDays(models.Model):
    """In how many days the municipality itself wants to answer a kind. It may be sooner than the law says, never later."""

    kind = WordField(max_length=16, words=RequestKind, unique=True)
    days = models.PositiveSmallIntegerField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"


class Restriction(models.Model):
    """A record that is left alone: it is opened for the person, for the answer to the request and for claims, and for nothing else."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="restrictions")
    rid = models.CharField(max_length=32, db_index=True)
    request = models.ForeignKey(RightsRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="restrictions")
    why = models.TextField()
    since = models.DateField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True, blank=True)
    lifted_why = models.TextField(blank=True)
    lifting = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "rid"], condition=models.Q(lifted_on=None), name="one_restriction_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.rid[:8]}"


class ErasureDecision(models.Model):
    """A decision that what is sealed of a record shall be destroyed, on a person's request. ``done_index``: the shred entry, when carried out.

    Whoever decided does not carry it out; ``basis`` stands in the public entry.
    """

    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="erasures")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="erasure_decisions")
    rid = models.CharField(max_length=32, unique=True)
    basis = models.CharField(max_length=200)
    case_number = models.CharField(max_length=40)
    delegation = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    decided_on = models.DateField()
    decider_person = models.CharField(max_length=12)
    decider_name = models.CharField(max_length=200)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    done_index = models.BigIntegerField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_act = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case_number} {self.rid[:8]}"
