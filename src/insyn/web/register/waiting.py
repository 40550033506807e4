"""The files that are installed, beside the texts that are in use: what waits for somebody to apply it.

Installing files changes nothing. A fault in them stands in the way of applying them, and of nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from insyn.core.errors import PackError
from insyn.core.text import Text
from insyn.law.model import Pack, PackKind

from . import texts
from .data_waiting import KINDS, calendar_of, items
from .models import AdoptedPack, PackInUse
from .packs import ALL_DAYS, installed, known

__all__ = ["KINDS", "Waiting", "calendar_of", "changed_policies", "items", "put_first_in_use", "waiting_packs"]


@dataclass(frozen=True)
class Waiting:
    """A law pack whose installed files are not the text in use. ``version`` is empty where the files are gone, ``in_use`` for a new pack."""

    pack: str
    title: Text
    version: str
    digest: str
    in_use: str


def waiting_packs() -> list[Waiting]:
    """The law packs whose installed files differ from the text in use. Empty where either cannot be read: then nothing can be applied."""
    found = texts.folders()
    try:
        in_use = installed()
    except PackError:
        return []
    if found.fault is not None:
        return []
    here, law = _law(found.packs), _law(in_use)
    differing = [pack for pack in sorted(here.keys() | law.keys()) if _digest(here.get(pack)) != _digest(law.get(pack))]
    return [_waiting(here.get(pack), law.get(pack)) for pack in differing]


def changed_policies() -> list[Pack]:
    """Adopted policies of which another text is installed: it binds nobody until the council adopts it."""
    adopted = known().digests(ALL_DAYS)
    return [pack for pack in texts.folders().packs if pack.kind is PackKind.POLICY and adopted.get(pack.id, pack.digest) != pack.digest]


def _law(packs: tuple[Pack, ...]) -> dict[str, Pack]:
    return {pack.id: pack for pack in packs if pack.kind is PackKind.LAW}


def _digest(pack: Pack | None) -> str:
    return pack.digest if pack else ""


def _waiting(new: Pack | None, old: Pack | None) -> Waiting:
    shown = new or old
    assert shown is not None
    return Waiting(
        pack=shown.id, title=shown.title, version=new.version if new else "", digest=_digest(new), in_use=old.version if old else ""
    )


def put_first_in_use(at: datetime) -> None:
    """Enter the installed law as the first in use, where nothing is. Raises :class:`PackError` when there is none.

    A policy adopted before the register kept texts gets its own, if the installed files are still what was adopted.
    """
    if PackInUse.objects.exists():
        return
    found = texts.folders()
    if found.fault is not None:
        raise found.fault
    law = [pack for pack in found.packs if pack.kind is PackKind.LAW]
    if not law:
        raise PackError("no law is installed", file="INSYN_PACKS", mend="Name the folder with the law packs.")
    for pack in law:
        PackInUse.objects.create(pack=pack.id, text=texts.keep(pack), known_from=at)
    adopted = set(AdoptedPack.objects.values_list("digest", flat=True))
    for pack in found.packs:
        if pack.digest in adopted:
            texts.keep(pack)
