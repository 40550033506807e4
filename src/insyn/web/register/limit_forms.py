"""The form of limits at run time. It works without script: a button asks for one more line of hours, and a line left empty is dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Population, UnknownFields
from insyn.web.decisions.standing import matters_of

from .entry_forms import CONSEQUENCES, RowsForm
from .labels import label
from .limit_words import WEEKDAYS
from .limiting import confidentiality_of, limits_of_entry
from .models import System

_FIELDS = {
    UnknownFields.LET_THROUGH: _("Let them through: Insyn does not hold the fields"),
    UnknownFields.DROP: _("Take them away before anything is kept, and tell the caller"),
    UnknownFields.REFUSE: _("Refuse the call"),
}


def _number(text: Any) -> forms.IntegerField:
    return forms.IntegerField(label=text, min_value=1, required=False, help_text=_("Empty: no limit."))


def _time(text: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(label=text, max_length=5, required=False, help_text=help_text)


def _weekdays() -> forms.TypedMultipleChoiceField:
    choices = list(WEEKDAYS.items())
    return forms.TypedMultipleChoiceField(
        label=_("Weekdays"), coerce=int, choices=choices, widget=forms.CheckboxSelectMultiple, required=False
    )


class LimitsForm(RowsForm):
    """Every limit of the system at once: what is left empty is no limit."""

    title = _("Limits at run time")
    column = "hours"
    kinds: ClassVar[Mapping[str, Callable[[], forms.Field]]] = {
        "weekdays": _weekdays,
        "begins": lambda: _time(_("From"), _("For example 08:00.")),
        "ends": lambda: _time(_("Until"), _("At the latest 24:00. Write hours past midnight as two lines.")),
    }
    unknown_fields = forms.ChoiceField(
        label=_("Fields of the payload that no decided use of data names"), choices=list(_FIELDS.items()), widget=forms.RadioSelect
    )
    excludes = forms.MultipleChoiceField(
        label=_("The system is not used for"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Each call must then say yes or no. Without an answer it is refused."),
    )
    never_automated = forms.MultipleChoiceField(
        label=_("Types of matter in which a person always decides"), widget=forms.CheckboxSelectMultiple, required=False
    )
    per_hour = _number(_("Decisions an hour, at most"))
    per_day = _number(_("Decisions a day, at most"))

    def __init__(self, data: Any = None, *, system: System, **kwargs: Any) -> None:
        self._system = system
        super().__init__(data, **kwargs)
        self.fields["excludes"].choices = [(group.value, label("population", group)) for group in Population]
        matters = matters_of(system)
        if matters:
            self.fields["never_automated"].choices = [(matter, matter) for matter in matters]
        else:
            del self.fields["never_automated"]
        self._add_classes(system)
        self.fields["why"] = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}))

    def _add_classes(self, system: System) -> None:
        """Classes are asked for once the system itself has one."""
        if not system.klassa:
            return
        kept = range(confidentiality_of(system) + 1)
        self.fields["highest"] = forms.TypedChoiceField(
            label=_("Highest class of data that the system may be given"),
            coerce=int,
            empty_value=None,
            required=False,
            choices=[("", _("No class is held")), *((level, CONSEQUENCES[level]) for level in kept)],
            help_text=_("How bad it is if somebody reads what they should not. Never above the system's own class (KLASSA)."),
        )
        for category in categories_of(system):
            self.fields[f"class-{category}"] = forms.TypedChoiceField(
                label=_("Class of %(category)s") % {"category": category},
                coerce=int,
                empty_value=None,
                required=False,
                choices=[("", _("Not classified: counts as the highest")), *CONSEQUENCES.items()],
            )

    @classmethod
    def held(cls, system: System) -> dict[str, Any]:
        limits = limits_of_entry(system)
        rows = [{"weekdays": sorted(row.weekdays), "begins": row.begins, "ends": row.ends} for row in limits.hours or ()]
        cells = {f"row-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
        classes = {f"class-{one.category}": one.level for one in limits.classes}
        plain = {name: sorted(getattr(limits, name)) for name in ("excludes", "never_automated")}
        highest = None if limits.highest_class is None else min(limits.highest_class, confidentiality_of(system))
        numbers = {"per_hour": limits.per_hour, "per_day": limits.per_day, "highest": highest}
        return {**cells, **classes, **plain, **numbers, "unknown_fields": limits.unknown_fields.value}

    def one_more(self) -> LimitsForm:
        empty = {f"row-{number}-{name}": "" for number in range(self.count - 1) for name in self.kinds}
        typed = {name: self._typed(name) for name in self.fields if name in self.data and name != "rows"}
        return type(self)(system=self._system, initial=empty | typed)

    def part(self) -> dict[str, Any]:
        """What the act wants to know."""
        data = self.cleaned_data
        plain = {name: data.get(name) for name in ("unknown_fields", "excludes", "never_automated", "per_hour", "per_day")}
        limits = {name: value for name, value in {**plain, "hours": self.filled()}.items() if value}
        return {"limits": limits, "data_classes": self._classes(), "why": data["why"]}

    def _classes(self) -> dict[str, Any]:
        highest = self.cleaned_data.get("highest")
        if highest is None:
            return {}
        told = {category: self.cleaned_data.get(f"class-{category}") for category in categories_of(self._system)}
        return {"highest": highest, "classes": {category: level for category, level in told.items() if level is not None}}

    def spot(self, place: str) -> str:
        """A category may have a dot in its name."""
        return place if place in self.fields else super().spot(place)


def categories_of(system: System) -> list[str]:
    """The categories of data that the system's purposes name."""
    return sorted({str(category) for purpose in system.purposes for category in purpose.get("categories", ())})
