"""The systems in figures: counted by the database from one narrow table, so that it costs little however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from insyn.core.terms import Phase, Reach
from insyn.rules.classify import SystemClass
from insyn.web.accounts.models import Office
from insyn.web.assessments.words import CLASSES
from insyn.web.history.finding import below
from insyn.web.oversight.queries import stops_in_force, systems_stopped
from insyn.web.register.labels import label
from insyn.web.register.models import System

from .focus import by_focus_area
from .models import Standing
from .standing import ALIVE

_USED = (Phase.PILOT, Phase.IN_USE)
#: A list of names on the page ends here; the figures count them all.
NAMED = 50
#: Pixels of a chart's line, and of its parts: the name stands above its bar, so that both fit a narrow screen.
_LINE, _LETTERS, _BAR_BELOW = 44, 16, 22


@dataclass(frozen=True)
class Bar:
    """One line of a chart and of its table. ``share`` of the whole and ``width`` of the longest bar in per cent; ``top``: where it is drawn."""

    name: str
    count: int
    share: float
    width: float
    top: int
    missing: bool = False

    @property
    def base(self) -> int:
        """Where the name's letters stand."""
        return self.top + _LETTERS

    @property
    def bar_top(self) -> int:
        return self.top + _BAR_BELOW


@dataclass(frozen=True)
class Chart:
    """A question and its answer in numbers; ``unit`` is what is counted."""

    key: str
    title: str
    head: str
    unit: str
    bars: list[Bar]
    total: int

    @property
    def height(self) -> int:
        return _LINE * len(self.bars)

    @property
    def told(self) -> str:
        """The chart in one sentence."""
        return ", ".join(f"{bar.name}: {bar.count}" for bar in self.bars)


@dataclass(frozen=True)
class Board:
    """What the board's page shows. ``overdue`` and ``stopped`` name systems; their numbers are whole even where the names are cut."""

    total: int
    alive: int
    overdue: list[Standing]
    overdue_count: int
    stopped: list[System]
    stopped_count: int
    unclassified: int
    charts: list[Chart]


def read_board(on: date, *, office: Office | None = None, for_public: bool = False) -> Board:
    """Count. ``office``: with everything below it. ``for_public``: a class whose record is withheld is counted as withheld."""
    rows = _rows(office)
    alive = rows.filter(phase__in=ALIVE)
    overdue = rows.filter(phase__in=_USED, evaluation_due__lt=on)
    if for_public:
        overdue = overdue.filter(evaluation_public=True)
    stopped = _stopped(office)
    charts = [by_phase(rows), by_class(alive, on, for_public=for_public), by_reach(alive)]
    if not for_public:
        charts += [by_focus_area_chart(alive), by_benefit(alive)]
    return Board(
        total=rows.count(),
        alive=alive.count(),
        overdue=list(overdue.select_related("system", "office").order_by("evaluation_due", "pk")[:NAMED]),
        overdue_count=overdue.count(),
        stopped=stopped[:NAMED],
        stopped_count=len(stopped),
        unclassified=alive.filter(_without_class(on)).count(),
        charts=charts,
    )


def _rows(office: Office | None) -> QuerySet[Standing]:
    rows = Standing.objects.all()
    return rows if office is None else rows.filter(office__in=below(office.slug))


def _stopped(office: Office | None) -> list[System]:
    systems = System.objects.filter(pk__in=systems_stopped()).select_related("office").order_by("name_sv")
    if office is not None:
        systems = systems.filter(office__in=below(office.slug))
    found = list(systems)
    stops = stops_in_force(found)
    return [system for system in found if system.pk in stops]


def _without_class(on: date) -> Q:
    return Q(system_class="") | Q(class_through__lt=on)


def by_phase(rows: QuerySet[Standing]) -> Chart:
    return chart("phase", _("By phase"), _("Phase"), _counted(rows, "phase"), order=Phase, name=lambda word: label("phase", word))


def by_class(rows: QuerySet[Standing], on: date, *, for_public: bool) -> Chart:
    """One that is not recorded, or whose record has expired, is missing; it is not "minimal"."""
    classified = rows.exclude(_without_class(on))
    shown = classified.filter(class_public=True) if for_public else classified
    counts = _counted(shown, "system_class")
    withheld = classified.count() - sum(counts.values())
    counts[""] = rows.count() - classified.count()
    names = {**{str(word): str(name) for word, name in CLASSES.items()}, "withheld": _("Class withheld")}
    if withheld:
        counts["withheld"] = withheld
    return chart("class", _("By class"), _("Class"), counts, order=[*SystemClass, "withheld"], name=lambda word: names.get(word, word))


def by_reach(rows: QuerySet[Standing]) -> Chart:
    return chart("reach", _("By reach"), _("Reach"), _counted(rows, "reach"), order=Reach, name=lambda word: label("reach", word))


def by_focus_area_chart(rows: QuerySet[Standing]) -> Chart:
    """A system may serve several focus areas, or none that anybody has stated."""
    counts, names = by_focus_area(rows)
    return chart(
        "focus", _("By focus area"), _("Focus area"), counts, order=names, name=lambda word: names.get(word, word), total=rows.count()
    )


def by_benefit(rows: QuerySet[Standing]) -> Chart:
    """Whether somebody has said what benefit is expected, and afterwards what came of it."""
    found = rows.aggregate(
        realised=Count("pk", filter=Q(benefit_realised=True)),
        expected=Count("pk", filter=Q(benefit_expected=True, benefit_realised=False)),
        none=Count("pk", filter=Q(benefit_expected=False, benefit_realised=False)),
    )
    names = {"realised": _("Realised benefit stated"), "expected": _("Only expected benefit stated")}
    counts = {"realised": found["realised"], "expected": found["expected"], "": found["none"]}
    return chart("benefit", _("Benefit"), _("Benefit"), counts, order=names, name=lambda word: names[word])


def _counted(rows: QuerySet[Standing], field: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(field).annotate(count=Count("pk")))


def chart(
    key: str,
    title: str,
    head: str,
    counts: Mapping[str, int],
    *,
    order: Iterable[str],
    name: Callable[[str], str],
    total: int | None = None,
    unit: str = "",
) -> Chart:
    """Lines in the order of the words; those that nothing has are left out; what is missing stands last and says so."""
    total = sum(counts.values()) if total is None else total
    longest = max(counts.values(), default=0)
    words = [str(word) for word in order if counts.get(str(word))]
    lines = [(name(word), counts[word], False) for word in words]
    if counts.get(""):
        lines.append((_("Missing"), counts[""], True))
    bars = [
        Bar(text, count, round(100 * count / total, 1), round(100 * count / longest, 2), top=row * _LINE, missing=missing)
        for row, (text, count, missing) in enumerate(lines)
    ]
    return Chart(key, title, head, unit or _("Systems"), bars, total)


def board_table(board: Board, on: date) -> Iterator[tuple[object, ...]]:
    """Every figure as rows for a spreadsheet."""
    yield _("Question"), _("Answer"), _("Systems"), _("Share, %")
    yield _("All systems"), "", board.total, ""
    yield _("Evaluation overdue"), on.isoformat(), board.overdue_count, ""
    yield _("Stopped"), "", board.stopped_count, ""
    for one in board.charts:
        for bar in one.bars:
            yield one.title, bar.name, bar.count, bar.share
