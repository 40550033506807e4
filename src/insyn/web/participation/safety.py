"""Acts of the safety representative: taking part in the work-environment assessment, signed in as nobody else.

Signing is the second signature that the gate asks for, on the same words as the owner's. An objection signs nothing: the gate
stays shut, the owner answers, and the representative may sign later.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.assessments.signing import countersign_record, seconds_of
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Record, System

from .models import SafetyStatement
from .queries import assessment_to_sign
from .texts import plain_text
from .words import SafetyStance


@transaction.atomic
def state_safety_part(*, actor: Actor, system: System, assessment: Record, stance: str, text: str) -> Act:
    """Sign the assessment as having taken part, or object to it. ``assessment`` is the one that the representative has read."""
    require(actor, "safety.state")
    system = fresh(system, None)
    if stance not in SafetyStance.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="stance")
    _check_assessment(actor, system, assessment)
    last = SafetyStatement.objects.filter(assessment=assessment, person=actor.person).last()
    if last is not None and (last.stance == stance or last.record_id):
        raise ActRefused(_("You have said so already."))
    text = plain_text("text", text)
    said = {"stance": str(stance), "text": text, "assessment": assessment.pk}
    act = write_act(verb="state_safety_part", actor=actor, system=system, text=said)
    SafetyStatement.objects.create(
        system=system,
        assessment=assessment,
        record=_signed(actor, assessment) if stance == SafetyStance.TAKEN_PART else None,
        stance=stance,
        text=text,
        person=actor.person,
        person_name=actor.name,
        stated_on=clock.today(),
        act=act,
    )
    return act


def _check_assessment(actor: Actor, system: System, assessment: Record) -> None:
    newest = assessment_to_sign(system)
    if newest is None:
        raise ActRefused(_("There is no work-environment assessment yet. The system owner supplies it first."))
    if newest.pk != assessment.pk:
        raise ChangedMeanwhile(_("A newer assessment was supplied after you opened the page. Read that one."))
    if newest.person == actor.person:
        raise NotAllowed(_("Nobody signs as a second person what they supplied themselves."))


def _signed(actor: Actor, assessment: Record) -> Record | None:
    """The representative's own record; none where no gate asks for it, and then the statement is what there is."""
    if Role.SAFETY_REPRESENTATIVE not in seconds_of(assessment, on=clock.today()).wanted:
        return None
    return Record.objects.get(act=countersign_record(actor=actor, record=assessment))


@transaction.atomic
def answer_objection(*, actor: Actor, statement: SafetyStatement, answer: str) -> Act:
    """The owner answers an objection. It stays on the page, and so does the answer."""
    require(actor, "safety.answer")
    row = SafetyStatement.objects.select_for_update().select_related("system__owner").get(pk=statement.pk)
    only_own(actor, row.system)
    if row.stance != SafetyStance.OBJECTS:
        raise ActRefused(_("There is no objection to answer."))
    if row.answered_on is not None:
        raise ActRefused(_("The objection is answered already."))
    row.answer, row.answered_on = plain_text("answer", answer), clock.today()
    row.answer_act = write_act(verb="answer_objection", actor=actor, system=row.system, text={"statement": row.pk, "answer": row.answer})
    row.save()
    return row.answer_act
