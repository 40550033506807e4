"""A call that ends here, and how each protocol says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.messages import Receipt
from insyn.core.refusals import Reason, Refusal, RefusalCode, refuse
from insyn.core.text import Text

from ..problems import STATUS
from ..unreadable import denied

_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
}


class Closed(Exception):
    """Nothing (more) is let out. ``logged``: the sequencer said it, so it stands in the log already."""

    def __init__(self, refusal: Refusal, *, receipt: Receipt | None = None, status: int = 0, logged: bool = False) -> None:
        self.refusal, self.receipt, self.logged = refusal, receipt, logged
        self.status = status or STATUS[refusal.code]
        super().__init__(refusal.code.value)


def close(code: RefusalCode, *, place: str = "", words: str = "", status: int = 0) -> Closed:
    """A refusal of the proxy's own. ``words`` are added to the table's sentence."""
    return Closed(refuse(code, place=place, detail=Text(words, words) if words else None), status=status)


def unreadable(error: InvalidInput, *, status: int = 0) -> Closed:
    return Closed(denied(error).refusal, status=status)


def words_of(refusal: Refusal) -> str:
    """Every reason with what would mend it, and the manual way: Swedish first, then English."""
    languages = []
    for language in ("sv", "en"):
        said = [f"{_place(found)}{getattr(found.sentence, language)} {getattr(found.mend, language)}" for found in refusal.reasons]
        manual = [getattr(refusal.manual_way, language)] if refusal.manual_way else []
        languages.append(" ".join((*said, *manual)))
    return " / ".join(languages)


def _place(found: Reason) -> str:
    """Where in the body, for what is at fault there; in other refusals the place says nothing to a reader."""
    return f"{found.place}: " if found.place and found.code in _AT_FAULT else ""


_AT_FAULT = (RefusalCode.INVALID_REQUEST, RefusalCode.CONTENT_NOT_EXAMINED)


def openai_error(closed: Closed) -> dict[str, Any]:
    """The object that OpenAI's clients look for, with the whole refusal beside its own members."""
    kind = _TYPES.get(closed.status) or ("server_error" if closed.status >= 500 else "invalid_request_error")
    error: dict[str, Any] = {
        "message": words_of(closed.refusal),
        "type": kind,
        "param": closed.refusal.reasons[0].place or None,
        "code": closed.refusal.code.value,
        "refusal": msgspec.to_builtins(closed.refusal),
    }
    if closed.receipt:
        error["receipt"] = msgspec.to_builtins(closed.receipt)
    return {"error": error}


def inference_error(closed: Closed) -> dict[str, Any]:
    """The Open Inference Protocol's error object; ``code`` and ``refusal`` are ours."""
    return {"error": words_of(closed.refusal), **_ours(closed)}


def mlflow_error(closed: Closed) -> dict[str, Any]:
    return {"error_code": closed.refusal.code.value.upper(), "message": words_of(closed.refusal), **_ours(closed)}


def _ours(closed: Closed) -> dict[str, Any]:
    found = {"code": closed.refusal.code.value, "refusal": msgspec.to_builtins(closed.refusal)}
    return {**found, "receipt": msgspec.to_builtins(closed.receipt)} if closed.receipt else found
