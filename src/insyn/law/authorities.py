"""Who supervises on a day: an authority that is only proposed has no power, and no screen may say that it has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from .history import steps_of
from .model import Authority, AuthorityStatus, Citation, Pack
from .ready import cite


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An authority as it stands on a day, since when, and the provision that it rests on."""

    pack: str
    authority: Authority
    status: AuthorityStatus
    since: date
    basis: Citation


def authorities_on(packs: Iterable[Pack], on: date) -> tuple[Standing, ...]:
    """The authorities of the packs whose history has begun by the day, each with its newest status."""
    found = [_standing(pack, authority, on) for pack in packs for authority in pack.authorities.values()]
    return tuple(standing for standing in found if standing is not None)


def _standing(pack: Pack, authority: Authority, on: date) -> Standing | None:
    past = [step for step in steps_of(authority.history, pack.calendar) if step[0] <= on]
    if not past:
        return None
    since, status = past[-1]
    return Standing(pack=pack.id, authority=authority, status=status, since=since, basis=cite(pack, authority.basis))
