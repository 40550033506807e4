"""Forms of the needs. The act checks everything again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import Reach, SystemKind
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import Office
from insyn.web.register.contents.life import ALTERNATIVES, FOCUS_AREAS, WEIGHED
from insyn.web.register.labels import label

from .words import OUTCOMES

#: So many solutions the form begins with; a button gives one more each time.
FIRST_ROWS, MOST_ROWS = 3, 12


def _long(text: Any, *, required: bool = True, help_text: Any = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(label=text, required=required, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows}))


class NeedForm(forms.Form):
    """What somebody wants to solve. No word of AI: that comes with the analysis."""

    title_sv = forms.CharField(label=_("The need in a few words, in Swedish"), max_length=160)
    title_en = forms.CharField(label=_("The need in a few words, in English"), max_length=160, required=False)
    problem = _long(_("What is the problem?"))
    concerns = _long(_("Who does it concern?"), help_text=_("Residents, employees, others. Write groups, never single persons."))
    today = _long(_("How is it done today?"))
    wanted = _long(_("What effect is wanted?"))
    focus_area = forms.ChoiceField(label=_("Focus area"), choices=[("", _("Choose")), *FOCUS_AREAS])
    office = forms.ModelChoiceField(
        label=_("Office that has the need"), queryset=Office.objects.filter(closed_on=None).order_by("slug"), to_field_name="slug"
    )


class Revised(forms.Form):
    """Carries the revision of the need that the page was made from."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class AnalysisForm(Revised):
    summary = _long(_("What was found, in short"))
    chosen = forms.CharField(label=_("Chosen solution"), max_length=200, help_text=_("As it is called above."))
    reasons = _long(_("Why that one"))
    measure = forms.CharField(label=_("Expected benefit: what is measured"), max_length=200)
    expected = forms.CharField(label=_("Expected benefit: figure"), max_length=200, help_text=_("For example: from 40 to 25 minutes."))
    expected_by = forms.DateField(label=_("Expected benefit: reached by"), widget=DayInput())


class AlternativeForm(forms.Form):
    """One solution that was weighed. A row left empty is no solution."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in WEIGHED:
            if column.name == "kind":
                self.fields["kind"] = forms.ChoiceField(label=column.label, choices=[("", _("Choose")), *ALTERNATIVES], required=False)
            elif column.name == "name":
                self.fields["name"] = forms.CharField(label=column.label, max_length=200, required=False)
            else:
                self.fields[column.name] = _long(column.label, required=False, rows=2)

    def clean(self) -> dict[str, Any]:
        """A row with anything in it is whole: what is left out is said at each field at once."""
        given = super().clean() or {}
        if any(given.values()):
            for name in self.fields:
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("This is required."))
        return given


class Alternatives(forms.BaseFormSet):
    """The rows of the weighing; no button of them needs a script."""

    def rows(self) -> list[dict[str, str]]:
        """The rows with anything in them."""
        given = [{name: str(value) for name, value in form.cleaned_data.items() if value} for form in self.forms]
        return [row for row in given if row]

    def problems(self) -> list[tuple[str, str]]:
        """Each error with the id of its field, named with its row, for the summary on top of the page."""
        if not self.is_bound:
            return []
        found = [("", str(error)) for error in self.non_form_errors()]
        for number, form in enumerate(self.forms, 1):
            for name, errors in form.errors.items():
                words = {"number": number, "field": form.fields[name].label}
                found += [(form[name].id_for_label, _("Solution %(number)d, %(field)s:") % words + f" {error}") for error in errors]
        return found


def alternatives(data: Any = None, *, initial: list[dict[str, Any]] | None = None) -> Alternatives:
    """The rows as they were sent, or as many as there are to begin with."""
    extra = max(0, FIRST_ROWS - len(initial or []))
    kind = forms.formset_factory(AlternativeForm, formset=Alternatives, extra=extra, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    return kind(data, initial=initial, prefix="row")


class DecisionForm(Revised):
    outcome = forms.ChoiceField(label=_("What the need ends in"), widget=forms.RadioSelect)
    why_sv = _long(_("Why, in Swedish (shown in public)"))
    why_en = _long(_("Why, in English (shown in public)"), required=False)
    case_number = forms.CharField(label=_("Case number"), max_length=40)
    delegation = forms.CharField(
        label=_("Delegation"),
        max_length=40,
        required=False,
        help_text=_("An official writes the number of the item in the delegation list."),
    )
    decided_on = forms.DateField(label=_("Day of the decision"), widget=DayInput())

    def __init__(self, *args: Any, fitting: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(str(value), OUTCOMES[value]) for value in fitting]


class ReopenForm(Revised):
    why = _long(_("Why the need is weighed anew"))


class BeginForm(Revised):
    """The least that the register must know of the system."""

    slug = forms.CharField(
        label=_("Short name"), max_length=64, help_text=_("Small letters a to z, digits and hyphens. It stands in addresses and calls.")
    )
    name_sv = forms.CharField(label=_("Name in Swedish"), max_length=120)
    name_en = forms.CharField(label=_("Name in English"), max_length=120)
    summary_sv = forms.CharField(label=_("Summary in Swedish"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    summary_en = forms.CharField(label=_("Summary in English"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Kind"))
    reach = forms.ChoiceField(label=_("Reach"), help_text=_("How far Insyn can hold the system."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(value.value, label("kind", value)) for value in SystemKind]
        self.fields["reach"].choices = [(value.value, label("reach", value)) for value in Reach]
