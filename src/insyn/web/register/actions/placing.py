"""Which office answers for a system."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import Office
from insyn.web.accounts.permissions import require

from ..issuing import act_on
from ..models import Act, System
from .common import fresh, only_own


@transaction.atomic
def place_system(*, actor: Actor, system: System, office: Office, revision: int | None = None) -> Act:
    """Let another office answer for the system, as when the organisation changes. Its owner stays until another is given."""
    require(actor, "system.place")
    system = fresh(system, revision)
    only_own(actor, system)
    office = Office.objects.get(pk=office.pk)
    if office.pk == system.office_id:
        raise ActRefused(_("The office answers for the system already."))
    if office.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="office")
    text = {"before": system.office.slug, "office": office.slug}
    system.office = office
    return act_on(system, verb="place_system", actor=actor, text=text)
