"""Step 7: what a register holds beside its loudest system. Each part is done once; one that was cut off goes on where it was."""

from __future__ import annotations

import msgspec

from . import deciding, describing, incidents, inventory, needs, reviewing
from .context import Journey


class Told(msgspec.Struct, frozen=True):
    """How many needs, deviations and incidents the register has at the end, and how many offices were asked for their systems."""

    needs: int
    deviations: int
    incidents: int
    asked: int


def run(journey: Journey) -> Told:
    """One line for each part; at the end every act stands in the log."""
    if done := journey.journal.done("telling", Told):
        journey.terminal.line(
            f"Done before: {done.needs} needs, {done.deviations} deviation, {done.incidents} incident, {done.asked} offices asked."
        )
        return done
    from demo.register import settle
    from insyn.web.decisions.models import Deviation
    from insyn.web.incidents.models import Incident
    from insyn.web.inventory.models import Assignment
    from insyn.web.needs.models import Need

    reviewing.make_up_case(journey)
    needs.raise_and_decide(journey)
    describing.describe(journey)
    describing.share_product(journey)
    deciding.delegate(journey)
    deciding.deviate(journey)
    incidents.handle_incident(journey)
    incidents.answer_exercise(journey)
    deciding.evaluate(journey)
    inventory.take_inventory(journey)  # last: from here on, classifying and assessing take competence
    settle()
    counted = [model.objects.count() for model in (Need, Deviation, Incident, Assignment)]
    result = Told(*counted)
    journey.journal.keep("telling", result)
    return result
