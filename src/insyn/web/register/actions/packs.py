"""Which packs are in use: law by applying its text, a policy by its adoption. Nothing else changes what binds.

Both acts do the same, in this order: load the new set whole; look at what it changes for which systems; put it in use; narrow at once what
it narrows; write the act; open work for the owner of each affected system; let all other permits of these systems follow. No record, no
decision and no answer is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, PackError
from insyn.core.messages import Actor
from insyn.core.text import Text
from insyn.law.adoption import Adoption
from insyn.law.model import PackKind
from insyn.rules.replay import Affected
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.permissions import require

from .. import texts
from ..acts import write_act
from ..issuing import issued, renew
from ..models import Act, AdoptedPack, PackInUse, PackText, System, WorkItem, new_id
from ..packs import ALL_DAYS, Known, known
from ..replaying import dry_run
from ..shapes import required
from ..wording import work_text
from .common import only_own


@transaction.atomic
def adopt_pack(*, actor: Actor, pack: str, adopted_on: date, case_number: str) -> Act:
    """Record that the council adopted a policy pack, exactly this text, on a day. It binds every system from now on."""
    require(actor, "pack.adopt")
    case_number = required("case_number", case_number)
    adoption, now = checked_adoption(pack, adopted_on), known()
    act_id, after = new_id(), now.adopting(adoption)
    affected = _affected(after)
    text = {"pack": pack, "digest": adoption.digest, "adopted_on": adopted_on.isoformat(), "case_number": case_number}
    found = texts.folders().get(pack)
    assert found is not None
    texts.keep(found)
    AdoptedPack.objects.create(pack=pack, digest=adoption.digest, adopted_on=adopted_on, case_number=case_number, act_id=act_id)
    told = Text(f"En policy är antagen: {found.title.sv}.", f"A policy was adopted: {found.title.en}.")
    return _finish(actor, act_id, "adopt_pack", {**text, "affected": len(affected)}, affected, WorkItem.Kind.POLICY_ADOPTED, told)


def checked_adoption(pack: str, adopted_on: date) -> Adoption:
    """The installed text of a policy as something that can be adopted. Raises :class:`InvalidInput` that names the field."""
    found = texts.folders().get(pack)
    if found is None:
        raise InvalidInput(_("No pack with this name is installed here."), place="pack")
    if found.kind is not PackKind.POLICY:
        raise InvalidInput(_("Law binds by itself and is not adopted."), place="pack")
    if adopted_on > clock.today():
        raise InvalidInput(_("The day lies ahead. Record the adoption when it has been decided."), place="adopted_on")
    newest = AdoptedPack.objects.filter(pack=pack).order_by("adopted_on", "pk").last()
    if newest is not None and newest.digest == found.digest:
        raise InvalidInput(_("This text was adopted on %(day)s.") % {"day": newest.adopted_on.isoformat()}, place="pack")
    return Adoption(pack=pack, digest=found.digest, adopted_on=adopted_on)


@transaction.atomic
def apply_packs(*, actor: Actor, changed: Mapping[str, str], why: str, seen: str = "") -> Act:
    """Put other texts of law in use: newly installed ones, or older ones again. An empty digest takes a pack out of use.

    ``seen``: the digest of the set in use when the page was made. Raises :class:`InvalidInput` for a text that cannot be applied,
    :class:`ActRefused` for a set that does not load, and :class:`ChangedMeanwhile`.
    """
    require(actor, "pack.apply")
    why, now = required("why", why), known()
    if seen and seen != now.digest(ALL_DAYS):
        raise ChangedMeanwhile(_("Other packs have come in use since you opened the page. Look at what would change once more."))
    rows = checked_texts(changed, now)
    act_id, affected = new_id(), _affected(now.applying(changed))
    at = clock.now()
    for pack, row in rows.items():
        PackInUse.objects.create(pack=pack, text=row, known_from=at, act_id=act_id)
    text = {"packs": [_said(pack, row, now.law.get(pack, "")) for pack, row in rows.items()], "why": why, "affected": len(affected)}
    names = ", ".join(f"{pack} {row.version}" if row else pack for pack, row in rows.items())
    told = Text(f"Andra lagpaket är i bruk: {names}.", f"Other law packs are in use: {names}.")
    return _finish(actor, act_id, "apply_packs", text, affected, WorkItem.Kind.PACKS_APPLIED, told)


def checked_texts(changed: Mapping[str, str], now: Known) -> dict[str, PackText | None]:
    """The texts to be put in use, kept in the register; ``None`` for a pack that is taken away. Raises :class:`InvalidInput`."""
    if not changed:
        raise InvalidInput(_("Choose at least one pack."), place="changed")
    return {pack: _checked_text(pack, digest, now) for pack, digest in sorted(changed.items())}


def _checked_text(pack: str, digest: str, now: Known) -> PackText | None:
    if digest == now.law.get(pack, ""):
        raise InvalidInput(_("%(pack)s is in use in this text already.") % {"pack": pack}, place="changed")
    if not digest:
        return None
    installed = texts.folders().get(pack)
    row = texts.keep(installed) if installed and installed.digest == digest else PackText.objects.filter(pk=digest, pack=pack).first()
    if row is None:
        raise InvalidInput(_("No text of %(pack)s with this digest is installed or kept here.") % {"pack": pack}, place="changed")
    if row.kind != PackKind.LAW:
        raise InvalidInput(_("A policy comes in use by its adoption."), place="changed")
    return row


def _said(pack: str, row: PackText | None, before: str) -> dict[str, str]:
    return {"pack": pack, "version": row.version if row else "", "digest": row.digest if row else "", "before": before}


def _affected(after: Known) -> tuple[Affected, ...]:
    try:
        found = dry_run(after, on=clock.today()).affected
    except PackError as error:
        raise ActRefused(_("These packs cannot be in use together, so nothing was changed: %(why)s") % {"why": error}) from error
    if found is None:
        raise ActRefused(
            _("There are many systems, and the register has changed since somebody looked at what this does. Look first; then apply.")
        )
    return found


def _finish(
    actor: Actor, act_id: str, verb: str, text: Mapping[str, object], affected: Sequence[Affected], kind: WorkItem.Kind, told: Text
) -> Act:
    """Narrow, write the act, open the work, let the rest follow.

    The act comes after every narrowing, so that a log that does not answer leaves no entry of an act that never was.
    """
    systems = list(System.objects.filter(slug__in=[one.system for one in affected]).select_related("owner"))
    granted = {system.pk for system in systems if (permit := issued(system)) is not None and permit.granted}
    for system in systems:
        if system.pk in granted:
            renew(system, actor=actor, because=Act(id=act_id))
    act = write_act(verb=verb, actor=actor, text=text, act_id=act_id)
    _open_work(act, systems, affected, kind, told)
    for system in systems:
        if system.pk not in granted:
            renew(system, actor=actor, because=act)
    return act


def _open_work(act: Act, systems: Iterable[System], affected: Iterable[Affected], kind: WorkItem.Kind, told: Text) -> None:
    found = {one.system: one for one in affected}
    items = []
    for system in systems:
        text = work_text(found[system.slug], told)
        items.append(WorkItem(system=system, kind=kind, text_sv=text.sv, text_en=text.en, opened=act.at, act=act))
    WorkItem.objects.bulk_create(items)


@transaction.atomic
def close_work(*, actor: Actor, item: WorkItem, why: str) -> Act:
    """Say that a work item is dealt with, and how. It stays, closed."""
    require(actor, "work.close")
    item = WorkItem.objects.select_for_update().select_related("system__owner").get(pk=item.pk)
    only_own(actor, item.system)
    if item.closed is not None:
        raise ActRefused(_("It is closed already."))
    act = write_act(verb="close_work", actor=actor, system=item.system, text={"opened_by": item.act_id, "why": required("why", why)})
    WorkItem.objects.filter(pk=item.pk).update(closed=act.at, closing=act)
    return act
