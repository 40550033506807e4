"""Forms of requests. The acts check everything again; a form only reads what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import User
from insyn.web.language import spoken
from insyn.web.register.models import System

from .actions import MAX_MESSAGE
from .grounds import ABOUT
from .handling import MAX_ANSWER, MOST_OWN_DAYS
from .words import BY_STAFF, EscalatedTo, RefusalGround, RequestKind, RequestOutcome, word


def _choices(of: str, values: Iterable[str], empty: bool = False) -> list[tuple[str, str]]:
    return ([("", "–")] if empty else []) + [(str(value), spoken(word(of, value))) for value in values]


class AskForm(forms.Form):
    """A request. ``cases``: (id of the record and system, words), where the person has to say which."""

    arende = forms.ChoiceField(label=_("Which case is it about?"))
    message = forms.CharField(
        max_length=MAX_MESSAGE,
        required=False,
        help_text=_("Do not write your identity number. What you write is kept by the office as a letter to the municipality."),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": MAX_MESSAGE}),
    )

    def __init__(self, *args: Any, kind: RequestKind, cases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = ABOUT[kind]
        self.fields["message"].label = spoken(about.question)
        self.fields["message"].required = about.must_say
        if about.needs_record:
            self.fields["arende"].choices = cases
        else:
            del self.fields["arende"]


class AddForm(forms.Form):
    """More about a request."""

    text = forms.CharField(
        label=_("What do you want to add?"), max_length=MAX_MESSAGE, widget=forms.Textarea(attrs={"rows": 4, "maxlength": MAX_MESSAGE})
    )


class AnswerForm(forms.Form):
    """The answer, or a draft of it."""

    outcome = forms.ChoiceField(label=_("What the answer is"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(label=_("Ground, where the answer is no or no to a part"), required=False)
    changed = forms.ChoiceField(label=_("Was the decision changed?"), required=False)
    text = forms.CharField(
        label=_("The answer to the person, in your own words"),
        max_length=MAX_ANSWER,
        help_text=_("Short sentences. Say what you did, what you found and why."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, about_a_decision: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = _choices("outcome", RequestOutcome)
        self.fields["ground"].choices = _choices("ground", RefusalGround, empty=True)
        if about_a_decision:
            self.fields["changed"].choices = [("", "–"), ("yes", _("Yes, it was changed")), ("no", _("No, it stands"))]
        else:
            del self.fields["changed"]

    def answer(self) -> dict[str, Any]:
        """What the act takes."""
        ground, changed = self.cleaned_data["ground"], self.cleaned_data.get("changed", "")
        return {
            "outcome": RequestOutcome(self.cleaned_data["outcome"]),
            "ground": RefusalGround(ground) if ground else None,
            "changed": changed == "yes" if changed else None,
            "text": self.cleaned_data["text"],
        }


class WhyForm(forms.Form):
    """Reasons, for an act that needs nothing else."""

    why = forms.CharField(label=_("Reasons"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class ExtendForm(WhyForm):
    """Reasons that the person is told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = _("Why more time is needed, as the person is told")


class EscalateForm(WhyForm):
    """To whom a request is passed on, and why."""

    to = forms.ChoiceField(label=_("Pass on to"))
    field_order = ("to", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = _choices("escalated", EscalatedTo)


class AssignForm(forms.Form):
    """Who takes a request."""

    to = forms.ModelChoiceField(label=_("Who takes it"), queryset=User.objects.none(), to_field_name="person", empty_label=_("Choose"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people


class WhomForm(forms.Form):
    """A request that came by visit, phone or letter. The identity number is asked of the log at once and never kept or shown again."""

    channel = forms.ChoiceField(label=_("How it came"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("What they ask for"))
    number = forms.CharField(
        label=_("Identity number of the person"),
        max_length=64,
        required=False,
        help_text=_("It goes to the log, which answers with the person's records. It is not kept here."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), to_field_name="slug", required=False, empty_label=_("All systems")
    )
    case = forms.CharField(label=_("Case number"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    message = forms.CharField(
        label=_("What they said or wrote"), max_length=MAX_MESSAGE, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = _choices("channel", BY_STAFF)
        self.fields["kind"].choices = _choices("kind", RequestKind)
        self.fields["system"].queryset = System.objects.order_by("name_sv")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        number, case = cleaned.get("number", ""), cleaned.get("case", "")
        if case and not number and not cleaned.get("system"):
            self.add_error("system", _("Choose the system of the case."))
        return cleaned


class ErasureForm(forms.Form):
    """A decision to erase."""

    receipt = forms.CharField(widget=forms.HiddenInput)
    case_number = forms.CharField(label=_("Case number of the decision"), max_length=40)
    delegation = forms.CharField(label=_("Item of the delegation list"), max_length=20, required=False)
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())
    reason = forms.CharField(label=_("Reasons, with the rule that allows it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class DaysForm(forms.Form):
    """The municipality's own days for one kind."""

    kind = forms.ChoiceField(label=_("What they ask for"))
    days = forms.IntegerField(
        label=_("Days to answer in"),
        required=False,
        min_value=1,
        max_value=MOST_OWN_DAYS,
        help_text=_("Never later than the law's own day. Empty: only the law's day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices("kind", RequestKind)
