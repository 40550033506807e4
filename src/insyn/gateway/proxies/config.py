"""What the proxy is told: one JSON file in the home, strictly read, and the key files that it names.

Everything that decides what a call counts as stands here, and nothing of it can be said by a caller or a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from insyn.core import messages as m, strict_json
from insyn.core.errors import InvalidInput
from insyn.core.terms import Mode, Population, Tristate

Column = Annotated[str, Meta(min_length=1, max_length=64)]
_Seconds = Annotated[float, Meta(gt=0, le=900)]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_ROWS = 1024


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a row that a model judges becomes an outcome.

    ``features``: the columns that the model gets, in the order of its tensor (empty: every column that is not named otherwise).
    ``case``, ``subject``, ``groups`` and ``population`` (yes, no or unknown) name columns that only Insyn reads. ``outcome``, ``score``, ``base`` and ``contributions`` name what
    the model answers; ``labels`` gives a bare number its word.
    """

    features: tuple[Column, ...] = ()
    case: str = ""
    subject: str = ""
    groups: Mapping[m.Name, Column] = {}
    population: Mapping[Population, Column] = {}
    outcome: str = "predict"
    score: str = ""
    base: str = ""
    contributions: str = ""
    labels: Mapping[str, m.Name] = {}


class Upstream(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model behind the proxy. Its name is what a caller writes as ``model``.

    ``callers``: ``persons`` each bring a pass of their own, and the proxy has the system's client key in ``client_key_file``; ``programs``
    bring the client key themselves. ``population`` is what holds for every call; silence counts as unknown. ``model``: its name at the upstream. ``chunk_chars`` and ``chunk_ms`` bound what may leave of a streamed
    answer between two looks at the log.
    """

    kind: Literal["openai", "inference", "mlflow"]
    url: str
    system: m.Slug
    version: m.Name
    purpose: m.Slug
    matter_type: m.Slug
    categories: Annotated[tuple[m.Slug, ...], Meta(max_length=100)] = ()
    mode: Mode = Mode.ADVICE
    callers: Literal["persons", "programs"]
    client_key_file: str = ""
    credential_file: str = ""
    credential_header: Literal["authorization", "api-key", "x-api-key"] = "authorization"
    ca_file: str = ""
    plain_http: bool = False
    model: str = ""
    notice: Annotated[str, Meta(max_length=200)] = ""
    population: Mapping[Population, Tristate] = {}
    identity_numbers: Literal["refuse", "mask"] = "refuse"
    connect_seconds: _Seconds = 5.0
    silence_seconds: _Seconds = 60.0
    total_seconds: _Seconds = 300.0
    retries: Annotated[int, Meta(ge=0, le=5)] = 1
    chunk_chars: Annotated[int, Meta(ge=1, le=16_384)] = 400
    chunk_ms: Annotated[int, Meta(ge=20, le=10_000)] = 500
    max_request_bytes: Annotated[int, Meta(ge=1024, le=4_194_304)] = 196_608
    max_answer_bytes: Annotated[int, Meta(ge=1024, le=67_108_864)] = 1_048_576
    rows: Rows = Rows()


class ProxiesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    upstreams: Annotated[dict[m.Slug, dict[str, Any]], Meta(min_length=1, max_length=200)]


@dataclass(frozen=True)
class Route:
    """An upstream with its name and what its key files hold. Shown in no error and no log line."""

    name: str
    upstream: Upstream
    client_key: str
    credential: str

    def __repr__(self) -> str:
        return f"Route({self.name!r})"

    def asked(self, *more: str) -> m.Asked:
        """What a call counts as; ``more`` are categories that were found in it."""
        found = self.upstream
        categories = dict.fromkeys((*found.categories, *more))
        return m.Asked(
            system=found.system,
            version=found.version,
            purpose=found.purpose,
            categories=tuple(categories),
            matter_type=found.matter_type,
            mode=found.mode,
        )


def load_routes(path: Path) -> dict[str, Route]:
    """Read the file and the keys that it names, relative to its folder. Raises :class:`InvalidInput` naming file and field."""
    file = strict_json.read_file(path, ProxiesFile)
    return {name: _route(name, _upstream(found, f"{path.name}: upstreams.{name}"), path) for name, found in file.upstreams.items()}


def _upstream(found: dict[str, Any], place: str) -> Upstream:
    try:
        return strict_json.convert(found, Upstream)
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{place}.{error.place}".rstrip("."), mend=error.mend) from error


def _route(name: str, upstream: Upstream, path: Path) -> Route:
    place = f"{path.name}: upstreams.{name}"
    _check_url(upstream, place)
    if (upstream.callers == "persons") != bool(upstream.client_key_file):
        raise InvalidInput(
            "persons bring passes, and the proxy the client key; programs bring the key themselves",
            place=f"{place}.client_key_file",
            mend="Name the file for persons, leave it out for programs.",
        )
    if upstream.ca_file and not (path.parent / upstream.ca_file).is_file():
        raise InvalidInput("there is no such file", place=f"{place}.ca_file")
    return Route(
        name,
        msgspec.structs.replace(upstream, ca_file=str(path.parent / upstream.ca_file) if upstream.ca_file else ""),
        _key(path.parent, upstream.client_key_file, f"{place}.client_key_file"),
        _key(path.parent, upstream.credential_file, f"{place}.credential_file"),
    )


def _check_url(upstream: Upstream, place: str) -> None:
    place = f"{place}.url"
    try:
        url = urlsplit(upstream.url)
        url.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise InvalidInput("is not an address", place=place) from error
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username or url.password:
        raise InvalidInput(
            "is not a plain http(s) address", place=place, mend="Scheme, host, port and path; the key goes in credential_file."
        )
    if url.scheme == "http" and url.hostname not in _LOOPBACK and not upstream.plain_http:
        raise InvalidInput("sends what people write in the clear", place=place, mend='Use https, or say "plain_http": true.')


def _key(folder: Path, name: str, place: str) -> str:
    """What the file holds: one line of visible ASCII. The error never shows it."""
    if not name:
        return ""
    try:
        text = (folder / name).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("the key file cannot be read", place=place) from error
    if not 8 <= len(text) <= 4096 or not all("!" <= sign <= "~" for sign in text):
        raise InvalidInput("the key file holds something else than one line of visible ASCII", place=place)
    return text
