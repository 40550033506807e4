"""The questions of a topic as a form: an answer, what shows it, and where that lies. The saving checks everything again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.law.answers import NEVER, UNKNOWN
from insyn.law.model import Fact, FactType
from insyn.web.accounts.forms import DayInput
from insyn.web.language import spoken

from . import words
from .drafts import Row

#: In the form only: none of a set, a day of a date.
_NONE, _DAY = "none", "day"


@dataclass(frozen=True)
class Asked:
    """A question with its fields, for the template. ``open_evidence``: something is written there, or is wrong."""

    fact: Fact
    answer: forms.BoundField
    day: forms.BoundField | None
    evidence: forms.BoundField
    case: forms.BoundField
    open_evidence: bool


class TopicForm(forms.Form):
    """Questions of one topic. A question left as it was, without an answer, stays unanswered."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, facts: Iterable[Fact], rows: Mapping[str, Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = list(facts)
        for fact in self._asked:
            self._add(fact, rows.get(fact.id, {}))

    def _add(self, fact: Fact, row: Row) -> None:
        answer = row.get("answer")
        self.fields[fact.id] = _answer_field(fact, answer)
        if fact.type is FactType.DATE:
            day = None if answer in (None, NEVER, UNKNOWN) else answer
            self.fields[f"{fact.id}-day"] = forms.DateField(label=_("Day"), required=False, initial=day, widget=DayInput())
        self.fields[f"{fact.id}-evidence"] = forms.CharField(
            label=_("What shows it"),
            required=False,
            max_length=4000,
            initial=row.get("evidence", ""),
            help_text=_("A document, a test or a named office. No personal data."),
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self.fields[f"{fact.id}-case"] = forms.CharField(
            label=_("Case number or link"), required=False, max_length=300, initial=row.get("case", "")
        )

    def questions(self) -> Iterator[Asked]:
        """Each question with its fields, in the order asked."""
        for fact in self._asked:
            evidence, case = self[f"{fact.id}-evidence"], self[f"{fact.id}-case"]
            yield Asked(
                fact=fact,
                answer=self[fact.id],
                day=self[f"{fact.id}-day"] if fact.type is FactType.DATE else None,
                evidence=evidence,
                case=case,
                open_evidence=bool(evidence.value() or case.value() or evidence.errors or case.errors),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for fact in self._asked:
            answer = data.get(fact.id)
            if fact.type is FactType.SET and answer and _NONE in answer and len(answer) > 1:
                self.add_error(fact.id, _("“None of these” cannot stand together with something else."))
            if fact.type is FactType.DATE and answer == _DAY and not data.get(f"{fact.id}-day"):
                self.add_error(f"{fact.id}-day", _("Give the day, or choose another answer."))
        return data

    def rows(self) -> dict[str, dict[str, Any]]:
        """What was written to each question whose fields are in order; an answer that is missing is empty."""
        found = {}
        for fact in self._asked:
            if fact.id in self.errors or f"{fact.id}-day" in self.errors:
                continue
            data = self.cleaned_data
            row = {"answer": _as_stored(fact, data), "evidence": data.get(f"{fact.id}-evidence"), "case": data.get(f"{fact.id}-case")}
            found[fact.id] = {name: value for name, value in row.items() if value is not None}
        return found


def _answer_field(fact: Fact, answer: Any) -> forms.Field:
    common = {"label": spoken(fact.question), "required": False, "initial": _as_shown(fact, answer)}
    if fact.type is FactType.SET:
        return forms.MultipleChoiceField(**common, choices=_choices(fact), widget=forms.CheckboxSelectMultiple)
    return forms.ChoiceField(**common, choices=_choices(fact), widget=forms.RadioSelect)


def _choices(fact: Fact) -> list[tuple[str, str]]:
    own = [(choice.value, spoken(choice.label)) for choice in fact.values]
    unknown = (UNKNOWN, spoken(words.UNKNOWN))
    match fact.type:
        case FactType.TRISTATE:
            return [("yes", spoken(words.YES)), ("no", spoken(words.NO)), unknown]
        case FactType.SET:
            return [*own, (_NONE, spoken(words.NONE)), (UNKNOWN, _("Don’t know, or don’t know if more hold"))]
        case FactType.DATE:
            return [(_DAY, _("On a day")), (NEVER, spoken(words.NEVER)), unknown]
        case _:
            return [*own, unknown]


def _as_shown(fact: Fact, answer: Any) -> Any:
    if fact.type is FactType.SET and answer is not None:
        return [_NONE] if answer == [] else [answer] if isinstance(answer, str) else answer
    if fact.type is FactType.DATE and answer not in (None, NEVER, UNKNOWN):
        return _DAY
    return answer


def _as_stored(fact: Fact, data: Mapping[str, Any]) -> Any:
    """The answer as the rules read it; ``None`` where there is none."""
    answer = data.get(fact.id)
    if not answer:
        return None
    if fact.type is FactType.SET:
        return [] if answer == [_NONE] else UNKNOWN if answer == [UNKNOWN] else sorted(answer)
    if fact.type is FactType.DATE and answer == _DAY:
        return data[f"{fact.id}-day"].isoformat()
    return answer


class BeginForm(forms.Form):
    """Nothing to fill in."""


class DiscardForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class RecordForm(forms.Form):
    """What goes with a classification when it is recorded. Both revisions are of what the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    system_revision = forms.IntegerField(widget=forms.HiddenInput)
    case_number = forms.CharField(label=_("Case number"), max_length=40, required=False)
    valid_through = forms.DateField(
        label=_("Valid through"),
        widget=DayInput(),
        required=False,
        help_text=_("After this day the classification no longer opens a requirement. Leave it empty if it holds until something changes."),
    )
