"""What supervision learned of how people decide, held against the limits that the owner set: an alarm waits for the owner until it is answered.

An alarm is worked out each time it is asked for, from the figures that the publisher left; nothing has to run at night. The end of the interval
must lie beyond the limit, so that a few cases alone raise none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.followup import Followup, Share
from insyn.core.messages import Actor
from insyn.rules.small_cells import SMALL_CELL
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.incidents import checks
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System

from .models import AlarmAnswer, AlarmLimit
from .texts import unnamed
from .words import Measure, Reply

_decode = msgspec.json.Decoder(Followup).decode


@dataclass(frozen=True)
class Alarm:
    """``share`` lies beyond ``per_cent``, and so does its interval. It is of all cases to the day; ``told`` is what a page may show of it."""

    system: System
    measure: Measure
    share: Share
    per_cent: int
    told: Share | None = None

    @property
    def suggestion(self) -> str:
        """What the owner may do about it; a suggestion, never more."""
        return {
            Measure.OVERRIDE_HIGH: _(
                "People often come to another outcome. Look for what the cases have in common, evaluate the system, and stop it if the proposals do harm."
            ),
            Measure.OVERRIDE_LOW: _(
                "Nearly every proposal is followed. Evaluate whether people really examine the cases; a larger blind share tells more."
            ),
            Measure.ANCHORING: _(
                "People who had judged otherwise often end in the proposal. Evaluate how the proposal is shown, and look again at the decisions where it drew them."
            ),
        }[self.measure]


def followed(slug: str) -> Followup | None:
    """The figures with every cell, as the publisher left them; ``None`` while there are none, or they cannot be read.

    They raise alarms. What a page may show is ``told`` in them: of the rest, two days can be subtracted.
    """
    try:
        return _decode((settings.HOME.followed / f"{slug}.json").read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def limits_of(system: System) -> dict[Measure, int | None]:
    """Per cent by measure; ``None``: no alarm."""
    found: dict[Measure, int | None] = dict.fromkeys(Measure)
    for row in AlarmLimit.objects.filter(system=system).order_by("pk"):
        found[Measure(row.measure)] = row.per_cent
    return found


def alarms_of(system: System) -> list[Alarm]:
    """Those that nobody has answered on these figures."""
    limits = {measure: limit for measure, limit in limits_of(system).items() if limit is not None}
    figures = followed(system.slug) if limits else None
    if figures is None:
        return []
    shares = {measure: (_share(figures, measure), figures.told and _share(figures.told, measure)) for measure in limits}
    raised = [Alarm(system, measure, share, limits[measure], told) for measure, (share, told) in shares.items() if share is not None]
    return [alarm for alarm in raised if _is_beyond(alarm) and not _is_answered(alarm)]


def _share(figures: Followup, measure: Measure) -> Share | None:
    share = figures.anchored if measure is Measure.ANCHORING else figures.overridden
    return share if share is not None and share.n >= SMALL_CELL else None


def _is_beyond(alarm: Alarm) -> bool:
    limit = alarm.per_cent / 100
    return alarm.share.high < limit if alarm.measure is Measure.OVERRIDE_LOW else alarm.share.low > limit


def _is_answered(alarm: Alarm) -> bool:
    """An answer holds until so many more cases have come that the share tells something new."""
    newest = AlarmAnswer.objects.filter(system=alarm.system, measure=alarm.measure).first()
    return newest is not None and alarm.share.n < newest.cases + max(SMALL_CELL, newest.cases // 5)


@transaction.atomic
def set_alarm_limits(*, actor: Actor, system: System, limits: Mapping[Measure, int | None], why: str) -> Act:
    """Set from which share an alarm is raised, in per cent, for each measure named. Raises :class:`InvalidInput` that names the field."""
    require(actor, "alarm.set")
    only_own(actor, system)
    why = unnamed("why", why)
    for measure, per_cent in limits.items():
        if per_cent is not None and not 1 <= per_cent <= 99:
            raise InvalidInput(_("From 1 to 99 per cent, or empty for no alarm."), place=measure.value)
    before = limits_of(system)
    new = {measure: per_cent for measure, per_cent in limits.items() if before[measure] != per_cent}
    low, high = (({**before, **new})[measure] for measure in (Measure.OVERRIDE_LOW, Measure.OVERRIDE_HIGH))
    if low is not None and high is not None and low >= high:
        raise InvalidInput(_("The low limit must lie below the high one: otherwise there is always an alarm."), place=Measure.OVERRIDE_LOW)
    if not new:
        raise ActRefused(_("Nothing was changed."))
    text = {"limits": {measure.value: per_cent for measure, per_cent in new.items()}, "why": why}
    act = write_act(verb="set_alarm_limits", actor=actor, system=system, text=text)
    AlarmLimit.objects.bulk_create(
        AlarmLimit(system=system, measure=measure, per_cent=per_cent, act=act) for measure, per_cent in new.items()
    )
    return act


@transaction.atomic
def answer_alarm(*, actor: Actor, system: System, measure: Measure, reply: Reply, why: str) -> AlarmAnswer:
    """Say what is done about an alarm. It is raised again when enough new cases still lie beyond the limit."""
    require(actor, "alarm.answer")
    only_own(actor, system)
    alarm = next((one for one in alarms_of(system) if one.measure == measure), None)
    if alarm is None:
        raise checks.done_already(_("there is no such alarm now"))
    why = unnamed("why", why)
    text = {"measure": measure.value, "reply": reply.value, "why": why, "cases": alarm.share.n, "limit": alarm.per_cent}
    act = write_act(verb="answer_alarm", actor=actor, system=system, text=text)
    return AlarmAnswer.objects.create(system=system, measure=measure, cases=alarm.share.n, reply=reply, why=why, act=act)
