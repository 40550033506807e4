"""Forms of oversight. Nothing is ever filled in beforehand where a person gives reasons."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.terms import ReviewVerdict
from insyn.web.language import spoken

from .reasons import MIN_OWN, own_words


class ReviewForm(forms.Form):
    """A person's decision on one proposal. ``outcomes`` are the register's, ``proposed`` the proposal's code, ``marks`` its sentences."""

    verdict = forms.ChoiceField(
        label=_("What do you decide?"),
        choices=[
            (ReviewVerdict.ACCEPTED.value, _("I have examined the case and come to the same outcome")),
            (ReviewVerdict.CHANGED.value, _("I come to another outcome")),
            (ReviewVerdict.REJECTED.value, _("I set the proposal aside and decide the case from the beginning")),
        ],
        widget=forms.RadioSelect,
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, help_text=_("Fill in when you do not accept the proposal."))
    reasons = forms.CharField(
        label=_("Your own reasons"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "Write what decided the matter for you, so that the person concerned understands. The proposal's own sentences do not count."
        ),
    )
    heard_party = forms.BooleanField(label=_("The person concerned has been heard"), required=False)

    def __init__(self, *args: object, outcomes: Mapping[str, object], proposed: str, marks: frozenset[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._proposed, self._marks = proposed, marks
        self.fields["outcome"].choices = [("", _("Choose")), *((code, spoken(text) or code) for code, text in outcomes.items())]

    def clean_reasons(self) -> str:
        text = str(self.cleaned_data["reasons"]).strip()
        if len(own_words(text, self._marks)) < MIN_OWN:
            raise forms.ValidationError(
                _("Write at least %(count)d characters in your own words. Sentences copied from the proposal do not count.")
                % {"count": MIN_OWN}
            )
        return text

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        verdict, outcome = cleaned.get("verdict"), cleaned.get("outcome")
        if verdict == ReviewVerdict.ACCEPTED:
            cleaned["outcome"] = self._proposed
        elif verdict and not outcome:
            self.add_error("outcome", _("Choose the outcome that you decide on."))
        elif verdict == ReviewVerdict.CHANGED and outcome == self._proposed:
            self.add_error("outcome", _("This is the outcome of the proposal. Choose another, or accept it."))
        return cleaned


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
