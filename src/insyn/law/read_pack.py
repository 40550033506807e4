"""One pack's files into values: each file read strictly, held against its schema, converted. References are checked afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from jsonschema.exceptions import best_match

from insyn.core.errors import PackError
from insyn.core.text import Text

from .digests import digest_of_files
from .model import (
    All,
    Always,
    AnyOf,
    Ask,
    CalendarDay,
    Case,
    Condition,
    Demand,
    Fact,
    HistoryEntry,
    Instrument,
    Kind,
    Not,
    Operator,
    Pack,
    Provision,
    Reading,
    Rule,
    RuleException,
)
from .schema import validator
from .yaml_reader import MAX_BYTES, Document, Place, parse_yaml

MAX_FILES = 2000
_TABLES = {"instruments.yaml": "instruments", "provisions.yaml": "provisions", "facts.yaml": "facts", "calendar.yaml": "calendar"}
_MENDS = {"sv": "Write the Swedish text.", "en": "Write the English text."}
T = TypeVar("T")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as read, with the documents that know its lines (by path below the pack)."""

    pack: Pack
    documents: Mapping[str, Document]


def read_pack(folder: Path) -> Source:
    """Read every file of the pack in ``folder``. Raises :class:`PackError`; nothing is half-read."""
    files = dict(_files(folder))
    if "pack.yaml" not in files:
        raise PackError("has no pack.yaml", file=folder.name, mend="A pack's folder holds a pack.yaml.")
    documents = {path: _document(_shown(folder, path), path, data) for path, data in sorted(files.items())}
    head = documents["pack.yaml"].value
    pack_id = str(head["id"])
    if tuple(pack_id.split("/")) != folder.resolve().parts[-len(pack_id.split("/")) :]:
        documents["pack.yaml"].refuse(
            f"the id {pack_id!r} is not the folder's name", place=("id",), mend="Let the id and the folder agree."
        )
    pack = msgspec.convert(
        head
        | {
            "digest": digest_of_files(files),
            **{name: _table(documents, file, name) for file, name in _TABLES.items()},
            "rules": {},
            "cases": (),
        },
        Pack,
        strict=False,
    )
    pack = msgspec.structs.replace(pack, rules=_rules(pack_id, documents), cases=tuple(_cases(documents)))
    return Source(pack=pack, documents=documents)


def _shown(folder: Path, path: str) -> str:
    """A file's name in messages: the pack's last folder and the path below it, never this machine's path."""
    return f"{folder.name}/{path}"


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder, except packs of their own further down. Other files than YAML are refused: they would not be read."""
    count = 0
    for root, folders, names in os.walk(folder, followlinks=False, onerror=_unreadable):
        here = Path(root)
        folders[:] = sorted(name for name in folders if not (here / name / "pack.yaml").exists())
        for name in sorted(names):
            path = (here / name).relative_to(folder).as_posix()
            count += 1
            if count > MAX_FILES:
                raise PackError(f"holds more than {MAX_FILES} files", file=folder.name, mend="Divide the pack.")
            if not _known(path) or (here / name).is_symlink():
                raise PackError("is not a file of a pack", file=_shown(folder, path), mend="Rules stand in rules/, cases in cases/.")
            yield path, _content(here / name, _shown(folder, path))


def _unreadable(error: OSError) -> None:
    raise PackError(f"cannot be read: {error.strerror}", file=Path(str(error.filename)).name, mend="Check the folder's name and rights.")


def _known(path: str) -> bool:
    parts = path.split("/")
    if len(parts) == 1:
        return path == "pack.yaml" or path in _TABLES
    return len(parts) == 2 and parts[0] in ("rules", "cases") and path.endswith(".yaml")


def _content(path: Path, shown: str) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", file=shown, mend="Check the file's rights.") from error
    if len(data) > MAX_BYTES:
        raise PackError(f"is larger than {MAX_BYTES} bytes", file=shown, mend="Divide it into several files.")
    return data


def _document(shown: str, path: str, data: bytes) -> Document:
    document = parse_yaml(data, file=shown)
    kind = "pack" if path == "pack.yaml" else _TABLES.get(path) or ("rule" if path.startswith("rules/") else "cases")
    error = best_match(validator(kind).iter_errors(document.value))
    if error is not None:
        place: Place = tuple(error.absolute_path)
        missing = [name for name in error.validator_value if name not in error.instance] if error.validator == "required" else []
        mend = _MENDS.get(missing[0], f"Write {missing[0]}.") if missing else "See docs/reference/packs.md."
        document.refuse(error.message[:300], place=place, mend=mend)
    return document


def _table(documents: Mapping[str, Document], file: str, name: str) -> dict[str, Any]:
    """A table's rows by id. Raises :class:`PackError` for an id that stands twice."""
    document = documents.get(file)
    rows: dict[str, Any] = {}
    for number, row in enumerate(document.value[name] if document else ()):
        if row["id"] in rows and document:
            document.refuse(f"the id {row['id']!r} stands twice", place=(name, number, "id"), mend="Keep one of them.")
        rows[row["id"]] = row
    _convertible(document, name, rows)
    return rows


def _convertible(document: Document | None, name: str, rows: Mapping[str, Any]) -> None:
    """Dates of the calendar exist: the schema sees only their form."""
    kinds: Mapping[str, type] = {"instruments": Instrument, "provisions": Provision, "facts": Fact, "calendar": CalendarDay}
    for number, row in enumerate(rows.values()):
        _converted(document, row, kinds[name], (name, number))


def _converted(document: Document | None, row: Any, kind: type[T], place: Place) -> T:
    try:
        return msgspec.convert(row, kind, strict=False)
    except msgspec.ValidationError as error:
        if document is None:
            raise
        return document.refuse(str(error), place=place, mend="Correct the value.")


def _rules(pack_id: str, documents: Mapping[str, Document]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for path, document in documents.items():
        if path.startswith("rules/"):
            rule = _rule(pack_id, document.value)
            if rule.slug in rules:
                document.refuse(
                    f"the slug {rule.slug!r} stands in another file too", place=("id",), mend="Give each rule a slug of its own."
                )
            if path != f"rules/{rule.slug}.yaml":
                document.refuse(
                    f"the slug {rule.slug!r} is not the file's name", place=("id",), mend="Let the slug and the file's name agree."
                )
            rules[rule.slug] = rule
    return rules


def _rule(pack_id: str, value: dict[str, Any]) -> Rule:
    return Rule(
        pack=pack_id,
        slug=value["id"],
        title=_words(value["title"]),
        kind=Kind(value["concludes"]["kind"]),
        value=value["concludes"]["value"],
        when=condition(value["when"], "when"),
        citations=tuple(value["citations"]),
        why=_words(value["why"]),
        mend=_words(value["mend"]),
        demands=msgspec.convert(value["demands"], Demand) if "demands" in value else None,
        exceptions=tuple(
            RuleException(
                id=entry["id"],
                title=_words(entry["title"]),
                when=condition(entry["when"], f"exceptions.{number}.when"),
                citations=tuple(entry["citations"]),
            )
            for number, entry in enumerate(value.get("exceptions", ()))
        ),
        history=msgspec.convert(value.get("history", ()), tuple[HistoryEntry, ...]),
        starts_by=value.get("starts_by", ""),
        actor=value.get("actor", ""),
        reading=Reading(value.get("reading", Reading.MAINSTREAM)),
        note=value.get("note", ""),
    )


def _words(value: dict[str, str]) -> Text:
    return Text(sv=value["sv"], en=value["en"])


def condition(value: dict[str, Any], place: str) -> Condition:
    """A condition as the schema has let it through; ``place`` is where it stands, for the trace."""
    if "all" in value:
        return All(tuple(condition(part, f"{place}.all.{number}") for number, part in enumerate(value["all"])))
    if "any" in value:
        return AnyOf(tuple(condition(part, f"{place}.any.{number}") for number, part in enumerate(value["any"])))
    if "not" in value:
        return Not(condition(value["not"], f"{place}.not"))
    if "always" in value:
        return Always()
    operator = next(operator for operator in Operator if operator.value in value)
    return Ask(fact=value["fact"], operator=operator, value=value[operator.value], place=place)


def _cases(documents: Mapping[str, Document]) -> Iterator[Case]:
    for path, document in documents.items():
        if path.startswith("cases/"):
            rule = path.removeprefix("cases/").removesuffix(".yaml")
            for number, value in enumerate(document.value["cases"]):
                yield _converted(document, value | {"rule": rule}, Case, ("cases", number))
