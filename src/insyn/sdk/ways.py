"""Two ways to ask the same questions: the Unix socket and HTTP. What comes back is the same; nothing here judges it."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from insyn.core import messages as m
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import Refusal

from .answers import COMMITTED_ONLY, DRAINED
from .connection import Connection

T = TypeVar("T")


class Way(Protocol):
    """Every method raises :class:`Unreachable` when nothing, or nothing that can be read, comes back."""

    @property
    def stop(self) -> str: ...

    def refusal(self) -> Refusal | None:
        """Why nothing is answered now, if so."""

    def clear(self, asked: m.Asked) -> m.Cleared | m.Denied: ...

    def record(self, clearance: str, outcome: m.Outcome) -> m.Recorded | m.Denied: ...

    def decide(self, asked: m.Asked, outcome: m.Outcome, repeat: str | None = None) -> m.Recorded | m.Denied: ...

    def receipt(self, system: str, index: int) -> m.Proof | m.Denied: ...


class SocketWay:
    """The decide socket of this machine."""

    stop = DRAINED

    def __init__(self, path: Path, key: str) -> None:
        self._connection, self._key = Connection(path), key

    def _ask(self, make: Callable[[int], m.Message], kind: type[T]) -> T | m.Denied:
        answer = self._connection.ask(make(self._connection.next_id()))
        if not isinstance(answer, (kind, m.Denied)):
            raise Unreachable("an answer to something else")
        return answer

    def refusal(self) -> Refusal | None:
        pong = self._ask(lambda n: m.Ping(id=n), m.Pong)
        return pong.refusal

    def clear(self, asked: m.Asked) -> m.Cleared | m.Denied:
        return self._ask(lambda n: m.Clear(id=n, key=self._key, asked=asked), m.Cleared)

    def record(self, clearance: str, outcome: m.Outcome) -> m.Recorded | m.Denied:
        return self._ask(lambda n: m.Record(id=n, key=self._key, clearance=clearance, outcome=outcome), m.Recorded)

    def decide(self, asked: m.Asked, outcome: m.Outcome, repeat: str | None = None) -> m.Recorded | m.Denied:
        return self._ask(lambda n: m.Decide(id=n, key=self._key, asked=asked, outcome=outcome, idempotency=repeat), m.Recorded)

    def receipt(self, system: str, index: int) -> m.Proof | m.Denied:
        return self._ask(lambda n: m.AskReceipt(id=n, key=self._key, system=system, index=index), m.Proof)


class HttpWay:
    """The HTTP interface. Answers over it have no common clock with the sequencer, so a stop is *committed only*."""

    stop = COMMITTED_ONLY

    def __init__(self, url: str, key: str, *, timeout: float = 20.0) -> None:
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise InvalidInput("not an http or https address", place="url", mend="Give for example https://insyn.example.se.")
        self._base, self._key, self._timeout = url.rstrip("/"), key, timeout

    def _call(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        data = None if body is None else msgspec.json.encode(body)
        sent = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"{self._base}{path}", data=data, headers=sent)  # noqa: S310 - http or https, looked at above
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:  # noqa: S310
                return int(response.status), json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code), _problem(error.read())
        except (OSError, ValueError) as error:
            raise Unreachable(f"{self._base}{path} does not answer: {error}") from error

    def _ask(self, path: str, kind: type[T], body: Any = None, headers: dict[str, str] | None = None) -> T | m.Denied:
        status, said = self._call(path, body, headers)
        try:
            if status < 300:
                said.pop("stop", None)
                return msgspec.convert({**said, "type": _tag(kind)}, kind)
            return msgspec.convert({"type": "denied", "refusal": said["refusal"], "receipt": said.get("receipt")}, m.Denied)
        except (KeyError, msgspec.ValidationError) as error:
            raise Unreachable(f"{path} answered {status} with something else: {said.get('title', error)}") from error

    def refusal(self) -> Refusal | None:
        status, said = self._call("/health")
        if status == 200:
            return None
        if "refusal" not in said:
            raise Unreachable(f"/health answered {status}")
        return msgspec.convert(said["refusal"], Refusal)

    def clear(self, asked: m.Asked) -> m.Cleared | m.Denied:
        return self._ask("/v1/clearances", m.Cleared, {"asked": asked})

    def record(self, clearance: str, outcome: m.Outcome) -> m.Recorded | m.Denied:
        return self._ask("/v1/records", m.Recorded, {"clearance": clearance, "outcome": outcome})

    def decide(self, asked: m.Asked, outcome: m.Outcome, repeat: str | None = None) -> m.Recorded | m.Denied:
        headers = {"Idempotency-Key": repeat} if repeat else None
        return self._ask("/v1/decisions", m.Recorded, {"asked": asked, "outcome": outcome}, headers)

    def receipt(self, system: str, index: int) -> m.Proof | m.Denied:
        return self._ask(f"/v1/receipts/{index}?system={urllib.parse.quote(system)}", m.Proof)


def _problem(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tag(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]
