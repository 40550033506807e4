"""Which features an explanation may ask a person to change, and what each version's explanations start from. Compiled into the permit.

A feature may be asked for only where the register says that the person has power over it. Whatever it says, never: a group that the system is
followed up by, a protected name (:mod:`insyn.core.protected`), or a field of data that is used under a category with such a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from insyn.core.protected import is_protected

from .datauses import DataUse
from .models import System, Version


def unchangeable_of(system: System, on: date) -> frozenset[str]:
    """Features that no counterfactual may name. A feature about which nobody has said anything is one of them."""
    said = {feature for feature, entry in system.factors.items() if not (isinstance(entry, dict) and entry.get("changeable") is True)}
    return frozenset(said | never_changeable(system, on))


def changeable_of(system: System, on: date) -> frozenset[str]:
    """The only features that a counterfactual may name: those of which the register says that a person can change them."""
    return frozenset(system.factors.keys() - unchangeable_of(system, on))


def never_changeable(system: System, on: date) -> set[str]:
    """What no declaration lifts: groups, protected names, and fields under a protected category."""
    uses = DataUse.objects.filter(system=system).holding(on)
    fields = {field["name"] for use in uses if any(map(is_protected, use.categories)) for field in use.fields}
    return {*system.groups, *filter(is_protected, system.factors), *fields}


def bases_of(versions: Iterable[Version]) -> dict[str, float]:
    """The declared base by version."""
    return {version.name: version.base for version in versions if version.base is not None}
