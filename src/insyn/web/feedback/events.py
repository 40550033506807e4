"""What has happened to the public record: read from acts whose entries the published log already holds, and from nothing else.

An event is an act's place in the log. So nothing is told before the public checkpoint allows it, and a reader who has been told up to one
entry is told from there the next time: nothing twice, nothing lost.

1. Acts that the record shows by themselves: decisions, stops, rounds, published answers.
2. Changes of an entry, by the fields that the public may read today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import StopScope
from insyn.web.history.models import Revision
from insyn.web.history.reading import changed_fields, content
from insyn.web.oversight.models import Resume, StopOrder
from insyn.web.oversight.queries import stops_that_held
from insyn.web.oversight.templatetags.stop_words import stop_of
from insyn.web.participation.models import Round
from insyn.web.participation.words import RoundState
from insyn.web.register.labels import label
from insyn.web.register.models import Act, System
from insyn.web.site.publishedlog import read_published

from .models import Message
from .words import EventKind

_DECISIONS = ("decide_use", "pause_system", "continue_system", "retire_system", "refuse_system")
_ROUNDS = ("open_round", "close_round", "publish_round")
#: Verbs of acts that are an event by themselves. What else changes an entry is an event by what it changed.
_BY_VERB: Mapping[str, EventKind] = {
    **dict.fromkeys(_DECISIONS, EventKind.DECISION),
    **dict.fromkeys(("order_stop", "resume_system"), EventKind.STOP),
    **dict.fromkeys(_ROUNDS, EventKind.ROUND),
    "publish_message": EventKind.ANSWER,
}
#: A look for changes goes through so many revisions at most for each event that is wanted: most change something that is public.
_SPARE = 4
#: Revisions that are named in one question to the database: SQLite takes no expression deeper than a thousand.
_AT_ONCE = 400


@dataclass(frozen=True)
class Event:
    """``concerns``: the systems' keys; empty for what concerns none, ``None`` for what concerns every one. ``offices``: those that answer for
    them. ``what`` is in the active language."""

    index: int
    at: datetime
    kind: EventKind
    system: System | None
    concerns: frozenset[int] | None
    offices: frozenset[int]
    what: str
    href: str

    @property
    def title(self) -> str:
        return f"{self.system.name}: {self.what}" if self.system is not None else self.what


def public_size() -> int:
    """How many entries the public log holds; none where nothing is published yet."""
    published = read_published(settings.HOME.public)
    return published.size if published else 0


def events(first: int, end: int, *, system: System | None = None, most: int) -> list[Event]:
    """The newest events of the entries from ``first`` to ``end`` (not included), newest first; of one system or of all."""
    acts = _acts(first, end, system).order_by("-log_index")[:most]
    revisions = _revisions(first, end, system)[: most * _SPARE]
    found = [*_told_by_acts(list(acts)), *_told_by_revisions(list(revisions))]
    return sorted(found, key=lambda event: -event.index)[:most]


def _acts(first: int, end: int, system: System | None) -> QuerySet[Act]:
    rows = Act.objects.filter(log_index__gte=first, log_index__lt=end, verb__in=_BY_VERB).select_related("system__office")
    if system is None:
        return rows
    stops = stops_that_held(system)
    wide = Resume.objects.filter(stop__in=stops.values("pk")).values("act")
    return rows.filter(Q(system=system) | Q(pk__in=stops.order_by().values("act")) | Q(pk__in=wide))


def _revisions(first: int, end: int, system: System | None) -> QuerySet[Revision]:
    rows = Revision.objects.filter(act__log_index__gte=first, act__log_index__lt=end).exclude(act__verb__in=_BY_VERB)
    rows = rows if system is None else rows.filter(system=system)
    return rows.select_related("act", "system__office").order_by("-act__log_index")


def _told_by_acts(acts: list[Act]) -> Iterator[Event]:
    keys = [act.pk for act in acts]
    stops = {
        stop.act_id: stop for stop in StopOrder.objects.filter(act__in=keys).select_related("system").prefetch_related("covers__system")
    }
    resumes = (
        Resume.objects.filter(act__in=keys, act__outbox__resume_of__isnull=False)
        .select_related("stop__system")
        .prefetch_related("stop__covers__system")
    )
    lifted = {one.act_id: one.stop for one in resumes}
    rounds = {row.slug: row for row in Round.objects.filter(slug__in=[str(act.text.get("round", "")) for act in acts])}
    answers = {row.published_id: row for row in Message.objects.filter(published__in=keys).select_related("need", "round")}
    for act in acts:
        kind = _BY_VERB[act.verb]
        if kind is EventKind.DECISION:
            told: Event | None = _event(act, kind, label("verb", act.verb), _record(act.system))
        elif kind is EventKind.STOP:
            told = _of_stop(act, stops.get(act.pk) or lifted.get(act.pk))
        elif kind is EventKind.ROUND:
            told = _of_round(act, rounds.get(str(act.text.get("round", ""))))
        else:
            told = _of_answer(act, answers.get(act.pk))
        if told is not None:
            yield told


def _event(act: Act, kind: EventKind, what: str, href: str) -> Event:
    concerns = frozenset({act.system_id}) if act.system_id else frozenset()
    offices = frozenset({act.system.office_id}) if act.system is not None else frozenset()
    return Event(act.log_index or 0, act.at, kind, act.system, concerns, offices, what, href)


def _record(system: System | None) -> str:
    return reverse("site:system", args=[system.slug]) if system is not None else reverse("site:start")


def _of_stop(act: Act, stop: StopOrder | None) -> Event | None:
    if stop is None:
        return None
    words = [_("A stop is lifted") if act.verb == "resume_system" else _("Stopped")]
    if stop.scope != StopScope.SYSTEM:
        words.append(stop_of(stop))
    if stop.exercise:
        words.append(_("An exercise"))
    if act.verb == "order_stop" and stop.public_why:
        words.append(stop.public_why.rstrip("."))
    held = [stop.system] if stop.system is not None else [cover.system for cover in stop.covers.all()]
    concerns = None if stop.scope == StopScope.EVERYTHING else frozenset(system.pk for system in held)
    offices = frozenset(system.office_id for system in held)
    return Event(act.log_index or 0, act.at, EventKind.STOP, stop.system, concerns, offices, ". ".join(words), _record(stop.system))


def _of_round(act: Act, row: Round | None) -> Event | None:
    if row is None or row.state == RoundState.DRAFT:
        return None
    words = {
        "open_round": _("You are asked: %(title)s. Open from %(first)s through %(last)s"),
        "close_round": _("Closed before its last day: %(title)s"),
        "publish_round": _("The municipality has answered: %(title)s"),
    }
    what = words[act.verb] % {"title": row.title, "first": row.opens.isoformat(), "last": row.closes.isoformat()}
    return _event(act, EventKind.ROUND, what, reverse("participation:public_round", args=[row.slug]))


def _of_answer(act: Act, message: Message | None) -> Event | None:
    """Only while it stands on the record: what was taken back is no event any more."""
    if message is None:
        return None
    what = _("A question or report from the public is answered on the page")
    if message.changed_id is not None:
        what = _("A report from the public was right, and the record is changed")
    return _event(act, EventKind.ANSWER, what, f"{place_of(message)}#svar-{message.receipt}")


def place_of(message: Message) -> str:
    """The page where the message's answer is published."""
    if message.need is not None:
        return reverse("needs:public_need", args=[message.need.number])
    if message.round is not None:
        return reverse("participation:public_round", args=[message.round.slug])
    return reverse("site:system", args=[message.system.slug]) if message.system is not None else reverse("feedback:tell")


def _told_by_revisions(revisions: Iterable[Revision]) -> Iterator[Event]:
    """Changes, by the names of their public fields; one that changed only what is not public is no event."""
    rows = list(revisions)
    before = _befores(rows)
    for row in rows:
        older = before.get((row.system_id, row.number - 1))
        if older is None:  # the first that is kept
            what = _("New in the register")
        else:
            names = changed_fields(content(row), content(older), public_by=row.system.visibility)
            names = [name for name in names if name != _("Something that is not shown here")]
            if not names:
                continue
            what = _("Changed in the register: %(fields)s") % {"fields": ", ".join(names)}
        href = reverse("history:revision", args=[row.system.slug, row.number])
        yield _event(row.act, EventKind.CHANGE, what, href)


def _befores(rows: list[Revision]) -> dict[tuple[int, int], Revision]:
    found: dict[tuple[int, int], Revision] = {}
    for begin in range(0, len(rows), _AT_ONCE):
        wanted = Q(pk__in=[])
        for row in rows[begin : begin + _AT_ONCE]:
            wanted |= Q(system=row.system_id, number=row.number - 1)
        found |= {(row.system_id, row.number): row for row in Revision.objects.filter(wanted)}
    return found
