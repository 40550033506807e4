"""Forms of this part. The acts check everything again; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.law.model import Kind
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Office
from insyn.web.language import spoken
from insyn.web.register.forms import Revised

from .actions import MAX_WORDS
from .words import CLASSES, DECISIONS, Delegable, HighestClass

_CHOOSE = [("", _("Choose"))]
_DELEGATE = (Office.Kind.BOARD, Office.Kind.COUNCIL, Office.Kind.COMPANY)


def _long(text: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=text, help_text=help_text, max_length=MAX_WORDS, widget=forms.Textarea(attrs={"rows": 3}))


def _day(text: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=text, required=required, help_text=help_text, widget=DayInput())


class ItemForm(forms.Form):
    """An item of a board's delegation list, as the board decided it."""

    number = forms.CharField(label=_("Number"), max_length=20, help_text=_("As it stands in the list, 4.12 for instance."))
    board = forms.ModelChoiceField(label=_("Board"), queryset=Office.objects.none(), to_field_name="slug", empty_label=_("Choose"))
    what = forms.ChoiceField(label=_("Which decision"))
    text_sv = forms.CharField(label=_("Text in Swedish"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    text_en = forms.CharField(label=_("Text in English"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    office = forms.ModelChoiceField(
        label=_("To officials of"),
        queryset=Office.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("None: an automated function"),
    )
    highest_class = forms.ChoiceField(label=_("Up to which class"))
    matter_types = forms.CharField(
        label=_("Types of matter, comma between"),
        max_length=1000,
        required=False,
        help_text=_("For an automated function: those that it may decide. For officials: only these, or leave it empty."),
    )
    decided_on = _day(_("Day of the board's decision"))
    first_day = _day(_("First day"))
    last_day = _day(_("Last day"), required=False)
    case_number = forms.CharField(label=_("Case number"), max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["board"].queryset = Office.objects.filter(kind__in=_DELEGATE).order_by("name_sv")
        self.fields["office"].queryset = Office.objects.order_by("name_sv")
        self.fields["what"].choices = [*_CHOOSE, *((word.value, DECISIONS[word]) for word in Delegable)]
        self.fields["highest_class"].choices = [(word.value, CLASSES[word]) for word in HighestClass]

    def clean_matter_types(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["matter_types"].split(",") if name.strip()]


class EndItemForm(forms.Form):
    ended_on = _day(_("From which day it no longer holds"))
    why = _long(_("Why"))
    case_number = forms.CharField(label=_("Case number"), max_length=40)


class NeverForm(forms.Form):
    matter_type = forms.CharField(label=_("Type of matter, short name"), max_length=64)
    why_sv = _long(_("Why, in Swedish (shown in public)"))
    why_en = _long(_("Why, in English (shown in public)"))
    decided_on = _day(_("Day of the decision"))
    case_number = forms.CharField(label=_("Case number"), max_length=40)


class LiftForm(forms.Form):
    """``row``: which type of matter."""

    row = forms.IntegerField(widget=forms.HiddenInput)
    why = _long(_("Why"))
    case_number = forms.CharField(label=_("Case number"), max_length=40)


class ProposeForm(Revised):
    rule = forms.ChoiceField(label=_("Which rule of the policy"))
    reason = _long(_("Why it cannot be followed"), _("Shown in public. Write no names and nothing about a single case."))
    risk = _long(_("Which risk is higher, and for whom"), _("Shown in public."))
    measures = _long(_("What is done instead to keep the risk down"), _("Shown in public."))
    last_day = _day(_("Last day"), help_text=_("At most a year away. After that day the requirement is unmet again."))

    def __init__(self, *args: Any, rules: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        closing = [(rule.id, f"{spoken(rule.title)} ({rule.id})") for rule in rules if rule.kind is Kind.GATE]
        others = [(rule.id, f"{spoken(rule.title)} ({rule.id})") for rule in rules if rule.kind is not Kind.GATE]
        self.fields["rule"].choices = [*_CHOOSE, (_("Requirements before use"), closing), (_("Other rules"), others)]


class AcceptForm(Revised):
    acceptance = _long(
        _("Your acceptance, in your own words"),
        _("Say that you take the higher risk on yourself, and why it is reasonable. Shown in public, with your role and not your name."),
    )


class EndForm(Revised):
    why = _long(_("Why"))
