"""What the public sees of the tests of a system and of the files with its records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from insyn.core.terms import RecordKind
from insyn.web.register.contents import was_passed
from insyn.web.register.models import Record
from insyn.web.register.rows import Rows

from .models import Attachment


@dataclass(frozen=True)
class Tested:
    """The newest test of a kind of one version. ``hidden``: who made the system does not show its training data; ``gap`` says what that hides."""

    record: Record
    passed: bool
    hidden: bool
    gap: str


def public_tests(on: date, rows: Rows) -> list[Tested]:
    """The newest validation and robustness test of each version. That a gap is there is public also when the record is not."""
    kinds = (RecordKind.VALIDATION, RecordKind.ROBUSTNESS_TEST)
    newest: dict[tuple[str, int | None], Record] = {}
    for record in sorted(rows.valid(on), key=lambda record: (record.recorded_on, record.pk)):
        if record.kind in kinds:
            newest[record.kind, record.version_id] = record
    return list(_tested(newest.values()))


def _tested(records: Iterable[Record]) -> Iterator[Tested]:
    for record in sorted(records, key=lambda one: (one.version.name if one.version else "", one.kind)):
        hidden = record.content.get("supplier_shows") == "no"
        gap = str(record.content.get("gaps", "")) if hidden or record.public else ""
        yield Tested(record, was_passed(record.kind, record.content), hidden, gap)


def public_files(on: date, rows: Rows) -> list[Attachment]:
    """Files marked as public, of records that are shown and hold."""
    records = [record.pk for record in rows.valid(on) if record.public]
    return list(Attachment.objects.filter(record__in=records, public=True, removed_at=None).select_related("record").order_by("pk"))
