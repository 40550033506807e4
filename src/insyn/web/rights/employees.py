"""Systems that score, schedule or assess the municipality's own employees: who may see and answer what they ask for.

Never their own line: not the owner of the system, and nobody of the office that answers for it, nor of one above or below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from insyn.rules.employees import is_about_employees
from insyn.web.accounts.models import Office, User
from insyn.web.register.issuing import issued
from insyn.web.register.models import System


def concerns_employees(system: System | None) -> bool:
    """Whether the register says that the system concerns people in their work."""
    return system is not None and is_about_employees(system.facts)


def systems_of_work(systems: Iterable[System]) -> set[int]:
    """The keys of those that concern employees."""
    return {system.pk for system in systems if concerns_employees(system)}


def told_of(system: System | None) -> System | None:
    """The system as an act about a request names it: none of those about employees, for acts and the public log are read in the line too."""
    return None if concerns_employees(system) else system


def is_held(system: System) -> bool:
    """Whether the newest permit holds back everything about people, because negotiation or assessment is not closed."""
    permit = issued(system)
    return permit is not None and permit.held


def in_the_line(system: System, office: Office) -> bool:
    """Whether the office is the one that answers for the system, or stands above or below it."""
    return system.office_id in _line(office) or office.pk in _line(system.office)


def _line(office: Office) -> set[int]:
    """The office and those above it."""
    found: set[int] = set()
    above: Office | None = office
    while above is not None and above.pk not in found:
        found.add(above.pk)
        above = above.parent
    return found


def outside_the_line(system: System | None, user: User, office: Office) -> bool:
    """Whether the person may handle what is asked about the system. Of a system about residents everybody with the permission may."""
    if system is None or not concerns_employees(system):
        return True
    return system.owner_id != user.pk and not in_the_line(system, office)


def outside_every_line(system: System | None, user: User, on: date) -> bool:
    """The same for all offices that the person holds a mandate in: a member of two boards decides nothing about their own people in the other."""
    if system is None or not concerns_employees(system):
        return True
    held = user.mandates.valid(on).select_related("office__parent")
    return all(outside_the_line(system, user, mandate.office) for mandate in held)
