"""A table of rows and a model that judges them; texts and a model that turns them into vectors. Cleared before, recorded before it leaves.

Every row is an outcome of its own. If one of them is refused, or grew too old, none leaves: an answer with holes is no answer in these
protocols. The rows that were recorded all the same are entered as not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode

from .answers import broken
from .examining import IDENTITY_NUMBER, holds_number, masked, texts_in
from .gate import Gate
from .questions import Question
from .refusing import Closed, close
from .tables import Table, outcomes_of, require_columns, without_numbers
from .talking import Listener, check_duties, unless_gone
from .upstream import Models

Read = Callable[[Any, Table], tuple[Any, Sequence[Mapping[str, Any]]]]


async def judge_rows(
    gate: Gate,
    models: Models,
    table: Table,
    *,
    path: str,
    to_model: Callable[[Table], bytes],
    read: Read,
    listener: Listener,
    idempotency: str | None,
) -> tuple[Any, list[m.Recorded]]:
    """What may leave, and a record for each row. Raises :class:`Closed`."""
    upstream = gate.route.upstream
    masks = upstream.identity_numbers == "mask"
    require_columns(table, upstream.rows)
    table, holds = without_numbers(table, upstream.rows, masks=masks)
    body = to_model(table)
    clearance = await gate.clear(*((IDENTITY_NUMBER,) if holds else ()))
    try:
        declared = (*upstream.rows.population, *upstream.population)
        check_duties(clearance.cleared, notice=upstream.notice, explained=bool(upstream.rows.contributions), population=declared)
        answer = await unless_gone(models.answer(gate.route, path, body), listener)
        if IDENTITY_NUMBER not in clearance.asked.categories and holds_number(texts_in(answer)):
            if not masks:
                raise close(RefusalCode.DATA_CATEGORY_NOT_ALLOWED, place="answer")
            answer = masked(answer)
        leaves, predictions = read(answer, table)
        outcomes = outcomes_of(table, predictions, upstream, fallback=clearance.cleared.clearance)
        items = [
            m.Item(outcome=outcome, idempotency=f"{idempotency}/{number}" if idempotency else None)
            for number, outcome in enumerate(outcomes)
        ]
        recorded = await gate.batch(clearance.asked, items)
    except Closed as closed:
        raise await clearance.withhold(closed) from None
    clearance.used()
    return leaves, recorded


async def embed(gate: Gate, models: Models, question: Question, *, listener: Listener) -> tuple[dict[str, Any], m.Recorded]:
    """Vectors for texts. The record holds the texts and the digest of the vectors, not the vectors. Raises :class:`Closed`."""
    upstream = gate.route.upstream
    clearance = await gate.clear(*question.categories)
    try:
        check_duties(clearance.cleared, notice=upstream.notice, explained=False, population=upstream.population)
        answer = await unless_gone(models.answer(gate.route, "/embeddings", question.encoded()), listener)
        asked = question.sealed["input"]
        vectors = _vectors(answer, 1 if isinstance(asked, str) else len(asked))
        payload = {**question.sealed, "vectors": len(vectors), "sha256": hashlib.sha256(msgspec.json.encode(vectors)).hexdigest()}
        recorded = await clearance.record(
            m.Outcome(
                outcome="embedding",
                payload=payload,
                case=clearance.cleared.clearance,
                notice=upstream.notice,
                population=dict(upstream.population) or msgspec.UNSET,
            )
        )
    except Closed as closed:
        raise await clearance.withhold(closed) from None
    data = [{"object": "embedding", "index": number, "embedding": vector} for number, vector in enumerate(vectors)]
    usage = answer.get("usage") if isinstance(answer.get("usage"), dict) else {}
    tokens = next((value for value in (usage.get("prompt_tokens"), usage.get("total_tokens")) if type(value) is int), 0)
    return {"object": "list", "data": data, "model": gate.route.name, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}, recorded


def _vectors(answer: Any, count: int) -> list[Any]:
    """One vector for each text, in the texts' order. Raises :class:`Closed`."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or len(data) != count:
        raise broken()
    found: dict[int, Any] = {}
    for item in data:
        number = item.get("index") if isinstance(item, dict) else None
        vector = item.get("embedding") if isinstance(item, dict) else None
        if type(number) is not int or not 0 <= number < count or number in found or not _is_vector(vector):
            raise broken()
        found[number] = vector
    return [found[number] for number in range(count)]


def _is_vector(vector: Any) -> bool:
    if isinstance(vector, str):
        return vector.isascii() and all(sign.isalnum() or sign in "+/=" for sign in vector)
    return isinstance(vector, list) and bool(vector) and all(type(value) in (int, float) for value in vector)
