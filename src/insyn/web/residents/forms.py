"""Forms for residents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from .actions import MAX_MESSAGE


class CodeForm(forms.Form):
    """The code from the letter."""

    code = forms.CharField(
        label=_("The code from your letter"),
        max_length=60,
        help_text=_("Capital or small letters, with or without dashes: it does not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class AskForm(forms.Form):
    """A request that a person looks again. Nothing has to be explained."""

    rid = forms.CharField(max_length=32, widget=forms.HiddenInput)
    message = forms.CharField(
        label=_("What do you want us to look at? (optional)"),
        max_length=MAX_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
