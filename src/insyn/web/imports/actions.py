"""The acts of an import: read a file, settle how it is read, remember that, take the rows, leave it.

Nothing is taken before somebody has seen the dry run. What is taken is an entry that no call gets through: not assessed, not decided, held
by contract only until its owner says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import written_as_identity_number
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Reach, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.models import Office, User
from insyn.web.accounts.permissions import require
from insyn.web.portfolio.standing import ALIVE
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import act_on
from insyn.web.register.models import Act, System
from insyn.web.register.shapes import required

from . import files
from .columns import BY_NAME, WORDS, ColumnKind, plain, printable
from .entries import changes_of, description_of, slug_for
from .models import Change, Entry, Import, Language, Mapping as SavedMapping, StagedRow, State
from .problems import Code, Problem
from .queries import progress_of
from .reading import Table, read_table
from .repairing import DayOrder
from .staging import Read, Settings, read_rows, suggested_columns, unknown_words


def begin_import(
    *, actor: Actor, source: str, file_name: str, data: bytes, owner: User, office: Office, mapping: SavedMapping | None = None
) -> Import:
    """Read a file and stage its rows. Nothing is taken. ``mapping``: a saved one; otherwise the headings that we know.

    The file is read before the register is written in: a large one takes long, and nobody else could write meanwhile.
    Raises :class:`InvalidInput` for what cannot be read.
    """
    require(actor, "import.run")
    source = required("source", source)[:80]
    _can_answer(owner, office)
    table = read_table(data, name=file_name)
    found = Import(
        source=source,
        file_name=file_name[:200],
        sha256=files.keep(data),
        note=json.dumps(table.note),
        heading_row=table.heading_row,
        headings=list(table.headings),
        columns=_columns_from(table, mapping) if mapping else suggested_columns(table),
        words=mapping.words if mapping else {},
        day_order=mapping.day_order if mapping else DayOrder.UNKNOWN,
        language=mapping.language if mapping else Language.SV,
        owner=owner,
        office=office,
        made_at=clock.now(),
    )
    rows = _staged_rows(found, table)
    text = {"source": source, "file": file_name, "sha256": found.sha256, "rows": len(table.rows)}
    with transaction.atomic():
        found.act = write_act(verb="begin_import", actor=actor, text=text)
        _replace(found, rows)
    return found


def _columns_from(table: Table, mapping: SavedMapping) -> dict[str, str]:
    """A saved mapping for the headings that are there, the first of those that are spelled alike; one that it does not know is left out."""
    known = {plain(heading): name for heading, name in mapping.columns.items()}
    first: dict[str, str] = {}
    for heading in table.headings:
        if (name := known.get(plain(heading))) is not None:
            first.setdefault(name, heading)
    return {heading: name for name, heading in first.items()}


def _can_answer(owner: User, office: Office) -> None:
    if not owner.mandates.valid(clock.today()).filter(role=Role.SYSTEM_OWNER).exists():
        raise InvalidInput(_("%(person)s holds no mandate as system owner.") % {"person": owner}, place="owner")
    if office.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="office")


def settle_import(
    *,
    actor: Actor,
    found: Import,
    columns: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    day_order: str,
    language: str,
    owner: User,
    office: Office,
    sheet: str = "",
    heading_row: int = 0,
    revision: int | None = None,
) -> Import:
    """Say how the file is read, and read it again, outside the transaction as at first. Every earlier staging of it is replaced.

    Where another sheet or row has other headings, ``columns`` is about what is no longer there: the headings that we know are read.
    """
    require(actor, "import.run")
    found = _at_step(Import.objects.select_related("owner", "office").get(pk=found.pk), revision, State.CHECKED)
    _can_answer(owner, office)
    if sheet != found.sheet and heading_row == found.heading_row:
        heading_row = 0  # that row was found on another sheet
    table = read_table(_data(found), name=found.file_name, sheet=sheet, heading_row=heading_row)
    same = list(table.headings) == found.headings
    found.note, found.headings, found.sheet, found.heading_row = json.dumps(table.note), list(table.headings), sheet, table.heading_row
    found.columns, found.words = _checked_columns(columns, table) if same else suggested_columns(table), _checked_words(words)
    if day_order not in set(DayOrder) or language not in set(Language):
        raise InvalidInput(_("Choose one of the alternatives."), place="day_order")
    found.day_order, found.language, found.owner, found.office = day_order, language, owner, office
    rows = _staged_rows(found, table)
    with transaction.atomic():
        _fresh(found, found.revision, State.CHECKED)
        found.revision += 1
        _replace(found, rows)
    return found


def _fresh(found: Import, revision: int | None, *states: State) -> Import:
    return _at_step(Import.objects.select_for_update().select_related("owner", "office").get(pk=found.pk), revision, *states)


def _at_step(now: Import, revision: int | None, *states: State) -> Import:
    if now.state not in states:
        raise ActRefused(_("This import is past that step. Begin a new one with the same file."))
    if revision is not None and revision != now.revision:
        raise ChangedMeanwhile(_("Somebody else has changed how this file is read. Nothing was saved; look and send it again."))
    return now


def _data(found: Import) -> bytes:
    try:
        return files.read(found.sha256)
    except OSError as error:
        raise ActRefused(_("The file is no longer kept. Begin a new import with it.")) from error


def _checked_columns(columns: Mapping[str, str], table: Table) -> dict[str, str]:
    """Heading to column. One heading for a column, for two would fight about every cell."""
    chosen: dict[str, str] = {}
    for heading, name in columns.items():
        if not name:
            continue
        if heading not in table.headings or name not in BY_NAME:
            raise InvalidInput(_("There is no such column."), place="columns")
        if name in chosen.values():
            raise InvalidInput(
                _("Two headings were chosen for “%(column)s”. Choose one.") % {"column": BY_NAME[name].label}, place="columns"
            )
        chosen[heading] = name
    if "name" not in chosen.values():
        raise InvalidInput(_("Say which heading holds the name: without it nothing can be taken."), place="columns")
    return chosen


def _checked_words(words: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, pairs in words.items():
        column = BY_NAME.get(name)
        if column is None or column.kind is not ColumnKind.WORD:
            raise InvalidInput(_("There is no such column."), place="words")
        ours = set(WORDS[column.words].values())
        for meaning in pairs.values():
            if meaning and meaning not in ours:
                raise InvalidInput(_("Choose one of the alternatives."), place="words")
        found[name] = {plain(word): meaning for word, meaning in pairs.items() if meaning}
    return {name: pairs for name, pairs in found.items() if pairs}


def _staged_rows(found: Import, table: Table) -> list[StagedRow]:
    """What each row would do, and what the file as a whole says. Offices and owners are looked up once for the file.

    The beat comes first: what another file brings while this one is read counts as later, and is seen when the rows are to be taken.
    """
    found.beat = clock.now()
    earlier = dict(Entry.objects.filter(source=found.source).values_list("key", "values"))
    settings = Settings(found.columns, found.words, DayOrder(found.day_order))
    rows = read_rows(table, settings, earlier)
    found.gone = len(earlier.keys() - {row.key for row in rows})
    found.samples = {heading: _first_values(table, heading) for heading in table.headings}
    found.unknown = [list(one) for one in unknown_words(table, settings)]
    people = _People()
    ended = frozenset(Entry.objects.filter(source=found.source).exclude(system__phase__in=ALIVE).values_list("key", flat=True))
    return [_staged(_of_living(row, ended), people) for row in rows]


def _replace(found: Import, rows: list[StagedRow]) -> None:
    """Save the import, and its rows in the place of those before."""
    found.save()
    found.rows.all().delete()  # a staging, not a record: the file is kept
    for row in rows:
        row.of = found
    StagedRow.objects.bulk_create(rows, batch_size=500)


def _of_living(row: Read, ended: Collection[str]) -> Read:
    """A row that would change a system which is out of use here is refused."""
    if row.change is not Change.CHANGED or row.key not in ended:
        return row
    return replace(row, change=Change.REFUSED, problems=(*row.problems, Problem(Code.ENDED_HERE)))


def _first_values(table: Table, heading: str) -> list[str]:
    filled = (printable(row.cells.get(heading, "")).strip() for row in table.rows)
    return list(
        dict.fromkeys(text[:80] for text in islice((text for text in filled if text and not written_as_identity_number(text)), 30))
    )[:3]


def _staged(row: Read, people: _People) -> StagedRow:
    problems = [*row.problems, *people.problems(row.values)]
    return StagedRow(
        number=row.number,
        key=row.key,
        values=dict(row.values),
        others=dict(row.others),
        problems=[problem.stored() for problem in problems],
        worst=row.worst or (problems[-1].severity.value if problems else ""),
        change=row.change,
        differs=list(row.differs),
    )


class _People:
    """Offices and system owners by every name that a spreadsheet may use."""

    def __init__(self) -> None:
        self._offices: dict[str, list[Office]] = {}
        for office in Office.objects.filter(closed_on=None):
            for word in {plain(office.slug), plain(office.name_sv), plain(office.name_en)}:
                self._offices.setdefault(word, []).append(office)
        holders = User.objects.filter(mandates__in=_owners()).distinct()
        self._owners = {plain(word): user for user in holders for word in (user.username, str(user), user.email) if word}

    def office(self, name: str) -> Office | None:
        found = self._offices.get(plain(name), [])
        return found[0] if len(found) == 1 else None

    def owner(self, name: str) -> User | None:
        return self._owners.get(plain(name))

    def problems(self, values: Mapping[str, str]) -> list[Problem]:
        found = []
        if (office := values.get("office")) and self.office(office) is None:
            several = len(self._offices.get(plain(office), [])) > 1
            found.append(Problem(Code.SEVERAL_OFFICES if several else Code.OFFICE_UNKNOWN, "office", office))
        if (owner := values.get("owner")) and self.owner(owner) is None:
            found.append(Problem(Code.OWNER_UNKNOWN, "owner", owner))
        return found


def _owners() -> object:
    from insyn.web.accounts.models import Mandate

    return Mandate.objects.valid(clock.today()).filter(role=Role.SYSTEM_OWNER)


@transaction.atomic
def save_mapping(*, actor: Actor, found: Import, name: str) -> SavedMapping:
    """Remember how this file is read, under a name. The same name again replaces it."""
    require(actor, "import.run")
    name = required("name", name)[:80]
    act = write_act(verb="save_import_mapping", actor=actor, text={"name": name, "columns": found.columns, "words": found.words})
    fields = {"headings": found.headings, "columns": found.columns, "words": found.words, "day_order": found.day_order}
    saved, _created = SavedMapping.objects.update_or_create(name=name, defaults={**fields, "language": found.language, "act": act})
    return saved


@transaction.atomic
def abandon_import(*, actor: Actor, found: Import, why: str) -> Act:
    """Leave an import of which nothing was taken."""
    require(actor, "import.run")
    found = _fresh(found, None, State.CHECKED)
    Import.objects.filter(pk=found.pk).update(state=State.ABANDONED)
    return write_act(verb="abandon_import", actor=actor, text={"import": found.pk, "why": required("why", why)})


@transaction.atomic
def apply_import(*, actor: Actor, found: Import, revision: int | None = None) -> Act:
    """Decide that the rows of the dry run are taken. They are taken one by one afterwards: :func:`take_rows`.

    Where the work has stopped, decide to go on with what is left; from then on it is taken in the name of who decides that.
    """
    require(actor, "import.run")
    found = _fresh(found, revision, State.CHECKED, State.APPLYING)
    if found.state == State.APPLYING and not progress_of(found).silent:
        raise ActRefused(_("The rows are being taken already."))
    _can_answer(found.owner, found.office)
    if found.state == State.CHECKED:
        _still_a_difference(found)
    counts = {change.value: found.rows.filter(change=change, done=False).count() for change in Change}
    if not counts[Change.NEW] + counts[Change.CHANGED]:
        raise ActRefused(_("There is nothing to take: no row is new or changed."))
    act = write_act(verb="apply_import", actor=actor, text={"import": found.pk, "source": found.source, "sha256": found.sha256, **counts})
    found.rows.exclude(change__in=(Change.NEW, Change.CHANGED)).update(done=True)
    Import.objects.filter(pk=found.pk).update(state=State.APPLYING, applied=act, beat=clock.now())
    return act


def _still_a_difference(found: Import) -> None:
    """What was shown was compared with what the source had said by then: a file that was taken later would be undone unseen."""
    others = Import.objects.filter(source=found.source, applied__isnull=False).exclude(pk=found.pk)
    if others.filter(Q(state=State.APPLYING) | Q(beat__gt=found.beat)).exists():
        raise ActRefused(_("Another file from this source has been taken since this one was read. Read this one again and look."))


@transaction.atomic
def take_rows(*, actor: Actor, found: Import, taken: set[str], limit: int = 25) -> int:
    """Take the next rows, each with an act of its own; return how many are left. ``taken``: short names in use, added to.

    Safe to call from two processes: the rows are looked up inside the transaction.
    """
    require(actor, "import.run")
    found = Import.objects.select_for_update().get(pk=found.pk)
    if found.state != State.APPLYING:
        return 0
    people = _People()
    for row in found.rows.filter(done=False).order_by("number")[:limit]:
        _take_or_tell(actor, found, row, people, taken)
    left = found.rows.filter(done=False).count()
    Import.objects.filter(pk=found.pk).update(beat=clock.now(), **({} if left else {"state": State.APPLIED}))
    return left


def _take_or_tell(actor: Actor, found: Import, row: StagedRow, people: _People, taken: set[str]) -> None:
    """One row that cannot be taken is told, and does not stand in the way of the others."""
    try:
        with transaction.atomic():
            _take(actor, found, row, people, taken)
    except (InvalidInput, ActRefused) as error:
        StagedRow.objects.filter(pk=row.pk).update(done=True, failed=str(error)[:500])


def _take(actor: Actor, found: Import, row: StagedRow, people: _People, taken: set[str]) -> None:
    entry = Entry.objects.filter(source=found.source, key=row.key).select_related("system").first()
    if entry is None:
        _take_new(actor, found, row, people, taken)
    else:
        row.kept = _take_changed(actor, found, row, entry)
    row.done = True
    row.save(update_fields=["done", "kept"])


def _take_new(actor: Actor, found: Import, row: StagedRow, people: _People, taken: set[str]) -> None:
    values = row.values
    slug = slug_for(values["name"], taken)
    while System.objects.filter(slug=slug).exists():  # somebody has registered one since the work began
        slug = slug_for(values["name"], taken)
    system = System(
        slug=slug,
        owner=people.owner(values.get("owner", "")) or found.owner,
        office=people.office(values.get("office", "")) or found.office,
        phase=Phase.ASSESSMENT,
        reach=Reach.CONTRACT_ONLY,
        **description_of(values, found.language),
    )
    if values.get("case_number"):
        system.links = {"case_number": values["case_number"]}
    act_on(system, verb="import_system", actor=actor, text={"source": found.source, "key": row.key, "row": row.number, "values": values})
    Entry.objects.create(
        source=found.source, key=row.key, values=values, others=row.others, language=found.language, system=system, last=found
    )


def _take_changed(actor: Actor, found: Import, row: StagedRow, entry: Entry) -> list[str]:
    """Bring what changed in the source; where somebody here has changed the same text since, ours stands."""
    system = System.objects.select_for_update().select_related("owner", "office").get(pk=entry.system_id)
    if system.phase not in ALIVE:
        raise ActRefused(Problem(Code.ENDED_HERE).words())
    changes, kept = changes_of(system, entry.values, row.values, found.language, spoke=entry.language)
    for field, value in changes.items():
        setattr(system, field, value)
    text = {"source": found.source, "key": row.key, "row": row.number, "changed": changes, "kept": kept}
    act_on(system, verb="import_changes", actor=actor, text=text)
    Entry.objects.filter(pk=entry.pk).update(values=row.values, others=row.others, language=found.language, last=found)
    return kept


def taken_slugs() -> set[str]:
    return set(System.objects.values_list("slug", flat=True))
