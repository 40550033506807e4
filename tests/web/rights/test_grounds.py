"""Every kind has its ground, its clock, its words in both languages and a way to an answer; and no provision that we do not hold."""

from __future__ import annotations

import pytest
from django.urls import resolve, reverse

from insyn.core.readability import lix
from insyn.core.terms import VerificationLevel
from insyn.core.text import Text
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.rights.clocks import days_of
from insyn.web.rights.forms import AnswerForm, AskForm
from insyn.web.rights.grounds import ABOUT, ARCHIVE_RULES, BY_SLUG, COMPLAINT, TIME
from insyn.web.rights.handling import ABOUT_A_DECISION
from insyn.web.rights.words import LABELS, RefusalGround, RequestKind, RequestOutcome

#: What our sources hold about asking, and how far it has been read. A provision outside it may not be named.
HELD = {
    "GDPR Article 12": "K",
    "GDPR Article 15": "K",
    "GDPR Article 16": "K",
    "GDPR Article 17": "K",
    "GDPR Article 18": "K",
    "GDPR Article 21": "K",
    "GDPR Article 22": "K",
    "GDPR Article 77": "K",
    "AI Act Article 86": "V",
    "Administrative Procedure Act, section 36": "K",
    "Administrative Procedure Act, section 37": "S",
    "Administrative Procedure Act, section 38": "S",
    "Archives Act, sections 3 and 10": "S",
}


@pytest.mark.parametrize("kind", RequestKind)
def test_every_kind_has_ground_clock_words_and_a_way_to_an_answer(kind: RequestKind) -> None:
    from datetime import date

    about = ABOUT[kind]
    assert about.grounds
    assert date(2026, 11, 21) < days_of(kind, date(2026, 11, 21)).law <= date(2026, 12, 21)
    for text in (LABELS[kind], about.what, about.promise, about.easy, about.question, *(one.provision for one in about.grounds)):
        assert text.sv.strip()
        assert text.en.strip()
        assert text.sv != text.en
    assert resolve(reverse("rights:ask", args=[about.slug])).func.is_resident_page
    assert BY_SLUG[about.slug] is kind
    asked = AskForm({"arende": "a", "message": "Jag vill veta."}, kind=kind, cases=[("a", "Ett ärende")])
    assert asked.is_valid(), asked.errors
    answered = {"outcome": "granted", "text": "Så här är det.", "changed": "no"}
    answer = AnswerForm(answered, about_a_decision=kind in ABOUT_A_DECISION)
    assert answer.is_valid(), answer.errors
    assert answer.answer()["outcome"] is RequestOutcome.GRANTED


def test_only_provisions_that_we_hold_are_named_with_their_marks() -> None:
    named = [TIME, COMPLAINT, *(ground for about in ABOUT.values() for ground in about.grounds)]
    assert {(one.provision.en, str(one.level)) for one in named} <= set(HELD.items())
    assert all(isinstance(one.level, VerificationLevel) for one in named)
    told = {RefusalGround.MUST_BE_KEPT: "3 och 10 §§", RefusalGround.DECISION_STANDS: "37 och 38 §§"}
    for ground, words in told.items():
        assert words in LABELS[ground].sv


def test_whoever_reads_answers_is_there_to_give_them() -> None:
    assert PERMISSIONS["rights.answer"] == PERMISSIONS["rights.see"]
    assert not PERMISSIONS["erasure.decide"] & PERMISSIONS["erasure.run"], "one decides, another carries it out"


def test_what_residents_read_is_plain() -> None:
    texts: list[Text] = [*ARCHIVE_RULES]
    for about in ABOUT.values():
        texts += [about.what, about.promise, about.easy]
    whole = " ".join(text.sv for text in texts)
    assert lix(whole).value < 40, lix(whole)
    for kind, about in ABOUT.items():
        assert lix(f"{about.what.sv} {about.promise.sv}").value < 40, kind
