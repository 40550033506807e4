"""Forms of the register. The act checks everything again; a form only reads what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Mode, Reach, RecordKind, Role, SystemKind
from insyn.web import clock
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Office, User
from insyn.web.language import spoken

from . import tables
from .contents import ContentField, FieldKind, fields_of
from .labels import label
from .models import System
from .queries import holders_of


def _long(text: Any, *, required: bool = True, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(label=text, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows}))


def _choices(words: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), label(words, value)) for value in values]


class Revised(forms.Form):
    """Carries the revision of the system that the page was made from."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class RecordForm(Revised):
    """A record of one kind; its fields come from the table of contents.

    ``content``: what is written already, loose or stored. ``lines`` {table: how many lines to show}, at least those that have content.
    """

    kind = forms.CharField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *args: Any,
        kind: RecordKind,
        system: System,
        content: Mapping[str, Any] | None = None,
        lines: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:
        self._contents, content, lines = fields_of(kind), content or {}, lines or {}
        data = None if data is None else tables.compacted(self._contents, data)
        initial = {**tables.as_initial(self._contents, content), **(kwargs.pop("initial", None) or {})}
        super().__init__(data, *args, initial=initial, **kwargs)
        for field in self._contents:
            if field.kind is FieldKind.ROWS:
                least = tables.count(field, data) if data is not None else tables.lines_in(field, content)
                self._add_table(field, max(least, lines.get(field.name, 0), 1))
            else:
                self.fields[field.name] = _content_field(field)
        versions = [("", _("Not about one version")), *((name, name) for name in system.versions.values_list("name", flat=True))]
        self.fields["version"] = forms.ChoiceField(label=_("Version"), choices=versions, required=False)
        self.fields["case_number"] = forms.CharField(label=_("Case number"), max_length=40, required=False)
        self.fields["valid_through"] = forms.DateField(label=_("Valid through"), widget=DayInput(), required=False)
        self.fields["public"] = forms.BooleanField(label=_("Show the record on the public page"), required=False, initial=True)

    def _add_table(self, field: ContentField, lines: int) -> None:
        """The number of lines under the table's own name, where its errors land too, and a field for each cell."""
        self.fields[field.name] = forms.IntegerField(
            label=field.label, help_text=field.help, required=False, initial=lines, widget=forms.HiddenInput
        )
        for number in range(lines):
            for column in field.columns:
                inner = _content_field(column)
                inner.label = _("%(column)s, line %(number)d") % {"column": column.label, "number": number + 1}
                inner.required = False
                inner.widget.is_required = False
                self.fields[tables.cell(field.name, number, column.name)] = inner

    def clean(self) -> dict[str, Any]:
        """What a line or a table lacks. The rest is the act's to check."""
        for field in self._contents:
            if field.kind is FieldKind.ROWS:
                self._clean_table(field)
        return self.cleaned_data

    def _clean_table(self, field: ContentField) -> None:
        lines = tables.count(field, self.data)
        if lines < max(field.at_least, int(field.required)):
            self.add_error(field.name, _("At least %(limit)s.") % {"limit": max(field.at_least, 1)})
        for number in range(lines):
            for column in field.columns:
                name = tables.cell(field.name, number, column.name)
                if column.required and name not in self.errors and not self.cleaned_data.get(name):
                    self.add_error(name, _("This is required."))

    def parts(self) -> Iterator[Cell | Table]:
        """What the page shows, in order: fields, and tables with their lines."""
        for field in self._contents:
            if field.kind is FieldKind.ROWS:
                yield self._table(field)
            else:
                yield Cell(field, self[field.name])

    def about(self) -> list[forms.BoundField]:
        """What goes with a record of any kind."""
        return [self[name] for name in _ABOUT]

    def _table(self, field: ContentField) -> Table:
        known = [int(name.split("-")[1]) for name in self.fields if name.startswith(f"{field.name}-")]
        rows = tuple(
            tuple(Cell(column, self[tables.cell(field.name, number, column.name)]) for column in field.columns)
            for number in range(max(known, default=-1) + 1)
        )
        return Table(field, self[field.name], rows)

    def record(self) -> dict[str, Any]:
        """What the act wants to know."""
        content = {field.name: self._value(field) for field in self._contents}
        others = {name: self.cleaned_data[name] for name in ("kind", *_ABOUT, "revision")}
        return {"content": {name: value for name, value in content.items() if not _nothing(value)}, **others}

    def _value(self, field: ContentField) -> Any:
        if field.kind is not FieldKind.ROWS:
            return _plain(self.cleaned_data[field.name])
        names = [
            (column.name, [tables.cell(field.name, n, column.name) for n in range(tables.count(field, self.data))])
            for column in field.columns
        ]
        rows: list[dict[str, Any]] = [{} for _number in range(tables.count(field, self.data))]
        for column, cells in names:
            for row, name in zip(rows, cells, strict=True):
                value = _plain(self.cleaned_data[name])
                row |= {} if _nothing(value) else {column: value}
        return rows


#: What goes with a record of any kind.
_ABOUT = ("version", "case_number", "valid_through", "public")


@dataclass(frozen=True)
class Cell:
    """A field by itself, or one of a table: what it is, and where it stands in the form."""

    column: ContentField
    field: forms.BoundField


@dataclass(frozen=True)
class Table:
    """A table of lines as the page shows it. ``count`` is the hidden number of lines; what is wrong with the table as a whole stands there."""

    column: ContentField
    count: forms.BoundField
    rows: tuple[tuple[Cell, ...], ...]

    is_table = True

    @property
    def lines(self) -> int:
        return len(self.rows)


def _nothing(value: Any) -> bool:
    return value is None or value in ("", [], ())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _content_field(field: ContentField) -> forms.Field:
    common = {"label": field.label, "required": field.required, "help_text": field.help}
    match field.kind:
        case FieldKind.TEXT:
            return forms.CharField(**common, widget=forms.Textarea(attrs={"rows": 4}))
        case FieldKind.DAY:
            return forms.DateField(**common, widget=DayInput())
        case FieldKind.NUMBER:
            return forms.CharField(**common, max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
        case FieldKind.PERSON:
            return forms.ChoiceField(**common, choices=[("", _("Choose")), *holders_of(field.role, clock.today())])
        case FieldKind.PEOPLE:
            people = holders_of(field.role, clock.today())
            return forms.MultipleChoiceField(**common, choices=people, widget=forms.CheckboxSelectMultiple)
        case FieldKind.CHOICE:
            return forms.ChoiceField(**common, choices=[("", _("Choose")), *field.choices])
        case FieldKind.CHOICES:
            return forms.MultipleChoiceField(**common, choices=field.choices, widget=forms.CheckboxSelectMultiple)
        case FieldKind.YES_NO:
            return forms.ChoiceField(**common, choices=[("", _("Choose")), ("yes", _("Yes")), ("no", _("No"))])
        case _:
            return forms.CharField(**common)


class DescriptionForm(Revised):
    """What the register says of a system, in both languages."""

    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    summary_sv = forms.CharField(label=_("Summary in Swedish"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    summary_en = forms.CharField(label=_("Summary in English"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    description_sv = _long(_("Description in Swedish"), required=False)
    description_en = _long(_("Description in English"), required=False)
    supplier = forms.CharField(label=_("Supplier"), max_length=200, required=False)
    manual_way_sv = _long(_("How people are served without the system, in Swedish"), required=False)
    manual_way_en = _long(_("How people are served without the system, in English"), required=False)
    known_limits_sv = _long(
        _("Known limits and bias, in Swedish"),
        required=False,
        help_text=_("The first sentence stands in decision letters: begin with what matters most to the person."),
    )
    known_limits_en = _long(_("Known limits and bias, in English"), required=False)
    easy_sv = _long(_("Easy to read, in Swedish"), required=False)
    easy_en = _long(_("Easy to read, in English"), required=False)


KIND_HELP = _(
    "Rule-based is for automation that decides about people though it is not AI: it stands here as well. Embedded is part of another product; generally available is, for instance, a chat assistant on the internet."
)


class RegisterForm(forms.Form):
    """A new system: the least that the register must know."""

    slug = forms.CharField(
        label=_("Short name"), max_length=64, help_text=_("Small letters a to z, digits and hyphens. It stands in addresses and calls.")
    )
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    summary_sv = forms.CharField(label=_("Summary in Swedish"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    summary_en = forms.CharField(label=_("Summary in English"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Kind"), help_text=KIND_HELP)
    reach = forms.ChoiceField(label=_("Reach"), help_text=_("How far Insyn can hold the system."))
    modes = forms.MultipleChoiceField(label=_("What the outcome is"), widget=forms.CheckboxSelectMultiple, required=False)
    owner = forms.ModelChoiceField(label=_("System owner"), queryset=User.objects.none(), to_field_name="person")
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.filter(closed_on=None).order_by("slug"), to_field_name="slug"
    )
    purpose = forms.SlugField(label=_("Purpose, short name"), max_length=64, help_text=_("Further purposes can be described later."))
    purpose_sv = forms.CharField(label=_("Purpose in Swedish"), max_length=200)
    purpose_en = forms.CharField(label=_("Purpose in English"), max_length=200)
    categories = forms.CharField(label=_("Categories of data, comma between"), max_length=1000, required=False)
    matter_types = forms.CharField(label=_("Types of matter, comma between"), max_length=1000)
    manual_way_sv = _long(_("How people are served without the system, in Swedish"))
    manual_way_en = _long(_("How people are served without the system, in English"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices("kind", SystemKind)
        self.fields["reach"].choices = _choices("reach", Reach)
        self.fields["modes"].choices = _choices("mode", Mode)
        owners = User.objects.filter(mandates__in=_valid(Role.SYSTEM_OWNER))
        self.fields["owner"].queryset = owners.distinct().order_by("last_name")

    def system(self) -> dict[str, Any]:
        """What the act wants to know."""
        data = dict(self.cleaned_data)
        name = {"sv": data.pop("purpose_sv"), "en": data.pop("purpose_en")}
        parts = {field: [part.strip() for part in data.pop(field).split(",") if part.strip()] for field in ("categories", "matter_types")}
        purpose = {"purpose": data.pop("purpose"), "name": name, **parts}
        return {**data, "purposes": [purpose]}


def _valid(role: Role) -> Any:
    from insyn.web.accounts.models import Mandate

    return Mandate.objects.valid(clock.today()).filter(role=role)


class WhyForm(Revised):
    """An act that needs only its reason."""

    why = _long(_("Why"))


def _delegation() -> forms.CharField:
    help_text = _("An official writes the number of the item in the delegation list. An elected member may leave it empty.")
    return forms.CharField(label=_("Delegation"), max_length=200, required=False, help_text=help_text)


def _decided_through() -> forms.DateField:
    help_text = _("After this day every call is refused until there is a new decision.")
    return forms.DateField(label=_("The decision holds through"), widget=DayInput(), required=False, help_text=help_text)


class DecideForm(Revised):
    versions = forms.MultipleChoiceField(label=_("Versions that the decision covers"), widget=forms.CheckboxSelectMultiple, required=False)
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    delegation = _delegation()
    conditions = _long(_("Conditions"), required=False)
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    valid_through = _decided_through()
    pilot = forms.BooleanField(label=_("As a pilot"), required=False)

    def __init__(self, *args: Any, system: System, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["versions"].choices = [(name, name) for name in system.versions.values_list("name", flat=True)]


class PauseForm(WhyForm):
    delegation = _delegation()


class ContinueForm(WhyForm):
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    delegation = _delegation()
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    valid_through = _decided_through()


class RetireForm(WhyForm):
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    delegation = _delegation()


class RefuseForm(Revised):
    why_sv = _long(_("Why, in Swedish (shown in public)"))
    why_en = _long(_("Why, in English (shown in public)"))
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    delegation = _delegation()


class AdoptForm(forms.Form):
    pack = forms.ChoiceField(label=_("Policy"))
    adopted_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    case_number = forms.CharField(label=_("Case number"), max_length=40)

    def __init__(self, *args: Any, packs: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pack"].choices = [(pack.id, spoken(pack.title)) for pack in packs]


class ApplyForm(forms.Form):
    """``seen``: the digest of the set that was in use when the page was made."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    why = _long(_("Why, and what you have looked at"), rows=3)


class CloseForm(forms.Form):
    why = _long(_("What was done"), rows=3)


class KeyForm(Revised):
    name = forms.CharField(label=_("Name of the program"), max_length=64)


class RotateForm(Revised):
    name = forms.CharField(widget=forms.HiddenInput)
    last_day = forms.DateField(label=_("Last day of the old key"), widget=forms.DateInput(attrs={"type": "date"}))


class RevokeForm(Revised):
    name = forms.CharField(widget=forms.HiddenInput)
