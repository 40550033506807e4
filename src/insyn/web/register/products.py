"""Suppliers, and the product cards that many entries of the register build on.

A card says what the same product says of itself everywhere; what it is used for, by whom and in which class stands in each entry.
"""

from __future__ import annotations

from django.db import models

from insyn.core.terms import SystemKind
from insyn.web.fields import WordField
from insyn.web.language import InLanguage


class Supplier(models.Model):
    """Who sells or makes a product. ``contact`` is a function with its address, never a private person.

    ``country`` is the two letters of ISO 3166; a Swedish ``organisation_number`` has passed its check digit, one of another country is kept
    as it was written. It may be empty: a sole trader's number is their personal identity number, and has no place here.
    """

    name = models.CharField(max_length=200, unique=True)
    organisation_number = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=2, default="SE")
    contact = models.CharField(max_length=120, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)
    notes = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def short(self) -> str:
        """Its short name in permits and in the log: it stays when the supplier changes its name."""
        return f"supplier-{self.pk}"


class Product(models.Model):
    """A product card. ``documentation`` [{title, address}]; ``revision`` counts changes and is the version of the card."""

    slug = models.SlugField(max_length=64, unique=True)
    name_sv = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    supplier = models.ForeignKey(Supplier, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    kind = WordField(max_length=24, words=SystemKind)
    description_sv = models.TextField(blank=True)
    description_en = models.TextField(blank=True)
    training_data_sv = models.TextField(blank=True)
    training_data_en = models.TextField(blank=True)
    documentation = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_on = models.DateField()
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")

    name = InLanguage()
    description = InLanguage()
    training_data = InLanguage()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name
