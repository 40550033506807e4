"""Acts about review: the blind share, and made-up cases. Each is one transaction with one act."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number
from insyn.core.messages import Actor
from insyn.rules.small_cells import Tally, reveals
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import act_on
from insyn.web.register.models import Act, System, new_id

from .calibration import Turn
from .models import Answered, BlindShare, Counted, MadeCase
from .standing import MOST_BLIND, blind_share_of

_encode = msgspec.json.Encoder(order="deterministic").encode
#: So many made-up cases may wait in one system. More would take the officers' time from people.
MOST_WAITING = 20


@transaction.atomic
def set_blind_share(*, actor: Actor, system: System, per_mille: int, why: str) -> Act:
    """Set how many of a thousand proposals a person judges before seeing them. In effect with the permit that this act carries."""
    require(actor, "review.lead")
    system = fresh(system, None)
    only_own(actor, system)
    if not 0 <= per_mille <= MOST_BLIND:
        raise InvalidInput(_("From 0 to %(most)d.") % {"most": MOST_BLIND}, place="per_mille")
    if not why.strip():
        raise InvalidInput(_("Write why."), place="why")
    before = blind_share_of(system)
    if per_mille == before:
        raise ActRefused(_("Nothing was changed."))
    row, _made = BlindShare.objects.update_or_create(system=system, defaults={"per_mille": per_mille})
    row.act = act_on(system, verb="set_blind_share", actor=actor, text={"before": before, "per_mille": per_mille, "why": why.strip()})
    row.save(update_fields=["act"])
    return row.act


@transaction.atomic
def make_case(*, actor: Actor, system: System, made: Mapping[str, Any]) -> MadeCase:
    """Make up a case. The act says that it was made, and binds its content by a hash: its words would tell the officers which it is."""
    require(actor, "review.lead")
    system = fresh(system, None)
    only_own(actor, system)
    for name in ("proposed", "right"):
        if made[name] not in system.outcomes:
            raise InvalidInput(_("The system has no such outcome."), place=name)
    if not str(made["why"]).strip():
        raise InvalidInput(_("Write why it is right."), place="why")
    if not (made["payload"] or made["more"]):
        raise InvalidInput(_("Write at least one line of material."), place="more")
    _names_nobody(made)
    if system.made_cases.filter(ended_on=None).count() >= MOST_WAITING:
        raise ActRefused(_("%(most)d made-up cases wait already. End one first.") % {"most": MOST_WAITING})
    act_id = new_id()
    digest = hashlib.sha256(_encode({**made, "id": act_id})).hexdigest()
    act = write_act(verb="make_case", actor=actor, system=system, text={"digest": digest}, act_id=act_id)
    row = MadeCase.objects.create(system=system, made_on=clock.today(), act=act, **made)
    Counted.objects.create(made_case=row)
    return row


def _names_nobody(made: Mapping[str, Any]) -> None:
    texts = {"why": [made["why"]], "number": [made["number"]], "more": [text for row in made["more"] for text in row]}
    texts |= {f"value-{name}": [str(value)] for name, value in made["payload"].items()}
    for place, said in texts.items():
        if any(holds_identity_number(str(text)) for text in said):
            raise InvalidInput(_("This looks like an identity number. Invent the case, and name no real person."), place=place)


@transaction.atomic
def end_case(*, actor: Actor, made: MadeCase) -> MadeCase:
    """Let the made-up case come to nobody more. What was counted stays."""
    require(actor, "review.lead")
    only_own(actor, made.system)
    if made.ended_on is not None:
        raise ActRefused(_("The case has ended already."))
    write_act(verb="end_case", actor=actor, system=made.system, text={"case": made.act_id})
    made.ended_on = clock.today()
    made.save(update_fields=["ended_on"])
    return made


@transaction.atomic
def answer_made_case(*, actor: Actor, turn: Turn, outcome: str) -> bool:
    """A person has decided a made-up case; whether rightly is returned, told to them, and added to the system's count.

    The act says that one was decided, not by whom it was drawn up or how it was answered; so no row anywhere says who answered what.
    Raises :class:`ActRefused` the second time.
    """
    require(actor, "review.do")
    made = turn.made
    _row, first = Answered.objects.get_or_create(rid=turn.rid, defaults={"made_case": made})
    if not first:
        raise ActRefused(_("The case has been decided already."))
    right = outcome == made.right
    Counted.objects.filter(made_case=made).update(answers=F("answers") + 1, right=F("right") + int(right))
    tell_results(made)
    write_act(verb="answer_made_case", actor=actor, system=made.system, text={"case": made.act_id})
    return right


def tell_results(made: MadeCase) -> None:
    """Let what is shown of such cases catch up, once what is new tells of nobody by itself: then two readings cannot be subtracted."""
    rows = Counted.objects.filter(made_case__system=made.system)
    wrong = ~Q(made_case__proposed=F("made_case__right"))
    rows = rows.filter(wrong) if made.wrong_proposal else rows.exclude(wrong)
    sums = rows.aggregate(n=Sum(F("answers") - F("told_answers")), right=Sum(F("right") - F("told_right")))
    if reveals(Tally(sums["n"] or 0, sums["right"] or 0)) is None:
        Counted.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(told_answers=F("answers"), told_right=F("right"))
