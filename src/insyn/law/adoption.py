"""Which packs bind on a day. Law binds by itself; a policy only from the day its municipality adopted exactly this text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from insyn.core.errors import PackError

from .model import Pack, PackKind


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """An act of adoption: which pack, which text (its digest), from which day."""

    pack: str
    digest: str
    adopted_on: date


def packs_in_force(packs: Sequence[Pack], adoptions: Iterable[Adoption], *, on: date) -> tuple[Pack, ...]:
    """The law packs and the policies adopted by this day.

    Raises :class:`PackError` when an adopted policy's text is missing or no longer the adopted one: to go on without it would loosen.
    """
    in_time = [adoption for adoption in adoptions if adoption.adopted_on <= on]
    newest = {adoption.pack: adoption for adoption in sorted(in_time, key=lambda adoption: adoption.adopted_on)}
    by_id = {pack.id: pack for pack in packs}
    for adoption in newest.values():
        _check_text(by_id.get(adoption.pack), adoption)
    return tuple(pack for pack in packs if pack.kind is PackKind.LAW or pack.id in newest)


def _check_text(pack: Pack | None, adoption: Adoption) -> None:
    if pack is None:
        raise PackError("is adopted, but its files are not here", file=adoption.pack, mend="Put the adopted pack's folder back.")
    if pack.digest != adoption.digest:
        raise PackError(
            "has changed since it was adopted",
            file=adoption.pack,
            mend="Put the adopted files back, or let the council adopt the new text by act.",
        )
