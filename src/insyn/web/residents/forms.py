"""Forms for residents."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The code from the letter."""

    code = forms.CharField(
        label=_("The code from your letter"),
        max_length=60,
        help_text=_("Capital or small letters, with or without dashes: it does not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
