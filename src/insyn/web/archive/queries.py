"""What can be disposed of, what a decision covers and what a legal hold keeps. Reads only; counts come from beside the sequencer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from insyn.core.backups import last_backup_day
from insyn.core.errors import StoreFailed
from insyn.evidence.disposal import Holding, holdings
from insyn.web import clock
from insyn.web.register.models import System

from .models import DisposalDecision, LegalHold


@dataclass(frozen=True)
class Row:
    """One system, class and month: what there is, the system's name, and the decision that covers it (empty: none does)."""

    held: Holding
    name: str
    decision: DisposalDecision | None

    @property
    def can_be_run(self) -> bool:
        """A decision stands in the log, the month is over, and nothing keeps it."""
        return bool(self.decision and self.decision.act.log_index is not None and self.held.disposed < 0 and not self.held.kept_why)


@dataclass(frozen=True)
class Overview:
    """``until`` is the day on which the last backup of keys that is made today expires. ``unread``: the evidence could not be read."""

    rows: list[Row]
    until: date
    unread: bool = False


def overview() -> Overview:
    """Every month of every system, oldest first."""
    today, until = clock.today(), last_backup_day(clock.today(), settings.HOME.sequencer_config)
    try:
        found = holdings(settings.HOME.evidence)
    except StoreFailed:
        return Overview([], until, unread=True)
    names = {system.slug: system.name for system in System.objects.all()}
    decided = decisions_by_month()
    month = today.isoformat()[:7]
    rows = [Row(one, names.get(one.system, one.system), decided.get((one.system, one.retention, one.month))) for one in found]
    return Overview([row for row in rows if row.held.month < month or row.held.held], until)


def decisions_by_month() -> dict[tuple[str, str, str], DisposalDecision]:
    """The oldest decision that covers a system, class and month."""
    found: dict[tuple[str, str, str], DisposalDecision] = {}
    for decision in DisposalDecision.objects.select_related("system", "act").order_by("pk"):
        for month in decision.months:
            found.setdefault((decision.system.slug, decision.retention, month), decision)
    return found


def holds() -> list[LegalHold]:
    """Every legal hold, those that stand first."""
    rows = LegalHold.objects.select_related("system", "act", "lifting")
    return sorted(rows, key=lambda row: row.lifting_id is not None)
