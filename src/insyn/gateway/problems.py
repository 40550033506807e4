"""Refusals over HTTP: RFC 9457 problem documents, and the one table of status codes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from insyn.core.messages import Receipt
from insyn.core.refusals import Refusal, RefusalCode, refuse

_UNAUTHORIZED, _NOT_FOUND, _CONFLICT, _TOO_LARGE, _UNPROCESSABLE, _UNAVAILABLE = 401, 404, 409, 413, 422, 503
_FORBIDDEN, _BAD_GATEWAY, _TOO_MANY = 403, 502, 429

#: 401 who asks is unknown; 409 the state has moved on; 422 the request is at fault; 429 too often; 502 the model behind a proxy; 503 Insyn cannot answer now; otherwise 403: no.
STATUS: Mapping[RefusalCode, int] = {
    **dict.fromkeys(RefusalCode, _FORBIDDEN),
    RefusalCode.CLIENT_UNKNOWN: _UNAUTHORIZED,
    RefusalCode.PERSON_UNKNOWN: _UNAUTHORIZED,
    RefusalCode.RECORD_UNKNOWN: _NOT_FOUND,
    RefusalCode.RECORD_ERASED: _NOT_FOUND,
    RefusalCode.CLEARANCE_UNKNOWN: _CONFLICT,
    RefusalCode.CLEARANCE_SUPERSEDED: _CONFLICT,
    RefusalCode.IDEMPOTENCY_CONFLICT: _CONFLICT,
    RefusalCode.TOO_LARGE: _TOO_LARGE,
    RefusalCode.INVALID_REQUEST: _UNPROCESSABLE,
    RefusalCode.EXPLANATION_MISSING: _UNPROCESSABLE,
    RefusalCode.EXPLANATION_INCONSISTENT: _UNPROCESSABLE,
    RefusalCode.NOTICE_MISSING: _UNPROCESSABLE,
    RefusalCode.GROUP_NOT_DECLARED: _UNPROCESSABLE,
    RefusalCode.FIELD_NOT_ALLOWED: _UNPROCESSABLE,
    RefusalCode.POPULATION_UNKNOWN: _UNPROCESSABLE,
    RefusalCode.CONTENT_NOT_EXAMINED: _UNPROCESSABLE,
    RefusalCode.MODEL_REFUSED: _UNPROCESSABLE,
    RefusalCode.MODEL_ANSWER_BROKEN: _BAD_GATEWAY,
    RefusalCode.MODEL_UNAVAILABLE: _BAD_GATEWAY,
    RefusalCode.NOT_READY: _UNAVAILABLE,
    RefusalCode.SPOOL_UNREADABLE: _UNAVAILABLE,
    RefusalCode.READ_ONLY: _UNAVAILABLE,
    RefusalCode.CLOCK_JUMPED: _UNAVAILABLE,
    RefusalCode.ANSWER_TOO_OLD: _UNAVAILABLE,
    RefusalCode.UNREACHABLE: _UNAVAILABLE,
    RefusalCode.BUSY: _UNAVAILABLE,
    RefusalCode.RATE_LIMITED: _TOO_MANY,
}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457, with Insyn's own members: the closed ``code``, the whole ``refusal`` in both languages, and the entry's receipt."""

    type: str
    title: str
    status: int
    detail: str = ""
    code: str = ""
    refusal: Refusal | None = None
    receipt: Receipt | None = None


def problem(refusal: Refusal, *, receipt: Receipt | None = None, status: int | None = None) -> Problem:
    """The problem document of a refusal; ``detail`` is every reason with what would mend it, in English."""
    return Problem(
        type=f"urn:insyn:refusal:{refusal.code.replace('_', '-')}",
        title=refusal.sentence.en,
        status=status or STATUS[refusal.code],
        detail=" ".join(f"{found.sentence.en} {found.mend.en}" for found in refusal.reasons),
        code=refusal.code.value,
        refusal=refusal,
        receipt=receipt,
    )


def plain_problem(status: int, title: str, detail: str = "") -> Problem:
    """A problem of HTTP itself: no such path, method or content type."""
    return Problem(type="about:blank", title=title, status=status, detail=detail)


def unreachable() -> Problem:
    return problem(refuse(RefusalCode.UNREACHABLE))
