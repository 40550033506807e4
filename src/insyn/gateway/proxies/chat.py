"""``/v1/chat/completions``: the model's words read into pieces, and pieces written as OpenAI's clients read them. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from .answers import (
    MOST_TOOL_CALLS,
    REASONS,
    Answer,
    Ended,
    Piece,
    Said,
    ToolCall,
    Used,
    broken,
    count_of,
    text_of,
    tool_call,
)

PATH = "/chat/completions"


def read_whole(body: Any, offered: frozenset[str]) -> Iterator[Piece]:
    """The pieces of a whole answer. Raises :class:`Closed`."""
    choice = _choice(body)
    message = choice.get("message") if choice else None
    if not isinstance(message, dict):
        raise broken()
    if text := text_of(message.get("content")):
        yield Said(text)
    if refusal := text_of(message.get("refusal")):
        yield Said(refusal, refusal=True)
    calls = message.get("tool_calls") or []
    if not isinstance(calls, list) or len(calls) > MOST_TOOL_CALLS:
        raise broken()
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or call.get("type", "function") != "function":
            raise broken()
        yield tool_call(call.get("id"), function.get("name"), function.get("arguments"), offered=offered)
    yield from _used(body)
    yield Ended(_reason(choice.get("finish_reason") if choice else None, bool(calls)))


class StreamReader:
    """The pieces of one event after the other. A tool's call comes out when the next begins, or at the end."""

    def __init__(self, offered: frozenset[str]) -> None:
        self._offered = offered
        self._calls: dict[int, dict[str, str]] = {}
        self._size = 0
        self._ended = False

    def take(self, event: dict[str, Any]) -> Iterator[Piece]:
        if event.get("error"):
            raise broken()
        yield from _used(event)
        choice = _choice(event)
        if choice is None:
            return
        delta = choice.get("delta") or {}
        if not isinstance(delta, dict) or self._ended:
            raise broken()
        if text := text_of(delta.get("content")):
            yield Said(text)
        if refusal := text_of(delta.get("refusal")):
            yield Said(refusal, refusal=True)
        for call in delta.get("tool_calls") or ():
            self._collect(call)
        if choice.get("finish_reason") is not None:
            self._ended = True
            made = list(self._whole())
            yield from made
            yield Ended(_reason(choice["finish_reason"], bool(made)))

    def end(self) -> None:
        """The stream is over. Raises :class:`Closed` when the answer was not."""
        if not self._ended:
            raise broken()

    def _collect(self, call: Any) -> None:
        number = call.get("index") if isinstance(call, dict) else None
        function = call.get("function") or {} if isinstance(call, dict) else None
        if type(number) is not int or not 0 <= number < MOST_TOOL_CALLS or not isinstance(function, dict):
            raise broken()
        held = self._calls.setdefault(number, {"id": "", "name": "", "arguments": ""})
        held["id"] = held["id"] or text_of(call.get("id"))
        held["name"] += text_of(function.get("name"))
        held["arguments"] += text_of(function.get("arguments"))

    def _whole(self) -> Iterator[ToolCall]:
        for _, held in sorted(self._calls.items()):
            yield tool_call(held["id"], held["name"], held["arguments"], offered=self._offered)


class Writer:
    """Events of one streamed answer. ``id`` is ours: the clearance that it was given under."""

    def __init__(self, name: str, clearance: str, *, usage: bool) -> None:
        self._frame = {"id": f"chatcmpl-{clearance}", "object": "chat.completion.chunk", "created": int(time.time()), "model": name}
        self._usage, self._begun, self._calls = usage, False, 0

    def write(self, pieces: list[Piece]) -> Iterator[dict[str, Any]]:
        if not self._begun:
            self._begun = True
            yield self._event({"role": "assistant", "content": ""})
        for piece in pieces:
            if isinstance(piece, Said):
                yield self._event({"refusal" if piece.refusal else "content": piece.text})
            elif isinstance(piece, ToolCall):
                yield self._event({"tool_calls": [{"index": self._calls, **_call(piece)}]})
                self._calls += 1

    def close(self, answer: Answer) -> Iterator[dict[str, Any]]:
        yield self._event({}, answer.reason)
        if self._usage:
            yield {**self._frame, "choices": [], "usage": _usage(answer)}

    def _event(self, delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {**self._frame, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}


def whole(name: str, clearance: str, answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": answer.refusal or None}
    if answer.calls:
        message["tool_calls"] = [_call(call) for call in answer.calls]
    return {
        "id": f"chatcmpl-{clearance}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": name,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": answer.reason}],
        "usage": _usage(answer),
    }


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _usage(answer: Answer) -> dict[str, int]:
    used = answer.used or Used(0, 0)
    return {"prompt_tokens": used.prompt, "completion_tokens": used.completion, "total_tokens": used.prompt + used.completion}


def _choice(body: Any) -> dict[str, Any] | None:
    """The one choice that was asked for; ``None`` in an event that only counts tokens. Raises :class:`Closed`."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or len(choices) > 1 or not all(isinstance(choice, dict) for choice in choices):
        raise broken()
    return choices[0] if choices else None


def _reason(reason: Any, calls: bool) -> str:
    if reason == "function_call" or reason not in REASONS:
        return "tool_calls" if calls else "stop"
    return str(reason)


def _used(body: Any) -> Iterator[Used]:
    usage = body.get("usage") if isinstance(body, dict) else None
    if isinstance(usage, dict):
        yield Used(count_of(usage, "prompt_tokens"), count_of(usage, "completion_tokens"))
