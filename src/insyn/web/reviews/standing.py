"""What the register says of a system's review: its blind share, and why a person may not decide there. Reads; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from insyn.core.terms import RecordKind, Role

from .models import BlindShare

if TYPE_CHECKING:
    from insyn.web.register.models import Record, System

#: The largest blind share, in thousandths: judging twice costs time, and a fifth is enough to measure by.
MOST_BLIND = 200


@dataclass(frozen=True)
class Lack:
    """What a person lacks to decide in a system, and who mends it."""

    what: str
    mend: str
    who: tuple[Role, ...]


def blind_share_of(system: System) -> int:
    """How many of a thousand proposals are judged before they are shown."""
    row = BlindShare.objects.filter(system=system).first()
    return row.per_mille if row else 0


def lacks_of(records: list[Record], person: str, on: date) -> list[Lack]:
    """Why none of these records lets the person review on the day. Pure; empty when one of them does.

    The record that comes nearest is told of: the newest that names the person.
    """
    of_kind = [row for row in records if row.kind == RecordKind.HUMAN_OVERSIGHT]
    naming = [row for row in of_kind if person in row.content.get("reviewers", ())]
    if not naming:
        return [
            Lack(
                _("You are not named as reviewer in the system's record of human oversight."),
                _("The system owner supplies a new record that names you."),
                (Role.SYSTEM_OWNER,),
            )
        ]
    found = [_ended(row, on) for row in sorted(naming, key=lambda row: row.pk, reverse=True)]
    return [] if any(not lacks for lacks in found) else found[0]


def _ended(record: Record, on: date) -> list[Lack]:
    owner = (Role.SYSTEM_OWNER,)
    lacks = []
    if record.valid_through is not None and record.valid_through < on:
        words = {"day": record.valid_through.isoformat()}
        lacks.append(Lack(_("The record that names you ended on %(day)s.") % words, _("The system owner supplies a new record."), owner))
    if (day := _day(record.content.get("instruction_through"))) is not None and day < on:
        words = {"day": day.isoformat()}
        lacks.append(
            Lack(
                _("The instruction for review held through %(day)s.") % words,
                _("The system owner looks over the instruction and supplies the record with a new day."),
                owner,
            )
        )
    if (day := _day(record.content.get("training_through"))) is not None and day < on:
        words = {"day": day.isoformat()}
        lacks.append(
            Lack(
                _("Your training for this system held through %(day)s.") % words,
                _("Take the training again; then the system owner supplies the record with a new day."),
                owner,
            )
        )
    return lacks


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
