"""The record of negotiation: made from the closed negotiations when the last of them is closed, never written by hand."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.register.actions import supply_record
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.models import Act, System

from .counting import newest_by_union, not_closed
from .models import Negotiation
from .words import GATES, End, Section, Stance


def supply_when_all_are_closed(actor: Actor, system: System, section: str) -> Act | None:
    """Supply the record of a section that gates ask for, if the negotiation with every union is closed."""
    if section not in GATES or not_closed(system, section, clock.today()):
        return None
    rows = sorted(newest_by_union(system, section).values(), key=lambda row: row.union.name_sv)
    with translation.override(settings.LANGUAGE_CODE):  # a record is kept in one language, whoever closed the last negotiation
        content = _content(section, rows)
    number = next((row.case_number for row in rows if row.case_number), "")
    return supply_record(actor=actor, system=system, kind=RecordKind.MBL_SECTION_11, content=content, case_number=number, by_own_act=True)


@transaction.atomic
def supply_closed(*, actor: Actor, system: System, section: str) -> Act:
    """Supply the record where the last union to wait for stopped counting, so that no closing did it."""
    require(actor, "negotiation.lead")
    system = fresh(system, None)
    only_own(actor, system)
    if section not in GATES:
        raise ActRefused(_("No gate asks for a record under this section."))
    newest = newest_by_union(system, section)
    waits = not_closed(system, section, clock.today())
    if waits or not newest:
        raise ActRefused(_("The negotiation is not closed with: %(unions)s.") % {"unions": ", ".join(map(str, waits)) or "–"})
    if not is_unsupplied(system, section):
        raise ActRefused(_("The record is supplied already."))
    act = supply_when_all_are_closed(actor, system, section)
    assert act is not None
    return act


def is_unsupplied(system: System, section: str) -> bool:
    """Is everything closed, and no record there that tells of it?"""
    newest = newest_by_union(system, section)
    if section not in GATES or not newest or not_closed(system, section, clock.today()):
        return False
    closed = max(row.closed_on for row in newest.values())
    held = system.records.valid(clock.today()).filter(kind=RecordKind.MBL_SECTION_11, recorded_on__gte=closed)
    return not any(record.content.get("section") == section for record in held)


def _content(section: str, rows: Iterable[Negotiation]) -> dict[str, object]:
    rows = list(rows)
    agreed = all(row.stance == Stance.AGREEMENT for row in rows)
    on_end = any(row.end == End.RECORDED_END for row in rows)
    return {
        "summary": _("Negotiation under %(section)s MBL. %(what)s") % {"section": f"{section} §", "what": rows[0].subject},
        "section": str(Section(section)),
        "union": ", ".join(row.union.name_sv for row in rows),
        "invited": min(row.invited_on for row in rows).isoformat(),
        "minutes": "\n".join(_line(row) for row in rows),
        "outcome": Stance.AGREEMENT if agreed else Stance.DISAGREEMENT,
        "end": End.RECORDED_END if on_end else End.UNION,
        "closed": max(row.closed_on for row in rows).isoformat(),
    }


def _line(row: Negotiation) -> str:
    """What the record says of one union. The minutes themselves stay with the negotiation: they may tell of persons."""
    words = {
        "union": row.union.name_sv,
        "met": row.met_on.isoformat() if row.met_on else "–",
        "minutes": _("minutes approved by the union") if row.approved_id else _("minutes not approved by the union"),
        "stance": row.stance_words or _("no statement"),
        "end": row.end_words,
        "closed": row.closed_on.isoformat(),
    }
    return _("%(union)s: met %(met)s, %(minutes)s. %(stance)s. Closed %(closed)s: %(end)s.") % words
