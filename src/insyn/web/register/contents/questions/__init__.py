"""The questions of the assessments, as data beside this module: one file for each kind of assessment.

They stand here and not among the rule packs. A pack is law or policy: what it says opens and closes gates, it is adopted and dated, and its
digest goes into every permit. These questions open nothing; they help somebody to write an assessment, and a better question next year must
not look like a change of law. So they come with the program, and each record keeps the answers under the questions' ids.

A citation is ``pack/provision``. It is shown with the level that the pack gives it, and only while that pack is in force.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind
from insyn.core.text import Text
from insyn.law.yaml_reader import parse_yaml

HERE = Path(__file__).parent


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question. ``id`` is the name under which a record keeps the answer: it is never given to another question."""

    id: str
    text: Text
    help: Text | None = None
    required: bool = True
    citations: tuple[str, ...] = ()


class Questions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The questions of one kind of assessment, in the order of the form."""

    kind: RecordKind
    questions: tuple[Question, ...]


@cache
def questions_of(kind: RecordKind) -> tuple[Question, ...]:
    """The questions of a kind; none for a kind that has no file."""
    file = HERE / f"{kind.value.removeprefix('assessment_')}.yaml"
    return read_questions(file).questions if file.exists() else ()


def read_questions(file: Path) -> Questions:
    """The questions in a file. Raises :class:`~insyn.core.errors.InsynError` that names the file and the place."""
    found: Questions = strict_json.convert(parse_yaml(file.read_bytes(), file=file.name).value, Questions)
    ids = [question.id for question in found.questions]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise InvalidInput(f"stands twice: {', '.join(twice)}", place=file.name)
    return found
