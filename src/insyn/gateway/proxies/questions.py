"""What a caller asks in OpenAI's words, read strictly: a field that is not known here is refused, not passed on.

What would let the model's supplier act by itself, keep the conversation, or see what nobody has examined is not taken: tools that run at the
supplier, stored responses, pictures, files and addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode

from .config import Route
from .examining import IDENTITY_NUMBER, holds_number, masked, texts_in
from .refusing import close, unreadable

_Temperature = Annotated[float, Meta(ge=0, le=2)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Penalty = Annotated[float, Meta(ge=-2, le=2)]
_Tokens = Annotated[int, Meta(ge=1, le=10_000_000)]
_TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal"})
_CASE = "case"


class _Common(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``metadata.case`` is the case number; no other metadata is read, and none of it goes to the model. ``user`` is known by the pass."""

    model: Annotated[str, Meta(max_length=64)]
    stream: bool | None = None
    temperature: _Temperature | None = None
    top_p: _Share | None = None
    parallel_tool_calls: bool | None = None
    tools: Annotated[list[dict[str, Any]], Meta(max_length=128)] | None = None
    tool_choice: str | dict[str, Any] | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    user: str | None = None
    safety_identifier: str | None = None


class _StreamOptions(msgspec.Struct, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatQuestion(_Common, kw_only=True, forbid_unknown_fields=True):
    messages: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=2000)]
    stream_options: _StreamOptions | None = None
    max_tokens: _Tokens | None = None
    max_completion_tokens: _Tokens | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    n: Literal[1] | None = None
    presence_penalty: _Penalty | None = None
    frequency_penalty: _Penalty | None = None
    response_format: dict[str, Any] | None = None
    reasoning_effort: Annotated[str, Meta(max_length=16)] | None = None
    verbosity: Annotated[str, Meta(max_length=16)] | None = None


class ResponsesQuestion(_Common, kw_only=True, forbid_unknown_fields=True):
    input: str | Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=2000)]
    instructions: str | None = None
    max_output_tokens: _Tokens | None = None
    text: dict[str, Any] | None = None
    reasoning: dict[str, Any] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    stream_options: _StreamOptions | None = None


class EmbeddingsQuestion(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Text only: a list of numbers in place of text cannot be examined."""

    model: Annotated[str, Meta(max_length=64)]
    input: str | Annotated[list[str], Meta(min_length=1, max_length=2048)]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    user: str | None = None


@dataclass(frozen=True)
class Question:
    """What goes on: ``body`` to the model, ``sealed`` to the record. ``categories``: found in it, beyond what the configuration says."""

    body: dict[str, Any]
    sealed: dict[str, Any]
    case: str
    stream: bool = False
    offered: frozenset[str] = frozenset()
    usage: bool = False
    categories: tuple[str, ...] = field(default=())

    def encoded(self) -> bytes:
        return msgspec.json.encode(self.body)


_ROUTED = ("model", "metadata", "user", "safety_identifier", "store", "stream_options")
#: What the model reads beside the messages: free text can stand in each of them.
_TOLD = ("tools", "tool_choice", "response_format", "text", "stop")


def read(data: bytes, kind: type[Any]) -> Any:
    """Raises :class:`Closed` naming the field."""
    try:
        return strict_json.convert(strict_json.loads(data), kind)
    except InvalidInput as error:
        raise unreadable(error) from error


def chat_question(asked: ChatQuestion, route: Route) -> Question:
    for number, message in enumerate(asked.messages):
        _check_message(message, f"messages[{number}]", _CHAT_MESSAGE)
    _check_common(asked)
    usage = bool(asked.stream and asked.stream_options and asked.stream_options.include_usage)
    body = _body(asked, route)
    if asked.stream:
        body["stream_options"] = {"include_usage": True}
    return _question(asked, body, route, offered=_offered(asked.tools, nested=True), usage=usage, said={"messages": asked.messages})


def responses_question(asked: ResponsesQuestion, route: Route) -> Question:
    if isinstance(asked.input, list):
        for number, item in enumerate(asked.input):
            _check_item(item, f"input[{number}]")
    _check_common(asked)
    body = {**_body(asked, route), "store": False}
    said = {"input": asked.input, **({"instructions": asked.instructions} if asked.instructions else {})}
    return _question(asked, body, route, offered=_offered(asked.tools, nested=False), usage=True, said=said)


def embeddings_question(asked: EmbeddingsQuestion, route: Route) -> Question:
    body = {**_given(asked), "model": route.upstream.model or route.name}
    body.pop("user", None)
    return _examined(route, Question(body=body, sealed={"input": asked.input}, case=""))


def _question(
    asked: _Common, body: dict[str, Any], route: Route, *, offered: frozenset[str], usage: bool, said: dict[str, Any]
) -> Question:
    sealed = {**said, **{name: body[name] for name in _TOLD if name in body}}
    case = (asked.metadata or {}).get(_CASE, "")
    if len(case) > 200:
        raise unreadable(InvalidInput("is too long", place="metadata.case", mend="At most 200 signs."))
    made = Question(body=body, sealed=sealed, case=case, stream=bool(asked.stream), offered=offered, usage=usage)
    return _examined(route, made)


def _examined(route: Route, question: Question) -> Question:
    """With identity numbers masked, or with the category that they make it count as."""
    if not holds_number((*texts_in(question.body), *_joined(question.body))):
        return question
    if route.upstream.identity_numbers == "mask":
        body, sealed = masked(question.body), masked(question.sealed)
        if holds_number(_joined(body)):  # a number that is whole only when its pieces are put together cannot be masked in place
            return replace(question, categories=(IDENTITY_NUMBER,))
        return replace(question, body=body, sealed=sealed)
    return replace(question, categories=(IDENTITY_NUMBER,))


def _joined(body: dict[str, Any]) -> list[str]:
    """The text parts of each message put together, as the model reads them."""
    found = []
    for message in (*_list(body.get("messages")), *_list(body.get("input"))):
        content = message.get("content") if isinstance(message, dict) else None
        found.append("".join(str(part.get("text", "")) for part in _list(content) if isinstance(part, dict)))
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _given(asked: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(asked).items() if value is not None}


def _body(asked: _Common, route: Route) -> dict[str, Any]:
    """What goes to the model: the caller's fields without those that are Insyn's, under the model's own name there."""
    body = {name: value for name, value in _given(asked).items() if name not in _ROUTED}
    return {"model": route.upstream.model or route.name, **body}


_CHAT_MESSAGE = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "refusal"})
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_ITEM_FIELDS = {
    "message": frozenset({"type", "role", "content", "id", "status", "phase"}),
    "function_call": frozenset({"type", "call_id", "name", "arguments", "id", "status"}),
    "function_call_output": frozenset({"type", "call_id", "output", "id", "status"}),
}


def _check_message(message: dict[str, Any], place: str, known: frozenset[str]) -> None:
    _only(message, known, place)
    if message.get("role") not in _ROLES:
        raise unreadable(InvalidInput("is no role", place=f"{place}.role", mend="Use system, developer, user, assistant or tool."))
    _check_content(message.get("content"), f"{place}.content")
    for number, call in enumerate(_list(message.get("tool_calls"))):
        if not isinstance(call, dict) or call.get("type", "function") != "function":
            raise _not_examined(f"{place}.tool_calls[{number}]")


def _check_item(item: dict[str, Any], place: str) -> None:
    kind = item.get("type", "message")
    if kind not in _ITEM_FIELDS:
        raise _not_examined(f"{place}.type")
    _only(item, _ITEM_FIELDS[kind], place)
    if kind == "message":
        _check_message({name: item[name] for name in ("role", "content") if name in item}, place, _CHAT_MESSAGE)
    if kind == "function_call_output":
        _check_content(item.get("output"), f"{place}.output")


def _check_content(content: Any, place: str) -> None:
    """Text, or parts that are text: anything else could not be looked through on its way."""
    if content is None or isinstance(content, str):
        return
    if not isinstance(content, list):
        raise unreadable(InvalidInput("is neither text nor parts", place=place))
    for number, part in enumerate(content):
        if not isinstance(part, dict) or part.get("type") not in _TEXT_PARTS:
            raise _not_examined(f"{place}[{number}]")
        if not all(isinstance(part.get(name, ""), str) for name in ("text", "refusal")) or not part.keys() <= _PART_FIELDS:
            raise unreadable(InvalidInput("is no part of text", place=f"{place}[{number}]"))


_PART_FIELDS = frozenset({"type", "text", "refusal", "annotations", "logprobs"})


def _only(found: dict[str, Any], known: frozenset[str], place: str) -> None:
    if unknown := sorted(found.keys() - known):
        raise unreadable(InvalidInput("is not known here", place=f"{place}.{unknown[0][:40]}", mend="Leave it out."))


def _check_common(asked: _Common) -> None:
    """Nothing is kept at the supplier, and no tool of the supplier's own is chosen."""
    if asked.store:
        raise _not_examined("store")
    if isinstance(asked.tool_choice, dict) and asked.tool_choice.get("type") != "function":
        raise _not_examined("tool_choice")


def _offered(tools: list[dict[str, Any]] | None, *, nested: bool) -> frozenset[str]:
    """Names of the caller's own functions. Tools that the supplier would run are not taken."""
    names = []
    for number, tool in enumerate(tools or ()):
        function = tool.get("function") if nested else tool
        if tool.get("type") != "function" or not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise _not_examined(f"tools[{number}]")
        names.append(function["name"])
    return frozenset(names)


def _not_examined(place: str) -> Exception:
    return close(RefusalCode.CONTENT_NOT_EXAMINED, place=place)
