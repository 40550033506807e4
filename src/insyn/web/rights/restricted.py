"""Which records are left alone, and for whom they are opened all the same."""

from __future__ import annotations

from collections.abc import Iterable

from insyn.web.register.models import System

from .models import Restriction, RightsRequest
from .words import RequestKind, RequestState

#: Opened for the person, for the answer to what they asked, and for claims at law.
FOR_THE_PERSON = frozenset({"own_case", "extract", "rights_request", "legal_claim", "protected_identity"})
#: Looking again is for the person too, but only when they have asked for it.
_LOOKING_AGAIN = "reconsideration"
_ASKED = (RequestKind.HUMAN_REVIEW, RequestKind.RECONSIDERATION, RequestKind.CORRECTION)


def is_restricted(system: str, rid: str) -> bool:
    """Whether the record is left alone at present."""
    return Restriction.objects.filter(system__slug=system, rid=rid, lifted_on=None).exists()


def stops_opening(system: str, rid: str, purpose: str) -> bool:
    """Whether a restriction is in the way of opening the record for this."""
    if purpose in FOR_THE_PERSON or not is_restricted(system, rid):
        return False
    asked = RightsRequest.objects.filter(system__slug=system, rid=rid, kind__in=_ASKED, state=RequestState.OPEN)
    return not (purpose == _LOOKING_AGAIN and asked.exists())


def restricted_among(rids: Iterable[str]) -> set[str]:
    """Those of the records that are left alone, for a list to mark."""
    return set(Restriction.objects.filter(rid__in=list(rids), lifted_on=None).values_list("rid", flat=True))


def restriction_of(system: System, rid: str) -> Restriction | None:
    return Restriction.objects.filter(system=system, rid=rid, lifted_on=None).select_related("act").first()
