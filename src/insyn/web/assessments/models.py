"""A draft that people work on, and classifications as they were recorded.

A *row* is what is known of one question: ``answer`` (missing while only evidence is written), ``evidence`` and ``case`` (what shows that
the answer is right, and a case number or link to it), and who wrote it and when: ``person``, ``name``, ``role``, ``at``.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from insyn.core.terms import Role

_ROLES = [(role.value, role.value) for role in Role]


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
    saved_role = models.CharField(max_length=32, choices=_ROLES)

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
    role = models.CharField(max_length=32, choices=_ROLES)
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
