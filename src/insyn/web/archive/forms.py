"""Forms of the archive. The acts check everything again; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.web.accounts.forms import DayInput
from insyn.web.register.models import System

from .models import HoldOn

_ON = {
    HoldOn.SYSTEM: _("The whole system"),
    HoldOn.CASE: _("A case, now and later"),
    HoldOn.RECORD: _("A record"),
}


class _OfSystem(forms.Form):
    system = forms.ModelChoiceField(label=_("System"), queryset=System.objects.none(), to_field_name="slug", empty_label=_("Choose"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = System.objects.order_by("name_sv")


class DecideForm(_OfSystem):
    """A disposal decision."""

    retention = forms.CharField(label=_("Retention class"), max_length=32, initial="standard")
    months = forms.CharField(label=_("Months, comma between"), max_length=2000, help_text=_("As 2026-01, 2026-02."))
    case_number = forms.CharField(label=_("Case number of the decision"), max_length=40)
    delegation = forms.CharField(label=_("Item of the delegation list"), max_length=20, required=False)
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    reason = forms.CharField(label=_("Reasons, with the rule that allows it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_months(self) -> list[str]:
        return [month.strip() for month in self.cleaned_data["months"].split(",")]


class HoldForm(_OfSystem):
    """A legal hold."""

    on = forms.ChoiceField(label=_("On what"), choices=[(word.value, text) for word, text in _ON.items()])
    what = forms.CharField(label=_("Case number or record's id"), max_length=200, required=False)
    case_number = forms.CharField(label=_("Case number of this decision"), max_length=40)
    why = forms.CharField(
        label=_("Why nothing may be destroyed"),
        max_length=2000,
        help_text=_("No names and no case numbers of residents."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_on(self) -> HoldOn:
        return HoldOn(self.cleaned_data["on"])


class LiftForm(forms.Form):
    """The decision that lifts a legal hold."""

    hold = forms.IntegerField(widget=forms.HiddenInput)
    case_number = forms.CharField(label=_("Case number of this decision"), max_length=40)
    why = forms.CharField(label=_("Why it is lifted"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class BundleForm(forms.Form):
    """Which record's evidence is fetched, and what for."""

    rid = forms.RegexField(label=_("Record's id"), regex=r"^\s*[0-9a-f]{32}\s*$", help_text=_("32 signs, as in the letter or the log."))
    purpose = forms.CharField(label=_("What it is needed for"), max_length=200, help_text=_("It stands in the log with your name, sealed."))

    def clean_rid(self) -> str:
        return str(self.cleaned_data["rid"]).strip()
