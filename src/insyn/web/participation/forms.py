"""Forms of influence. The act checks everything again; a form only reads what was typed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Office

from .models import Round
from .texts import MAX_PROPOSAL, MAX_TEXT
from .words import HiddenBecause, Reply, SafetyStance, Section, Stance


def _long(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 4, limit: int = MAX_TEXT) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": rows})
    )


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


def _choose(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


class Revised(forms.Form):
    """Carries the revision of what the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class PartyForm(forms.Form):
    """``stated`` is a choice, not a tick: an empty box would say no without anybody meaning it."""

    union = forms.ModelChoiceField(label=_("Union"), queryset=Office.objects.none(), to_field_name="slug", empty_label=_("Choose"))
    stated = forms.ChoiceField(label=_("Collective agreement"), choices=[("yes", _("It has one")), ("no", _("It has none"))])
    why = _long(_("Why"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].queryset = Office.objects.filter(kind=Office.Kind.UNION, closed_on=None).order_by("name_sv")

    def party(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"union": data["union"], "has_agreement": data["stated"] == "yes", "why": data["why"]}


class InviteForm(forms.Form):
    section = _choose(_("Section of MBL"), Section.choices)
    unions = forms.ModelMultipleChoiceField(
        label=_("Unions"),
        queryset=Office.objects.none(),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every union with a collective agreement is invited. A union without one is negotiated with under 13 §."),
    )
    subject = _long(_("What the negotiation is about"), rows=3)
    invited_on = _day(_("Day of the invitation"))
    case_number = forms.CharField(label=_("Case number"), max_length=40, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unions"].queryset = Office.objects.filter(kind=Office.Kind.UNION, closed_on=None).order_by("name_sv")


class SupplyForm(forms.Form):
    section = forms.CharField(widget=forms.HiddenInput, max_length=4)


class MeetingForm(Revised):
    met_on = _day(_("Day of the meeting"))
    minutes = _long(_("Minutes"), rows=8, help_text=_("What was said and agreed. If the union did not come, write that."))
    requests = _long(_("What the union asks for"), required=False)
    answer = _long(_("The employer's answer"), required=False)
    central_by = _day(
        _("Last day for the union to ask for central negotiation"),
        required=False,
        help_text=_("As the collective agreement says. Without a day only the union can close a negotiation that it does not agree to."),
    )
    central_ground = forms.CharField(label=_("Where that time stands"), max_length=200, required=False)


class ApproveForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class StanceForm(Revised):
    stance = _choose(_("The union's word"), Stance.choices)
    statement = _long(_("Statement"), help_text=_("What the union agrees to, or why it does not agree. Write no private matters."))


class WhyForm(Revised):
    why = _long(_("Why"))


class CentralEndForm(Revised):
    ended_on = _day(_("Day when it ended"))
    outcome = _long(_("What came of it"))


class CloseForm(Revised):
    why = _long(_("Note"), required=False, rows=2)


class SafetyForm(forms.Form):
    assessment = forms.IntegerField(widget=forms.HiddenInput)
    stance = _choose(_("Your word"), SafetyStance.choices)
    text = _long(_("How you took part, or what you object to"))


class AnswerObjectionForm(forms.Form):
    statement = forms.IntegerField(widget=forms.HiddenInput)
    answer = _long(_("Answer"))


class RoundForm(forms.Form):
    title_sv = forms.CharField(label=_("Title in Swedish"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    question_sv = _long(_("Question in Swedish"), limit=4000)
    question_en = _long(_("Question in English"), required=False, limit=4000)
    groups_sv = _long(_("Groups that are invited, in Swedish"), rows=2, limit=400, help_text=_("Those whom the system affects most."))
    groups_en = _long(_("Groups that are invited, in English"), required=False, rows=2, limit=400)
    easy_sv = _long(
        _("The question in easy Swedish"), required=False, limit=1500, help_text=_("Few and short words. One thing in each sentence.")
    )
    easy_en = _long(_("The question in easy English"), required=False, limit=1500)
    opens = _day(_("First day"))
    closes = _day(_("Last day"), help_text=_("Open through that day, to midnight."))
    for_evaluation = forms.BooleanField(label=_("For an evaluation of the system in use"), required=False)


class ChangeRoundForm(RoundForm, Revised):
    pass


class CloseRoundForm(Revised):
    why_sv = _long(_("Why before its last day, in Swedish (shown in public)"), rows=2)
    why_en = _long(_("Why before its last day, in English (shown in public)"), required=False, rows=2)


class PublishForm(Revised):
    changed_sv = _long(_("What the proposals changed, in Swedish (shown in public)"))
    changed_en = _long(_("What the proposals changed, in English (shown in public)"), required=False)


class PaperForm(forms.Form):
    received_on = _day(_("Day when it came"))
    text = _long(_("Proposal"), limit=MAX_PROPOSAL, help_text=_("Word for word. Leave out name, address and identity number."))


class MeetingNotesForm(forms.Form):
    held_on = _day(_("Day of the meeting"))
    place = forms.CharField(label=_("Place"), max_length=200)
    participants = forms.IntegerField(label=_("How many took part"), min_value=1, max_value=100_000)
    notes = _long(_("Proposals"), rows=8, limit=10 * MAX_PROPOSAL, help_text=_("An empty line between two proposals."))

    def proposals(self) -> list[str]:
        return [part.strip() for part in re.split(r"\n\s*\n", self.cleaned_data["notes"].replace("\r\n", "\n")) if part.strip()]


class ShowForm(forms.Form):
    shown = _long(
        _("Text that will be shown"),
        limit=MAX_PROPOSAL,
        rows=6,
        help_text=_("Take out only what is about somebody's private life. The page then says that the text was shortened."),
    )


class HideForm(forms.Form):
    because = _choose(_("Why it is not shown"), HiddenBecause.choices)


class ReplyForm(forms.Form):
    reply = _choose(_("Answer"), Reply.choices)
    why_sv = _long(_("Why, in Swedish (shown in public)"), limit=MAX_PROPOSAL)
    why_en = _long(_("Why, in English (shown in public)"), required=False, limit=MAX_PROPOSAL)


class AnswerForm(forms.Form):
    """Somebody's proposal. Nothing is asked about who it is; what group they belong to is theirs to say or not."""

    token = forms.CharField(max_length=32, widget=forms.HiddenInput)
    text = _long(_("Your proposal"), rows=7, limit=MAX_PROPOSAL)
    group = forms.TypedChoiceField(
        label=_("Do you belong to one of these groups?"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("We only count how many say so. Small numbers are never shown."),
    )
    email = forms.CharField(
        label=_("Your e-mail address, if you want to know when the round is answered"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We use it for that one letter only, and delete it 30 days later."),
    )

    def __init__(self, *args: Any, asked: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(one.number, one.name) for one in asked.declared.all()]
        self.fields["group"].choices = [("", _("I do not want to say")), *groups]
        if not groups:
            del self.fields["group"]
