"""Forms of one's own settings."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .models import DigestChoice

_OFTEN = {
    DigestChoice.Often.NEVER: _("Never"),
    DigestChoice.Often.WEEKLY: _("Once a week"),
    DigestChoice.Often.DAILY: _("Every day when something waits"),
}


class DigestForm(forms.Form):
    """Where letters go, and how often."""

    email = forms.CharField(
        label=_("My e-mail address at work"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Letters name systems, what waits and the day. They hold nothing about any case."),
    )
    often = forms.ChoiceField(label=_("Letters about what waits"), choices=list(_OFTEN.items()), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the letters"), choices=settings.LANGUAGES)


class RotateForm(forms.Form):
    """Nothing to fill in: pressing the button is the act."""
