"""Forms of product cards, versions and uses of data. Some have lines; a button asks for more, and a line left empty is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import SystemKind, Tristate
from insyn.web.accounts.forms import DayInput

from .forms import Revised, WhyForm
from .labels import label
from .learning import LEARNING
from .models import DataUse, Product, PurposeKind, Supplier, System

MAX_LINES = 200
_MORE = 3


def _line(text: Any, *, longest: int = 400, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=text, max_length=longest, required=required, help_text=help_text)


def _long(text: Any, *, required: bool = False, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(label=text, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows}))


class LinesForm(Revised):
    """A form with one list. Its cells are called ``table-0-column``; all columns of a line are needed, or none, but ``optional`` ones."""

    table: ClassVar[str]
    title: ClassVar[Any]
    optional: ClassVar[frozenset[str]] = frozenset()
    at_first: ClassVar[int] = 3

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        initial = dict(initial or {})
        held = initial.pop(self.table, [])
        cells = {self.cell(number, name): value for number, row in enumerate(held) for name, value in row.items()}
        super().__init__(data, initial={**initial, **cells}, **kwargs)
        self.count = min(max(self._sent(), len(held), self.at_first) + (_MORE if self.wants_more else 0), MAX_LINES)
        for number in range(self.count):
            for name, field in self.columns().items():
                field.required = False
                self.fields[self.cell(number, name)] = field

    def columns(self) -> dict[str, forms.Field]:
        """The fields of one line, made anew for each. Every form with lines says its own."""
        return {}

    @classmethod
    def cell(cls, number: int, name: str) -> str:
        return f"{cls.table}-{number}-{name}"

    def _sent(self) -> int:
        numbers = [name.split("-")[1] for name in self.data if name.startswith(f"{self.table}-") and name.count("-") == 2]
        return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 4), default=0)

    @property
    def wants_more(self) -> bool:
        """More lines are asked for: nothing is to be done yet."""
        return "more" in self.data

    def as_typed(self) -> LinesForm:
        """The same with more lines, nothing judged yet."""
        form = type(self)(**self._made_with(), initial={name: self.data[name] for name in self.fields if name in self.data})
        form.count = self.count
        form.fields.update({name: field for name, field in self.fields.items() if name not in form.fields})
        return form

    def _made_with(self) -> dict[str, Any]:
        return {}

    def rest(self) -> list[forms.BoundField]:
        """Fields that belong to no line."""
        return [field for field in self.visible_fields() if not field.name.startswith(f"{self.table}-")]

    def lines(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        for number in range(self.count):
            yield number + 1, [self[self.cell(number, name)] for name in self.columns()]

    def _filled(self) -> dict[int, dict[str, Any]]:
        rows = {number: {name: self.cleaned_data.get(self.cell(number, name)) for name in self.columns()} for number in range(self.count)}
        return {number: row for number, row in rows.items() if any(row.values())}

    def clean(self) -> dict[str, Any]:
        for number, row in self._filled().items():
            for name, value in row.items():
                cell = self.cell(number, name)
                if not value and name not in self.optional and cell not in self.errors:
                    self.add_error(cell, _("This is required."))
        return self.cleaned_data

    def sent(self) -> dict[str, Any]:
        """What the act wants to know, the lines as a list under the name of the table."""
        plain = {name: value for name, value in self.cleaned_data.items() if not name.startswith(f"{self.table}-")}
        return {**plain, self.table: list(self._filled().values())}

    def at_its_cell(self, act: Callable[[], object]) -> Callable[[], object]:
        """The act, with a fault in a line shown at the cell that it is about."""

        def tried() -> object:
            try:
                return act()
            except InvalidInput as error:
                raise InvalidInput(error.message, place=self._spot(error.place), mend=error.mend) from error

        return tried

    def _spot(self, place: str) -> str:
        """``fields[1].why`` is in ``fields-1-why`` when no line above it was empty."""
        head, _bracket, rest = place.partition("[")
        number, _dot, name = rest.partition("].")
        stood = [*self._filled()]
        if head != self.table or not number.isdecimal() or int(number) >= len(stood):
            return place
        return self.cell(stood[int(number)], name)


class SupplierForm(Revised):
    name = _line(_("Name"), longest=200)
    country = _line(_("Country, two letters"), longest=2)
    organisation_number = _line(
        _("Organisation number"),
        longest=40,
        required=False,
        help_text=_("Leave it empty for a sole trader: there it is a personal number."),
    )
    contact = _line(
        _("Contact"), longest=120, required=False, help_text=_("A function, such as support or privacy. Never a private person.")
    )
    contact_address = _line(_("E-mail of the contact"), longest=254, required=False)
    notes = _long(_("Notes"))


class ProductForm(LinesForm):
    """A product card."""

    table, title = "documentation", _("The supplier's documentation")
    slug = forms.CharField(
        label=_("Short name"), max_length=64, help_text=_("Small letters a to z, digits and hyphens. It stands in addresses.")
    )
    name_sv = _line(_("Name in Swedish"), longest=120)
    name_en = _line(_("Name in English"), longest=120)
    supplier = forms.ModelChoiceField(
        label=_("Supplier"), queryset=Supplier.objects.order_by("name"), required=False, empty_label=_("None: built by the municipality")
    )
    kind = forms.ChoiceField(label=_("Kind"))
    description_sv = _long(_("What it is, in Swedish"))
    description_en = _long(_("What it is, in English"))
    training_data_sv = _long(_("Where the training data came from, in Swedish"))
    training_data_en = _long(_("Where the training data came from, in English"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(str(kind), label("kind", kind)) for kind in SystemKind]
        self.fields["revision"].required = False

    def columns(self) -> dict[str, forms.Field]:
        return {"title": _line(_("Document"), longest=200), "address": _line(_("Address"), longest=500)}


class ChangeProductForm(ProductForm):
    """The same card, and why it changes. Its short name stays."""

    slug = None
    why = _long(_("What has changed, and why"), required=True, help_text=_("The owner of each entry that builds on the card reads this."))


class UseProductForm(WhyForm):
    """Which card an entry builds on."""

    why = _long(_("Why"), help_text=_("Needed when the entry leaves another card."))
    product = forms.ModelChoiceField(
        label=_("Product card"), queryset=Product.objects.order_by("slug"), required=False, empty_label=_("No card")
    )
    field_order = ("product", "why")


class VersionForm(LinesForm):
    """A version, where it comes from and what it has learned from."""

    table, title = "learned_from", _("What it was trained, tuned or tested on")
    optional, at_first = frozenset({"data_use"}), 2
    name = _line(_("Version"), longest=64)
    previous = forms.ChoiceField(label=_("Comes from version"), required=False)
    model = _line(_("Model"), longest=200, required=False)
    supplier = _line(_("Supplier"), longest=200, required=False)
    digest = _line(_("SHA-256 of the model"), longest=64, required=False)
    configuration = _long(
        _("Prompt or configuration"), rows=8, help_text=_("It is kept, with its SHA-256, and compared with that of other versions.")
    )
    base = forms.FloatField(
        label=_("What every explanation starts from (base)"),
        required=False,
        help_text=_(
            "The model's score before anything is known of the case. Every explanation of the version must then start from it, so that no factor can be hidden in it."
        ),
    )
    notes = _long(_("Notes"))

    def __init__(self, data: Any = None, *, system: System, uses: list[DataUse], **kwargs: Any) -> None:
        self._system, self._uses = system, uses
        super().__init__(data, **kwargs)
        names = system.versions.order_by("-pk").values_list("name", flat=True)
        self.fields["previous"].choices = [("", _("None")), *((name, name) for name in names)]

    def _made_with(self) -> dict[str, Any]:
        return {"system": self._system, "uses": self._uses}

    def columns(self) -> dict[str, forms.Field]:
        return {
            "purpose": forms.ChoiceField(label=_("Purpose"), choices=[("", _("Choose")), *((kind.value, kind.label) for kind in LEARNING)]),
            "source": _line(_("Source")),
            "residents_data": forms.ChoiceField(
                label=_("Does it hold residents' data?"),
                choices=[("", _("Choose")), *((str(word), label("answer", word)) for word in Tristate)],
            ),
            "data_use": forms.TypedChoiceField(
                label=_("Decided use of data"),
                coerce=int,
                empty_value=None,
                choices=[("", _("None")), *((row.pk, f"{row.pk}: {row.get_purpose_kind_display()}, {row.what}") for row in self._uses)],
                help_text=_("Needed unless the answer above is no."),
            ),
        }


class ProposeForm(LinesForm):
    """A use of data, as the owner proposes it."""

    table, title = "fields", _("Fields of data")
    purpose = _line(_("Purpose, short name"), longest=64, help_text=_("As it stands in the entry, or the name of a new purpose."))
    purpose_kind = forms.ChoiceField(label=_("Kind of purpose"), choices=PurposeKind.choices)
    what_sv = _line(_("What the data are used for, in Swedish"))
    what_en = _line(_("What the data are used for, in English"))
    categories = _line(_("Categories of data, comma between"), longest=1000)
    source_sv = _line(_("Source, in Swedish"))
    source_en = _line(_("Source, in English"))
    manner_sv = _line(_("Manner of collection, in Swedish"))
    manner_en = _line(_("Manner of collection, in English"))
    legal_basis_sv = _line(_("Legal basis, in Swedish"))
    legal_basis_en = _line(_("Legal basis, in English"))
    secrecy = _line(_("Secrecy"), required=False)
    retention = _line(_("How long the data are kept"))
    disposal_decision = _line(_("Reference to the decision on disposal"), longest=200, required=False)

    def columns(self) -> dict[str, forms.Field]:
        return {
            "name": _line(_("Field of data"), longest=64, help_text=_("The name under which it stands among the factors or the groups.")),
            "why": _line(_("Why it is needed")),
            "collected_how": _line(_("How it was collected")),
        }

    def sent(self) -> dict[str, Any]:
        found = super().sent()
        return {**found, "categories": [part.strip() for part in found["categories"].split(",") if part.strip()]}


class DecideDataForm(Revised):
    answer = forms.ChoiceField(
        label=_("Decision"),
        widget=forms.RadioSelect,
        choices=[("yes", _("The data may be used so")), ("no", _("The data may not be used so"))],
    )
    case_number = _line(_("Case number"), longest=40)
    delegation = _line(
        _("Delegation"), longest=200, required=False, help_text=_("An official writes the number of the item in the delegation list.")
    )
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    valid_through = forms.DateField(
        label=_("Valid through"), widget=DayInput(), required=False, help_text=_("After this day what rests on it is refused.")
    )

    def sent(self) -> dict[str, Any]:
        """What the act wants to know."""
        data = dict(self.cleaned_data)
        allowed = data.pop("answer") == "yes"
        return {**data, "allowed": allowed}


class RetireFieldForm(WhyForm):
    field = forms.CharField(widget=forms.HiddenInput, max_length=64)
