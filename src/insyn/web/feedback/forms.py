"""Forms. The act checks everything again; a form only reads what was typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from insyn.web.accounts.models import Office, User
from insyn.web.history.models import Revision

from .words import MAX_ANSWER, MAX_MESSAGE, EventKind, Finding, Kind, SpamReason


def _long(label: Any, *, rows: int = 6, limit: int = MAX_ANSWER, help_text: Any = "", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=limit, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


class Trap(forms.Form):
    """A field that people do not see. What is sent with it filled in is kept apart."""

    webbplats = forms.CharField(
        required=False,
        max_length=2_000,
        label=_("Leave this field empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )


class MessageForm(Trap):
    """What somebody has to say. Nothing is asked about who it is. ``keep`` is shown only when an identity number was found."""

    token = forms.CharField(max_length=32, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What is it about?"), choices=Kind.choices, widget=forms.RadioSelect)
    part = forms.ChoiceField(label=_("If something is wrong: which part of the page?"), required=False)
    text = _long(
        _("What do you want to say?"), rows=7, limit=MAX_MESSAGE, help_text=_("Write in any language. Do not write identity numbers.")
    )
    keep = forms.BooleanField(label=_("Send it as it is. The number is hidden for all but those who answer."), required=False)
    email = forms.CharField(
        label=_("Your e-mail address, if you want the answer by mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We use it for the answer only, and delete it 30 days later."),
    )
    private = forms.BooleanField(label=_("Do not show my words to others"), required=False)

    def __init__(self, parts: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [("", _("Choose")), *parts.items()]


class KeyForm(forms.Form):
    """The sender's key. It is sent in a form, so that it stands in no address."""

    key = forms.CharField(
        label=_("Your key"),
        max_length=60,
        help_text=_("Capital or small letters, with or without dashes: it does not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class SubscribeForm(Trap):
    """Where letters go and what they tell of."""

    email = forms.CharField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("You first get a letter where you say yes. Each letter has a link that ends them and deletes your address."),
    )
    kind = forms.ChoiceField(label=_("What do you want to know?"), required=False, widget=forms.RadioSelect)
    office = forms.ModelChoiceField(
        label=_("Only systems of"),
        queryset=Office.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("The whole municipality"),
    )
    language = forms.ChoiceField(label=_("Language of the letters"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, of_one_system: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everything that happens")), *EventKind.choices]
        if of_one_system:
            del self.fields["office"]
        else:
            offices = Office.objects.filter(closed_on=None).exclude(kind=Office.Kind.UNION).order_by("name_sv")
            self.fields["office"].queryset = offices


class Revised(forms.Form):
    """Carries the revision of what the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class TakeForm(forms.Form):
    """Nothing to fill in: pressing the button is the act."""


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(label=_("Who answers"), queryset=User.objects.none(), to_field_name="person", empty_label=_("Choose"))

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people


class DraftForm(Revised):
    draft = _long(_("Draft of an answer"), help_text=_("Only those who answer read the draft."))


class AnswerForm(Revised):
    answer = _long(_("The answer"), help_text=_("Short sentences, in the language that the sender wrote in."))


class FindingForm(AnswerForm):
    """Of an error report: what a look at it ended in, and the change of the entry that put it right."""

    finding = forms.ChoiceField(label=_("What a look at the report ended in"), choices=Finding.choices, widget=forms.RadioSelect)
    changed = forms.TypedChoiceField(
        label=_("The change that put it right"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Change the entry first. Only changes made after the report came are listed."),
    )

    def __init__(self, *args: Any, changes: Iterable[Revision], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["changed"].choices = [
            ("", _("None")),
            *((row.number, _("Revision %(number)d, %(day)s") % {"number": row.number, "day": f"{row.at:%Y-%m-%d}"}) for row in changes),
        ]


class PublishForm(forms.Form):
    question_shown = _long(
        _("The question, as it will be shown"), limit=MAX_MESSAGE, help_text=_("Take out only what is about somebody's private life.")
    )
    answer_shown = _long(_("The answer, as it will be shown"))
    looked = forms.BooleanField(label=_("I have read both texts. They tell of nobody's private life."), required=False)


class UnpublishForm(forms.Form):
    why = _long(_("Why it is taken away"), rows=2, limit=400)


class MergeForm(forms.Form):
    into = forms.CharField(label=_("Number of the message that is answered for both"), max_length=60)


class CloseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why it gets no answer"), choices=SpamReason.choices, widget=forms.RadioSelect)
