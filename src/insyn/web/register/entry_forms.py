"""Forms for the parts of an entry. Parts with rows work without script: a button asks for one more line, and a line left empty is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import Mode, Reach, SystemKind
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Office
from insyn.web.language import spoken

from .entry import DECIDABLE, LEVEL_WORDS, LINKS, Level, Reading, reading
from .forms import KIND_HELP, Revised
from .labels import label
from .models import System
from .shapes import LETTERS, ROWS


def _line(text: Any, *, longest: int = LETTERS, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=text, max_length=longest, required=False, help_text=help_text)


def _long(text: Any) -> forms.CharField:
    return forms.CharField(label=text, max_length=LETTERS, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class PartForm(Revised):
    """One part of an entry. ``part()`` is what the act wants to know; ``spot()`` finds the field that a refused place is about."""

    title: ClassVar[Any]
    lead: ClassVar[Any] = ""

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        """What the entry says now, by field of the form."""
        raise TypeError(f"{cls.__name__} says this itself")

    def part(self) -> dict[str, Any]:
        raise TypeError(f"{type(self).__name__} says this itself")

    def spot(self, place: str) -> str:
        return place.rpartition(".")[2]


class RowsForm(PartForm):
    """A part that is a list. Fields are called ``row-0-name``; ``rows`` says how many lines the page has."""

    column: ClassVar[str]
    kinds: ClassVar[Mapping[str, Callable[[], forms.Field]]]

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.count = min(self._count(), ROWS)
        self.fields["rows"] = forms.IntegerField(widget=forms.HiddenInput, initial=self.count, min_value=0, max_value=ROWS)
        for number in range(self.count):
            for name, make in self.kinds.items():
                self.fields[f"row-{number}-{name}"] = make()

    def _count(self) -> int:
        """As many lines as were sent, and one more when asked for; at first those held and an empty one."""
        if self.data:
            sent = str(self.data.get("rows", ""))
            return (int(sent) if sent.isdecimal() and len(sent) < 4 else 0) + ("more" in self.data)
        held = {name.split("-")[1] for name in self.initial if name.startswith("row-")}
        return len(held) + 1

    @property
    def wants_more(self) -> bool:
        return "more" in self.data

    def one_more(self) -> RowsForm:
        """The same lines with an empty one after them, nothing judged yet."""
        empty = {f"row-{number}-{name}": "" for number in range(self.count - 1) for name in self.kinds}
        return type(self)(initial=empty | {name: self._typed(name) for name in self.fields if name in self.data and name != "rows"})

    def _typed(self, name: str) -> Any:
        several = isinstance(self.fields[name], forms.MultipleChoiceField)
        return self.data.getlist(name) if several else self.data.get(name, "")

    def lines(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        for number in range(self.count):
            yield number + 1, [self[f"row-{number}-{name}"] for name in self.kinds]

    def rest(self) -> list[forms.BoundField]:
        """Fields that belong to no line."""
        return [field for field in self.visible_fields() if not field.name.startswith("row-")]

    def filled(self) -> list[dict[str, Any]]:
        """The lines in which something was written, and where each stood, so that a fault can be shown at its own line."""
        self._stood = []
        found = []
        for number in range(self.count):
            row = {name: self.cleaned_data.get(f"row-{number}-{name}") for name in self.kinds}
            if any(row.values()):
                self._stood.append(number)
                found.append(row)
        return found

    def spot(self, place: str) -> str:
        """``purposes[1].name.sv`` is in the field ``row-1-name_sv`` when no line above it was empty."""
        head, _bracket, rest = place.partition("[")
        number, _dot, name = rest.partition("].")
        if head != self.column or not number.isdecimal() or int(number) >= len(self._stood):
            return super().spot(place)
        return f"row-{self._stood[int(number)]}-{name.split('[')[0].replace('.', '_')}"

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        rows = getattr(system, cls.column)
        return {f"row-{number}-{name}": value for number, row in enumerate(rows) for name, value in cls.as_line(row).items()}

    @classmethod
    def as_line(cls, row: Mapping[str, Any]) -> dict[str, str]:
        raise TypeError(f"{cls.__name__} says this itself")


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


class PurposesForm(RowsForm):
    """What the system is for, and what it may touch for each purpose."""

    title = _("Purposes, data and kinds of decision")
    lead = _(
        "The decision on use rests on this. Before a decision it can be changed freely; while the system is in use it must be paused first, and then needs a new decision."
    )
    column = "purposes"
    kinds: ClassVar[Mapping[str, Callable[[], forms.Field]]] = {
        "purpose": lambda: _line(_("Purpose, short name"), longest=64, help_text=_("Small letters a to z, digits and hyphens.")),
        "name_sv": lambda: _line(_("Purpose in Swedish")),
        "name_en": lambda: _line(_("Purpose in English")),
        "categories": lambda: _line(_("Categories of data, comma between")),
        "matter_types": lambda: _line(_("Types of matter, comma between")),
    }
    modes = forms.MultipleChoiceField(label=_("What the outcome is"), widget=forms.CheckboxSelectMultiple, required=False)
    reach = forms.ChoiceField(label=_("Reach"), help_text=_("How far Insyn can hold the system."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["modes"].choices = [(mode.value, label("mode", mode)) for mode in Mode]
        self.fields["reach"].choices = [(reach.value, label("reach", reach)) for reach in Reach]

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return {**super().held(system), "modes": system.modes, "reach": system.reach}

    @classmethod
    def as_line(cls, row: Mapping[str, Any]) -> dict[str, str]:
        lists = {name: ", ".join(row.get(name, ())) for name in ("categories", "matter_types")}
        return {"purpose": row["purpose"], "name_sv": row["name"]["sv"], "name_en": row["name"]["en"], **lists}

    def part(self) -> dict[str, Any]:
        purposes = [
            {
                "purpose": row["purpose"],
                "name": {"sv": row["name_sv"], "en": row["name_en"]},
                "categories": _split(row["categories"]),
                "matter_types": _split(row["matter_types"]),
            }
            for row in self.filled()
        ]
        return {"purposes": purposes, "modes": self.cleaned_data["modes"], "reach": self.cleaned_data["reach"]}


class AffectedForm(RowsForm):
    """Whom the system affects."""

    title = _("Groups that are affected")
    lead = _("Who may notice that the system is used, and how? Think of those who are affected most, and of those who do not ask for it.")
    column = "affected_groups"
    kinds: ClassVar[Mapping[str, Callable[[], forms.Field]]] = {
        "group_sv": lambda: _line(_("Group in Swedish")),
        "group_en": lambda: _line(_("Group in English")),
        "how_sv": lambda: _long(_("How the group is affected, in Swedish")),
        "how_en": lambda: _long(_("How the group is affected, in English")),
    }

    @classmethod
    def as_line(cls, row: Mapping[str, Any]) -> dict[str, str]:
        return {f"{name}_{language}": row[name][language] for name in ("group", "how") for language in ("sv", "en")}

    def part(self) -> dict[str, Any]:
        groups = [{name: {lang: row[f"{name}_{lang}"] for lang in ("sv", "en")} for name in ("group", "how")} for row in self.filled()]
        return {"affected_groups": groups}


class LinksForm(PartForm):
    """Where else the municipality tells of the system."""

    title = _("Links to other registers")
    lead = _("Write an address that begins with https://, or the number or name in the other register.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in LINKS.items():
            self.fields[name] = _line(text, longest=300)

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return dict(system.links)

    def part(self) -> dict[str, Any]:
        return {"links": {name: self.cleaned_data[name] for name in LINKS if self.cleaned_data[name]}}


CONSEQUENCES = {
    0: _("0: none or negligible"),
    1: _("1: moderate"),
    2: _("2: significant"),
    3: _("3: serious"),
    4: _("4: most serious"),
}
_KLASSA = {
    "confidentiality": _("Confidentiality"),
    "integrity": _("Integrity"),
    "availability": _("Availability"),
    "traceability": _("Traceability"),
}


class KlassaForm(PartForm):
    """The information classification."""

    title = _("Information classification (KLASSA)")
    lead = _("How bad is it if somebody reads what they should not, if it is wrong, if it is not there, or if nobody can see who did what?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in _KLASSA.items():
            self.fields[name] = forms.TypedChoiceField(label=text, coerce=int, choices=[("", _("Choose")), *CONSEQUENCES.items()])
        self.fields["day"] = forms.DateField(label=_("Day of the classification"), widget=DayInput())

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return dict(system.klassa)

    def part(self) -> dict[str, Any]:
        return {"klassa": {**{name: self.cleaned_data[name] for name in _KLASSA}, "day": self.cleaned_data["day"].isoformat()}}


class KindForm(PartForm):
    """How the municipality came by the system."""

    title = _("Kind")
    kind = forms.ChoiceField(label=_("Kind"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, label("kind", kind)) for kind in SystemKind]
        self.fields["kind"].help_text = KIND_HELP

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return {"kind": system.kind}

    def part(self) -> dict[str, Any]:
        return {"kind": self.cleaned_data["kind"]}


class OfficeForm(PartForm):
    """Which office answers for the system."""

    title = _("Office that answers for the system")
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.filter(closed_on=None).order_by("slug"), to_field_name="slug"
    )

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return {"office": system.office.slug}

    def part(self) -> dict[str, Any]:
        return {"office": self.cleaned_data["office"]}


class ChangeableForm(PartForm):
    """Which features a person has power over, so that an explanation may say what would have had to be different."""

    title = _("What a person can change")
    lead = _(
        "An explanation may say what would have had to be different, but only of what the person concerned has power over. Groups, health, origin and the like are never suggested, whatever is chosen here."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._factors: dict[str, Any] = self.initial.get("factors", {})
        for feature, entry in self._factors.items():
            self.fields[f"can-{feature}"] = forms.ChoiceField(
                label=f"{spoken(entry.get('label')) or feature}",
                choices=[("", _("Nobody has said")), ("no", _("No")), ("yes", _("Yes, the person can change it"))],
                required=False,
                initial={True: "yes", False: "no"}.get(entry.get("changeable"), ""),
            )

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        return {"factors": system.factors}

    def part(self) -> dict[str, Any]:
        return {"factors": {feature: self._said(feature, entry) for feature, entry in self._factors.items()}}

    def _said(self, feature: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        rest = {key: value for key, value in entry.items() if key != "changeable"}
        said = self.cleaned_data[f"can-{feature}"]
        return {**rest, "changeable": said == "yes"} if said else rest

    def spot(self, place: str) -> str:
        return f"can-{place.split('.')[1]}" if place.startswith("factors.") else super().spot(place)


class VisibilityForm(Revised):
    """For each field that may be decided on: who reads it, and by which provision it is withheld."""

    def __init__(self, *args: Any, system: System, **kwargs: Any) -> None:
        super().__init__(*args, initial={"revision": system.revision}, **kwargs)
        choices = [(level.value, word) for level, word in LEVEL_WORDS.items()]
        for field in DECIDABLE:
            now = reading(system.visibility, field)
            self.fields[field.name] = forms.ChoiceField(label=field.label, choices=choices, initial=now.level.value)
            self.fields[f"{field.name}-provision"] = forms.CharField(
                label=_("Provision"), max_length=120, required=False, initial=now.provision
            )

    def lines(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for field in DECIDABLE:
            yield self[field.name], self[f"{field.name}-provision"]

    def readings(self) -> dict[str, Reading]:
        data = self.cleaned_data
        return {field.name: Reading(Level(data[field.name]), data[f"{field.name}-provision"]) for field in DECIDABLE}


def at_its_field(form: PartForm, act: Callable[[], object]) -> Callable[[], object]:
    """The act, with a fault shown at the field of the form that it is about."""

    def tried() -> object:
        try:
            return act()
        except InvalidInput as error:
            raise InvalidInput(error.message, place=form.spot(error.place), mend=error.mend) from error

    return tried
