"""Forms of this part. The acts check everything again; a form only reads what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.labels import label
from insyn.core.terms import NoticeChannel
from insyn.web.accounts.forms import DayInput
from insyn.web.language import spoken

from .actions import MAX_LINK, MAX_STEP, MAX_TEXT, MAX_WHY, MAX_WORDS


def _long(text: Any, limit: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(label=text, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": 4}))


class MatterTextForm(forms.Form):
    """The texts of one type of matter."""

    matter_type = forms.ChoiceField(label=_("Type of matter"), required=False)
    appeal_sv = _long(_("How to appeal, in Swedish"), MAX_TEXT, _("It stands in the letter as you write it here. A lawyer answers for it."))
    appeal_en = _long(_("How to appeal, in English"), MAX_TEXT)
    contact_sv = _long(_("Whom one asks, in Swedish"), MAX_TEXT, _("Telephone, address and hours."))
    contact_en = _long(_("Whom one asks, in English"), MAX_TEXT)

    def __init__(self, *args: Any, types: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter_type"].choices = [("", _("All types of matter")), *((name, name) for name in types)]


class NoticeForm(forms.Form):
    """One way in which people are told."""

    channel = forms.ChoiceField(label=_("Where people are told"))
    step_sv = forms.CharField(label=_("What the system helps with, in Swedish"), max_length=MAX_STEP)
    step_en = forms.CharField(label=_("What the system helps with, in English"), max_length=MAX_STEP)
    words_sv = _long(_("What is said, in Swedish"), MAX_WORDS)
    words_en = _long(_("What is said, in English"), MAX_WORDS)
    sample = forms.CharField(
        label=_("Where anybody can see it"),
        max_length=MAX_LINK,
        required=False,
        help_text=_("An address that begins with https://, if there is one."),
    )
    first_day = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), required=False, widget=DayInput(), help_text=_("Empty while no end is known."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [("", _("Choose")), *((one.value, spoken(label(one))) for one in NoticeChannel)]


class EndForm(forms.Form):
    ended_on = forms.DateField(label=_("First day on which it is not given"), widget=DayInput())
    why = forms.CharField(label=_("Why"), max_length=MAX_WHY)
