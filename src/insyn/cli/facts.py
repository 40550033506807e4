"""`insyn facts`: the questionnaire, so that somebody can describe a system without reading the law."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from insyn.law.digests import digest_of
from insyn.law.loader import load_packs
from insyn.law.model import FactType
from insyn.law.questionnaire import Question, questionnaire

from .packs import folders_or_installed, print_json

_HOW = {
    FactType.TRISTATE: "yes, no or unknown",
    FactType.ENUM: "one of these, or unknown",
    FactType.SET: "a list of these, [] for none of them, with unknown where in doubt",
    FactType.DATE: "a day such as 2026-01-31, never or unknown",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("facts", help="list every question that the packs ask about a system")
    command.add_argument("folders", nargs="*", type=Path, help="folders with packs (default: INSYN_PACKS, or those that come with Insyn)")
    command.add_argument("--json", action="store_true", help="everything, to be read by a program")
    command.set_defaults(run=facts)


def facts(arguments: argparse.Namespace) -> int:
    packs = load_packs(*folders_or_installed(arguments.folders))
    questions = questionnaire(packs)
    if arguments.json:
        print_json({"packs_digest": digest_of(packs), "facts": questions})
        return 0
    for line in _list(questions):
        print(line)
    return 0


def _list(questions: Sequence[Question]) -> Iterator[str]:
    for _, topic in groupby(questions, key=lambda question: question.topic):
        asked = list(topic)
        yield f"\n{asked[0].topic_label.en} / {asked[0].topic_label.sv}"
        for question in asked:
            yield from _question(question)
    people = [question for question in questions if question.answered_by == "person"]
    yield f"\n{len(people)} questions for people, {len(questions) - len(people)} worked out from them. Unknown is always an answer."


def _question(question: Question) -> Iterator[str]:
    yield f"\n  {question.id}  ({question.pack})"
    yield f"    {question.question.en}"
    yield f"    {question.question.sv}"
    if question.help is not None:
        yield f"    Help: {question.help.en} / {question.help.sv}"
    if question.answered_by != "person":
        yield "    Worked out; nobody answers it."
        return
    yield f"    Answer: {_HOW[question.type]}"
    if question.type in (FactType.ENUM, FactType.SET):
        yield from (f"      {answer.value}: {answer.label.en} / {answer.label.sv}" for answer in question.answers)
    yield f"    Who: {', '.join(who.label.en for who in question.who)}"
    yield f"    Needed by: {', '.join(dict.fromkeys(needing.rule for needing in question.needed_by)) or 'no rule yet'}"
