"""Imports: a file with how it is read, its rows as they were read, and what the source said last of each system."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from insyn.web.fields import WordField

from .columns import BY_NAME
from .repairing import DayOrder
from .words import read_as, shown


class State(StrEnum):
    """``checked``: read, nothing taken. ``applying``: being taken, row by row. ``applied``: done. ``abandoned``: nothing was taken."""

    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    ABANDONED = "abandoned"


class Change(StrEnum):
    """What a row would do. ``refused``: the row has an error."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


class Language(StrEnum):
    """Which of our two texts the source's texts become."""

    SV = "sv"
    EN = "en"


class Mapping(models.Model):
    """How a kind of sheet is read, remembered by name. ``columns`` {heading: column}, ``words`` {column: {plain word: ours}}."""

    name = models.CharField(max_length=80, unique=True)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    day_order = WordField(max_length=16, words=DayOrder, default=DayOrder.UNKNOWN)
    language = WordField(max_length=2, words=Language, default=Language.SV)
    act = models.ForeignKey("register.Act", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One file from one source. ``source`` is what a later file must also say to be compared with this one.

    ``samples`` {heading: the first values}; ``unknown`` [[column, word, how often]]: words that are none of ours.
    ``gone``: how many systems the source said before, and not in this file. Nothing is done to them. ``beat``: when it was read last, or a row of it taken.
    """

    source = models.CharField(max_length=80, db_index=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    sheet = models.CharField(max_length=120, blank=True)
    heading_row = models.PositiveIntegerField(default=0)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    samples = models.JSONField(default=dict)
    unknown = models.JSONField(default=list)
    day_order = WordField(max_length=16, words=DayOrder, default=DayOrder.UNKNOWN)
    language = WordField(max_length=2, words=Language, default=Language.SV)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey("accounts.Office", on_delete=models.PROTECT, related_name="+")
    state = WordField(max_length=16, words=State, default=State.CHECKED)
    revision = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    beat = models.DateTimeField(null=True)
    act = models.OneToOneField("register.Act", on_delete=models.PROTECT, related_name="+")
    applied = models.OneToOneField("register.Act", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.source} {self.made_at}"

    @property
    def read_as(self) -> str:
        """How the file was read."""
        return read_as(self.note)


class Entry(models.Model):
    """What a source said last of a system. ``others``: its columns that are none of ours, kept as they were."""

    source = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    values = models.JSONField(default=dict)
    others = models.JSONField(default=dict)
    language = WordField(max_length=2, words=Language, default=Language.SV)
    system = models.OneToOneField("register.System", on_delete=models.PROTECT, related_name="imported")
    last = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="entries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_entry_by_source_and_key")]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"

    def lines(self) -> list[tuple[str, str]]:
        """Label and value of every column that an import can fill; empty where the source said nothing."""
        return [(str(column.label), shown(name, self.values.get(name, ""))) for name, column in BY_NAME.items()]


class StagedRow(models.Model):
    """A row as it was read. ``differs``: the columns in which it says something else than the source did last. ``done``: it has been taken.

    ``kept``: columns where our own wording stands, because somebody here has changed it since.
    """

    of = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200)
    values = models.JSONField(default=dict)
    others = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    worst = models.CharField(max_length=16, blank=True)
    change = WordField(max_length=16, words=Change)
    differs = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    done = models.BooleanField(default=False)
    failed = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["of", "change"]), models.Index(fields=["of", "done"])]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.of_id} {self.number}"
