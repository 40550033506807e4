"""Who may classify and assess: whoever has competence on record that holds on the day.

The municipality begins to demand it on the day when its first inventory round opens; before that nobody has been asked for it.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.web.accounts.errors import NotAllowed

from .models import CompetenceRecord, Round

_ASSESSMENT = "assessment_"


def demanded(on: date) -> bool:
    """Has a round been opened by the day?"""
    return Round.objects.filter(opens__lte=on).exists()


def takes_competence(kind: RecordKind | str) -> bool:
    """Is a record of this kind an assessment or a classification?"""
    return str(kind).startswith(_ASSESSMENT) or kind == RecordKind.CLASSIFICATION


def is_competent(person: str, on: date) -> bool:
    """Has the person competence on record that holds on the day?"""
    return CompetenceRecord.objects.valid(on).filter(user__person=person).exists()


def require_competence(actor: Actor, on: date) -> None:
    """Raises :class:`NotAllowed`, in words that say what is missing and who mends it."""
    if not demanded(on) or is_competent(actor.person, on):
        return
    last = CompetenceRecord.objects.filter(user__person=actor.person, withdrawn_on=None, valid_through__lt=on).first()
    mend = _("The AI coordinator or the administrator records a training that the person has taken, under Inventory, Competence.")
    if last is not None:
        words = {"person": actor.name, "last": last.valid_through.isoformat()}
        raise NotAllowed(_("The competence of %(person)s to classify and assess held through %(last)s.") % words + " " + mend)
    raise NotAllowed(_("%(person)s has no competence on record to classify and assess.") % {"person": actor.name} + " " + mend)
