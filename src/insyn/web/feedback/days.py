"""Days of the public calendar that stand in no other app's: when accepted deviations end."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from insyn.core.text import Text
from insyn.web.decisions.models import Deviation
from insyn.web.decisions.words import DeviationState
from insyn.web.portfolio.items import DATES, Dated
from insyn.web.register.models import System


def deviation_days(first: date, last: date, *, system: System | None = None) -> list[Dated]:
    """The last days of deviations that were accepted: they stand on the record from then on."""
    rows = Deviation.objects.filter(state=DeviationState.ACCEPTED, last_day__gte=first, last_day__lte=last).select_related("system")
    rows = rows if system is None else rows.filter(system=system)
    return [
        Dated(
            uid=f"deviation-end-{row.pk}",
            day=row.last_day,
            title=Text(f"Avvikelse upphör: {row.system.name_sv}", f"A deviation ends: {row.system.name_en}"),
            href=reverse("site:system", args=[row.system.slug]),
            system_id=row.system_id,
            roles=frozenset(),
            public=True,
        )
        for row in rows.order_by("last_day", "pk")[:DATES]
    ]
