"""``/v1/responses``: the model's words read into pieces, and pieces written as OpenAI's clients read them. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from .answers import MOST_TOOL_CALLS, Answer, Ended, Piece, Said, ToolCall, Used, broken, count_of, text_of, tool_call

PATH = "/responses"
_SILENT = frozenset(
    {
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.refusal.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
    }
)


def read_whole(body: Any, offered: frozenset[str]) -> Iterator[Piece]:
    """The pieces of a whole response. Raises :class:`Closed`."""
    items = body.get("output") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) > MOST_TOOL_CALLS or body.get("status", "completed") not in ("completed", "incomplete"):
        raise broken()
    called = False
    for item in items:
        for piece in _item(item, offered):
            called = called or isinstance(piece, ToolCall)
            yield piece
    yield from _end(body, called)


def _item(item: Any, offered: frozenset[str]) -> Iterator[Piece]:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "function_call":
        yield tool_call(item.get("call_id"), item.get("name"), item.get("arguments"), offered=offered)
    elif kind == "message":
        for part in item.get("content") or ():
            if not isinstance(part, dict):
                raise broken()
            if text := text_of(part.get("text")):
                yield Said(text)
            if refusal := text_of(part.get("refusal")):
                yield Said(refusal, refusal=True)
    elif kind != "reasoning":  # how it reasoned is not let out; anything else was not asked for
        raise broken()


class StreamReader:
    """The pieces of one event after the other. Text comes as it grows, a tool's call when its item is done."""

    def __init__(self, offered: frozenset[str]) -> None:
        self._offered, self._ended, self._called = offered, False, False

    def take(self, event: dict[str, Any]) -> Iterator[Piece]:
        kind = event.get("type")
        if self._ended:
            raise broken()
        if kind == "response.output_text.delta":
            yield Said(text_of(event.get("delta")))
        elif kind == "response.refusal.delta":
            yield Said(text_of(event.get("delta")), refusal=True)
        elif kind == "response.output_item.done":
            yield from self._done(event.get("item"))
        elif kind in ("response.completed", "response.incomplete"):
            self._ended = True
            yield from _end(event.get("response"), self._called)
        elif kind not in _SILENT and not str(kind).startswith("response.reasoning"):
            raise broken()

    def end(self) -> None:
        """The stream is over. Raises :class:`Closed` when the response was not."""
        if not self._ended:
            raise broken()

    def _done(self, item: Any) -> Iterator[Piece]:
        """Of a message that is done every word has come already; what else stands in it was not examined and goes nowhere."""
        if not isinstance(item, dict):
            raise broken()
        if item.get("type") == "message":
            return
        for piece in _item(item, self._offered):
            self._called = True
            yield piece


def _end(body: Any, called: bool) -> Iterator[Piece]:
    if not isinstance(body, dict):
        raise broken()
    usage = body.get("usage")
    if isinstance(usage, dict):
        yield Used(count_of(usage, "input_tokens"), count_of(usage, "output_tokens"))
    details = body.get("incomplete_details")
    cut = details.get("reason") if isinstance(details, dict) else None
    if body.get("status") == "incomplete":
        yield Ended("content_filter" if cut == "content_filter" else "length")
    else:
        yield Ended("tool_calls" if called else "stop")


class Writer:
    """Events of one streamed response: one message item for the text, one item for each call."""

    def __init__(self, name: str, clearance: str, *, usage: bool) -> None:
        self._name, self._clearance, self._at = name, clearance, int(time.time())
        self._number = self._items = 0
        self._open: str | None = None
        self._text = ""
        self._output: list[dict[str, Any]] = []
        self._begun = False

    def write(self, pieces: list[Piece]) -> Iterator[dict[str, Any]]:
        if not self._begun:
            self._begun = True
            for kind in ("response.created", "response.in_progress"):
                yield self._event(kind, response=self._response("in_progress"))
        for piece in pieces:
            if isinstance(piece, Said):
                yield from self._say(piece)
            elif isinstance(piece, ToolCall):
                yield from self._close_message()
                yield from self._call(piece)

    def close(self, answer: Answer) -> Iterator[dict[str, Any]]:
        yield from self._close_message()
        kind = "incomplete" if answer.reason in _CUT else "completed"
        yield self._event(f"response.{kind}", response=self._response(kind, answer))

    def _say(self, piece: Said) -> Iterator[dict[str, Any]]:
        kind = "refusal" if piece.refusal else "output_text"
        if self._open != kind:
            yield from self._close_message()
            self._open, self._text = kind, ""
            yield self._event("response.output_item.added", output_index=self._items, item=self._message("in_progress", []))
            yield self._event("response.content_part.added", **self._place(), part=_part(kind, ""))
        self._text += piece.text
        logprobs: dict[str, Any] = {} if piece.refusal else {"logprobs": []}
        yield self._event(f"response.{kind}.delta", **self._place(), delta=piece.text, **logprobs)

    def _close_message(self) -> Iterator[dict[str, Any]]:
        if self._open is None:
            return
        kind, part = self._open, _part(self._open, self._text)
        last = {"refusal": self._text} if kind == "refusal" else {"text": self._text, "logprobs": []}
        yield self._event(f"response.{kind}.done", **self._place(), **last)
        yield self._event("response.content_part.done", **self._place(), part=part)
        yield self._done(self._message("completed", [part]))
        self._open = None

    def _call(self, call: ToolCall) -> Iterator[dict[str, Any]]:
        item = _call_item(call, f"fc_{self._clearance}_{self._items}")
        yield self._event("response.output_item.added", output_index=self._items, item={**item, "arguments": "", "status": "in_progress"})
        place = {"item_id": item["id"], "output_index": self._items}
        yield self._event("response.function_call_arguments.delta", **place, delta=call.arguments)
        yield self._event("response.function_call_arguments.done", **place, name=call.name, arguments=call.arguments)
        yield self._done(item)

    def _done(self, item: dict[str, Any]) -> dict[str, Any]:
        self._output.append(item)
        event = self._event("response.output_item.done", output_index=self._items, item=item)
        self._items += 1
        return event

    def _place(self) -> dict[str, Any]:
        return {"item_id": f"msg_{self._clearance}_{self._items}", "output_index": self._items, "content_index": 0}

    def _message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return _message(f"msg_{self._clearance}_{self._items}", status, content)

    def _event(self, kind: str, **members: Any) -> dict[str, Any]:
        self._number += 1
        return {"type": kind, "sequence_number": self._number - 1, **members}

    def _response(self, status: str, answer: Answer | None = None) -> dict[str, Any]:
        return _response(self._name, self._clearance, self._at, status, self._output, answer)


_CUT = {"length": "max_output_tokens", "content_filter": "content_filter"}


def whole(name: str, clearance: str, answer: Answer) -> dict[str, Any]:
    parts = [_part("output_text", answer.text)] if answer.text else []
    parts += [_part("refusal", answer.refusal)] if answer.refusal else []
    output = [_message(f"msg_{clearance}_0", "completed", parts)] if parts else []
    output += [_call_item(call, f"fc_{clearance}_{number}") for number, call in enumerate(answer.calls, len(output))]
    return _response(name, clearance, int(time.time()), "incomplete" if answer.reason in _CUT else "completed", output, answer)


def _part(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "refusal": text} if kind == "refusal" else {"type": kind, "text": text, "annotations": [], "logprobs": []}


def _message(name: str, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": name, "type": "message", "role": "assistant", "status": status, "content": content}


def _call_item(call: ToolCall, name: str) -> dict[str, Any]:
    found = {"id": name, "type": "function_call", "status": "completed", "call_id": call.id}
    return {**found, "name": call.name, "arguments": call.arguments}


def _response(name: str, clearance: str, at: int, status: str, output: list[dict[str, Any]], answer: Answer | None) -> dict[str, Any]:
    used = answer.used if answer else None
    cut = _CUT.get(answer.reason) if answer else None
    return {
        "id": f"resp_{clearance}",
        "object": "response",
        "created_at": at,
        "status": status,
        "model": name,
        "output": list(output),
        "error": None,
        "incomplete_details": {"reason": cut} if cut else None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "store": False,
        "usage": {
            "input_tokens": used.prompt,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": used.completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": used.prompt + used.completion,
        }
        if used
        else None,
    }
