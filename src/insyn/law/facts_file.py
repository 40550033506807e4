"""A file of answers, in JSON or YAML: one mapping from a fact's id to its answer.

Read whole or refused, with the file, the line where there is one, and what would mend it. A question that is not in the file is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from insyn.core import strict_json
from insyn.core.errors import InvalidInput, PackError

from .answers import check_answers
from .model import Answer, Fact
from .yaml_reader import MAX_BYTES, parse_yaml

#: From a fact's id to how its place in the file is written.
Place = Callable[[str], str]


def read_answers(path: Path, facts: Mapping[str, Fact]) -> dict[str, Answer]:
    """The answers of the file, checked against the questions. Raises :class:`InvalidInput`.

    1. Read the bytes as what the name says.
    2. See that they are a mapping, and that somebody asks for each fact.
    3. Check each answer against its question.
    """
    value, place = _parse(path, _bytes(path))
    if value is None:
        raise InvalidInput("holds no answers", place=str(path), mend="Write {} to see what follows when nothing is known.")
    if not isinstance(value, dict):
        raise InvalidInput("is not a mapping", place=str(path), mend="Write one line for each fact, such as `aia.is_ai: yes`.")
    return {fact: _answer(fact, answer, facts, place) for fact, answer in value.items()}


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(path), mend="Check the file's name and rights.") from error
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"is larger than {MAX_BYTES} bytes", place=str(path), mend="Give a file with one system's answers.")
    return data


def _parse(path: Path, data: bytes) -> tuple[Any, Place]:
    """The value, and the way to name a fact's place in it."""
    if path.suffix.lower() == ".json":
        try:
            return strict_json.loads(data), lambda fact: f"{path} ({fact})"
        except InvalidInput as error:
            raise InvalidInput(error.message, place=f"{path} {error.place}".strip(), mend=error.mend) from error
    try:
        document = parse_yaml(data, file=str(path))
    except PackError as error:
        raise InvalidInput(error.message, place=f"{path} {error.place}", mend=error.mend) from error
    return document.value, lambda fact: f"{path} line {document.line((fact,))} ({fact})"


def _answer(fact: str, answer: Any, facts: Mapping[str, Fact], place: Place) -> Answer:
    if fact not in facts:
        answered = [known.id for known in facts.values() if not known.derived]
        raise InvalidInput(
            "no pack asks for this fact", place=place(fact), mend=did_you_mean(fact, answered) or "`insyn facts` lists them."
        )
    if answer is None:
        raise InvalidInput("has no answer", place=place(fact), mend="Write unknown, or leave the line out.")
    try:
        return check_answers({fact: facts[fact]}, {fact: answer})[fact]
    except InvalidInput as error:
        raise InvalidInput(error.message, place=place(fact), mend=error.mend) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known words as a question, or nothing when none is near."""
    near = get_close_matches(word, list(known), n=3)
    return f"Did you mean {' or '.join(near)}?" if near else ""
