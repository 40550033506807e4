"""The municipality's own texts for letters, and the register of how people are told that AI helps. No row is ever changed."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from insyn.core.terms import NoticeChannel
from insyn.web.fields import WordField
from insyn.web.language import InLanguage
from insyn.web.register.models import Act, System


class MatterText(models.Model):
    """How one appeals and whom one asks, in decisions of a type of matter (empty: all types of the system). The newest row counts."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="matter_texts")
    matter_type = models.CharField(max_length=64, blank=True)
    appeal_sv = models.TextField()
    appeal_en = models.TextField()
    contact_sv = models.TextField()
    contact_en = models.TextField()
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")

    appeal = InLanguage()
    contact = InLanguage()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.matter_type}"


class NoticeSet(models.QuerySet["NoticeWay"]):
    def in_force(self, on: date) -> NoticeSet:
        """Begun, not past their last day, and not ended by an act."""
        return self.filter(
            Q(last_day=None) | Q(last_day__gte=on),
            Q(ended_on=None) | Q(ended_on__gt=on),
            first_day__lte=on,
        )


class NoticeWay(models.Model):
    """One way in which people are told that a system helps: where, in which step, with which words, from when to when.

    ``sample``: an https address where anybody can see it, if there is one. ``ended_on``: the first day on which it is no longer given.
    """

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="notice_ways")
    channel = WordField(max_length=16, words=NoticeChannel)
    step_sv = models.CharField(max_length=200)
    step_en = models.CharField(max_length=200)
    words_sv = models.TextField()
    words_en = models.TextField()
    sample = models.CharField(max_length=300, blank=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_why = models.CharField(max_length=400, blank=True)
    ending = models.OneToOneField(Act, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    step = InLanguage()
    words = InLanguage()
    objects = NoticeSet.as_manager()

    class Meta:
        ordering = ["channel", "first_day", "id"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.channel}"
