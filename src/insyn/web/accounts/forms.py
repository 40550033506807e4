"""Forms about people."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Role

from .models import Office
from .permissions import role_label

#: The same words whatever was wrong: nobody learns which names exist.
WRONG = _("The name or the password is wrong, or there have been too many attempts. Wait a quarter of an hour or ask the administrator.")


class SignInForm(AuthenticationForm):
    """Name and password. Every failure reads the same."""

    error_messages = {"invalid_login": WRONG, "inactive": WRONG}
    username = forms.CharField(label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class DayInput(forms.DateInput):
    """A day as the browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PersonForm(forms.Form):
    """A new person."""

    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    username = forms.CharField(label=_("User name"), max_length=150, help_text=_("Never a personal identity number."))
    password = forms.CharField(
        label=_("First password"), max_length=200, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class MandateForm(forms.Form):
    """A new mandate."""

    role = forms.ChoiceField(label=_("Role"))
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.filter(closed_on=None).order_by("slug"), to_field_name="slug"
    )
    first_day = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), widget=DayInput(), required=False, help_text=_("Leave empty for until further notice."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role_label(role)) for role in Role]


class OfficeForm(forms.Form):
    """A new board, administration, company or union."""

    slug = forms.SlugField(
        label=_("Short name"), max_length=64, help_text=_("Small letters a to z, digits and hyphens. It stands in addresses and stays.")
    )
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Office.Kind.choices)
    parent = forms.ModelChoiceField(
        label=_("Stands under"),
        queryset=Office.objects.filter(closed_on=None).order_by("slug"),
        to_field_name="slug",
        required=False,
        empty_label=_("Nothing: it stands at the top"),
    )


class RenameForm(forms.Form):
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)


class MoveForm(forms.Form):
    parent = OfficeForm.base_fields["parent"]


class CloseForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=500)


class EndForm(forms.Form):
    """The end of a mandate."""

    mandate = forms.IntegerField(widget=forms.HiddenInput)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput())
    why = forms.CharField(label=_("Why"), max_length=500)
