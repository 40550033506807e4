"""The safety representative takes part in the work-environment assessment, with a sign-in of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.participation import queries, safety
from insyn.web.participation.models import SafetyStatement
from insyn.web.register.actions import supply_record
from insyn.web.register.issuing import issued
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
KIND = RecordKind.ASSESSMENT_WORK_ENVIRONMENT
GATE = "se-arbetsmiljo/work-environment-assessed"


@pytest.fixture
def law(settings: Any) -> None:
    """The law as it is shipped: the packs of the tests ask nothing about work."""
    settings.INSYN_PACKS = (Path(__file__).parents[3] / "packs",)


@pytest.fixture
def assessed_content() -> dict[str, Any]:
    from insyn.web.register.contents.questions import questions_of

    risk = {"cause": "Stress", "group": "Handläggare", "likelihood": "2", "consequence": "3", "measure": "Paus.", "remaining": "1"}
    risk |= {"owner": "Enhetschefen", "day": "2026-12-31"}
    weighed = {"benefit": "Mindre räknande", "remaining_risk": "Låg", "weighing": "Nyttan är större.", "risk_owner": "Nämnden"}
    answers = {question.id: "Genomgånget." for question in questions_of(KIND)}
    return {"summary": "Bedömt.", "risks": [risk], **weighed, **answers}


@pytest.fixture
def asked(law: None, make_system: Callable[..., System]) -> System:
    return make_system()


@pytest.fixture
def assess(owner: Actor, asked: System, assessed_content: dict[str, Any]) -> Callable[[], Record]:
    def supply() -> Record:
        act = supply_record(actor=owner, system=asked, kind=KIND, content=assessed_content)
        return Record.objects.get(act=act)

    return supply


@pytest.fixture
def ombud(person: People) -> Actor:
    return person(Role.SAFETY_REPRESENTATIVE)


def missing(system: System) -> bool:
    return GATE in {reason.rule for reason in issued(system).missing}


def test_only_the_safety_representatives_own_signature_opens_the_gate(asked: System, assess: Any, ombud: Actor, owner: Actor) -> None:
    assessment = assess()
    assert missing(asked)
    with pytest.raises(NotAllowed):
        safety.state_safety_part(actor=owner, system=asked, assessment=assessment, stance="taken_part", text="Ombudet var med.")
    safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance="taken_part", text="Jag har varit med.")
    assert not missing(asked)
    signed = SafetyStatement.objects.get().record
    assert (signed.person, signed.supplied_role) == (ombud.person, Role.SAFETY_REPRESENTATIVE)


def test_an_objection_keeps_the_gate_shut_is_answered_and_may_end_in_a_signature(
    asked: System, assess: Any, ombud: Actor, owner: Actor
) -> None:
    assessment = assess()
    safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance="objects", text="Bemanningen saknas.")
    assert missing(asked)
    statement = SafetyStatement.objects.get()
    with pytest.raises(NotAllowed):
        safety.answer_objection(actor=ombud, statement=statement, answer="Nej.")
    safety.answer_objection(actor=owner, statement=statement, answer="Bemanningen är tillagd.")
    with pytest.raises(ActRefused):
        safety.answer_objection(actor=owner, statement=statement, answer="Igen.")
    safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance="taken_part", text="Nu är det bra.")
    assert not missing(asked)


def test_the_same_word_is_not_given_twice(asked: System, assess: Any, ombud: Actor) -> None:
    assessment = assess()
    safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance="taken_part", text="Med.")
    for stance in ("taken_part", "objects"):
        with pytest.raises(ActRefused):
            safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance=stance, text="Med.")
    assert SafetyStatement.objects.count() == 1


def test_what_was_read_is_what_is_signed(asked: System, assess: Any, ombud: Actor) -> None:
    old = assess()
    assess()
    with pytest.raises(ChangedMeanwhile):
        safety.state_safety_part(actor=ombud, system=asked, assessment=old, stance="taken_part", text="Med.")


def test_nobody_signs_their_own_assessment_as_the_second(asked: System, assess: Any, person: People) -> None:
    both = person(Role.SAFETY_REPRESENTATIVE, name=Role.SYSTEM_OWNER.value)
    with pytest.raises(NotAllowed):
        safety.state_safety_part(actor=both, system=asked, assessment=assess(), stance="taken_part", text="Med.")


@pytest.mark.parametrize(
    ("stance", "text", "place"), [("agrees", "x", "stance"), ("objects", " ", "text"), ("objects", "x" * 99_999, "text")]
)
def test_a_word_that_is_none_is_refused_by_field(stance: str, text: str, place: str, asked: System, assess: Any, ombud: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        safety.state_safety_part(actor=ombud, system=asked, assessment=assess(), stance=stance, text=text)
    assert refused.value.place == place


def test_the_representative_sees_what_waits_and_signs_on_the_page(
    asked: System, assess: Any, ombud: Actor, owner: Actor, sign_in: Any
) -> None:
    assert "None waits." in page_of(sign_in(ombud), "/arbete/inflytande/")
    assessment = assess()
    client = sign_in(ombud)
    assert f'href="/arbete/system/{asked.slug}/arbetsmiljo/"' in page_of(client, "/arbete/inflytande/")
    address = f"/arbete/system/{asked.slug}/arbetsmiljo/"
    assert "Stress" in page_of(client, address)
    sent = {"what": "state", "assessment": assessment.pk, "stance": "objects", "text": "<script>alert(1)</script>"}
    assert client.post(address, sent).status_code == 302
    shown = page_of(client, address)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown
    answer = {"what": "answer", "statement": SafetyStatement.objects.get().pk, "answer": "Åtgärdat."}
    assert sign_in(owner).post(address, answer).status_code == 302
    assert client.post(address, {"what": "magic"}).status_code == 404
    public = client.get(f"/system/{asked.slug}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "A safety representative objected to the assessment." in public
    assert ombud.name not in public


def test_unsigned_assessments_are_listed_until_they_are_signed(asked: System, assess: Any, ombud: Actor) -> None:
    from insyn.web.clock import today

    assessment = assess()
    assert [record for _system, record in queries.unsigned(today())] == [assessment]
    safety.state_safety_part(actor=ombud, system=asked, assessment=assessment, stance="taken_part", text="Med.")
    assert queries.unsigned(today()) == []


def page_of(client: Any, address: str) -> str:
    return str(client.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode())
