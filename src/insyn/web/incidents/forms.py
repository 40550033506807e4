"""Forms of orders and incidents. The act checks everything again; a form only reads what was typed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Role, Tristate
from insyn.web import clock
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import User
from insyn.web.register.labels import label
from insyn.web.register.models import System

from .words import How, IncidentKind, PutRight, Recipient, choices


class TimeInput(forms.DateTimeInput):
    """A day and a time as the browser's own field."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def _long(text: Any, *, required: bool = True, help_text: Any = "", rows: int = 4, most: int = 10_000) -> forms.CharField:
    return forms.CharField(label=text, required=required, help_text=help_text, max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


def _time(text: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    return forms.DateTimeField(label=text, required=required, help_text=help_text, widget=TimeInput())


class _People(forms.ModelChoiceField):
    """Whoever holds a role today, chosen by the id that acts use."""

    def __init__(self, role: Role, **kwargs: Any) -> None:
        self._role = role
        super().__init__(queryset=User.objects.none(), to_field_name="person", **kwargs)

    def refresh(self, on: date) -> None:
        held = User.objects.filter(mandates__in=_mandates(self._role, on)).distinct()
        self.queryset = held.order_by("first_name", "last_name")


def _mandates(role: Role, on: date) -> Any:
    from insyn.web.accounts.models import Mandate

    return Mandate.objects.valid(on).filter(role=role)


class _WithPeople(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, _People):
                field.refresh(clock.today())


class AddresseeForm(_WithPeople):
    """Whom an order goes to."""

    to_kind = forms.ChoiceField(label=_("Who is ordered"), choices=choices(Recipient), widget=forms.RadioSelect)
    to_user = _People(Role.TECHNICIAN, label=_("Technician"), required=False, help_text=_("When a technician of ours is ordered."))
    contact_name = forms.CharField(label=_("Name of the supplier's contact"), max_length=200, required=False)
    organisation = forms.CharField(label=_("The supplier"), max_length=200, required=False)
    channel = forms.CharField(
        label=_("How the person is reached"), max_length=300, help_text=_("Telephone and mail. Internal; never shown publicly.")
    )


class RouteForm(AddresseeForm):
    """The standing arrangement."""

    what = _long(_("What the person shall do"), help_text=_("Step by step, so that it can be done at night."))
    out_of_hours = _long(_("How the person is reached outside office hours"), most=2000, rows=2)
    promised_minutes = forms.IntegerField(label=_("Promised to have stopped within, in minutes"), min_value=1, max_value=7 * 24 * 60)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class OrderForm(AddresseeForm):
    """One order."""

    what = _long(_("What the person shall do"))
    due = _time(_("To be done by"))
    exercise = forms.BooleanField(label=_("This is an exercise: the person is ordered, the system is not stopped in Insyn"), required=False)


class ToldForm(forms.Form):
    """What the stop holder was told, and when."""

    how = forms.ChoiceField(label=_("How did word come?"), choices=choices(How, leave_out=(How.SIGNED_IN,)))
    at = _time(_("When"))
    told_by = forms.CharField(label=_("Who said it"), max_length=300)


class DoneForm(forms.Form):
    """The technician's own report."""

    what = _long(_("What was done"), help_text=_("And how one can see that the system is stopped."))


class ToldDoneForm(ToldForm):
    what = _long(_("What was done"))


class ConfirmForm(forms.Form):
    what = _long(_("How you have seen that the system is stopped"))


class WhyForm(forms.Form):
    why = _long(_("Why?"), rows=2)


class DutyForm(_WithPeople):
    """One line of the list of those who stop."""

    user = _People(Role.STOP_HOLDER, label=_("Stop holder or substitute"))
    system = forms.ModelChoiceField(
        label=_("System"), queryset=System.objects.none(), to_field_name="slug", required=False, empty_label=_("Every system")
    )
    place = forms.IntegerField(
        label=_("Called as number"), min_value=1, max_value=20, help_text=_("1 is the stop holder, then the substitutes.")
    )
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Through"), widget=DayInput(), required=False)
    out_of_hours = forms.BooleanField(label=_("Answers outside office hours too"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False, help_text=_("Internal; never shown publicly."))

    def __init__(self, *args: Any, systems: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = systems


def _question(text: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=text,
        help_text=help_text,
        choices=lambda: [(str(value), label("answer", value)) for value in (Tristate.YES, Tristate.NO, Tristate.UNKNOWN)],
        initial=Tristate.UNKNOWN,
        widget=forms.RadioSelect,
    )


class QuestionsForm(forms.Form):
    """The questions that start the clocks."""

    personal_data = _question(_("Were personal data lost, changed or seen by the wrong person?"), _("Not known yet counts as yes."))
    security = _question(_("Was the security of network or system broken?"), _("Not known yet counts as yes."))
    serious = _question(
        _("Was somebody's life, health, property or fundamental rights seriously harmed, or something important to society disturbed?"),
        _("Not known yet counts as yes."),
    )
    death = _question(_("Has somebody died?"))
    widespread = _question(_("Does it concern many people in several countries, or critical infrastructure?"))

    def answers(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in QuestionsForm.base_fields}


class ReportForm(QuestionsForm):
    """The least that a report must say."""

    field_order = ("what", "kinds", "discovered_at", "happened_at")
    what = _long(_("What happened?"), help_text=_("What you saw. Name no person if you can avoid it."))
    kinds = forms.MultipleChoiceField(label=_("What sort of incident?"), choices=choices(IncidentKind), widget=forms.CheckboxSelectMultiple)
    discovered_at = _time(_("When was it discovered?"), help_text=_("The clocks of the law run from here."))
    happened_at = _time(_("When did it happen?"), required=False)


class UpdateForm(QuestionsForm):
    """What is known now."""

    field_order = ("revision", "measures")
    revision = forms.IntegerField(widget=forms.HiddenInput)
    measures = _long(_("Measures taken"), required=False)
    why = _long(_("Why is a question now answered no?"), required=False, rows=2, help_text=_("Needed when an answer ends a clock."))
    handled = forms.BooleanField(label=_("The measures are taken: the incident is handled"), required=False)


class PublishForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    text_sv = _long(_("What everybody reads, in Swedish"), required=False, most=2000, rows=3, help_text=_("Name no person and no case."))
    text_en = _long(_("The same in English"), required=False, most=2000, rows=3)
    public = forms.BooleanField(label=_("Show the text on the public page"), required=False)


class CloseForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    nobody_harmed_why = _long(_("If nobody was harmed: how do you know?"), required=False, rows=2)


class DraftForm(forms.Form):
    draft = _long(_("Text of the notification"), rows=24, most=40_000)


class SentForm(forms.Form):
    sent_at = _time(_("When was it sent?"))
    reference = forms.CharField(label=_("Reference"), max_length=120, help_text=_("The authority's number, or our case number."))
    late_why = _long(_("If it was late: why?"), required=False, rows=2)


class FromLogForm(forms.Form):
    first_day = forms.DateField(label=_("From"), widget=DayInput())
    last_day = forms.DateField(label=_("Through"), widget=DayInput())
    version = forms.ChoiceField(label=_("Version"), required=False)

    def __init__(self, *args: Any, system: System, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = system.versions.values_list("name", flat=True)
        self.fields["version"].choices = [("", _("Every version")), *((name, name) for name in names)]


class ByHandForm(forms.Form):
    case_numbers = _long(_("Case numbers, one on each line"), most=100_000)


class TellForm(forms.Form):
    told_on = forms.DateField(label=_("Told on"), widget=DayInput(), required=False)
    how = forms.CharField(label=_("How they were told"), max_length=300, required=False)
    excused_why = _long(_("Or why they are not told"), required=False, rows=2)


class PutRightForm(forms.Form):
    what = forms.ChoiceField(label=_("What was done"), choices=choices(PutRight))
    why = _long(_("Reason"), required=False, rows=2, help_text=_("Needed when nothing was needed."))
    on = forms.DateField(label=_("Day"), widget=DayInput(), required=False)


def now_local() -> datetime:
    """For a form's first value, to the minute."""
    from django.utils import timezone

    return timezone.localtime(clock.now()).replace(second=0, microsecond=0)
