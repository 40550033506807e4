"""The form by which a person says that the instruction is read."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class ConfirmForm(forms.Form):
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    read = forms.BooleanField(label=gettext_lazy("I have read the instruction and know what I may not share"))


class RevokeForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=32)
