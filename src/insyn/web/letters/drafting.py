"""The draft of a decision letter. It says what was decided and how AI was used; the reasons are the officer's own, word for word.

What only the officer knows is a slot in square brackets. Nothing is guessed: no rule, no court, no number of days.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from insyn.core.errors import InvalidInput
from insyn.core.terms import Mode, ReconsiderationGround, ReviewVerdict
from insyn.core.text import Text
from insyn.web.oversight.opening import Case
from insyn.web.register.models import Municipality, System
from insyn.web.residents import plain

from . import notice_words, wording as w
from .addresses import code_page, own_pages, short_address
from .queries import matter_text

_SLOT = re.compile(r"\[(?:Skriv|Write): [^\]\n]*\]")
_BREAKS = re.compile(r"[ \t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+")
#: Kinds of signs that nobody sees: controls, marks of direction, private ones.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ0-9])")
#: A letter that is sealed with its decision has at most 20 000 signs, and half of them are kept for the reasons.
_LONGEST_POINT, _MOST_CITED = 400, 5
_EMPTY = Text("Motivera beslutet innan brevet skrivs.", "Give reasons for the decision before the letter is written.")


def draft_letter(
    *,
    system: System,
    case: Case,
    verdict: ReviewVerdict | str,
    outcome: str,
    reasons: str,
    ground: ReconsiderationGround | str = "",
    language: str,
    decided_by: str = "",
    protected: bool = False,
) -> str:
    """The letter as plain text: blank lines between paragraphs, ``## `` before headings, ``- `` before points.

    ``outcome`` is the code or its words. ``ground``: of a reconsideration. ``protected``: of a person with protected identity, and then
    without room for name and address. Raises :class:`InvalidInput` without reasons.
    """
    if not reasons.strip():
        raise InvalidInput(_EMPTY.in_language(language), place="reasons")
    verdict = ReviewVerdict(verdict)
    draft = _Draft(language)
    _head(draft, system, case, protected)
    _decision(draft, system, verdict, outcome, ground, decided_by)
    draft.heading(w.WHY)
    draft.verbatim(reasons)
    draft.heading(w.RULES)
    draft.slot(w.RULES_SLOT)
    _ai(draft, system, case, verdict, ground)
    _rights(draft)
    texts = matter_text(system, case.matter_type)
    draft.heading(w.APPEAL)
    if texts is None:
        draft.slot(w.APPEAL_SLOT)
    else:
        draft.verbatim(draft.pick(texts.appeal_sv, texts.appeal_en))
    draft.heading(w.CONTACT)
    if texts is not None:
        draft.verbatim(draft.pick(texts.contact_sv, texts.contact_en))
    draft.line(draft.pick(system.office.name_sv, system.office.name_en))
    return draft.text()


def open_slots(text: str) -> list[str]:
    """The slots that nobody has filled, in order."""
    return _SLOT.findall(text)


class _Draft:
    """Paragraphs in one language. Only the officer's and the municipality's own texts keep their lines; a value from a case is one line."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._parts: list[str] = []

    def text(self) -> str:
        return "\n\n".join(self._parts) + "\n"

    def pick(self, sv: str, en: str) -> str:
        return Text(sv or en, en or sv).in_language(self.language)

    def say(self, text: Text, **words: str) -> str:
        return text.in_language(self.language).format(**{name: _one_line(word) for name, word in words.items()})

    def heading(self, text: Text) -> None:
        self._parts.append(f"## {self.say(text)}")

    def paragraph(self, *sentences: str) -> None:
        self._parts.append(" ".join(sentences))

    def line(self, text: str) -> None:
        self._parts.append(_one_line(text))

    def verbatim(self, text: str) -> None:
        self._parts.append(text.strip())

    def slot(self, text: Text) -> None:
        self._parts.append(self.slot_text(text))

    def slot_text(self, text: Text) -> str:
        return w.SLOT.in_language(self.language) + text.in_language(self.language)

    def points(self, points: Iterable[str]) -> None:
        self._parts.append("\n".join(f"- {_shortened(_one_line(point))}" for point in points))


def _one_line(text: str) -> str:
    """A value from a case must not look like a heading or a paragraph of the letter, nor turn its direction. The space inside a number stays."""
    flat = _BREAKS.sub(" ", text)
    return "".join(sign for sign in flat if unicodedata.category(sign) not in _UNSEEN).strip()


def _head(draft: _Draft, system: System, case: Case, protected: bool) -> None:
    draft.line(Municipality.the().name)
    if not protected:
        draft.slot(w.ADDRESSEE)
    if case.number:
        draft.paragraph(draft.say(w.CASE, number=case.number))


def _decision(draft: _Draft, system: System, verdict: ReviewVerdict, outcome: str, ground: str, decided_by: str) -> None:
    said = _outcome_words(system, outcome, draft)
    draft.heading(w.WHAT)
    if ground:
        holds = w.STANDS if verdict is ReviewVerdict.ACCEPTED else w.CHANGED_NOW
        why = w.GROUNDS[ReconsiderationGround(ground)]
        draft.paragraph(draft.say(w.AGAIN), draft.say(why), draft.say(holds, outcome=said))
    else:
        draft.paragraph(draft.say(w.DECISION, outcome=said))
    draft.paragraph(draft.say(w.SIGNED, who=decided_by or draft.slot_text(w.DECIDED_BY)))


def _outcome_words(system: System, outcome: str, draft: _Draft) -> str:
    """The register's word for a code; words stand as they are."""
    words = system.outcomes.get(outcome)
    said = draft.pick(str(words.get("sv", "")), str(words.get("en", ""))) if isinstance(words, Mapping) else ""
    return (said or outcome).rstrip(".")


def _ai(draft: _Draft, system: System, case: Case, verdict: ReviewVerdict, ground: str) -> None:
    step = notice_words.STEPS[step_of(system)]
    draft.heading(w.HOW_AI)
    name = draft.pick(system.name_sv, system.name_en)
    said = [draft.say(w.USED, name=name, version=case.version), draft.say(w.STEP, step=step.in_language(draft.language))]
    if case.proposed:
        proposed = _outcome_words(system, case.proposed, draft)
        said.append(draft.say(w.PROPOSED, day=case.day, proposed=proposed))
    else:
        said.append(draft.say(w.GAVE, day=case.day))
    draft.paragraph(*said)
    # Of a reconsideration the verdict is on the earlier decision, not on the proposal.
    draft.paragraph(draft.say(w.PERSON_DECIDED), *([] if ground else [draft.say(w.FOLLOWED[verdict])]))
    _why(draft, system, case)
    draft.paragraph(_limits(draft, system))
    draft.paragraph(draft.say(w.REGISTER, address=short_address(system)))


def _why(draft: _Draft, system: System, case: Case) -> None:
    """What weighed the most, or the words that a text system rested on."""
    weighty = [line.sentence for line in plain.significant(case.factors)]
    if weighty:
        means = draft.say(w.MEANS, favourable=_outcome_words(system, system.favourable_outcome, draft)) if system.favourable_outcome else ""
        draft.paragraph(*(sentence for sentence in (means, draft.say(w.WEIGHED)) if sentence))
        draft.points(weighty)
    if case.citations:
        draft.paragraph(draft.say(w.CITED))
        draft.points(draft.say(w.QUOTED, label=one.label, words=_shortened(one.text)) for one in case.citations[:_MOST_CITED])
    if not weighty and not case.citations:
        draft.paragraph(draft.say(w.NO_FACTORS))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_POINT else text[:_LONGEST_POINT].rstrip() + " …"


def step_of(system: System) -> str:
    """What the system helps with, by how much of the decision is its own: the weightiest of its modes."""
    for mode in (Mode.AUTOMATED, Mode.SUPPORT, Mode.ADVICE):
        if mode in system.modes:
            return notice_words.MODE_STEPS[mode]
    return notice_words.MODE_STEPS[Mode.SUPPORT]


def _limits(draft: _Draft, system: System) -> str:
    """Known bias in one sentence: the first that the register gives."""
    known = draft.pick(system.known_limits_sv, system.known_limits_en)
    first = next(_sentences(known), "")
    return draft.say(w.LIMITS, limits=first) if first else draft.say(w.NO_LIMITS)


def _sentences(text: str) -> Iterator[str]:
    yield from (sentence for sentence in _SENTENCE.split(_one_line(text)) if sentence)


def _rights(draft: _Draft) -> None:
    draft.heading(w.MORE)
    draft.paragraph(draft.say(w.ASK))
    draft.points(draft.say(one) for one in w.ASKABLE)
    draft.paragraph(draft.say(w.FREE), draft.say(w.APPEAL_TOO))
    draft.paragraph(draft.say(w.SEE, mine=own_pages(), enter=code_page()))
