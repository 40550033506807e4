"""Forms of the inventory. The acts check everything again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Reach, Role, SystemKind
from insyn.web import clock
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Mandate, User
from insyn.web.register.labels import label
from insyn.web.register.models import System

_RIGHT = [("", _("Choose")), ("right", _("Still right")), ("wrong", _("Not right any more"))]
_NEW = ("name", "kind", "purpose", "supplier")
#: So many empty rows stand on the page; ``?rader=`` asks for more.
ROWS, MOST_ROWS = 3, 40


def _why(text: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(label=text, max_length=500, required=required, widget=forms.Textarea(attrs={"rows": 2}))


class OpenForm(forms.Form):
    """A new round."""

    due = forms.DateField(label=_("Last day to answer"), widget=DayInput())
    title_sv = forms.CharField(label=_("Title in Swedish"), max_length=120, required=False)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)


class CloseForm(forms.Form):
    why = _why(_("Why, if answers are missing"), required=False)


class LeadForm(forms.Form):
    """Who answers for the office: one of those with the mandate there."""

    lead = forms.ModelChoiceField(label=_("Inventory lead"), queryset=User.objects.none(), to_field_name="person")

    def __init__(self, *args: Any, leads: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = User.objects.filter(pk__in=[user.pk for user in leads]).order_by("last_name")


class ExtendForm(forms.Form):
    due = forms.DateField(label=_("New last day"), widget=DayInput())
    why = _why(_("Why"))


class AnswerForm(forms.Form):
    """One choice for each system that the register has, rows for others, or none at all; and what the lead signs."""

    def __init__(self, *args: Any, systems: Iterable[System], rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems, self.rows = list(systems), rows
        for system in self.systems:
            self.fields[f"system_{system.pk}"] = forms.ChoiceField(label=system.name, choices=_RIGHT)
        if self.systems:
            self.fields["note"] = _why(_("What is not right any more"), required=False)
        kinds = [("", _("Choose")), *((kind.value, label("kind", kind)) for kind in SystemKind)]
        for row in range(1, rows + 1):
            self.fields[f"name_{row}"] = forms.CharField(label=_("Name"), max_length=120, required=False)
            self.fields[f"kind_{row}"] = forms.ChoiceField(label=_("How the municipality came by it"), choices=kinds, required=False)
            self.fields[f"purpose_{row}"] = forms.CharField(label=_("What it is used for"), max_length=400, required=False)
            self.fields[f"supplier_{row}"] = forms.CharField(label=_("Supplier"), max_length=200, required=False)
        self.fields["none"] = forms.BooleanField(
            label=_("The office has no AI system and no system that decides about people"), required=False
        )
        self.fields["statement"] = forms.CharField(
            label=_("How you found out, and whom you asked"),
            help_text=_("You sign this with your name."),
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )

    def known(self) -> list[forms.BoundField]:
        """The fields about systems in the register."""
        return [self[f"system_{system.pk}"] for system in self.systems]

    def new_rows(self) -> list[list[forms.BoundField]]:
        """The fields of each row for a system that the register does not know."""
        return [[self[f"{name}_{row}"] for name in _NEW] for row in range(1, self.rows + 1)]

    def answer(self) -> dict[str, Any]:
        """What the act wants to know; empty rows are left out."""
        data = self.cleaned_data
        note = data.get("note", "")
        confirmed = [
            {
                "system": system,
                "still_right": data[f"system_{system.pk}"] == "right",
                "note": note if data[f"system_{system.pk}"] == "wrong" else "",
            }
            for system in self.systems
        ]
        rows = [{name: data[f"{name}_{row}"] for name in _NEW} for row in range(1, self.rows + 1)]
        reported = [row for row in rows if any(row.values())]
        return {"none": data["none"], "statement": data["statement"], "confirmed": confirmed, "reported": reported}


class EnterForm(forms.Form):
    """A reported system as a new entry: what the report does not say."""

    slug = forms.CharField(
        label=_("Short name"), max_length=64, help_text=_("Small letters a to z, digits and hyphens. It stands in addresses and calls.")
    )
    owner = forms.ModelChoiceField(label=_("System owner"), queryset=User.objects.none(), to_field_name="person")
    reach = forms.ChoiceField(label=_("Reach"), help_text=_("How far Insyn can hold the system."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Mandate.objects.valid(clock.today()).filter(role=Role.SYSTEM_OWNER)
        self.fields["owner"].queryset = User.objects.filter(mandates__in=owners).distinct().order_by("last_name")
        self.fields["reach"].choices = [(reach.value, label("reach", reach)) for reach in reversed(Reach)]


class SettleForm(forms.Form):
    """A reported system that is in the register already, or does not belong there."""

    system = forms.CharField(label=_("Short name of the entry that it belongs to"), max_length=64, required=False)
    why_not = _why(_("Or why it is none for the register"), required=False)


class CompetenceForm(forms.Form):
    """A training that somebody has taken."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), to_field_name="person")
    what = forms.CharField(label=_("What was learnt"), max_length=300)
    given_by = forms.CharField(label=_("Given by"), max_length=200)
    first_day = forms.DateField(label=_("Day of the training"), widget=DayInput())
    valid_through = forms.DateField(label=_("Valid through"), widget=DayInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(is_active=True).order_by("last_name", "first_name")


class WithdrawForm(forms.Form):
    record = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why"), max_length=500)
