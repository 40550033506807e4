"""An officer's steps with one case: open, judge blind, decide, reconsider."""

from __future__ import annotations

from typing import Any

import msgspec
from gateway_kit import HOLDER, OFFICER, SYSTEM, Bench, decide, number, outcome

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.terms import ReconsiderationGround, ReviewVerdict

#: What nobody may say of a case, whatever it is that they say.
NEVER_HOLDS: list[tuple[RefusalCode, dict[str, Any]]] = [
    (RefusalCode.UNKNOWN_SYSTEM, {"system": "nobody"}),
    (RefusalCode.REVIEWER_WITHOUT_MANDATE, {"actor": HOLDER}),
    (RefusalCode.REASONS_MISSING, {"reasons": " \n"}),
    (RefusalCode.RECORD_UNKNOWN, {"rid": "0" * 32}),
]


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def propose(bench: Bench, **changes: Any) -> m.Receipt:
    """A proposal to approve."""
    recorded = bench.tell(decide(outcome=outcome(**changes)))
    assert isinstance(recorded, m.Recorded), recorded
    return recorded.receipt


def judgement_of(receipt: m.Receipt, opened: str, **changes: Any) -> m.Judge:
    whole = m.Judge(
        id=number(), system=SYSTEM, rid=receipt.rid, proposal=receipt.leaf, opened=opened, outcome="deny", reasons="Too many debts.",
        actor=OFFICER,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


def review_of(receipt: m.Receipt, opened: str | msgspec.UnsetType, **changes: Any) -> m.Review:
    whole = m.Review(
        id=number(), system=SYSTEM, rid=receipt.rid, proposal=receipt.leaf, verdict=ReviewVerdict.CHANGED, outcome="deny",
        reasons="The income is seasonal.", heard_party=True, actor=OFFICER, opened=opened,
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


def reconsideration_of(receipt: m.Receipt, opened: str, replaces: str, **changes: Any) -> m.Reconsider:
    whole = m.Reconsider(
        id=number(), system=SYSTEM, rid=receipt.rid, replaces=replaces, opened=opened, ground=ReconsiderationGround.MUST_CHANGE,
        outcome="approve", reasons="The debt was somebody else's.", heard_party=True, actor=OFFICER, about="ab" * 16, letter="## Beslut",
    )  # fmt: skip
    return msgspec.structs.replace(whole, **changes)


def judge(bench: Bench, receipt: m.Receipt, **changes: Any) -> Any:
    """Open the material and judge it."""
    return bench.order(judgement_of(receipt, bench.open_case(receipt.rid, actor=changes.get("actor", OFFICER)).opened, **changes))


def review(bench: Bench, receipt: m.Receipt, **changes: Any) -> Any:
    """Open the case and decide it."""
    return bench.order(review_of(receipt, bench.open_case(receipt.rid).opened, **changes))


def reconsider(bench: Bench, receipt: m.Receipt, replaces: str, **changes: Any) -> Any:
    """Open the case and decide it anew."""
    return bench.order(reconsideration_of(receipt, bench.open_case(receipt.rid).opened, replaces, **changes))


def sealed_review(bench: Bench, rid: str) -> dict[str, Any]:
    """What a person decided or judged, as it was sealed."""
    found: dict[str, Any] = msgspec.json.decode(bench.engine.books.store.open_groups(rid).groups["review"])
    return found
