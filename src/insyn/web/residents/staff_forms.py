"""Forms for staff: authority to act for somebody, protected identity, numbers of one person. The acts check everything again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.web import clock
from insyn.web.accounts.forms import DayInput
from insyn.web.register.models import System

from .models import RepresentationKind


def _words(text: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=text, max_length=2000, help_text=help_text, widget=forms.Textarea(attrs={"rows": 3}))


def _number(text: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"})
    return forms.CharField(label=text, max_length=20, required=required, help_text=help_text, widget=widget)


class _Cased(forms.Form):
    """What each of them rests on."""

    case_number = forms.CharField(label=_("Case number of the matter"), max_length=60)


class ConfirmRepresentationForm(forms.Form):
    """The two persons of an authority, found once more."""

    whom_number = _number(
        _("Identity number of the person who is represented"), required=False, help_text=_("Leave it empty to find the person by a case.")
    )
    whom_system = forms.ModelChoiceField(
        label=_("System of the case"), queryset=System.objects.none(), to_field_name="slug", required=False, empty_label="–"
    )
    whom_case = forms.CharField(label=_("Case in that system"), max_length=200, required=False)
    who_number = _number(_("Identity number of the representative"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom_system"].queryset = System.objects.order_by("name_sv")


class RepresentationForm(ConfirmRepresentationForm, _Cased):
    """Who may act for whom."""

    field_order = (
        "kind",
        "whom_number",
        "whom_system",
        "whom_case",
        "who_number",
        "first_day",
        "last_day",
        "evidence",
        "case_number",
        "despite_protection",
    )
    kind = forms.ChoiceField(label=_("Kind of authority"), choices=RepresentationKind.choices)
    first_day = forms.DateField(label=_("First day"), widget=DayInput(), initial=clock.today)
    last_day = forms.DateField(
        label=_("Last day"),
        widget=DayInput(),
        required=False,
        help_text=_("Empty: until it is ended. A guardian's ends when the child is 18."),
    )
    evidence = _words(_("What you have seen"), _("Such as the court's decision and its day. No identity number."))
    despite_protection = forms.BooleanField(
        label=_("The representative may look although the person's identity is protected"), required=False
    )


class WhyForm(forms.Form):
    """Why something ends."""

    why = _words(_("Why"), _("No identity number."))


class ProtectionForm(_Cased):
    """Whose identity is protected."""

    field_order = ("number", "system", "case", "why", "case_number")
    number = _number(_("Identity number"), required=False, help_text=_("Leave it empty to find the person by a case."))
    system = forms.ModelChoiceField(
        label=_("System of the case"), queryset=System.objects.none(), to_field_name="slug", required=False, empty_label="–"
    )
    case = forms.CharField(label=_("Case in that system"), max_length=200, required=False)
    why = _words(_("What it rests on"), _("Such as the Tax Agency's notice and its day. No name, address or identity number."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = System.objects.order_by("name_sv")


class ConfirmLinkForm(forms.Form):
    """The two numbers, typed once more."""

    old_number = _number(_("Old number, or coordination number"))
    new_number = _number(_("New number"))


class LinkForm(ConfirmLinkForm, _Cased):
    """Two numbers of one person."""

    field_order = ("old_number", "new_number", "evidence", "case_number")
    evidence = _words(_("What you have seen"), _("Such as the Tax Agency's notice and its day. No identity number."))
