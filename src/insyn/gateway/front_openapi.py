"""What the HTTP front takes, and its OpenAPI document, made from the same types."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from insyn.core import messages as m

from .problems import STATUS, Problem


class ClearanceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """May I? ``person``: the pass of whoever asks, where the system is an assistant."""

    asked: m.Asked
    person: m.PersonPass = ""


class RecordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model said, under a clearance."""

    clearance: m.HexId
    outcome: m.Outcome


class DecisionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Clearance and record in one call. ``person``: the pass of whoever asks, where the system is an assistant."""

    asked: m.Asked
    outcome: m.Outcome
    person: m.PersonPass = ""


class Health(msgspec.Struct, frozen=True):
    """Ready: callers are answered. ``max_age_ms`` is how old an answer may be when it is used."""

    status: str
    log: str
    size: int
    max_age_ms: int


class Live(msgspec.Struct, frozen=True):
    """The front answers; it says nothing of the sequencer."""

    status: str


class ApiInfo(msgspec.Struct, frozen=True):
    """As the Swedish REST API profile names the fields."""

    apiName: str  # noqa: N815
    apiVersion: str  # noqa: N815
    apiStatus: str  # noqa: N815
    apiDocumentation: str  # noqa: N815


class _Query(msgspec.Struct):
    system: m.Slug


_ABOUT = (
    "Asks Insyn for clearance and records what a model said. Unreachable counts as no. Known limitation: a caller over HTTP gets a stop as "
    "*committed only*, since nothing can check how old an answer is when it is used; the Python SDK does.\n\n"
    "Frågar Insyn om klartecken och antecknar vad en modell svarade. Inget svar räknas som nej. Känd begränsning: den som anropar över HTTP får "
    "veta att ett stopp är *beslutat*, men inte att det är *genomfört*, eftersom ingen kan kontrollera hur gammalt ett svar är när det används."
)
_ASKED = {
    "system": "lanestod",
    "version": "1.0",
    "purpose": "assess_loan",
    "categories": ["economy"],
    "matter_type": "loan",
    "mode": "support",
}
_OUTCOME = {
    "outcome": "approve",
    "payload": {"income": 4200},
    "case": "LN-2026-17",
    "score": 0.7,
    "base": 0.5,
    "factors": [{"feature": "income", "value": 4200, "contribution": 0.2}],
    "notice": "in the form",
}
_MADE = (m.Cleared, m.Recorded, m.Proof, Problem, ClearanceRequest, RecordRequest, DecisionRequest, Health, Live, ApiInfo)
#: Answers over HTTP: without the tag of our own protocol, and with how much a stop promises to whoever reads them.
_ANSWERS = ("Cleared", "Recorded", "Proof")
_IDEMPOTENCY_PATTERN = r"^[\x21-\x7e]{8,128}$"


@lru_cache(maxsize=4)
def openapi(version: str) -> bytes:
    """OpenAPI 3.1, as JSON."""
    _, schemas = msgspec.json.schema_components(_MADE, ref_template="#/components/schemas/{name}")
    for name in _ANSWERS:
        schemas[name] = _as_told(schemas[name])
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Insyn",
            "version": version,
            "description": _ABOUT,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "security": [{"client_key": []}],
        "paths": {
            "/v1/clearances": _post("clear", "Ask for clearance. It decides nothing.", "ClearanceRequest", "Cleared", {"asked": _ASKED}),
            "/v1/records": _post(
                "record", "Record an outcome under a clearance.", "RecordRequest", "Recorded", {"clearance": "0" * 32, "outcome": _OUTCOME}
            ),
            "/v1/decisions": _post(
                "decide", "Clearance and record in one call.", "DecisionRequest", "Recorded", {"asked": _ASKED, "outcome": _OUTCOME}
            ),
            "/v1/receipts/{index}": {"get": _receipt()},
            "/health": {"get": _open("health", "As /health/ready.", "Health", may_fail=True)},
            "/health/ready": {"get": _open("ready", "Whether the sequencer answers, and is ready.", "Health", may_fail=True)},
            "/health/live": {"get": _open("live", "Whether this front answers.", "Live")},
            "/api-info": {"get": _open("api_info", "Name, version and status of this interface.", "ApiInfo")},
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "client_key": {"type": "http", "scheme": "bearer", "description": "A client key that the register issued."}
            },
        },
    }
    return msgspec.json.encode(document)


def _post(name: str, text: str, request: str, answer: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(request), "example": example}}
    operation: dict[str, Any] = {
        "operationId": name,
        "description": text,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "201": _response("Done, and durable.", answer),
            **({} if request == "ClearanceRequest" else {"200": _response("An old answer, its use judged now.", answer)}),
            **_problems(),
            **_plain_problems({408: "The body did not come in time.", 415: "Not application/json."}),
        },
    }
    if request != "ClearanceRequest":
        operation["parameters"] = [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key and body get the old receipt; another body is refused.",
                "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": _IDEMPOTENCY_PATTERN},
            }
        ]
    return {"post": operation}


def _receipt() -> dict[str, Any]:
    return {
        "operationId": "receipt",
        "description": "The offline receipt of an entry (c2sp.org/tlog-proof@v1), empty until a checkpoint covers it.",
        "parameters": [
            {"name": "index", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}},
            {
                "name": "system",
                "in": "query",
                "required": True,
                "schema": msgspec.json.schema(_Query)["$defs"]["_Query"]["properties"]["system"],
            },
        ],
        "responses": {"200": _response("The receipt.", "Proof"), **_problems()},
    }


def _open(name: str, text: str, answer: str, *, may_fail: bool = False) -> dict[str, Any]:
    refused = {"503": {"description": "Nothing is answered now.", "content": _PROBLEM}} if may_fail else {}
    return {"operationId": name, "description": text, "security": [], "responses": {"200": _response("As described.", answer), **refused}}


def _as_told(schema: dict[str, Any]) -> dict[str, Any]:
    properties = {name: what for name, what in schema["properties"].items() if name != "type"}
    properties["stop"] = {"type": "string", "description": "How much a stop promises to a caller over HTTP."}
    required = [name for name in schema.get("required", ()) if name != "type"]
    return {**schema, "properties": properties, "required": [*required, "stop"]}


def _plain_problems(words: dict[int, str]) -> dict[str, Any]:
    return {str(status): {"description": text, "content": _PROBLEM} for status, text in words.items()}


def _problems() -> dict[str, Any]:
    codes: dict[int, list[str]] = {}
    for code, status in STATUS.items():
        codes.setdefault(status, []).append(code.value)
    described = {str(status): f"Refused: {', '.join(sorted(names))}." for status, names in sorted(codes.items())}
    return {status: {"description": text, "content": _PROBLEM} for status, text in described.items()}


def _response(text: str, name: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": _ref(name)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_PROBLEM = {"application/problem+json": {"schema": _ref("Problem")}}
