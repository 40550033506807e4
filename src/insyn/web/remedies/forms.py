"""Forms of reconsiderations, errors and alarms. The act checks everything again; nothing is filled in where a person gives reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.labels import label
from insyn.core.messages import NoticeGiven
from insyn.core.own_words import MIN_OWN, own_words
from insyn.core.terms import NoticeChannel, ReconsiderationGround, Stage
from insyn.evidence.affected import Sought
from insyn.web import clock
from insyn.web.accounts.forms import DayInput
from insyn.web.accounts.models import User
from insyn.web.language import spoken
from insyn.web.register.models import System

from .grounds import GROUNDS
from .words import Measure, Reply, choices


def _long(text: Any, *, required: bool = True, help_text: Any = "", rows: int = 4, most: int = 10_000) -> forms.CharField:
    return forms.CharField(label=text, required=required, help_text=help_text, max_length=most, widget=forms.Textarea(attrs={"rows": rows}))


def _ground_choices() -> list[tuple[str, str]]:
    found = []
    for one in GROUNDS:
        named = f"{one.provision} [{one.mark}]: " if one.provision else ""
        found.append((one.ground.value, f"{named}{one.says}"))
    return found


class ReconsiderForm(forms.Form):
    """A new decision. ``mine``: the reader took part in the earlier one, and has to say that no other officer can do this. ``notice_due``: nothing
    says yet how the person concerned was told that AI helped, so this decision must."""

    ground = forms.ChoiceField(label=_("On what ground is the decision looked at again?"), widget=forms.RadioSelect)
    outcome = forms.ChoiceField(label=_("What holds from now on?"), help_text=_("Choose the same outcome where the decision stands."))
    not_worse = forms.BooleanField(label=_("If the outcome changes: the person concerned gets it no worse"), required=False)
    detriment_ground = _long(
        _("Ground in 37 § second paragraph"),
        required=False,
        rows=2,
        most=2000,
        help_text=_("Only where a decision in the person's favour is changed to their detriment. Read the paragraph and name the ground."),
    )
    reasons = _long(
        _("Your own reasons"),
        rows=8,
        help_text=_(
            "Write what you found, so that the person concerned understands. Sentences of the proposal and of earlier decisions do not count."
        ),
    )
    heard_party = forms.BooleanField(label=_("The person concerned has been heard"), required=False)
    mine = forms.BooleanField(label=_("I took part in the earlier decision, and no other officer can do this"), required=False)
    channel = forms.ChoiceField(
        label=_("Where is the person told that AI helped?"),
        help_text=_("The case holds no trace of such a notice. Without one it cannot be closed."),
    )
    notice_step = forms.CharField(
        label=_("In which step of the work"), max_length=200, help_text=_("For example: in the letter of decision.")
    )
    letter = _long(
        _("Letter to the person concerned"),
        required=False,
        rows=14,
        most=20_000,
        help_text=_("Kept with the decision. Make a draft first, then read it through."),
    )

    def __init__(
        self, *args: Any, outcomes: Mapping[str, object], marks: frozenset[str], mine: bool, notice_due: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._marks = marks
        self.fields["ground"].choices = _ground_choices()
        self.fields["outcome"].choices = [("", _("Choose")), *((code, spoken(text) or code) for code, text in outcomes.items())]
        if mine:
            self.fields["mine"].required = True
        else:
            del self.fields["mine"]
        self.fields["channel"].choices = [("", _("Choose")), *((one.value, spoken(label(one))) for one in NoticeChannel)]
        if not notice_due:
            del self.fields["channel"], self.fields["notice_step"]

    def clean_reasons(self) -> str:
        text = str(self.cleaned_data["reasons"]).strip()
        if len(own_words(text, self._marks)) < MIN_OWN:
            raise forms.ValidationError(
                _(
                    "Write at least %(count)d characters in your own words. Sentences copied from the proposal or an earlier decision do not count."
                )
                % {"count": MIN_OWN}
            )
        return text

    @property
    def decided(self) -> dict[str, Any]:
        """What the act wants to know, once the form is whole."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in ("mine", "channel", "notice_step")}
        if "channel" not in self.fields:
            return data
        return data | {
            "notice": NoticeGiven(channel=NoticeChannel(self.cleaned_data["channel"]), step=str(self.cleaned_data["notice_step"]))
        }

    def clean_ground(self) -> ReconsiderationGround:
        return ReconsiderationGround(self.cleaned_data["ground"])


class ErrorForm(forms.Form):
    """What was wrong, and what the decisions have in common as far as the facts rows tell."""

    what = _long(_("What is wrong?"), help_text=_("Internal. Name no person and no case."))
    first_day = forms.DateField(label=_("From the day"), widget=DayInput())
    last_day = forms.DateField(label=_("Through the day"), widget=DayInput())
    version = forms.ChoiceField(label=_("Version"), required=False)
    outcome = forms.ChoiceField(label=_("What the system said"), required=False)
    stage = forms.ChoiceField(label=_("Who decided"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    feature = forms.ChoiceField(label=_("Feature"), required=False)
    deadline = forms.DateField(label=_("All are to be looked at by"), widget=DayInput())
    incident = forms.ChoiceField(label=_("Incident"), required=False, help_text=_("What is done here is then seen there too."))

    def __init__(
        self,
        *args: Any,
        system: System,
        groups: Mapping[str, list[str]],
        features: Mapping[str, list[str]],
        incidents: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        whole = ("", _("All"))
        self._pairs = {
            f"{name}={value}": (name, value) for named in (groups, features) for name, values in named.items() for value in values
        }
        self.fields["version"].choices = [whole, *((row.name, row.name) for row in system.versions.all())]
        self.fields["outcome"].choices = [whole, *((code, spoken(text) or code) for code, text in system.outcomes.items())]
        self.fields["stage"].choices = [
            whole,
            (Stage.PROPOSAL.value, _("A person, on a proposal")),
            (Stage.DECISION.value, _("The system alone")),
        ]
        self._offer("group", groups, {name: _value_words(entry) for name, entry in system.groups.items()})
        self._offer("feature", features, {})
        self.fields["incident"].choices = [("", _("None")), *incidents]
        if not incidents:
            del self.fields["incident"]
        self.fields["deadline"].initial = clock.today() + timedelta(days=30)

    def _offer(self, field: str, named: Mapping[str, list[str]], words: Mapping[str, Mapping[str, str]]) -> None:
        """One choice for each value that a facts row names; no field where none does."""
        if not named:
            del self.fields[field]
            return
        found = [("", str(_("All")))]
        for name, values in named.items():
            said = words.get(name, {})
            found += [(f"{name}={value}", f"{said.get('', name)}: {said.get(value, value)}") for value in values]
        self.fields[field].choices = found

    def sought(self, system: System) -> Sought:
        typed = self.cleaned_data
        group, value = self._pairs.get(typed.get("group", ""), ("", ""))
        feature, feature_value = self._pairs.get(typed.get("feature", ""), ("", ""))
        return Sought(
            system=system.slug,
            first=typed["first_day"],
            last=typed["last_day"],
            version=typed["version"],
            outcome=typed["outcome"],
            stage=typed["stage"],
            group=group,
            value=value,
            feature=feature,
            feature_value=feature_value,
        )


def _value_words(entry: object) -> dict[str, str]:
    """The register's words for a group (under the empty key) and its values."""
    if not isinstance(entry, Mapping):
        return {}
    values = entry.get("values")
    found = {str(value): spoken(text) or str(value) for value, text in values.items()} if isinstance(values, Mapping) else {}
    return {**found, **({"": label} if (label := spoken(entry.get("label"))) else {})}


class PeopleForm(forms.Form):
    """Who looks at the decisions."""

    people = forms.ModelMultipleChoiceField(
        label=_("Share them out among"), queryset=User.objects.none(), to_field_name="person", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = User.objects.filter(pk__in=[person.pk for person in people]).order_by("first_name", "last_name")


class ToldForm(forms.Form):
    """How those concerned were told, or why not."""

    told_on = forms.DateField(label=_("Told on"), required=False, widget=DayInput())
    how = forms.CharField(label=_("How they were told"), max_length=300, required=False)
    excused_why = _long(_("Or: why they were not told"), required=False, rows=2)


class WhyForm(forms.Form):
    why = _long(_("Why?"), rows=3)


class LimitsForm(forms.Form):
    """Limits of alarm in per cent; empty for none."""

    override_high = forms.IntegerField(
        label=_("Alarm when more than so many per cent of the proposals are not followed"), required=False, min_value=1, max_value=99
    )
    override_low = forms.IntegerField(
        label=_("Alarm when fewer than so many per cent are not followed"), required=False, min_value=1, max_value=99
    )
    anchoring = forms.IntegerField(
        label=_("Alarm when more than so many per cent of those who had judged otherwise end in the proposal"),
        required=False,
        min_value=1,
        max_value=99,
    )
    why = _long(_("Why these limits?"), rows=3)

    def limits(self) -> dict[Measure, int | None]:
        return {measure: self.cleaned_data[measure.value] for measure in Measure}


class AnswerForm(forms.Form):
    measure = forms.ChoiceField(choices=choices(Measure), widget=forms.HiddenInput)
    reply = forms.ChoiceField(label=_("What is done?"), choices=choices(Reply), widget=forms.RadioSelect)
    why = _long(_("Why?"), rows=3)
