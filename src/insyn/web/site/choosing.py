"""The public list: what a reader may choose by, and the entries that fit. Costs the same however many systems there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from insyn.core.terms import Phase, Reach, SystemKind
from insyn.rules.classify import SystemClass
from insyn.web.accounts.models import Office
from insyn.web.accounts.tree import in_order
from insyn.web.assessments import words
from insyn.web.history.finding import Found, below, listings
from insyn.web.history.models import Listing
from insyn.web.oversight.queries import stops_in_force, systems_stopped
from insyn.web.register.ends import holds_of
from insyn.web.register.labels import label
from insyn.web.register.models import System

from .status import OPEN, Status, status_of
from .templatetags.site_words import STATUS_WORDS

_LISTED = (
    "slug",
    "name_sv",
    "name_en",
    "summary_sv",
    "summary_en",
    "phase",
    "reach",
    "exercise",
    "evaluation_due",
    "refused_why_sv",
    "refused_why_en",
    "office__name_sv",
    "office__name_en",
)


@dataclass(frozen=True)
class Listed:
    """A system in the public list."""

    system: System
    status: Status


@dataclass(frozen=True)
class Choice:
    """What a reader of the list asked for. Unknown words are none: an old address then shows more, never an error."""

    words: str = ""
    status: str = ""
    office: str = ""
    system_class: str = ""
    kind: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Choice:
        given = {field: asked.get(name, "").strip()[:100] for field, name in PARAMETERS.items()}
        known = {"status": STATUS_WORDS, "system_class": set(SystemClass), "kind": set(SystemKind)}
        return cls(**{field: value if field not in known or value in known[field] else "" for field, value in given.items()})

    def query(self, **changed: str) -> str:
        """As the end of an address, with something changed."""
        asked = {PARAMETERS[field]: changed.get(field, getattr(self, field)) for field in PARAMETERS}
        return urlencode({name: value for name, value in asked.items() if value})


#: What each choice is called in an address.
PARAMETERS = {"words": "q", "status": "lage", "office": "namnd", "system_class": "klass", "kind": "art"}
_GONE = {"retired": (Phase.RETIRED, Phase.ARCHIVED), "refused": (Phase.REFUSED,)}


def chosen(choice: Choice, on: date) -> Found:
    """The lines that fit, by name. Retired and refused systems are there too."""
    filters: dict[str, object] = {}
    if choice.office:
        filters["office__in"] = below(choice.office)
    if choice.system_class:
        filters["public_class"] = choice.system_class
    if choice.kind:
        filters["kind"] = choice.kind
    found = listings(choice.words, public=True, filters=filters)
    return replace(found, rows=_standing(found.rows, choice.status, on)) if choice.status else found


def _standing(rows: QuerySet[Listing], status: str, on: date) -> QuerySet[Listing]:
    """Those whose status is this, in the order of precedence of :func:`status_of`."""
    if status in _GONE:
        return rows.filter(phase__in=_GONE[status])
    rows, stopped = rows.exclude(phase__in=(*_GONE["retired"], *_GONE["refused"])), systems_stopped()
    if status == "stopped":
        return rows.filter(Q(phase=Phase.STOPPED) | Q(system__in=stopped))
    rows = rows.exclude(phase=Phase.STOPPED).exclude(system__in=stopped)
    if status in ("paused", "not_approved"):
        before = rows.exclude(phase__in=(Phase.PAUSED, *OPEN))
        return before if status == "not_approved" else rows.filter(phase=Phase.PAUSED)
    rows = rows.filter(phase__in=OPEN)
    if status == "in_use_outside":
        return rows.filter(reach=Reach.CONTRACT_ONLY)
    rows = rows.exclude(reach=Reach.CONTRACT_ONLY)
    late = Q(evaluation_due__lt=on)
    if status == "overdue":
        return rows.filter(late)
    rows = rows.filter(~late | Q(evaluation_due=None))
    runs = Q(system__standing__granted=True) & (Q(system__standing__closes_after=None) | Q(system__standing__closes_after__gte=on))
    return rows.filter(runs) if status == "in_use" else rows.exclude(runs)


def as_listed(rows: Iterable[Listing], on: date) -> list[Listed]:
    """The entries of these lines with their status, in the same order. Only what a list shows is read of each."""
    keys = [row.system_id for row in rows]
    systems = System.objects.select_related("office").only(*_LISTED).in_bulk(keys)
    stops = stops_in_force(systems.values())
    holds = holds_of(system for system in systems.values() if system.phase in OPEN)
    return [Listed(systems[key], status_of(systems[key], stops.get(key), holds.get(key), on)) for key in keys]


@dataclass(frozen=True)
class Filter:
    """A thing to choose by: its name, and each alternative with its address and whether it is chosen."""

    name: str
    chosen: str
    alternatives: list[tuple[str, str, bool]]


def filters_of(choice: Choice) -> Iterator[Filter]:
    """Every way to narrow the list, as links that keep the other choices."""
    offices = {office.slug: "– " * depth + office.name for office, depth in in_order(Office.objects.exclude(kind=Office.Kind.UNION))}
    yield _filter(choice, "status", _("Status"), {key: str(word) for key, word in STATUS_WORDS.items()})
    yield _filter(choice, "office", _("Board, administration or company"), offices)
    yield _filter(choice, "system_class", _("Class under the AI Act"), {one.value: words.named(words.CLASSES, one) for one in SystemClass})
    yield _filter(choice, "kind", _("Kind"), {kind.value: label("kind", kind) for kind in SystemKind})


def _filter(choice: Choice, field: str, name: str, alternatives: Mapping[str, str]) -> Filter:
    now = getattr(choice, field)
    rows = [(word, choice.query(**{field: value}), value == now) for value, word in {"": _("All"), **alternatives}.items()]
    return Filter(name, alternatives.get(now, "").lstrip("– "), rows)
