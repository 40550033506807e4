"""The figures of :mod:`insyn.core.followup` as pages show them: a sentence, a bar, a table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from insyn.core import labels
from insyn.core.followup import ANCHORED, WITH_FINAL, WITH_PROPOSAL, Followup, Share
from insyn.core.terms import ReconsiderationGround
from insyn.web.language import spoken
from insyn.web.site.figures import Bar, Figures, bar


@dataclass(frozen=True)
class Line:
    """A question and its share; ``bar`` is ``None`` where there are too few cases to say."""

    name: str
    says: str
    share: Share | None
    bar: Bar | None


def lines_of(figures: Followup) -> list[Line]:
    """What is asked of how people decide, in the order of the page."""
    return [
        _line(_("Proposals followed"), _("A person decided as the system proposed."), figures.accepted),
        _line(_("Proposals not followed"), _("A person changed the outcome, or set the proposal aside."), figures.overridden),
        _line(
            _("Same as the proposal, before it was shown"), _("Some cases are judged before the proposal is shown."), figures.with_proposal
        ),
        _line(_("Same as the final decision, before the proposal was shown"), _("How often the own judgement held."), figures.with_final),
        _line(
            _("Drawn to the proposal"),
            _("The person had judged otherwise, saw the proposal, and decided as it said."),
            figures.anchored,
        ),
    ]


def people_part(figures: Figures | None) -> dict[str, object]:
    """What the public page of a system shows of how people decide; nothing while no figures are out."""
    found = figures.followed if figures else None
    return {"followed": found, "people": lines_of(found) if found else [], "looked_again": ground_rows(found) if found else []}


def _line(name: str, says: str, share: Share | None) -> Line:
    return Line(name, says, share, bar(share.rate, share.low, share.high) if share else None)


def ground_rows(figures: Followup) -> list[tuple[str, int | None, int | None]]:
    """What was looked at again, by ground in words."""
    known = set(ReconsiderationGround)
    return [
        (
            spoken(labels.label(ReconsiderationGround(one.ground))) if one.ground in known else one.ground or _("Several grounds together"),
            one.decisions,
            one.changed,
        )
        for one in figures.grounds
    ]


def step_rows(figures: Followup) -> list[tuple[str, str, int, int]]:
    """Of judgements made before the proposal was shown: the months, the question, and so many of so many."""
    asked = {
        WITH_PROPOSAL: _("Same as the proposal, before it was shown"),
        WITH_FINAL: _("Same as the final decision, before the proposal was shown"),
        ANCHORED: _("Drawn to the proposal"),
    }
    return [(step.months, asked[step.measure], step.k, step.n) for step in figures.steps if step.measure in asked]
