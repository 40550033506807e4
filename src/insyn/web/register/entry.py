"""The fields of a register entry: what each is called, who may read it, and what the entry says as plain values.

A field is public, internal or withheld. Withheld means that a provision keeps it secret: the public page then says so and names the
provision, and never the value. Internal means that it belongs to the work and is not shown. What the public must always be able to read
stands in :data:`ALWAYS_PUBLIC` and cannot be hidden.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from .models import System


class Level(StrEnum):
    """Who reads a field."""

    PUBLIC = "public"
    INTERNAL = "internal"
    WITHHELD = "withheld"


LEVEL_WORDS = {Level.PUBLIC: _("Public"), Level.INTERNAL: _("Internal"), Level.WITHHELD: _("Withheld")}


@dataclass(frozen=True)
class EntryField:
    """``columns`` of the entry that the field covers; ``key``: only that value of a JSON column. ``level`` holds until somebody decides
    another; ``fixed``: nobody can."""

    name: str
    label: Any
    columns: tuple[str, ...]
    key: str = ""
    level: Level = Level.PUBLIC
    fixed: bool = False

    def values(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The field's part of an entry, by column."""
        told = ((column, content.get(column)) for column in self.columns)
        found = {column: None if value == {} else value for column, value in told}  # a column that was not there yet said nothing either
        return {self.columns[0]: (found[self.columns[0]] or {}).get(self.key)} if self.key else found


@dataclass(frozen=True)
class Reading:
    """Who reads a field of one entry, and by which provision not everybody."""

    level: Level
    provision: str = ""


def _both(name: str) -> tuple[str, str]:
    return f"{name}_sv", f"{name}_en"


#: Without these the register would not tell the public that the system exists, whose it is, what it is for, whether it runs, whether a
#: person decides, and how one is served without it. What the published figures are counted by is out already.
ALWAYS_PUBLIC = (
    EntryField("name", _("Name"), _both("name"), fixed=True),
    EntryField("summary", _("Summary"), _both("summary"), fixed=True),
    EntryField("easy", _("Easy to read"), _both("easy"), fixed=True),
    EntryField("phase", _("Status"), ("phase",), fixed=True),
    EntryField("office", _("Office"), ("office",), fixed=True),
    EntryField("purposes", _("Purposes"), ("purposes",), fixed=True),
    EntryField("class", _("Class under the AI Act"), ("class",), fixed=True),
    EntryField("kind", _("Kind"), ("kind",), fixed=True),
    EntryField("reach", _("Reach"), ("reach",), fixed=True),
    EntryField("modes", _("What the outcome is"), ("modes",), fixed=True),
    EntryField("manual_way", _("How people are served without the system"), _both("manual_way"), fixed=True),
    EntryField("versions", _("Versions"), ("versions",), fixed=True),
    EntryField("evaluation_due", _("Evaluation due"), ("evaluation_due",), fixed=True),
    EntryField("refused_why", _("Why the municipality said no"), _both("refused_why"), fixed=True),
    EntryField("exercise", _("For exercises only"), ("exercise",), fixed=True),
    EntryField("in_figures", _("Counted in the public figures"), ("in_figures",), fixed=True),
    EntryField("groups", _("Groups that the figures are counted by"), ("groups",), fixed=True),
    EntryField("favourable_outcome", _("The favourable outcome"), ("favourable_outcome",), fixed=True),
    EntryField("limits", _("Limits at run time"), ("limits",), fixed=True),
)
#: Each stands by itself: one case number may be secret while the others are not.
LINKS = {
    "record_of_processing": _("Record of processing"),
    "system_register": _("System register"),
    "procurement": _("Procurement"),
    "case_number": _("Case number"),
}
#: Who may read these is decided for each entry. The security classification and the answers behind the class stay internal until somebody
#: decides otherwise: they tell an attacker where it hurts.
DECIDABLE = (
    EntryField("description", _("Description"), _both("description")),
    EntryField("supplier", _("Supplier"), ("supplier",)),
    EntryField("product", _("Product card"), ("product",)),
    EntryField("outcomes", _("Outcomes in plain words"), ("outcomes",)),
    EntryField("factors", _("Features in plain words"), ("factors",)),
    EntryField("data_uses", _("Data that the system uses"), ("data_uses",)),
    EntryField("known_limits", _("Known limits and bias"), _both("known_limits")),
    EntryField("affected_groups", _("Groups that are affected"), ("affected_groups",)),
    *(EntryField(f"links.{key}", label, ("links",), key=key) for key, label in LINKS.items()),
    EntryField("klassa", _("Information classification (KLASSA)"), ("klassa",), level=Level.INTERNAL),
    EntryField("data_classes", _("Class of each category of data"), ("data_classes",), level=Level.INTERNAL),
    EntryField("version_details", _("Model, supplier and notes of each version"), ("version_details",), level=Level.INTERNAL),
    EntryField("facts", _("Answers to questions of fact"), ("facts",), level=Level.INTERNAL),
    EntryField("retention_class", _("How long records are kept"), ("retention_class",), level=Level.INTERNAL),
)
#: Officials are named by role and office in public, never by name.
ALWAYS_INTERNAL = (EntryField("owner", _("System owner"), ("owner",), level=Level.INTERNAL, fixed=True),)
FIELDS = {field.name: field for field in (*ALWAYS_PUBLIC, *DECIDABLE, *ALWAYS_INTERNAL)}
#: The product card and the details of a version say who made the system.
_NAMING_SUPPLIER = frozenset({"product", "version_details"})
#: What the register needs for itself, and nobody reads.
_MACHINERY = frozenset({"id", "slug", "epoch", "revision", "paused_from", "visibility", "limits_decided"})
_COLUMNS = {column.name: column for column in System._meta.concrete_fields}
_COVERED = frozenset(column for field in FIELDS.values() for column in field.columns)
#: A provision as Swedish secrecy law or the GDPR is cited. Only its shape is checked; a lawyer answers for what it says.
_PROVISION = re.compile(
    r"(?:OSL|offentlighets- och sekretesslagen)\s+\d{1,2}\s?(?:[a-z]\s)?kap\.\s\d{1,3}\s?(?:[a-z]\s)?(?:[-–]\s?\d{1,3}\s?)?§§?(?:\s.{1,60})?"
    r"|(?:GDPR|dataskyddsförordningen)\s+artikel\s\d{1,2}(?:\.\d{1,2})?(?:\s[a-z])?(?:\s.{1,60})?",
    re.IGNORECASE,
)


def cites(provision: str) -> bool:
    """Does the text look like a provision that can keep something secret?"""
    return _PROVISION.fullmatch(provision) is not None


def extra_fields() -> Iterator[EntryField]:
    """Columns that no field above covers, each as an internal field: what nobody has placed is shown to nobody outside."""
    for column in _COLUMNS.keys() - _MACHINERY - _COVERED:
        yield EntryField(column, column, (column,), level=Level.INTERNAL, fixed=True)


def all_fields() -> tuple[EntryField, ...]:
    return (*FIELDS.values(), *extra_fields())


def reading(visibility: Mapping[str, Any], field: EntryField) -> Reading:
    """Who reads the field of an entry with these decisions. What names the supplier is hidden with the supplier."""
    own = _decided(visibility, field)
    if field.name in _NAMING_SUPPLIER and own.level is Level.PUBLIC:
        return _decided(visibility, FIELDS["supplier"])
    return own


def _decided(visibility: Mapping[str, Any], field: EntryField) -> Reading:
    decided = visibility.get(field.name)
    if field.fixed or not decided:
        return Reading(field.level)
    return Reading(Level(decided["level"]), decided.get("provision", ""))


def content_of(system: System) -> dict[str, Any]:
    """The entry as plain values: its columns, its versions, its class, and the decisions on who reads what."""
    columns = {name: _plain(system, name) for name in _COLUMNS.keys() - _MACHINERY | {"visibility"}}
    versions = list(system.versions.values("name", "decided", "model", "supplier", "digest", "notes", "configuration_digest"))
    return {
        **columns,
        "owner": str(system.owner),
        "product": system.product.name_sv if system.product else "",
        "office": {"sv": system.office.name_sv, "en": system.office.name_en},
        "versions": [{"name": version["name"], "decided": version["decided"]} for version in versions],
        "version_details": [{key: value for key, value in version.items() if value and key != "decided"} for version in versions],
    }


def _plain(system: System, column: str) -> Any:
    value = getattr(system, _COLUMNS[column].attname)
    return value.isoformat() if isinstance(value, date) else value


def veiled(system: System) -> System:
    """A copy that holds only what the public may read, and cannot be saved.

    Its ``withheld`` is {field: provision}, its ``internal`` the fields that are not shown.
    """
    shown = copy.copy(system)
    shown.save = _never_saved
    shown.withheld, shown.internal = {}, set()
    for field in all_fields():
        now = reading(system.visibility, field)
        if now.level is Level.PUBLIC or field in ALWAYS_INTERNAL:
            continue
        _blank(shown, field)
        if now.level is Level.WITHHELD:
            shown.withheld[field.name] = now.provision
        else:
            shown.internal.add(field.name)
    return shown


def _never_saved(*_args: object, **_kwargs: object) -> None:
    raise TypeError("a veiled entry has lost what it hides, and is never saved")


def _blank(system: System, field: EntryField) -> None:
    if field.key:
        system.links = {key: value for key, value in system.links.items() if key != field.key}
        return
    for column in field.columns:
        if column in _COLUMNS:
            setattr(system, _COLUMNS[column].attname, _COLUMNS[column].get_default())
