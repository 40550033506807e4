"""The packs that are in use here, and those that bind. Law is in use from when somebody applied its text, a policy from its adoption.

Two axes of time: the law *on* a day, and the packs that were known *at* a moment. Without ``at`` the packs are those known now. The files
that are installed decide nothing by themselves (:mod:`insyn.web.register.waiting`); every text in use lies in the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from insyn.core.errors import PackError
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.digests import digest_of
from insyn.law.model import Pack, PackKind
from insyn.rules.comparing import Side
from insyn.web.accounts.errors import ActRefused

from . import texts
from .models import AdoptedPack, PackInUse

ALL_DAYS = date.max


@dataclass(frozen=True)
class Known:
    """What was known at a moment: the text of each law pack, and the adoptions recorded by then."""

    law: dict[str, str]
    adoptions: tuple[Adoption, ...]

    def digests(self, on: date) -> dict[str, str]:
        """The text of each pack that binds on the day, by pack."""
        by_day = sorted((adoption for adoption in self.adoptions if adoption.adopted_on <= on), key=lambda adoption: adoption.adopted_on)
        return {**self.law, **{adoption.pack: adoption.digest for adoption in by_day}}

    def packs(self, on: date) -> tuple[Pack, ...]:
        """The packs that bind on the day. Raises :class:`PackError` when there is no law, or a text is gone."""
        found = texts.load(self.digests(on).values())
        if not any(pack.kind is PackKind.LAW for pack in found):
            raise PackError("no law is in use", file="register", mend="Start the services anew: the set-up enters the installed law.")
        return packs_in_force(found, self.adoptions, on=on)

    def side(self, on: date) -> Side:
        """As one side of a comparison: what binds from the day on."""
        return Side(packs=self.packs(ALL_DAYS), on=on, adoptions=self.newest())

    def newest(self) -> tuple[Adoption, ...]:
        """The adoptions whose texts are in use."""
        texts_in_use = self.digests(ALL_DAYS)
        return tuple(adoption for adoption in self.adoptions if texts_in_use[adoption.pack] == adoption.digest)

    def digest(self, on: date) -> str:
        """The digest of the set that binds on the day, as decisions and permits carry it."""
        return digest_of(_Named(pack, text) for pack, text in self.digests(on).items())

    def applying(self, changed: Mapping[str, str]) -> Known:
        """The same with other texts of law; an empty digest takes a pack away."""
        return replace(self, law={pack: digest for pack, digest in {**self.law, **changed}.items() if digest})

    def adopting(self, adoption: Adoption) -> Known:
        return replace(self, adoptions=(*self.adoptions, adoption))


def known(at: datetime | None = None) -> Known:
    """What is known now, or was at a moment."""
    uses, adopted = PackInUse.objects.order_by("known_from", "pk"), AdoptedPack.objects.order_by("pk")
    if at is not None:
        uses, adopted = uses.filter(known_from__lte=at), adopted.filter(act__at__lte=at)
    law = dict(uses.values_list("pack", "text"))
    rows = adopted.values_list("pack", "digest", "adopted_on")
    return Known(
        law={pack: digest for pack, digest in law.items() if digest},
        adoptions=tuple(Adoption(pack=pack, digest=digest, adopted_on=day) for pack, digest, day in rows),
    )


def installed() -> tuple[Pack, ...]:
    """Every pack in use: the law, and the adopted policies in their newest text. Raises :class:`PackError`."""
    return known().packs(ALL_DAYS)


def in_force(on: date) -> tuple[Pack, ...]:
    """The packs that bind on the day, as they are known now.

    Raises :class:`ActRefused` when there is no law, or an adopted text is gone: without it the gates would stand open.
    """
    try:
        return known().packs(on)
    except PackError as error:
        raise ActRefused(_("The rule packs cannot be relied on, so nothing was changed: %(why)s") % {"why": error}) from error


def packs_as_known(at: datetime) -> tuple[Pack, ...]:
    """The packs that bound on the day of a moment, in the texts that were known at that moment. Raises :class:`PackError`."""
    return known(at).packs(timezone.localdate(at))


def packs_with_digest(digest: str) -> tuple[Pack, ...] | None:
    """The set of packs that has this digest, as a decision, a permit or a classification names it; ``None`` when it was never in use here."""
    for digests in _sets_in_use():
        if digest_of(_Named(pack, text) for pack, text in digests.items()) == digest:
            return texts.load(digests.values())
    return None


@dataclass(frozen=True)
class _Named:
    """As much of a pack as its place in a set's digest asks for."""

    id: str
    digest: str


def _sets_in_use() -> Iterator[dict[str, str]]:
    """Every set that bound on some day, newest first."""
    for moment in sorted(_moments(), reverse=True):
        then = known(moment)
        for day in sorted({adoption.adopted_on for adoption in then.adoptions} | {ALL_DAYS, date.min}, reverse=True):
            yield then.digests(day)


def _moments() -> Iterable[datetime]:
    return {*PackInUse.objects.values_list("known_from", flat=True), *AdoptedPack.objects.values_list("act__at", flat=True)}
