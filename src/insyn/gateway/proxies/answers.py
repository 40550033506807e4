"""A model's answer, apart from the protocol that carries it: pieces of text, and calls of tools that the caller offered.

Each protocol is read into these and written from them. So nothing leaves that was not examined: no field that we do not know, no text in an
unexpected place.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number
from insyn.core.refusals import RefusalCode

from .refusing import Closed, close

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")
MOST_TOOL_CALLS = 128


@dataclass(frozen=True)
class Said:
    """A piece of text. ``refusal``: the model's own no."""

    text: str
    refusal: bool = False


@dataclass(frozen=True)
class ToolCall:
    """A whole call: nothing of it leaves before all of it is known. ``arguments`` is JSON as text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Ended:
    """``reason``: stop, length, tool_calls or content_filter."""

    reason: str


@dataclass(frozen=True)
class Used:
    """Tokens, as the model counted them."""

    prompt: int
    completion: int


Piece = Said | ToolCall | Ended | Used
REASONS = frozenset({"stop", "length", "tool_calls", "content_filter"})


@dataclass
class Answer:
    """What has been said so far."""

    texts: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    reason: str = ""
    used: Used | None = None

    def take(self, piece: Piece) -> None:
        if isinstance(piece, Said):
            (self.refusals if piece.refusal else self.texts).append(piece.text)
        elif isinstance(piece, ToolCall):
            self.calls.append(piece)
        elif isinstance(piece, Ended):
            self.reason = piece.reason
        else:
            self.used = piece

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def refusal(self) -> str:
        return "".join(self.refusals)

    @property
    def outcome(self) -> str:
        """The word for the figures."""
        if self.calls:
            return "tool_call"
        return "answer" if self.texts or not self.refusals else "model_declined"

    def sealed(self) -> dict[str, Any]:
        """For the record: everything that leaves."""
        found: dict[str, Any] = {"text": self.text, "ended": self.reason}
        if self.refusals:
            found["refusal"] = self.refusal
        if self.calls:
            found["tool_calls"] = [{"name": call.name, "arguments": call.arguments} for call in self.calls]
        return found


def tool_call(id: Any, name: Any, arguments: Any, *, offered: frozenset[str]) -> ToolCall:  # noqa: A002
    """A call that may leave. Raises :class:`Closed` for a tool that the caller did not offer, and for arguments that are no JSON.

    An id that is no plain name, or holds an identity number, is replaced: the id stands in no record.
    """
    if not isinstance(name, str) or not isinstance(arguments, str) or not _NAME.match(name):
        raise broken()
    if name not in offered:
        raise close(RefusalCode.TOOL_NOT_OFFERED)
    try:
        strict_json.loads(arguments.encode() or b"{}")
    except (InvalidInput, UnicodeEncodeError):
        raise broken() from None
    known = isinstance(id, str) and _ID.match(id) and not holds_identity_number(id)
    return ToolCall(id if known else f"call_{secrets.token_hex(12)}", name, arguments)


def count_of(value: Any, *names: str) -> int:
    """A count of tokens out of a mapping; 0 for anything else."""
    found = next((value[name] for name in names if name in value), 0) if isinstance(value, Mapping) else 0
    return found if type(found) is int and 0 <= found < 10**12 else 0


def text_of(value: Any) -> str:
    """Text that is text, or nothing. Raises :class:`Closed`."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise broken()
    return value


def broken() -> Closed:
    return close(RefusalCode.MODEL_ANSWER_BROKEN)
