"""`insyn fidelity`: do the explanations of a system tell what its model does? A deletion test on its own decisions, with a grade."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.sdk.fidelity import LEAST, MOST, SEED, TOP, Finding, Report, examine, read_decisions, read_rows, record_of
from insyn.sdk.fidelity_figures import Interval
from insyn.sdk.predicting import Predict

_FOUND = {
    Finding.OTHER_MODEL: "the model does not give the recorded scores: these decisions are another model's, or another version's",
    Finding.DOES_NOT_ADD_UP: "base and contributions do not add up to the score",
    Finding.BASE_VARIES: "the base is not the same in every explanation: something may be hidden in it",
    Finding.BASE_WRONG: "the base is not what the model says of the background",
    Finding.WITHHELD: "a top factor is left out",
    Finding.UNDERSTATED: "a top factor is given less than a tenth of its weight",
    Finding.TURNED: "a top factor is said to speak for what it speaks against",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("fidelity", help="test whether a system's explanations tell what its model does, on its own decisions")
    command.add_argument("decisions", type=Path, help="JSON lines, each with payload, score, base and factors, as recorded")
    command.add_argument(
        "--predict",
        required=True,
        metavar="MODULE:FUNCTION",
        help="Python function from rows of payload to a score for each; imported from here",
    )
    command.add_argument("--background", type=Path, help="JSON lines, each a payload: where explanations start (default: decisions' own)")
    command.add_argument("--sample", type=_count, default=MOST, help=f"how many decisions are drawn (default {MOST}, at least {LEAST})")
    command.add_argument("--top", type=_count, default=TOP, help=f"how many factors are removed (default {TOP})")
    command.add_argument("--seed", type=int, default=SEED, help=f"of everything that is drawn (default {SEED})")
    command.add_argument("--report", type=Path, help="write the report to this file as JSON, with the fields of the register's record")
    command.set_defaults(run=fidelity)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def fidelity(given: argparse.Namespace) -> int:
    """Exit code 0 when the explanations are passed (A, B or C), 1 otherwise."""
    decisions = read_decisions(given.decisions)
    report = examine(
        decisions,
        named(given.predict),
        background=read_rows(given.background) if given.background else (),
        sample=given.sample,
        top=given.top,
        seed=given.seed,
    )
    for line in lines(report):
        print(line)
    if given.report:
        _write(given.report, report)
        print(f"Written to {given.report}. File it in the register as a test of the explanations, for the version that was tested.")
    return 0 if report.passed else 1


def named(predict: str) -> Predict:
    """The function that ``module:function`` names; modules in the current folder are found. Raises :class:`InvalidInput`."""
    module, _, name = predict.partition(":")
    if not (module and name):
        raise InvalidInput("not module:function", place="--predict", mend="Such as --predict mymodel:score_rows.")
    sys.path.insert(0, "")
    try:
        found: Any = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"there is no module {error.name}", place="--predict", mend="Run it where your module can be imported."
        ) from error
    finally:
        sys.path.remove("")
    if not callable(found):
        raise InvalidInput(f"{module} has no function {name}", place="--predict")
    called: Predict = found
    return called


def lines(report: Report) -> Iterator[str]:
    """The report for a reader: the grade first."""
    yield f"Grade {report.grade}: {'passed' if report.passed else 'NOT passed'}. {report.sample} of {report.decisions} decisions, seed {report.seed}."
    for finding in report.findings:
        yield f"  FOUND: {_FOUND[finding]}{_how_many(report, finding)}."
    yield f"  gain       {_told(report.gain)}  the {report.top} weightiest factors move the score: 1 as far as any could, 0 no more than chance"
    yield f"  agreement  {_told(report.agreement)}  contributions and what happens: 1 the same, 0 nothing to do with each other"
    moves = ", ".join(f"{name} {report.moves[name]:.3g}" for name in ("top", "best", "random", "bottom", "unnamed"))
    yield f"  the score moves, on the average: {moves} ({report.features} features)"
    if not report.background_given:
        yield "  No background was given: values of other decisions stood in, and the base itself is not tested."


def _how_many(report: Report, finding: Finding) -> str:
    count = {
        Finding.WITHHELD: report.withheld,
        Finding.UNDERSTATED: report.understated,
        Finding.TURNED: report.turned,
        Finding.OTHER_MODEL: report.not_reproduced,
        Finding.DOES_NOT_ADD_UP: report.not_adding_up,
    }.get(finding, 0)
    return f" ({count} of {report.sample})" if count else ""


def _told(interval: Interval) -> str:
    return f"{interval.value:5.2f} (95 % {interval.low:.2f} to {interval.high:.2f})"


def _write(path: Path, report: Report) -> None:
    whole = {**msgspec.to_builtins(report), "record": record_of(report, tested_on=datetime.now(UTC).date().isoformat())}
    try:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n")
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", place=str(path)) from error
