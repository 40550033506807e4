"""One pack's files into values: each file read strictly, held against its schema, converted. References are checked afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from insyn.core.errors import PackError
from insyn.core.terms import Phase
from insyn.core.text import Text

from .digests import digest_of_files
from .model import (
    All,
    Always,
    AnyOf,
    Ask,
    Authority,
    CalendarDay,
    Case,
    Condition,
    Deadline,
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
    Sanction,
    Yielding,
)
from .schema import quick_validator, validator
from .yaml_reader import MAX_BYTES, Document, Place, parse_yaml

MAX_FILES = 2000
#: The tables, and what their rows are. Those in :data:`_DIVISIBLE` may be a folder of files instead of one file.
_TABLES: Mapping[str, type] = {
    "instruments": Instrument,
    "provisions": Provision,
    "facts": Fact,
    "calendar": CalendarDay,
    "authorities": Authority,
    "sanctions": Sanction,
}
_DIVISIBLE = ("provisions", "facts")
_FOLDERS = ("rules", "cases", *_DIVISIBLE)
_MENDS = {"sv": "Write the Swedish text.", "en": "Write the English text."}
T = TypeVar("T")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as read, with the documents that know its lines (by path below the pack)."""

    pack: Pack
    documents: Mapping[str, Document]


def read_pack(folder: Path) -> Source:
    """Read every file of the pack in ``folder``. Raises :class:`PackError`; nothing is half-read."""
    source = read_pack_files(files_of(folder), name=folder.name)
    pack_id = source.pack.id
    if tuple(pack_id.split("/")) != folder.resolve().parts[-len(pack_id.split("/")) :]:
        source.documents["pack.yaml"].refuse(
            f"the id {pack_id!r} is not the folder's name", place=("id",), mend="Let the id and the folder agree."
        )
    return source


def read_pack_files(files: Mapping[str, bytes], *, name: str) -> Source:
    """Read a pack from its files (paths below the pack, and bytes); ``name`` is what messages call it. Raises :class:`PackError`."""
    if "pack.yaml" not in files:
        raise PackError("has no pack.yaml", file=name, mend="A pack's folder holds a pack.yaml.")
    for path in sorted(files):
        if not _known(path):
            raise PackError("is not a file of a pack", file=f"{name}/{path}", mend="Rules stand in rules/, cases in cases/.")
    documents = {path: _document(f"{name}/{path}", path, data) for path, data in sorted(files.items())}
    head = documents["pack.yaml"].value
    pack_id = str(head["id"])
    tables = {table: _table(documents, table) for table in _TABLES}
    topics = _topics(documents, head)
    written = {"digest": digest_of_files(files), "topics": topics, **tables, "rules": {}, "cases": ()}
    pack = msgspec.convert(head | written, Pack, strict=False)
    pack = msgspec.structs.replace(pack, rules=_rules(pack_id, documents), cases=tuple(_cases(documents)))
    return Source(pack=pack, documents=documents)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of the pack in ``folder``: paths below it, and bytes. Raises :class:`PackError`."""
    return dict(_files(folder))


def _shown(folder: Path, path: str) -> str:
    """A file's name in messages: the pack's last folder and the path below it, never this machine's path."""
    return f"{folder.name}/{path}"


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder, except packs of their own further down. Other files than YAML are refused: they would not be read."""
    count = 0
    for root, folders, names in os.walk(folder, followlinks=False, onerror=unreadable):
        here = Path(root)
        refuse_links(here, folders)
        folders[:] = sorted(name for name in folders if name in _FOLDERS or not (here / name / "pack.yaml").is_file())
        for name in sorted(names):
            path = (here / name).relative_to(folder).as_posix()
            count += 1
            if count > MAX_FILES:
                raise PackError(f"holds more than {MAX_FILES} files", file=folder.name, mend="Divide the pack.")
            if not _known(path) or (here / name).is_symlink() or not (here / name).is_file():
                raise PackError("is not a file of a pack", file=_shown(folder, path), mend="Rules stand in rules/, cases in cases/.")
            yield path, _content(here / name, _shown(folder, path))


def refuse_links(here: Path, folders: Iterable[str]) -> None:
    """A walk passes over a folder that is a link, and what is in it would be gone without a word."""
    for name in sorted(folders):
        if (here / name).is_symlink():
            raise PackError("is a link to a folder", file=f"{here.name}/{name}", mend="Put the folder itself here.")


def unreadable(error: OSError) -> None:
    raise PackError(f"cannot be read: {error.strerror}", file=Path(str(error.filename)).name, mend="Check the folder's name and rights.")


def _known(path: str) -> bool:
    parts = path.removesuffix(".yaml").split("/")
    if not path.endswith(".yaml") or len(parts) > 2:
        return False
    return parts[0] in ("pack", *_TABLES) if len(parts) == 1 else parts[0] in _FOLDERS


@lru_cache(MAX_FILES)
def _kind_of(path: str) -> str:
    """The kind of file, as the schema calls it."""
    first = path.removesuffix(".yaml").partition("/")[0]
    return {"rules": "rule"}.get(first, first)


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
    if quick_validator(_kind_of(path)).is_valid(document.value):
        return document
    from jsonschema.exceptions import best_match  # slow to import, and needed only for what is wrong

    error = best_match(validator(_kind_of(path)).iter_errors(document.value))
    if error is None:
        document.refuse("is not as the schema says", mend="See docs/reference/packs.md.")
    else:
        place: Place = tuple(error.absolute_path)
        missing = [name for name in error.validator_value if name not in error.instance] if error.validator == "required" else []
        mend = _MENDS.get(missing[0], f"Write {missing[0]}.") if missing else "See docs/reference/packs.md."
        if isinstance(error.instance, bool):
            document.refuse(
                f"{str(error.instance).lower()} is no word here", place=place, mend="Write yes or no, which YAML 1.2 leaves as they are."
            )
        document.refuse(error.message[:300], place=place, mend=mend)
    return document


def _table(documents: Mapping[str, Document], name: str) -> dict[str, Any]:
    """A table's rows by id, of all its files. Raises :class:`PackError` for an id that stands twice and a value that cannot be."""
    rows: dict[str, Any] = {}
    for path, document in table_files(documents, name):
        for number, row in enumerate(document.value[name]):
            if row["id"] in rows:
                document.refuse(f"the id {row['id']!r} stands twice", place=(name, number, "id"), mend="Keep one of them.")
            rows[row["id"]] = row | {"topic": _topic_of(path, row["id"])} if name == "facts" else row
            # Dates of the calendar exist: the schema sees only their form.
            _converted(document, rows[row["id"]], _TABLES[name], (name, number))
    return rows


def table_files(documents: Mapping[str, Document], name: str) -> list[tuple[str, Document]]:
    """The files of a table, in the order of their names."""
    return [(path, document) for path, document in documents.items() if _kind_of(path) == name]


def place_of_row(documents: Mapping[str, Document], name: str, row_id: str) -> tuple[Document, Place]:
    """The document and the place where a row of a table stands."""
    return next(
        (document, (name, number))
        for _, document in table_files(documents, name)
        for number, row in enumerate(document.value[name])
        if row["id"] == row_id
    )


def _topic_of(path: str, fact_id: str) -> str:
    """The file's name in ``facts/``; in a pack with one file, the first word of the fact's id."""
    return path.removeprefix("facts/").removesuffix(".yaml") if "/" in path else fact_id.partition(".")[0]


def _topics(documents: Mapping[str, Document], head: Mapping[str, Any]) -> dict[str, Any]:
    """The topics' headings, in the order that pack.yaml gives or that of the files; a file without a heading is called by the pack's title."""
    found: dict[str, Any] = {}
    for path, document in table_files(documents, "facts"):
        for fact in document.value["facts"]:
            found[_topic_of(path, fact["id"])] = document.value.get("topic", head["title"])
    ordered = head.get("topics", list(found))
    if sorted(ordered) != sorted(found):
        documents["pack.yaml"].refuse(
            f"the topics are {', '.join(found) or 'none'}", place=("topics",), mend="Name each file of facts/ once, or leave topics out."
        )
    return {topic: found[topic] for topic in ordered}


def _converted(document: Document, row: Any, kind: type[T], place: Place) -> T:
    try:
        return msgspec.convert(row, kind, strict=False)
    except msgspec.ValidationError as error:
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
        id=f"{pack_id}/{value['id']}",
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
        deadlines=msgspec.convert(value.get("deadlines", ()), tuple[Deadline, ...]),
        brings_forward=tuple(value.get("brings_forward", ())),
        yields_to=msgspec.convert(value.get("yields_to", ()), tuple[Yielding, ...]),
        until=Phase(value["until"]) if "until" in value else None,
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
