"""Forms of review. Nothing is ever filled in beforehand where a person gives reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.core.labels import label
from insyn.core.messages import NoticeGiven
from insyn.core.own_words import MIN_OWN, own_words
from insyn.core.terms import NoticeChannel, ReviewVerdict
from insyn.web.language import spoken
from insyn.web.letters.drafting import open_slots
from insyn.web.register.models import System

from .standing import MOST_BLIND

MAX_REASONS, MAX_LETTER = 10_000, 20_000


def _outcomes(outcomes: Mapping[str, object]) -> list[tuple[str, object]]:
    return [("", _("Choose")), *((code, spoken(text) or code) for code, text in outcomes.items())]


def _own_reasons(text: object, marks: frozenset[str]) -> str:
    """The reasons, when enough of them are the writer's own words."""
    text = str(text).strip()
    if len(own_words(text, marks)) < MIN_OWN:
        raise forms.ValidationError(
            _("Write at least %(count)d characters in your own words. Sentences copied from the proposal do not count.")
            % {"count": MIN_OWN}
        )
    return text


class JudgeForm(forms.Form):
    """What a person would decide, before the proposal is shown."""

    outcome = forms.ChoiceField(label=_("What would you decide?"))
    reasons = forms.CharField(
        label=_("What decides the matter for you"),
        max_length=MAX_REASONS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your own words, from the material above."),
    )

    def __init__(self, *args: object, outcomes: Mapping[str, object], marks: frozenset[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._marks = marks
        self.fields["outcome"].choices = _outcomes(outcomes)

    def clean_reasons(self) -> str:
        return _own_reasons(self.cleaned_data["reasons"], self._marks)


class ReviewForm(forms.Form):
    """A person's decision on one proposal. ``outcomes`` are the register's, ``proposed`` the proposal's code, ``marks`` its sentences.

    ``notice_due``: nothing says yet how the person concerned is told that AI helped, so the decision must.
    """

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
        max_length=MAX_REASONS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "Write what decided the matter for you, so that the person concerned understands. The proposal's own sentences do not count."
        ),
    )
    heard_party = forms.BooleanField(label=_("The person concerned has been heard"), required=False)
    channel = forms.ChoiceField(
        label=_("Where is the person told that AI helped?"),
        required=False,
        help_text=_("The case holds no trace of such a notice. Without one it cannot be closed."),
    )
    notice_step = forms.CharField(
        label=_("In which step of the work"), max_length=200, required=False, help_text=_("For example: in the letter of decision.")
    )
    letter_language = forms.ChoiceField(
        label=_("Language of the letter"), choices=[("sv", _("Swedish")), ("en", _("English"))], required=False
    )

    def __init__(
        self,
        *args: object,
        outcomes: Mapping[str, object],
        proposed: str,
        marks: frozenset[str],
        notice_due: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._proposed, self._marks = proposed, marks
        self.fields["outcome"].choices = _outcomes(outcomes)
        self.fields["channel"].choices = [("", _("Choose")), *((one.value, spoken(label(one))) for one in NoticeChannel)]
        for name in ("channel", "notice_step"):
            if notice_due:
                self.fields[name].required = True
            else:
                del self.fields[name]

    def clean_reasons(self) -> str:
        return _own_reasons(self.cleaned_data["reasons"], self._marks)

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

    @property
    def notice(self) -> NoticeGiven | None:
        """The trace of the notice, once the form is whole."""
        if not self.cleaned_data.get("channel"):
            return None
        return NoticeGiven(channel=NoticeChannel(self.cleaned_data["channel"]), step=str(self.cleaned_data["notice_step"]))

    @property
    def written_in(self) -> str:
        return str(self.cleaned_data.get("letter_language") or "sv")


class LetterForm(forms.Form):
    """The letter of decision: a draft that the officer makes their own."""

    letter = forms.CharField(
        label=_("The letter"),
        max_length=MAX_LETTER,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text=_("A line that begins with ## is a heading. An empty line begins a new paragraph."),
    )

    def has_gaps(self) -> bool:
        """Whether something is left for the officer to write: the person concerned reads the letter as it is sent."""
        gaps = open_slots(self.cleaned_data["letter"])
        for gap in gaps:
            self.add_error("letter", _("Fill in or take away: %(gap)s") % {"gap": gap})
        return bool(gaps)


class BlindShareForm(forms.Form):
    """How many cases a person judges before the proposal is shown."""

    per_mille = forms.IntegerField(
        label=_("Of a thousand proposals"),
        min_value=0,
        max_value=MOST_BLIND,
    )
    why = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Here and not above: a text with a number in it is made once, in the language of whoever comes first.
        self.fields["per_mille"].help_text = _("0 is none. 50 is one in twenty. At most %(most)d.") % {"most": MOST_BLIND}


class MadeCaseForm(forms.Form):
    """A made-up case: a value and a weight for each of the system's features, rows in words of one's own, and what is right."""

    number = forms.CharField(label=_("Case number to show"), max_length=40, help_text=_("Write it as your case numbers look."))
    more = forms.CharField(
        label=_("More of the material"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One line for each: what it is, a colon, what it says. Invent everything; name no real person."),
    )
    proposed = forms.ChoiceField(label=_("What the system is said to propose"))
    right = forms.ChoiceField(label=_("What is right"))
    why = forms.CharField(
        label=_("Why it is right"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Whoever decides the case reads this afterwards."),
    )
    spread_days = forms.IntegerField(
        label=_("Spread over so many days"),
        min_value=1,
        max_value=180,
        initial=30,
        help_text=_("Each officer gets the case on a day of their own within them."),
    )

    def __init__(self, *args: object, system: System, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._features = {str(name): entry for name, entry in system.factors.items()}
        for name in ("proposed", "right"):
            self.fields[name].choices = _outcomes(system.outcomes)
        for name, entry in self._features.items():
            title = spoken(entry.get("label")) or name
            self.fields[f"value-{name}"] = forms.CharField(label=title, max_length=400, required=False)
            self.fields[f"weight-{name}"] = forms.IntegerField(
                label=_("How it is said to weigh: %(feature)s") % {"feature": title},
                min_value=-10,
                max_value=10,
                required=False,
                help_text=_("From −10, spoke against, to 10, spoke in favour. Empty: not among the factors."),
            )

    @property
    def features(self) -> Iterable[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each feature."""
        return [(self[f"value-{name}"], self[f"weight-{name}"]) for name in self._features]

    def clean_more(self) -> list[list[str]]:
        rows = []
        for number, line in enumerate(str(self.cleaned_data["more"]).splitlines(), 1):
            label_, colon, value = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not (label_ and colon and value):
                raise forms.ValidationError(_("Line %(number)d lacks a colon with words on both sides.") % {"number": number})
            rows.append([label_, value])
        return rows

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        for name in self._features:
            if cleaned.get(f"weight-{name}") is not None and not cleaned.get(f"value-{name}"):
                self.add_error(f"value-{name}", _("A factor needs a value."))
        if not cleaned.get("more") and not any(cleaned.get(f"value-{name}") for name in self._features) and "more" not in self.errors:
            self.add_error("more", _("Write at least one line of material."))
        return cleaned

    @property
    def made(self) -> dict[str, Any]:
        """What the act wants to know, once the form is whole."""
        data = self.cleaned_data
        payload = {name: plain_value(data[f"value-{name}"]) for name in self._features if data.get(f"value-{name}")}
        weights = {name: data.get(f"weight-{name}") for name in payload}
        factors = [
            {"feature": name, "value": payload[name], "contribution": weight / 10} for name, weight in weights.items() if weight is not None
        ]
        told = {name: data[name] for name in ("number", "more", "proposed", "right", "why", "spread_days")}
        return {**told, "payload": payload, "factors": factors}


def plain_value(text: str) -> str | int | float:
    """A number where it reads as one, with a comma or a point; otherwise the words."""
    text = text.strip()
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if number == int(number) and abs(number) < 1e15 else number
