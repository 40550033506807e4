"""JSON Schema (2020-12) of the files in a pack, made from the closed lists so that it cannot fall behind them.

``python -m insyn.law.schema`` prints it; ``docs/reference/pack.schema.json`` is its output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from insyn.core.terms import Phase, RecordKind, Role, Tristate, VerificationLevel

from .model import (
    AuthorityStatus,
    Coverage,
    Expect,
    FactType,
    InstrumentStatus,
    Kind,
    PackKind,
    PackStatus,
    Reading,
    RuleStatus,
)

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Schema = dict[str, Any]
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PACK_ID = r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$"
FACT_ID = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"
DURATION = r"^P(?=\d)(\d{1,3}Y)?(\d{1,4}M)?(\d{1,5}D)?$"
#: A clock may count hours too.
CLOCK = r"^P(?=[\dT])(\d{1,3}Y)?(\d{1,4}M)?(\d{1,5}D)?(T\d{1,5}H)?$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
RULE_ID = r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)+$"


#: The kinds of file in a pack.
FILES = ("pack", "instruments", "provisions", "facts", "calendar", "authorities", "sanctions", "rule", "cases")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _text(pattern: str = "", *, empty: bool = False) -> Schema:
    found: Schema = {"type": "string", "maxLength": 4000}
    if not empty:
        found["minLength"] = 1
    return found | ({"pattern": pattern} if pattern else {})


def _one_of(words: Iterable[StrEnum]) -> Schema:
    return {"enum": [word.value for word in words]}


def _list(of: Schema, *, at_least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": at_least, "maxItems": 500}


def _object(required: dict[str, Schema], **optional: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": required | optional}


def _ask(**operator: Schema) -> Schema:
    return _object({"fact": _text(FACT_ID), **operator})


def _condition() -> Schema:
    parts = _list(_ref("condition"), at_least=1)
    return {
        "oneOf": [
            _object({"all": parts}),
            _object({"any": parts}),
            _object({"not": _ref("condition")}),
            _object({"always": {"const": True}}),
            _ask(**{"is": _text()}),
            _ask(has=_text()),
            _ask(at_least={"oneOf": [{"type": "integer", "minimum": 1}, _text(SLUG)]}),
        ]
    }


def _demand() -> Schema:
    roles = _list(_one_of(Role), at_least=1)
    return _object(
        {"record": _one_of(RecordKind), "before": _one_of(Phase), "supplied_by": roles},
        per_version={"type": "boolean"},
        expires_after=_text(DURATION),
        second_from=roles,
        differs_from=_list(_one_of(RecordKind), at_least=1),
    )


def _rule() -> Schema:
    citations = _list(_text(SLUG), at_least=1)
    deadline = _object({"id": _text(SLUG), "title": _ref("words"), "within": _text(CLOCK), "starts": _ref("words")})
    exception = _object({"id": _text(SLUG), "title": _ref("words"), "when": _ref("condition"), "citations": citations})
    return _object(
        {
            "id": _text(SLUG),
            "title": _ref("words"),
            "concludes": _object({"kind": _one_of(Kind), "value": _text()}),
            "when": _ref("condition"),
            "citations": citations,
            "why": _ref("words"),
            "mend": _ref("words"),
        },
        demands=_ref("demand"),
        exceptions=_list(exception, at_least=1),
        history=_steps(RuleStatus),
        starts_by=_text(),
        deadlines=_list(deadline, at_least=1),
        brings_forward=_list(_text(RULE_ID), at_least=1),
        yields_to=_list(_object({"rule": _text(RULE_ID), "why": _ref("words")}), at_least=1),
        until=_one_of(Phase),
        actor={"enum": ["provider", "deployer", "any"]},
        reading=_one_of(Reading),
        note=_text(),
    )


def _fact() -> Schema:
    return _object(
        {"id": _text(FACT_ID), "type": _one_of(FactType), "question": _ref("words")},
        help=_ref("words"),
        evidence=_ref("words"),
        who=_list(_one_of(Role), at_least=1),
        values=_list(_object({"value": _text(r"^[a-z0-9][a-z0-9_]*$"), "label": _ref("words")}), at_least=1),
        derived=_text(),
    )


def _pack() -> Schema:
    return _object(
        {
            "id": _text(PACK_ID),
            "title": _ref("words"),
            "kind": _one_of(PackKind),
            "status": _one_of(PackStatus),
            "coverage": _one_of(Coverage),
            "jurisdiction": _text(),
            "version": _text(),
        },
        note=_text(),
        uses=_list(_text(PACK_ID), at_least=1),
        topics=_list(_text(SLUG), at_least=1),
    )


def _steps(status: type[StrEnum]) -> Schema:
    return _list(_object({"status": _one_of(status), "at": _text(SLUG)}), at_least=1)


def _authority(url: Schema) -> Schema:
    needed = {"id": _text(SLUG), "role": _text(), "name": _ref("words"), "basis": _text(SLUG), "history": _steps(AuthorityStatus)}
    return _object(needed, url=url, note=_text())


def _sanction() -> Schema:
    needed = {
        "id": _text(SLUG),
        "provisions": _list(_text(SLUG), at_least=1),
        "ceiling": _ref("words"),
        "public_bodies": _one_of(Tristate),
        "basis": _text(SLUG),
    }
    return _object(needed, note=_text())


def _tables() -> dict[str, Schema]:
    url = {"type": "string", "maxLength": 500, "pattern": r"^(https://\S+)?$"}
    instrument = {"id": _text(SLUG), "title": _ref("words"), "number": _text(), "url": url, "status": _one_of(InstrumentStatus)}
    provision = {"id": _text(SLUG), "instrument": _text(SLUG), "path": _text(), "level": _one_of(VerificationLevel), "url": url}
    answer = {"oneOf": [_text(), _list(_text())]}
    case = {
        "name": _text(),
        "facts": {"type": "object", "additionalProperties": answer},
        "on": _text(DATE),
        "expect": _one_of(Expect),
    }
    return {
        "instruments": _object({"instruments": _list(_object(instrument), at_least=1)}),
        "provisions": _object({"provisions": _list(_object(provision, note=_text()), at_least=1)}),
        "facts": _object({"facts": _list(_fact(), at_least=1)}, topic=_ref("words")),
        "authorities": _object({"authorities": _list(_authority(url), at_least=1)}),
        "sanctions": _object({"sanctions": _list(_sanction(), at_least=1)}),
        "calendar": _object({"calendar": _list(_object({"id": _text(SLUG), "day": _text(DATE), "basis": _text()}, note=_text()))}),
        "cases": _object({"cases": _list(_object(case, adopted_on=_text(DATE)), at_least=1)}),
    }


@cache
def schema() -> Schema:
    """The whole schema; each kind of file is one of ``$defs``."""
    words = _object({"sv": _text(r"\S"), "en": _text(r"\S")})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Insyn rule pack",
        "description": f"{', '.join(FILES)} are the files of a pack. See docs/reference/packs.md.",
        "$defs": {"words": words, "condition": _condition(), "demand": _demand(), "pack": _pack(), "rule": _rule(), **_tables()},
        "oneOf": [_ref(name) for name in FILES],
    }


@cache
def validator(file_kind: str) -> Draft202012Validator:
    """A validator for one kind of file, that says what is wrong."""
    from jsonschema import Draft202012Validator  # slow to import, and needed only for what is wrong

    return Draft202012Validator(_of_kind(file_kind))


@cache
def quick_validator(file_kind: str) -> jsonschema_rs.Validator:
    """A validator that says only whether something is wrong, in a fiftieth of the time."""
    return jsonschema_rs.Draft202012Validator(_of_kind(file_kind))


def _of_kind(file_kind: str) -> Schema:
    return _ref(file_kind) | {"$defs": schema()["$defs"]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), ensure_ascii=False, indent=2) + "\n")
