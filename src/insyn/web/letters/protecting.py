"""Whether a letter is to somebody with protected identity: then its draft has no room for name and address."""

from __future__ import annotations

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.core.refusals import Refused
from insyn.web.register.models import System
from insyn.web.residents.models import ProtectedIdentity
from insyn.web.residents.standing import is_protected_number, number_of_case

PURPOSE = "letter"


def is_protected(system: System, rid: str, *, actor: Actor) -> bool:
    """By the number that the case was sent with, which is not kept here. Without any mark in the register nothing is asked.

    What cannot be found out counts as protected: a letter without an address harms nobody.
    """
    if not ProtectedIdentity.objects.filter(lifted_on=None).exists():
        return False
    try:
        return is_protected_number(number_of_case(system.slug, rid, actor=actor, purpose=PURPOSE), actor=actor)
    except (Refused, Unreachable):
        return True
