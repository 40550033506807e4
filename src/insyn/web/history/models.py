"""What a register entry said at each change, and the narrow rows by which lists and searches find entries without reading them whole.

``Revision`` is written once and never changed. ``Listing`` and ``Searchable`` are derived from the entry, in the same transaction as its
change, and can be made anew at any time (:func:`insyn.web.history.keeping.list_anew`).
"""

from __future__ import annotations

from django.db import models

from insyn.core.terms import Phase, Reach, SystemKind
from insyn.web.fields import WordField


class Revision(models.Model):
    """The entry as it stood after an act: its fields as JSON, packed. ``act`` is empty for what was there when history began."""

    system = models.ForeignKey("register.System", on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    act = models.ForeignKey("register.Act", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="one_revision_by_number")]
        ordering = ["system", "number"]

    def __str__(self) -> str:
        return f"{self.system_id} {self.number}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("a revision is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> None:
        raise TypeError("a revision is never deleted")


class Listing(models.Model):
    """As much of an entry as lists sort and filter by. The entry itself is some kilobytes; ten thousand of these are read in a moment."""

    system = models.OneToOneField("register.System", primary_key=True, on_delete=models.PROTECT, related_name="listing")
    sort_sv = models.CharField(max_length=400)
    sort_en = models.CharField(max_length=400)
    phase = WordField(max_length=16, words=Phase)
    kind = WordField(max_length=24, words=SystemKind)
    reach = WordField(max_length=16, words=Reach)
    office = models.ForeignKey("accounts.Office", db_index=False, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("accounts.User", db_index=False, on_delete=models.PROTECT, related_name="+")
    evaluation_due = models.DateField(null=True)
    found_class = models.CharField(max_length=24, blank=True)
    public_class = models.CharField(max_length=24, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["sort_sv"], name="listing_sv"),
            models.Index(fields=["sort_en"], name="listing_en"),
            models.Index(fields=["phase", "sort_sv"], name="listing_phase"),
            models.Index(fields=["office", "sort_sv"], name="listing_office"),
            models.Index(fields=["owner", "sort_sv"], name="listing_owner"),
            models.Index(fields=["kind", "sort_sv"], name="listing_kind"),
            models.Index(fields=["found_class", "sort_sv"], name="listing_class"),
            models.Index(fields=["public_class", "sort_sv"], name="listing_public_class"),
        ]
        ordering = ["sort_sv", "system"]

    def __str__(self) -> str:
        return self.sort_sv


class Searchable(models.Model):
    """The words by which an entry is found: by everybody, and by those who work with it. The database's own search index reads these.

    ``public`` holds nothing that is withheld or internal.
    """

    system = models.OneToOneField("register.System", primary_key=True, on_delete=models.PROTECT, related_name="+")
    public = models.TextField()
    work = models.TextField()

    def __str__(self) -> str:
        return str(self.system_id)
