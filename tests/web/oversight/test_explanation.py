"""What an explanation says on a page: factors, what would have had to be different, quotations, and how far it was tested."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Change, Citation, Counterfactual, Factor, Opened, Outcome
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import DisclosureGroup, RecordKind, Role

pytestmark = pytest.mark.django_db

TEXT = "Jag hyr i andra hand. Hyran är 9 100 kr i månaden, och kontraktet går ut i maj. " * 6
QUOTE = "Hyran är 9 100 kr i månaden"
FACTORS = {
    "debts": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts in relation to income"}, "unit": "%", "changeable": True},
    "years": {
        "label": {"sv": "EU-medborgare i år räknat", "en": "Years"},
        "changeable": True,
        "if": {"sv": "du hade bott här {value} år", "en": "you had lived here for {value} years"},
    },
    "sex": {"label": {"sv": "Kön", "en": "Sex"}, "changeable": True},
    "past": {"label": {"sv": "Betalningsanmärkning", "en": "Default"}},
    "letter": {"label": {"sv": "Brevet", "en": "The letter"}},
}
PAYLOAD = {"debts": 42, "years": 1, "sex": "female", "past": True, "letter": TEXT}
TOLD = (Factor("debts", 42, -1.5), Factor("years", 1, 0.5))
WEIGHED = {
    "tested_on": "2026-11-01",
    "grade": "B",
    "sample": 120,
    "gain": 93.1,
    "gain_low": 88.0,
    "gain_high": 97.2,
    "agreement": 98.0,
    "agreement_low": 96.1,
    "agreement_high": 99.0,
    "withheld": 0,
    "other_findings": "no",
    "summary": "Prövad på egna beslut.",
}


def outcome(**changes: Any) -> Outcome:
    told: dict[str, Any] = {"factors": TOLD, "payload": PAYLOAD, "score": -1.0}
    return Outcome(outcome="deny", case="SN 2026-8", notice="On the form.", **{**told, **changes})


WHY = {
    "counterfactual": Counterfactual("grant", (Change("debts", 42, 30), Change("years", 1, 2))),
    "citations": (Citation("letter", TEXT.index(QUOTE, 300), TEXT.index(QUOTE, 300) + len(QUOTE), QUOTE),),
}


@pytest.fixture
def described(loans: Any, owner: Actor, sequencer: Any) -> Any:
    """The system with its features and its base declared, and a permit that holds every explanation to them."""
    from insyn.web import relay
    from insyn.web.register.actions import describe_system
    from insyn.web.register.models import System, Version

    Version.objects.filter(system=loans).update(base=0.0)
    describe_system(actor=owner, system=loans, factors=FACTORS)
    relay.relay_once(sequencer.client())
    return System.objects.get(pk=loans.pk)


def the_case(system: Any, rid: str, actor: Actor, language: str = "sv") -> Any:
    from insyn.web.oversight.opening import open_case

    return open_case(system, rid, actor=actor, purpose="review", language=language)


def shown(case: Any) -> str:
    from django.template.loader import render_to_string
    from django.utils.translation import override

    with override("sv"):
        return render_to_string("oversight/parts/explanation.html", {"case": case, "favourable": "Bevilja"})


def test_an_officer_reads_what_would_have_had_to_be_different_and_what_the_text_says(
    described: Any, guard: Callable[..., Any], officer: Actor
) -> None:
    rid = guard(described).decide(outcome(**WHY)).recorded.receipt.rid
    case = the_case(described, rid, officer)
    assert case.counterfactual == (
        "Om skulder i förhållande till inkomst hade varit 30\u00a0% (nu 42\u00a0%) och du hade bott här 2 år (nu 1) "
        "hade förslaget blivit ”Bevilja”."
    )
    (cited,) = case.citations
    assert cited.text == QUOTE
    assert f"{cited.before}{cited.text}{cited.after}" in TEXT
    page = shown(case)
    assert "<mark>“Hyran är 9 100 kr i månaden”</mark>" in page
    assert "hade förslaget blivit ”Bevilja”" in page
    assert page.index("<mark>") < page.index("hade förslaget blivit")
    assert (
        "If debts in relation to income had been 30% (now 42%) and you had lived here for 2 years (now 1)"
        in the_case(described, rid, officer, "en").counterfactual
    )


def test_an_old_record_that_holds_a_list_of_factors_is_read_as_before(make_system: Callable[..., Any]) -> None:
    from insyn.web.oversight.opening import case_of

    groups = {
        DisclosureGroup.FACTORS: [{"feature": "debts", "value": 42, "contribution": -1.5}],
        DisclosureGroup.OUTPUT: {"outcome": "deny", "score": -1.5},
    }
    opened = Opened(rid="a" * 32, index=1, leaf="", system="loans", version="1.0", day="2025-01-01", groups=groups, salts={})
    case = case_of(opened, make_system("old", factors=FACTORS), "sv")
    assert [line.direction for line in case.factors] == ["against"]
    assert (case.counterfactual, case.citations) == ("", ())
    assert "hade förslaget blivit" not in shown(case)


def test_the_gateway_refuses_what_nobody_may_be_asked_to_change_and_a_base_that_is_not_the_versions(
    described: Any, guard: Callable[..., Any], officer: Actor
) -> None:
    calls = guard(described)
    wrong = [(outcome(counterfactual=Counterfactual("grant", (Change(name, PAYLOAD[name], "other"),))), name) for name in ("sex", "past")]
    hidden = outcome(base=-1.5, score=-1.0, factors=TOLD[1:])  # the weightiest factor lies in the base
    places = []
    for told in (*(told for told, _ in wrong), hidden):
        with pytest.raises(Refused) as refused:
            calls.decide(told)
        places.append((refused.value.refusal.code, refused.value.refusal.reasons[0].place))
    not_allowed = (RefusalCode.COUNTERFACTUAL_NOT_ALLOWED, "counterfactual.changes[0].feature")
    assert places == [not_allowed, not_allowed, (RefusalCode.EXPLANATION_INCONSISTENT, "base")]
    text = "<script>alert(1)</script> & <b>hyran</b>"
    told = outcome(payload={**PAYLOAD, "letter": text}, citations=(Citation("letter", 0, len(text), text),))
    page = shown(the_case(described, calls.decide(told).recorded.receipt.rid, officer))
    assert "<script>" not in page
    assert "&lt;b&gt;hyran" in page


def test_the_owner_says_in_a_form_what_a_person_can_change(
    make_system: Callable[..., Any], owner: Actor, sign_in: Callable[..., Any]
) -> None:
    from insyn.web.clock import today
    from insyn.web.register.changeable import unchangeable_of
    from insyn.web.register.models import System

    described = make_system("loans", factors=FACTORS)
    address = "/arbete/system/loans/posten/andringsbart/"
    page = sign_in(owner).get(address).content.decode()
    assert "Betalningsanmärkning" in page
    sent = {"revision": described.revision, "can-debts": "yes", "can-years": "no", "can-sex": "yes", "can-past": "", "can-letter": ""}
    assert sign_in(owner).post(address, sent).status_code == 302
    system = System.objects.get(pk=described.pk)
    assert (system.factors["years"]["changeable"], "changeable" in system.factors["past"]) == (False, False)
    assert system.factors["debts"]["label"] == FACTORS["debts"]["label"]
    assert unchangeable_of(system, today()) >= {"years", "sex", "past", "letter"}
    assert "debts" not in unchangeable_of(system, today())


def test_the_test_of_the_explanations_stands_on_the_public_page_or_is_said_to_be_missing(
    make_system: Callable[..., Any], owner: Actor, client: Any
) -> None:
    from insyn.web.register.actions import supply_record
    from insyn.web.register.models import System, Version

    described = make_system("loans", factors=FACTORS)
    Version.objects.filter(system=described).update(decided=True)
    before = client.get("/system/loans/").content.decode()
    assert "ingen har prövat förklaringarna i version 1.0." in before
    supply_record(actor=owner, system=System.objects.get(pk=described.pk), kind=RecordKind.FIDELITY_TEST, content=WEIGHED, version="1.0")
    page = client.get("/system/loans/").content.decode()
    assert "Betyg B på en skala från A till E." in page
    assert "Prövat 2026-11-01, version 1.0, på 120 av systemets egna beslut." in " ".join(page.split())
    worse = {**WEIGHED, "grade": "E", "withheld": 3, "found": "Version 1.1 rättar det."}
    supply_record(actor=owner, system=System.objects.get(pk=described.pk), kind=RecordKind.FIDELITY_TEST, content=worse, version="1.0")
    assert "Betyg E på en skala från A till E." in client.get("/system/loans/").content.decode()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"grade": "A"}, "grade"),
        ({"withheld": 1}, "grade"),
        ({"other_findings": "yes"}, "grade"),
        ({"grade": "E", "withheld": 1}, "found"),
        ({"sample": 29}, "sample"),
        ({"gain": 99.0}, "gain"),
        ({"tested_on": "2099-01-01"}, "tested_on"),
        ({"withheld": 500, "grade": "E"}, "withheld"),
    ],
)
def test_a_grade_that_does_not_follow_from_its_figures_is_refused(changes: dict[str, Any], place: str) -> None:
    from insyn.web.register.contents import check_content

    with pytest.raises(InvalidInput) as found:
        check_content(RecordKind.FIDELITY_TEST, {**WEIGHED, **changes}, holds_role=lambda person, role: True)
    assert found.value.place == place


def test_somebody_else_than_owner_and_coordinator_cannot_grade_the_system(
    make_system: Callable[..., Any], person: Callable[..., Actor]
) -> None:
    from insyn.web.accounts.errors import NotAllowed
    from insyn.web.register.actions import supply_record

    with pytest.raises(NotAllowed):
        supply_record(
            actor=person(Role.CASE_OFFICER), system=make_system("trial"), kind=RecordKind.FIDELITY_TEST, content=WEIGHED, version="1.0"
        )
