"""The narrower of two permits: it allows only what both allow.

A change that both loosens and tightens puts the narrower of old and new in force at once, and the new one when its entry stands in the
log. Who may stop is the other way round: there the wider set is the one that protects, so both permits' stop holders keep the button.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from insyn.core.limits import fields_of_both, fields_within, in_form, narrower_limits
from insyn.core.passes import NO_INSTRUCTION
from insyn.core.permit import ClientKey, Permit, PurposeGrant, Reviewer, StopHolder

S = TypeVar("S", bound=msgspec.Struct)
_encode = msgspec.json.Encoder(order="deterministic").encode


def in_order(values: Iterable[S]) -> tuple[S, ...]:
    """Each value once, by its encoded bytes, so that equal permits are equal bytes."""
    encoded = {_encode(value): value for value in values}
    return tuple(encoded[key] for key in sorted(encoded))


def narrower(old: Permit, new: Permit) -> Permit:
    """Pointwise the narrower, with the words and the epoch of the permit that has the higher epoch.

    Raises ``ValueError`` for permits of two systems.
    """
    if old.system != new.system:
        raise ValueError(f"permits of two systems: {old.system!r} and {new.system!r}")
    words = old if old.epoch > new.epoch else new
    granted = old.granted and new.granted
    return msgspec.structs.replace(
        words,
        granted=granted,
        missing=() if granted else in_order((*old.missing, *new.missing)),
        modes=old.modes & new.modes,
        versions=(old.versions & new.versions) - _between_bases(old, new),
        purposes=_purposes(old.purposes, new.purposes),
        ends=in_order((*old.ends, *new.ends)) if granted else (),
        clients=_clients(old.clients, new.clients),
        stop_holders=_stop_holders(old.stop_holders, new.stop_holders),
        reviewers=_reviewers(old.reviewers, new.reviewers),
        groups=old.groups & new.groups,
        human_review=old.human_review or new.human_review,
        explanation_due=old.explanation_due or new.explanation_due,
        notice_due=old.notice_due or new.notice_due,
        limits=narrower_limits(old.limits, new.limits),
        instruction=_instruction(old.instruction, new.instruction),
        passes_revoked=old.passes_revoked | new.passes_revoked,
        suppliers=tuple(sorted({*old.suppliers, *new.suppliers})),
        blind_share=max(old.blind_share, new.blind_share),
        held=old.held or new.held,
        unchangeable=old.unchangeable | new.unchangeable,
        changeable=_changeable(old.changeable, new.changeable),
        bases={**old.bases, **new.bases},
    )


def only_tightens(old: Permit, new: Permit) -> bool:
    """Does ``new`` allow nothing that ``old`` does not, and take the stop button from nobody? In doubt no."""
    return _allowed(narrower(old, new)) == _allowed(new)


def _allowed(permit: Permit) -> tuple[object, ...]:
    """What a permit allows, without its words. Of the ends only the first to come closes anything."""
    always = (set(permit.stop_holders), set(permit.reviewers), permit.held)
    if not permit.granted:
        return (False, *always)
    return (
        True,
        *always,
        permit.modes,
        permit.versions,
        set(permit.purposes),
        min((end.last_day for end in permit.ends), default="none"),
        set(permit.clients),
        permit.groups,
        permit.human_review,
        permit.explanation_due,
        permit.notice_due,
        in_form(permit.limits),
        permit.instruction,
        permit.passes_revoked,
        permit.blind_share,
        permit.unchangeable,
        permit.changeable,
        {version: base for version, base in permit.bases.items() if version in permit.versions},
    )


def _purposes(old: Iterable[PurposeGrant], new: Iterable[PurposeGrant]) -> tuple[PurposeGrant, ...]:
    """What both grant for the same purpose. A grant that another contains says nothing and is left out."""
    others = list(new)
    both = [
        PurposeGrant(
            purpose=one.purpose,
            categories=one.categories & two.categories,
            matter_types=one.matter_types & two.matter_types,
            fields=fields_of_both(one.fields, two.fields),
        )
        for one in old
        for two in others
        if one.purpose == two.purpose
    ]
    kept = set(both)
    return in_order(grant for grant in kept if not any(_contains(other, grant) for other in kept if other != grant))


def _contains(wide: PurposeGrant, narrow: PurposeGrant) -> bool:
    return (
        wide.purpose == narrow.purpose
        and wide.categories >= narrow.categories
        and wide.matter_types >= narrow.matter_types
        and fields_within(narrow.fields, wide.fields)
    )


def _changeable(old: frozenset[str] | None, new: frozenset[str] | None) -> frozenset[str] | None:
    """What both let a counterfactual ask for; a permit that does not say leaves it to the other."""
    return new if old is None else old if new is None else old & new


def _between_bases(old: Permit, new: Permit) -> set[str]:
    """Versions of which the declared base changes: no explanation starts from both, so none is used until the new one is in force."""
    return {version for version in old.bases.keys() & new.bases.keys() if old.bases[version] != new.bases[version]}


def _instruction(old: str, new: str) -> str:
    """Between two texts nobody can have confirmed both, so nobody may call until the new one is in force."""
    if old == new or not old or not new:
        return old or new
    return NO_INSTRUCTION


def _clients(old: Iterable[ClientKey], new: Iterable[ClientKey]) -> tuple[ClientKey, ...]:
    """The keys of both, until the earlier last day; a key without one has no end."""
    days = {(key.name, key.sha256): key.last_day for key in old}
    return in_order(
        msgspec.structs.replace(key, last_day=min(filter(None, (key.last_day, days[key.name, key.sha256])), default=""))
        for key in new
        if (key.name, key.sha256) in days
    )


def _reviewers(old: Iterable[Reviewer], new: Iterable[Reviewer]) -> tuple[Reviewer, ...]:
    """Whoever may review by both, until the earlier day. Twice in one permit: the later day counts."""
    first, second = _latest(old), _latest(new)
    return in_order(Reviewer(person=person, last_day=min(first[person], second[person])) for person in first.keys() & second.keys())


def _latest(reviewers: Iterable[Reviewer]) -> dict[str, str]:
    found: dict[str, str] = {}
    for reviewer in reviewers:
        found[reviewer.person] = max(reviewer.last_day, found.get(reviewer.person, ""))
    return found


def _stop_holders(old: Iterable[StopHolder], new: Iterable[StopHolder]) -> tuple[StopHolder, ...]:
    """Whoever may stop by either, until the later day. A person's two keys both count."""
    found: dict[tuple[str, str], StopHolder] = {}
    for holder in (*old, *new):
        known = found.get((holder.person, holder.public))
        if known is None or known.last_day < holder.last_day:
            found[holder.person, holder.public] = holder
    return in_order(found.values())
