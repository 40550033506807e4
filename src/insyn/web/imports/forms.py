"""Forms of an import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.models import Mandate, Office, User

from .columns import COLUMNS, plain
from .models import Import, Mapping
from .staging import words_of
from .words import word_label

_ORDERS = (
    ("unknown", _("As the column itself shows")),
    ("day_first", _("The day first: 31/1/2026")),
    ("month_first", _("The month first: 1/31/2026")),
)
_LANGUAGES = (("sv", _("Swedish")), ("en", _("English")))


class _Answerable(forms.Form):
    """Who answers for an entry when the file names nobody that we know."""

    owner = forms.ModelChoiceField(label=_("System owner where the file names none"), queryset=User.objects.none(), to_field_name="person")
    office = forms.ModelChoiceField(label=_("Office where the file names none"), queryset=Office.objects.none(), to_field_name="slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        holding = Mandate.objects.valid(clock.today()).filter(role=Role.SYSTEM_OWNER)
        self.fields["owner"].queryset = User.objects.filter(mandates__in=holding).distinct().order_by("last_name")
        self.fields["office"].queryset = Office.objects.filter(closed_on=None).order_by("slug")


class UploadForm(_Answerable):
    """A file to read."""

    source = forms.CharField(
        label=_("What the file is"),
        max_length=80,
        help_text=_(
            "The same words each time the same register is imported: what changed is found by them. For example: The inventory of the schools."
        ),
    )
    file = forms.FileField(label=_("The file"), help_text=_("Excel (.xlsx), CSV or JSON, at most 12 MB and 20 000 rows."))
    mapping = forms.ModelChoiceField(
        label=_("Read it as"), queryset=Mapping.objects.order_by("name"), required=False, empty_label=_("The headings that Insyn knows")
    )
    field_order = ("source", "file", "mapping", "owner", "office")


class SettleForm(_Answerable):
    """How the file is read: a column for each heading, a meaning for each unknown word."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    heading_row = forms.IntegerField(label=_("Row with the headings"), min_value=0, max_value=1000, required=False)
    sheet = forms.CharField(label=_("Sheet"), max_length=120, required=False, help_text=_("Empty: the first one that is not hidden."))
    day_order = forms.ChoiceField(label=_("Days written with slashes"), choices=_ORDERS)
    language = forms.ChoiceField(label=_("Language of the texts"), choices=_LANGUAGES)

    def __init__(self, *args: Any, found: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = [(f"column-{number}", heading) for number, heading in enumerate(found.headings)]
        choices = [("", _("Not used, kept as it is")), *((column.name, column.label) for column in COLUMNS)]
        for field, heading in self.headings:
            self.fields[field] = forms.ChoiceField(label=heading, choices=choices, required=False, initial=found.columns.get(heading, ""))
        asked = {(name, plain(word)): word for name, word, _count in found.unknown}
        asked |= {(name, word): asked.get((name, word), word) for name, pairs in found.words.items() for word in pairs}
        self.words = [(f"word-{number}", name, word) for number, ((name, _plain), word) in enumerate(sorted(asked.items()))]
        for field, name, word in self.words:
            meanings = [("", _("Counts as missing")), *((one, word_label(one)) for one in words_of(name))]
            known = found.words.get(name, {}).get(plain(word), "")
            self.fields[field] = forms.ChoiceField(label=word, choices=meanings, required=False, initial=known)

    def settings(self) -> dict[str, Any]:
        """What the act wants to know."""
        data = self.cleaned_data
        words: dict[str, dict[str, str]] = {}
        for field, name, word in self.words:
            words.setdefault(name, {})[word] = data[field]
        return {
            "columns": {heading: data[field] for field, heading in self.headings if data[field]},
            "words": words,
            "heading_row": data["heading_row"] or 0,
            **{name: data[name] for name in ("sheet", "day_order", "language", "owner", "office", "revision")},
        }


class SaveForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class TakeForm(forms.Form):
    """What was looked at before the button was pressed."""

    revision = forms.IntegerField(min_value=0, max_value=2**31, widget=forms.HiddenInput)


class LeaveForm(forms.Form):
    why = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
