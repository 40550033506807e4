"""What the acts of the register share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ChangedMeanwhile, NotAllowed

from ..issuing import remember, renew
from ..models import Act, System


def fresh(system: System, revision: int | None) -> System:
    """The system as it is now. Raises :class:`ChangedMeanwhile` when somebody changed it after ``revision``; ``None`` asks for no check."""
    now = System.objects.select_for_update().select_related("owner", "office").get(pk=system.pk)
    if revision is not None and revision != now.revision:
        raise ChangedMeanwhile(
            _(
                "Somebody else has changed the system since you opened the page. Nothing was saved; what you wrote stands below. Look and send it again."
            )
        )
    return now


def only_own(actor: Actor, system: System) -> None:
    """A system owner acts on the systems that they own. Raises :class:`NotAllowed`."""
    if actor.role == Role.SYSTEM_OWNER and system.owner.person != actor.person:
        raise NotAllowed(_("Only the owner of this system may do this. The owner is %(owner)s.") % {"owner": system.owner})


def followed(system: System, act: Act, actor: Actor) -> Act:
    """For an act that had to be written before the row that points at it: save the system, and let its permit follow."""
    system.revision += 1
    system.save()
    renew(system, actor=actor, because=act)
    remember(system, act)
    return act
