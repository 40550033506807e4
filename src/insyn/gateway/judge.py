"""May this be done? Pure: permit, stop, request and day in; ``None`` for yes or a refusal out.

Order of the checks for a request: the system is known; the client key is one of its; it is not stopped; nothing it rests on has ended; it is
approved; version; mode; purpose; categories; matter type; class of the data. For an outcome also: its limits (:mod:`.limits`), explanation (:mod:`.explaining`),
groups, notice. Every check of a request can stop
it alone; the first that fails decides the code, and a check that finds several things names them all.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from insyn.core.messages import Asked, Outcome
from insyn.core.permit import ClientKey, End, Permit, PurposeGrant
from insyn.core.refusals import Reason, Refusal, RefusalCode, reason, refuse
from insyn.core.terms import Mode, Stage
from insyn.core.text import Text

from .explaining import judge_explanation
from .limits import judge_classes, judge_never_automated

#: A closed permit whose first missing reason is one of these says that rather than "not approved".
_CLOSED_FOR_GOOD = frozenset({RefusalCode.PAUSED, RefusalCode.RETIRED, RefusalCode.REFUSED_SYSTEM, RefusalCode.CONTRACT_ONLY})


def client_of(permit: Permit, sha256: str, today: str) -> ClientKey | None:
    """The client whose key has this SHA-256 (hex) and has not had its last day. Every key is compared, in constant time."""
    found = None
    for client in permit.clients:
        if hmac.compare_digest(client.sha256, sha256) and not ended_before(client, today):
            found = client
    return found


def ended_before(client: ClientKey, today: str) -> bool:
    """Had this key its last day before today?"""
    return bool(client.last_day) and client.last_day < today


def judge(permit: Permit, asked: Asked, *, stop: int | None, today: str) -> Refusal | None:
    """Judge a request of a known system and a known client. ``stop``: index of the stop in force, -1 while it is being committed."""
    return judge_system(permit, stop=stop, today=today) or _judge_asked(permit, asked)


def judge_system(permit: Permit, *, stop: int | None, today: str) -> Refusal | None:
    """The part that is about the system and the day."""
    if stop is not None:
        return _stopped(permit, stop)
    if ended := [end for end in permit.ends if end.last_day < today]:
        return _refusal(permit, [_ended(end) for end in ended])
    return None if permit.granted else _not_granted(permit)


def _judge_asked(permit: Permit, asked: Asked) -> Refusal | None:
    if asked.version not in permit.versions:
        return _refuse(permit, RefusalCode.VERSION_NOT_ALLOWED, "version")
    if never := judge_never_automated(permit, asked):
        return _refusal(permit, [never])
    if asked.mode not in permit.modes:
        return _refuse(permit, RefusalCode.MODE_NOT_ALLOWED, "mode")
    grant = next((grant for grant in permit.purposes if grant.purpose == asked.purpose), None)
    if grant is None:
        return _refuse(permit, RefusalCode.OUTSIDE_PURPOSE, "purpose")
    return _judge_use(permit, grant, asked)


def _judge_use(permit: Permit, grant: PurposeGrant, asked: Asked) -> Refusal | None:
    outside = [number for number, category in enumerate(asked.categories) if category not in grant.categories]
    if outside:
        return _refusal(permit, [reason(RefusalCode.DATA_CATEGORY_NOT_ALLOWED, place=f"categories[{number}]") for number in outside])
    if asked.matter_type not in grant.matter_types:
        return _refuse(permit, RefusalCode.MATTER_TYPE_NOT_ALLOWED, "matter_type")
    above = judge_classes(permit, asked)
    return _refusal(permit, above) if above else None


def judge_outcome(permit: Permit, asked: Asked, outcome: Outcome, limits: Iterable[Reason] = ()) -> Refusal | None:
    """What must be right about an outcome, whoever asks. ``limits``: what stands in the way by the permit's limits, told first."""
    reasons = [*limits, *judge_explanation(permit, asked, outcome), *judge_groups(permit, outcome.groups)]
    if permit.notice_due and not outcome.notice.strip():
        reasons.append(reason(RefusalCode.NOTICE_MISSING, place="notice"))
    return _refusal(permit, reasons) if reasons else None


def judge_groups(permit: Permit, groups: dict[str, str]) -> list[Reason]:
    """A reason for each group that the register does not declare."""
    return [reason(RefusalCode.GROUP_NOT_DECLARED, place=f"groups.{group}") for group in sorted(groups) if group not in permit.groups]


def stage_of(permit: Permit, mode: Mode) -> Stage:
    """What an outcome is: a decision only where it is automated and no person is to look at it."""
    return Stage.DECISION if mode is Mode.AUTOMATED and not permit.human_review else Stage.PROPOSAL


def waits_for_person(permit: Permit, mode: Mode) -> bool:
    """Advice is shown and done with; every other proposal waits until a person has decided."""
    return stage_of(permit, mode) is Stage.PROPOSAL and mode is not Mode.ADVICE


def _stopped(permit: Permit, stop: int) -> Refusal:
    detail = Text(f"Stoppet är post {stop} i loggen.", f"The stop is entry {stop} in the log.") if stop >= 0 else None
    return refuse(RefusalCode.STOPPED, place="system", detail=detail, manual_way=permit.manual_way)


def _ended(end: End) -> Reason:
    detail = Text(f"Sista dag var {end.last_day} ({end.what}).", f"The last day was {end.last_day} ({end.what}).")
    return reason(end.code, place="ends", detail=detail)


def _not_granted(permit: Permit) -> Refusal:
    if permit.missing and permit.missing[0].code in _CLOSED_FOR_GOOD:
        return Refusal(code=permit.missing[0].code, reasons=permit.missing, manual_way=permit.manual_way)
    missing = tuple(found for found in permit.missing if found.code is not RefusalCode.NOT_APPROVED)
    first = next((found for found in permit.missing if found.code is RefusalCode.NOT_APPROVED), reason(RefusalCode.NOT_APPROVED))
    return Refusal(code=RefusalCode.NOT_APPROVED, reasons=(first, *missing), manual_way=permit.manual_way)


def _refuse(permit: Permit, code: RefusalCode, place: str) -> Refusal:
    return refuse(code, place=place, manual_way=permit.manual_way)


def _refusal(permit: Permit, reasons: list[Reason]) -> Refusal:
    return Refusal(code=reasons[0].code, reasons=tuple(reasons), manual_way=permit.manual_way)
