"""The rule packs that are installed here, and those that bind: law by itself, a policy from the day the council adopted its text."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from insyn.core.errors import PackError
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.loader import load_packs
from insyn.law.model import Pack, PackKind
from insyn.web.accounts.errors import ActRefused

from .models import AdoptedPack


@cache
def _load(folders: tuple[Path, ...]) -> tuple[Pack, ...]:
    """Packs change only with an installation, so each process reads them once."""
    packs = load_packs(*folders) if folders else ()
    if not any(pack.kind is PackKind.LAW for pack in packs):
        raise PackError("no law is installed", file="INSYN_PACKS", mend="Name the folder with the law packs.")
    return packs


def installed() -> tuple[Pack, ...]:
    """Every pack in the folders of ``INSYN_PACKS``. Raises :class:`PackError`."""
    return _load(settings.INSYN_PACKS)


def in_force(on: date) -> tuple[Pack, ...]:
    """The packs that bind on the day.

    Raises :class:`ActRefused` when there is no law, or an adopted text is gone or changed: without it the gates would stand open.
    """
    adoptions = [Adoption(pack=row.pack, digest=row.digest, adopted_on=row.adopted_on) for row in AdoptedPack.objects.all()]
    try:
        return packs_in_force(installed(), adoptions, on=on)
    except PackError as error:
        raise ActRefused(_("The rule packs cannot be relied on, so nothing was changed: %(why)s") % {"why": error}) from error
