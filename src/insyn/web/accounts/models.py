"""A person signs in; an office is where one works; a mandate lets a person act in a role between two days."""

from __future__ import annotations

import secrets
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Role
from insyn.web.fields import WordField
from insyn.web.language import InLanguage

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: nothing that reads as something else


def new_person() -> str:
    """A random id for a person: it says nothing about who it is and is never an identity number."""
    return "p-" + "".join(secrets.choice(_LETTERS) for _ in range(10))


class User(AbstractUser):
    """Someone who signs in. ``person`` is the id that acts, permits and the log use."""

    person = models.CharField(max_length=12, unique=True, default=new_person, editable=False)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Office(models.Model):
    """A board, an administration, the council, a company of the municipality, or a union.

    From ``closed_on`` it takes no new system and no new mandate; what it did stays under its name.
    """

    class Kind(models.TextChoices):
        BOARD = "board", _("Board")
        ADMINISTRATION = "administration", _("Administration")
        COUNCIL = "council", _("Council")
        COMPANY = "company", _("Municipal company")
        UNION = "union", _("Trade union")

    slug = models.SlugField(max_length=64, unique=True)
    name_sv = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    closed_on = models.DateField(null=True, blank=True)

    name = InLanguage()

    def __str__(self) -> str:
        return self.name


class MandateSet(models.QuerySet["Mandate"]):
    def valid(self, on: date) -> MandateSet:
        """Mandates that hold on the day, both ends included."""
        return self.filter(Q(last_day=None) | Q(last_day__gte=on), first_day__lte=on, user__is_active=True)


class Mandate(models.Model):
    """The right of a person to act in a role, given by an act. ``last_day`` is included; empty means until further notice."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mandates")
    role = WordField(max_length=32, words=Role)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="mandates")
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    objects = MandateSet.as_manager()

    def __str__(self) -> str:
        return f"{self.user} {self.role}"
