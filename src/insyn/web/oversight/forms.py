"""Forms of oversight. Nothing is ever filled in beforehand where a person gives reasons."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.scope import Target, target_of
from insyn.core.terms import Role, StopScope
from insyn.web import clock
from insyn.web.accounts.models import Mandate, User
from insyn.web.register.models import System

from .reach import suppliers_in_use

#: No order to stop an AI system is older. The first years of the calendar cannot be written in every time zone.
_FIRST_YEAR = 2000


class ResumeForm(forms.Form):
    """A formal decision to lift the stop that is named by its place in the log."""

    stop_index = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    why = forms.CharField(
        label=_("Reasons for the decision"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What has been mended, and why it is safe to let the system go on."),
    )


class ExplainForm(forms.Form):
    """What the public reads about a stop."""

    why_sv = forms.CharField(
        label=_("Explanation in Swedish"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name no person and no case."),
    )
    why_en = forms.CharField(label=_("Explanation in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


def stop_holders() -> list[User]:
    """Everybody with the role of stop holder today."""
    held = Mandate.objects.valid(clock.today()).filter(role=Role.STOP_HOLDER).values("user")
    return list(User.objects.filter(pk__in=held, is_active=True).order_by("first_name", "last_name"))


class PaperForm(forms.Form):
    """An order that was given by hand or voice: by whom, when, and of what."""

    giver = forms.ChoiceField(label=_("Who gave the order?"))
    ordered_at = forms.DateTimeField(
        label=_("When was it given?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    what = forms.ChoiceField(label=_("What is to be stopped?"), widget=forms.RadioSelect, initial=StopScope.SYSTEM.value)
    system = forms.SlugField(label=_("The system's short name"), max_length=64, required=False)
    version = forms.CharField(label=_("Version"), max_length=64, required=False)
    purpose = forms.SlugField(label=_("The purpose's short name"), max_length=64, required=False)
    supplier = forms.ChoiceField(label=_("Supplier"), required=False)
    reason = forms.CharField(
        label=_("What the paper says"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Not public. Keep the paper."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._people = {user.person: user for user in stop_holders()}
        self.fields["giver"].choices = [("", _("Choose")), *((person, str(user)) for person, user in self._people.items())]
        self.fields["what"].choices = [
            (StopScope.SYSTEM.value, _("A whole system")),
            (StopScope.VERSION.value, _("One version of a system")),
            (StopScope.PURPOSE.value, _("One purpose of a system")),
            (StopScope.SUPPLIER.value, _("Every system of a supplier")),
            (StopScope.EVERYTHING.value, _("Everything")),
        ]
        self.fields["supplier"].choices = [("", _("Choose")), *suppliers_in_use()]

    def clean_ordered_at(self) -> datetime:
        moment: datetime = self.cleaned_data["ordered_at"]
        if moment.year < _FIRST_YEAR:
            raise forms.ValidationError(_("The year cannot be right. Give the time at which the order was given."))
        if moment > clock.now():
            raise forms.ValidationError(_("The time lies ahead. Give the time at which the order was given."))
        return moment

    def clean_system(self) -> str:
        slug = str(self.cleaned_data["system"])
        if slug and not System.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("No system has that short name."))
        return slug

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if "what" in cleaned and not self.errors:
            try:
                self.target()
            except InvalidInput as error:
                self.add_error(error.place if error.place in self.fields else None, _("Fill this in for what is to be stopped."))
        return cleaned

    def target(self) -> Target:
        """What is to be stopped; what the choice does not ask for is left out. Raises :class:`InvalidInput`."""
        scope, given = StopScope(self.cleaned_data["what"]), self.cleaned_data
        wide = scope in (StopScope.SUPPLIER, StopScope.EVERYTHING)
        return target_of(
            Target(
                scope=scope,
                system="" if wide else given["system"],
                version=given["version"] if scope is StopScope.VERSION else "",
                purpose=given["purpose"] if scope is StopScope.PURPOSE else "",
                supplier=given["supplier"] if scope is StopScope.SUPPLIER else "",
            )
        )

    def given_by(self) -> Actor:
        user = self._people[self.cleaned_data["giver"]]
        return Actor(person=user.person, name=str(user), role=Role.STOP_HOLDER)


class WideForm(forms.Form):
    """The decision that lets a stop holder stop suppliers and everything."""

    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=_("Choose"))
    last_day = forms.DateField(label=_("Through"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    case_number = forms.CharField(label=_("Case number of the decision"), max_length=40)
    stop_key = forms.CharField(
        label=_("Public stop key"),
        max_length=64,
        required=False,
        help_text=_("The 64 characters that `insyn keys stop` prints. With it the person can stop while sign-in is down."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(pk__in=[user.pk for user in stop_holders()])


class EndWideForm(forms.Form):
    mandate = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why does it end?"), max_length=400)
