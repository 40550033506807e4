"""An old decision, explained with what was known then: the packs in the texts of that moment, the law on that day, the answers of that time.

Nothing is read from what holds now. Where the packs found are not those that the decision names, that is said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.utils import timezone

from insyn.core.errors import InvalidInput, PackError
from insyn.law.answers import facts_of
from insyn.law.digests import digest_of
from insyn.law.model import Pack
from insyn.rules.full_result import FullResult, full_result

from .compiling import fitting
from .models import Act, Decision, System
from .packs import known, packs_as_known, packs_with_digest


@dataclass(frozen=True)
class Explained:
    """``proven``: the packs are exactly those that the decision names. ``fault`` says why there is no result."""

    decision: Decision
    at: datetime
    on: date
    packs: tuple[Pack, ...]
    facts: dict[str, Any]
    result: FullResult | None
    proven: bool
    fault: str = ""


def explain(decision: Decision) -> Explained:
    """What the packs said of the system when the decision was taken."""
    at, facts = decision.act.at, facts_as_known(decision.system, decision.act.at)
    on = timezone.localdate(at)
    try:
        packs = _packs(decision, at, on)
        answers = fitting(facts, facts_of(packs))
        result = full_result(packs, known(at).adoptions, answers, on=on)
    except (InvalidInput, PackError) as error:
        return Explained(decision, at, on, (), facts, None, False, str(error))
    return Explained(decision, at, on, packs, facts, result, digest_of(packs) == decision.packs)


def _packs(decision: Decision, at: datetime, on: date) -> tuple[Pack, ...]:
    """The set that the decision names; without a name (a retirement, say), or where it is not kept, what was known at the moment."""
    named = packs_with_digest(decision.packs) if decision.packs else None
    return named or known(at).packs(on)


def facts_as_known(system: System, at: datetime) -> dict[str, Any]:
    """The answers as they stood at a moment, put together from the acts that gave them."""
    found: dict[str, Any] = {}
    for act in Act.objects.filter(system=system, at__lte=at).order_by("at", "pk").only("at", "text"):
        answers = act.text.get("answers")
        if isinstance(answers, dict):
            if "classification" in act.text:  # it answers anew: what it leaves out was taken back
                asked = _asked(act.at)
                found = {fact: answer for fact, answer in found.items() if fact not in asked}
            found |= answers
    return found


def _asked(at: datetime) -> Collection[str]:
    try:
        return facts_of(packs_as_known(at)).keys()
    except PackError:
        return ()


def as_json(found: Explained) -> dict[str, Any]:
    """Everything, to be read by a program."""
    decision = found.decision
    return {
        "system": decision.system.slug,
        "decision": {"what": decision.what, "decided_on": decision.decided_on.isoformat(), "case_number": decision.case_number},
        "act": decision.act_id,
        "log_index": decision.act.log_index,
        "known_at": found.at.isoformat(),
        "law_on": found.on.isoformat(),
        "packs_digest": decision.packs,
        "packs_proven": found.proven,
        "facts": found.facts,
        "result": msgspec.to_builtins(found.result),
        "fault": found.fault,
    }
