"""The draft of a notification: what is known filled in, and what is not known said to be missing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from insyn.core.terms import Tristate
from insyn.web.register.labels import label
from insyn.web.register.models import Municipality

from .models import Incident, Notification
from .wording import moment_text
from .words import word


def draft_text(notification: Notification) -> str:
    """The whole text, one heading and its answer at a time."""
    incident = notification.incident
    head = [notification.title, ", ".join(notification.provisions), _("To: %(to)s") % {"to": notification.to or _missing()}]
    parts = [part for part in head if part]
    for heading, answer in _answers(incident, notification):
        parts += ["", heading, answer.strip() or _missing()]
    return "\n".join(parts) + "\n"


def _missing() -> str:
    return _("Missing.")


def _answers(incident: Incident, notification: Notification) -> list[tuple[str, str]]:
    system, harmed = incident.system, incident.harmed.count()
    told = incident.harmed.exclude(told_on=None).count()
    return [
        (_("Who notifies"), ", ".join(part for part in (Municipality.the().name, system.office.name) if part)),
        (_("Contact"), str(system.owner)),
        (_("Which system"), f"{system.name} ({system.slug}). {system.summary}"),
        (_("Supplier"), system.supplier),
        (_("When it happened"), moment_text(incident.happened_at)),
        (_("When it was discovered"), moment_text(incident.discovered_at)),
        (_("What kind of incident"), ", ".join(word("incident_kind", kind) for kind in incident.kinds)),
        (_("What happened"), incident.what),
        (_("Were personal data concerned?"), _answer(incident.personal_data)),
        (_("Was security broken?"), _answer(incident.security)),
        (_("Is it a serious incident?"), _answer(incident.serious)),
        (_("How many decisions or persons"), str(harmed) if harmed else incident.nobody_harmed_why),
        (_("How many have been told"), str(told) if harmed else ""),
        (_("Likely consequences"), ""),
        (_("Measures taken"), incident.measures),
        (_("If it is late, why"), notification.late_why),
    ]


def _answer(answer: str) -> str:
    return "" if answer == Tristate.UNKNOWN else label("answer", answer)
