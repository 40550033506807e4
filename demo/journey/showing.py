"""Step 4: the figures of the register page, counted from the log by the publisher."""

from __future__ import annotations

import time

import msgspec

from demo.loans import words
from insyn.core.errors import InsynError
from insyn.supervision.figures import Figures, GroupFigures
from insyn.supervision.publishing import read_figures

from .context import Journey, fetch
from .streaming import Streamed

PUBLISH_SECONDS = 60.0


class Shown(msgspec.Struct, frozen=True):
    """What the public file says."""

    proposals: int
    refused: int
    waiting: int
    historical: int
    same: int
    page: str


def run(journey: Journey, streamed: Streamed) -> Shown:
    """Start the publisher, which nobody waits for in real life, and read what it published."""
    journey.services.start(["publisher"])
    figures = wait_for_figures(journey, at_least=streamed.proposals)
    print_figures(journey, figures)
    page = f"{journey.services.web_url}/system/{words.SLUG}/"
    fetch(journey.services, f"/system/{words.SLUG}/")
    journey.terminal.line(f"The same figures stand on {page}")
    agreement = figures.agreement
    return Shown(figures.proposals, figures.refused, figures.waiting, figures.historical, agreement.same if agreement else 0, page)


def wait_for_figures(journey: Journey, *, at_least: int) -> Figures:
    deadline = time.monotonic() + PUBLISH_SECONDS
    while time.monotonic() < deadline:
        figures = read_figures(journey.home.figures, words.SLUG)
        if figures is not None and figures.proposals >= at_least:
            return figures
        time.sleep(0.1)
    raise InsynError(
        f"no figures of {words.SLUG} were published in {PUBLISH_SECONDS:.0f} s; see the publisher's log in {journey.home.root}/logs"
    )


def print_figures(journey: Journey, figures: Figures) -> None:
    terminal = journey.terminal
    terminal.line(
        f"{figures.proposals} proposals, {figures.refused} refused calls, {figures.waiting} waiting, {figures.reviews} reviewed, "
        f"{figures.historical} decisions from before Insyn, {figures.not_used} answers not used."
    )
    if figures.agreement is not None:
        same = figures.agreement
        terminal.line(
            f"The loan officers decided as proposed in {same.same} of {same.n}: {same.rate:.1%} (95 % {same.low:.1%} to {same.high:.1%})."
        )
    terminal.table([("group", "granted by the model", "granted by the loan officers"), *(_row(group) for group in figures.groups)])
    terminal.line(f"Small-cell rule: fewer than {figures.small_cell} cases, one outcome only, or to be had by subtraction: hidden.")


def _row(figures: GroupFigures) -> tuple[str, str, str]:
    group = words.GROUPS[figures.group]
    name = f"{group['label']['en']}: {group['values'].get(figures.value, {'en': figures.value})['en']}"
    now = _share(figures.n, figures.rate, figures.low, figures.high, figures.why)
    before = _share(figures.historical_n, figures.historical_rate, figures.historical_low, figures.historical_high, figures.historical_why)
    return name, now, before


def _share(n: int | None, rate: float | None, low: float | None, high: float | None, why: str) -> str:
    if rate is None or low is None or high is None:
        return f"hidden ({why.replace('_', ' ')})" if why else "none yet"
    return f"{rate:.1%} of {n} ({low:.1%} to {high:.1%})"
