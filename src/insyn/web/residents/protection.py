"""Protected identities of those who come with a code: their letter holds no token, so it is asked for once."""

from __future__ import annotations

from django.db.models import Q

from insyn.core.refusals import Refused

from .models import NumberLink, ProtectedIdentity, ResidentSession
from .standing import OWN_CASE, RESIDENT, VIEW_TIME, is_protected_number, number_of_case


def is_protected_by_code(session: ResidentSession) -> bool:
    """Whether a record of the code is about somebody with protected identity. Found out once for each session, and kept as yes or no.
    Whoever is marked while the session runs is asked about again: a mark takes effect at once.

    Without any mark in the register nothing is asked. Raises :class:`~insyn.core.errors.Unreachable`.
    """
    if session.protected is None or (not session.protected and _marked_since(session)):
        code = session.code
        session.protected = code is not None and any(_protected(code.system.slug, rid) for rid in code.rids)
        ResidentSession.objects.filter(pk=session.pk).update(protected=session.protected)
    return session.protected


def _marked_since(session: ResidentSession) -> bool:
    """Whether a mark, or a link that brings one along, is younger than the session."""
    since = Q(act__at__gte=session.until - VIEW_TIME)
    return ProtectedIdentity.objects.filter(since, lifted_on=None).exists() or NumberLink.objects.filter(since).exists()


def _protected(system: str, rid: str) -> bool:
    if not ProtectedIdentity.objects.filter(lifted_on=None).exists():
        return False
    try:
        return is_protected_number(number_of_case(system, rid, actor=RESIDENT, purpose=OWN_CASE), actor=RESIDENT)
    except Refused:  # erased: nothing of it is shown anyhow
        return False
