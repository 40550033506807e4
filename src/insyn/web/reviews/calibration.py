"""Made-up cases among the real ones: on which day each comes to whom, under which id, and how it looks. Nothing here writes.

A made-up case looks like any other until it is decided. Its id is a keyed hash of the case and the person, so that two officers cannot
compare ids; the day on which it comes is drawn from the same hash, so that nobody, the owner neither, can tell when.

Deciding one says something about the person who decides. So none comes to anybody, and no result is shown, before the union has negotiated
about the system and its work environment is assessed (:func:`may_run`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.crypto import salted_hmac

from insyn.core.messages import Opened
from insyn.core.terms import DisclosureGroup, RecordKind
from insyn.web.oversight.opening import Case, case_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import System
from insyn.web.register.rows import Rows

from .models import Answered, MadeCase

_SALT = "insyn.reviews.made"
#: What must stand in the register before officers' work may be measured at all.
NEEDED = (RecordKind.MBL_SECTION_11, RecordKind.ASSESSMENT_WORK_ENVIRONMENT)


@dataclass(frozen=True)
class Turn:
    """A made-up case on its way to one person."""

    made: MadeCase
    person: str

    @property
    def rid(self) -> str:
        return self._drawn[:32]

    @property
    def day(self) -> date:
        return self.made.made_on + timedelta(days=int(self._drawn[32:40], 16) % self.made.spread_days)

    @property
    def leaf(self) -> str:
        return salted_hmac(f"{_SALT}.leaf", self.rid, algorithm="sha256").hexdigest()

    @property
    def _drawn(self) -> str:
        return salted_hmac(_SALT, f"{self.made.act_id} {self.person}", algorithm="sha256").hexdigest()


def lacking(system: System, on: date) -> list[RecordKind]:
    """Which of the records in :data:`NEEDED` the register lacks on the day."""
    held = {row.kind for row in Rows(system).valid(on)}
    return [kind for kind in NEEDED if kind not in held]


def may_run(system: System, on: date) -> bool:
    """Whether made-up cases may come to officers of the system, and their results be shown."""
    permit = issued(system)
    return permit is not None and not permit.held and not lacking(system, on)


def turns(system: System, on: date) -> list[Turn]:
    """The made-up cases that wait on the day, each for the reviewer to whom it comes."""
    cases = list(MadeCase.objects.filter(system=system, ended_on=None))
    if not cases or not may_run(system, on):
        return []
    persons = [held.person for held in issued(system).reviewers if held.last_day >= on.isoformat()]
    found = [turn for made in cases for turn in (Turn(made, person) for person in persons) if turn.day <= on]
    done = set(Answered.objects.filter(rid__in=[turn.rid for turn in found]).values_list("rid", flat=True))
    return [turn for turn in found if turn.rid not in done]


def turn_of(system: System, rid: str, on: date) -> Turn | None:
    """The made-up case that waits under this id, whoever it came to: a colleague may have been asked to take it."""
    return next((turn for turn in turns(system, on) if turn.rid == rid), None)


def answered_turn(system: System, rid: str) -> MadeCase | None:
    """The made-up case that was decided under this id."""
    row = Answered.objects.filter(rid=rid, made_case__system=system).select_related("made_case").first()
    return row.made_case if row else None


def as_opened(turn: Turn) -> Opened:
    """What the sequencer would answer, were the case a real one. Pure."""
    made = turn.made
    return Opened(
        rid=turn.rid,
        index=-1,
        leaf=turn.leaf,
        system=made.system.slug,
        version=_version(made.system),
        day=turn.day.isoformat(),
        groups={
            DisclosureGroup.INPUT: made.payload,
            DisclosureGroup.OUTPUT: {"outcome": made.proposed, "score": None, "base": 0.0},
            DisclosureGroup.FACTORS: made.factors,
            DisclosureGroup.CASE: {"case": made.number, "notice": "form"},
        },
        salts={},
        opened=turn.leaf[:32],
    )


def case_from(turn: Turn, language: str) -> Case:
    """The case as a page shows it, by the same words as a real one."""
    case = case_of(as_opened(turn), turn.made.system, language)
    return replace(case, rows=[*case.rows, *((str(label), str(value)) for label, value in turn.made.more)])


def _version(system: System) -> str:
    newest = system.versions.filter(decided=True).order_by("-pk").first() or system.versions.order_by("-pk").first()
    return newest.name if newest else ""
