"""Does a permit loosen anything that another one held? Pure and cautious: whatever is not plainly narrower counts as loosening.

The register decides what to tighten; this is the gateway's own belt, so that a message that takes effect before its act can never open.
"""

from __future__ import annotations

from collections.abc import Iterator

from insyn.core.limits import fields_within, keeps_within
from insyn.core.passes import NO_INSTRUCTION
from insyn.core.permit import Permit

_NO_END = "9999-12-31"


def loosenings(old: Permit | None, new: Permit) -> tuple[str, ...]:
    """Names of the fields in which ``new`` allows what ``old`` did not. No old permit allows nothing."""
    if old is None:
        return ("granted",) if new.granted else ()
    return (*_always(old, new), *(_granted(old, new) if new.granted else ()))


def _always(old: Permit, new: Permit) -> Iterator[str]:
    """Counts even in a closed permit: what was proposed before can be reviewed, and history entered. More stop holders only tighten."""
    last_days = {(client.name, client.sha256): client.last_day or _NO_END for client in old.clients}
    if any((client.last_day or _NO_END) > last_days.get((client.name, client.sha256), "") for client in new.clients):
        yield "clients"
    if not new.groups <= old.groups:
        yield "groups"
    if not set(old.suppliers) <= set(new.suppliers):  # a stop of the supplier would no longer hold it
        yield "suppliers"
    until = {reviewer.person: reviewer.last_day for reviewer in old.reviewers}
    if any(reviewer.last_day > until.get(reviewer.person, "") for reviewer in new.reviewers):
        yield "reviewers"
    if old.held and not new.held:
        yield "held"


def _granted(old: Permit, new: Permit) -> Iterator[str]:
    if not old.granted:
        yield "granted"
    if not new.modes <= old.modes:
        yield "modes"
    if not new.versions <= old.versions:
        yield "versions"
    if not _purposes_within(old, new):
        yield "purposes"
    if not _ends_within(old, new):
        yield "ends"
    if not keeps_within(new.limits, old.limits):
        yield "limits"
    if new.instruction not in (old.instruction or new.instruction, NO_INSTRUCTION):
        yield "instruction"
    if not new.passes_revoked >= old.passes_revoked:
        yield "passes_revoked"
    yield from _of_proposals(old, new)
    for duty in ("human_review", "explanation_due", "notice_due"):
        if getattr(old, duty) and not getattr(new, duty):
            yield duty


def _of_proposals(old: Permit, new: Permit) -> Iterator[str]:
    """What is asked of each explanation, and how many proposals are judged before they are shown."""
    if new.blind_share < old.blind_share:
        yield "blind_share"
    if not new.unchangeable >= old.unchangeable:
        yield "unchangeable"
    if old.changeable is not None and (new.changeable is None or not new.changeable <= old.changeable):
        yield "changeable"
    if any(new.bases.get(version) != base for version, base in old.bases.items() if version in new.versions):
        yield "bases"


def _purposes_within(old: Permit, new: Permit) -> bool:
    held = {grant.purpose: grant for grant in old.purposes}
    return all(
        grant.purpose in held
        and grant.categories <= held[grant.purpose].categories
        and grant.matter_types <= held[grant.purpose].matter_types
        and fields_within(grant.fields, held[grant.purpose].fields)
        for grant in new.purposes
    )


def _ends_within(old: Permit, new: Permit) -> bool:
    """Every end that held still holds, no later than it did."""
    days = {(end.code, end.what): end.last_day for end in new.ends}
    return all(days.get((end.code, end.what), "9999") <= end.last_day for end in old.ends)
