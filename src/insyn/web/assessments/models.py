"""Drafts that people work on, classifications as they were recorded, and what goes with a record: files, comments, a second signature.

A *row* is what is known of one question: ``answer`` (missing while only evidence is written), ``evidence`` and ``case`` (what shows that
the answer is right, and a case number or link to it), and who wrote it and when: ``person``, ``name``, ``role``, ``at``.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from insyn.core.terms import RecordKind, Role
from insyn.web.fields import WordField


class Draft(models.Model):
    """Answers that are being worked on, one draft for a system. Nothing rests on it until it is recorded, so saving it is no act.

    ``rows`` {fact: row}; ``base``: the register's answers when it was begun; ``revision`` counts savings, so that two who write at the same
    time notice each other.
    """

    system = models.OneToOneField("register.System", on_delete=models.PROTECT, related_name="classification_draft")
    rows = models.JSONField(default=dict)
    base = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_person = models.CharField(max_length=12)
    saved_name = models.CharField(max_length=200)
    saved_role = WordField(max_length=32, words=Role)

    def __str__(self) -> str:
        return f"{self.system_id} {self.revision}"


class Classification(models.Model):
    """A classification as it was recorded: answers, evidence, result and reasons, in the words of that day. Never changed or worked out anew.

    ``rows`` {fact: row}; ``result`` is a :class:`~insyn.rules.full_result.FullResult` as JSON; ``reasons`` the rules that decided the class,
    ``topics`` the questions as they were put. ``digest`` is SHA-256 over all of these; the act carries it to the log.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="classifications")
    day = models.DateField()
    rows = models.JSONField()
    result = models.JSONField()
    reasons = models.JSONField()
    topics = models.JSONField()
    packs = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    role = WordField(max_length=32, words=Role)
    office = models.CharField(max_length=120, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    record = models.OneToOneField("register.Record", on_delete=models.PROTECT, related_name="classification")
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.day}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a classification is recorded once; a correction is a new one")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("a classification is never deleted")


class RecordDraft(models.Model):
    """A record that is being written. Nothing rests on it, so saving it is no act; it is withdrawn or supplied, never deleted.

    ``content`` is loose: texts as typed (:mod:`insyn.web.register.tables`). ``revision`` counts savings, so that two who write at the same
    time notice each other. ``record`` is what it became.
    """

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="record_drafts")
    kind = WordField(max_length=40, words=RecordKind)
    version = models.CharField(max_length=64, blank=True)
    case_number = models.CharField(max_length=40, blank=True)
    valid_through = models.CharField(max_length=10, blank=True)
    public = models.BooleanField(default=True)
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    role = WordField(max_length=32, words=Role)
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    saved_person = models.CharField(max_length=12)
    saved_name = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_name = models.CharField(max_length=200, blank=True)
    record = models.OneToOneField("register.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="draft")

    class Meta:
        ordering = ["-saved_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.revision}"

    @property
    def open(self) -> bool:
        return self.withdrawn_at is None and self.record_id is None


class Attachment(models.Model):
    """A file with a record. Its bytes lie under their SHA-256 in the installation's folder; ``media_type`` is what the content was found to be.

    ``record`` is set when its draft is supplied. A file taken away from a draft is marked with ``removed_at``.
    """

    draft = models.ForeignKey(RecordDraft, on_delete=models.PROTECT, related_name="attachments")
    record = models.ForeignKey("register.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    public = models.BooleanField(default=False)
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """What somebody who looks over a draft or a record says, and what was answered. Each is an act."""

    draft = models.ForeignKey(RecordDraft, null=True, blank=True, on_delete=models.PROTECT, related_name="comments")
    record = models.ForeignKey("register.Record", null=True, blank=True, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()
    person = models.CharField(max_length=12)
    person_name = models.CharField(max_length=200)
    role = WordField(max_length=32, words=Role)
    at = models.DateTimeField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_name = models.CharField(max_length=200, blank=True)
    answered_role = WordField(max_length=32, words=Role, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_act = models.OneToOneField("register.Act", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.role} {self.at:%Y-%m-%d}"


class Countersignature(models.Model):
    """That ``record`` says the same as ``first``, signed by another person in another office."""

    record = models.OneToOneField("register.Record", on_delete=models.PROTECT, related_name="countersigns")
    first = models.ForeignKey("register.Record", on_delete=models.PROTECT, related_name="countersignatures")

    def __str__(self) -> str:
        return f"{self.record_id} {self.first_id}"
