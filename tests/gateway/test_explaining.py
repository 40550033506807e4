"""What the gateway sees of an explanation: fields, values, sums, quotations, and what nobody may be asked to change."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from gateway_kit import Bench, a_permit, asked, decide, outcome
from hypothesis import given, strategies as st

from insyn.core.explained import from_sealed, to_seal
from insyn.core.limits import FieldGrant, Limits
from insyn.core.messages import Change, Citation, Counterfactual, Factor, Recorded
from insyn.core.permit import PurposeGrant
from insyn.core.protected import PROTECTED, is_protected
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, UnknownFields
from insyn.gateway.explaining import same
from insyn.gateway.judge import judge_outcome
from insyn.gateway.limits import judge_fields
from insyn.sdk.citations import find_quotes

INCONSISTENT, NOT_ALLOWED = RefusalCode.EXPLANATION_INCONSISTENT, RefusalCode.COUNTERFACTUAL_NOT_ALLOWED
PAYLOAD = {"income": 4200, "debt": 0.3, "home": {"rent": 900}, "letter": "Hyran är 900 kr.", "tags": ["a"]}
ENOUGH = Counterfactual("deny", (Change("debt", 0.3, 0.9), Change("home.rent", 900, 1500)))


def judged(permit: dict[str, Any] | None = None, **changes: Any) -> list[tuple[RefusalCode, str]]:
    refusal = judge_outcome(a_permit(**(permit or {})), asked(), outcome(**{"payload": PAYLOAD, **changes}))
    return [(found.code, found.place) for found in refusal.reasons] if refusal else []


def test_a_whole_explanation_is_not_refused() -> None:
    citations = find_quotes(PAYLOAD, ["Hyran är 900 kr"])
    assert judged(counterfactual=ENOUGH, citations=citations) == []
    assert judged({"bases": {"1.0": 0.5, "2.0": 9.0}, "unchangeable": frozenset({"income"})}, counterfactual=ENOUGH) == []


@pytest.mark.parametrize(
    ("factor", "place"),
    [
        (Factor("debt", 0.31, -0.1), "factors[1].value"),
        (Factor("debt", "0.3", -0.1), "factors[1].value"),
        (Factor("debt", None, -0.1), "factors[1].value"),
        (Factor("home.rent", 901, -0.1), "factors[1].value"),
        (Factor("home.water", 1, -0.1), "factors[1].feature"),
        (Factor("income", 4200, -0.1), "factors[1].feature"),
    ],
)
def test_a_factor_says_the_value_that_the_model_saw_once(factor: Factor, place: str) -> None:
    assert judged(factors=(Factor("income", 4200, 0.35), factor)) == [(INCONSISTENT, place)]


@pytest.mark.parametrize("value", [("home.rent", 900.0), ("letter", "Hyran är 900 kr."), ("tags", "a and more"), ("home", None)])
def test_a_value_that_is_no_plain_one_is_told_as_the_caller_likes(value: tuple[str, Any]) -> None:
    assert judged(factors=(Factor("income", 4200, 0.35), Factor(*value, -0.1))) == []


@given(st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9)))
def test_a_number_is_the_same_as_itself_and_not_as_another(number: float) -> None:
    assert same(number, float(number))
    assert not same(number, number + abs(number) * 1e-3 + 1)
    assert not same(number, str(number))


def test_yes_is_one_as_the_model_sees_it_and_nothing_is_not_zero() -> None:
    assert (same(True, 1), same(False, 0.0), same(None, 0), same("", None), same(None, None)) == (True, True, False, False, True)


def test_a_whole_number_is_the_same_as_itself_alone() -> None:
    """Days, and numbers of things, differ by less than a millionth."""
    assert not same(20261121, 20261130)
    assert not same(20261121, 20261130.0)
    assert not same(20261121.0, 20261130.0)
    assert same(20261121, 20261121.0)
    assert judged(payload=PAYLOAD | {"income": 20261121}, factors=(Factor("income", 20261130.0, 0.25),)) == [
        (INCONSISTENT, "factors[0].value")
    ]
    assert judged(payload=PAYLOAD | {"day": 20261121}, counterfactual=Counterfactual("deny", (Change("day", 20261121, 20261130),))) == []


def test_a_number_beyond_every_float_is_refused_with_its_place(bench: Bench) -> None:
    beyond = 10**400
    assert judged(payload=PAYLOAD | {"debt": beyond}) == [(INCONSISTENT, "factors[1].value")]
    answer = bench.tell(decide(outcome=outcome(payload={"income": 4200, "debt": beyond})))
    assert (answer.refusal.code, answer.refusal.reasons[0].place) == (INCONSISTENT, "factors[1].value")


def test_no_factor_is_hidden_in_the_base_of_a_version_that_has_declared_it() -> None:
    hidden = {"base": 0.85, "factors": (Factor("debt", 0.3, -0.1),)}
    assert judged(**hidden) == [], "where nobody has declared a base, none can be held to it"
    assert judged({"bases": {"1.0": 0.5}}, **hidden) == [(INCONSISTENT, "base")]
    assert judged({"bases": {"2.0": 0.5}}, **hidden) == []


@pytest.mark.parametrize(
    ("citation", "place"),
    [
        (Citation("letter", 0, 5, "Hyrax"), "citations[0].text"),
        (Citation("letter", 0, 6, "Hyran"), "citations[0].text"),
        (Citation("letter", 900, 905, "Hyran"), "citations[0].text"),
        (Citation("income", 0, 4, "4200"), "citations[0].text"),
        (Citation("note", 0, 5, "Hyran"), "citations[0].field"),
        (Citation("letter", 9, 900, "900 kr."), "citations[0].text"),
        (Citation("letter", 5, 6, " "), "citations[0].text"),
        (Citation("letter", 15, 16, "."), "citations[0].text"),
        (Citation("unseen", 0, 1, "\u200b"), "citations[0].text"),
        (Citation("astral", 2, 3, "A"), "citations[0].text"),
    ],
)
def test_a_quotation_that_does_not_stand_there_is_refused(citation: Citation, place: str) -> None:
    payload = PAYLOAD | {"unseen": "\u200b", "astral": "\N{PILE OF POO}A"}
    assert judged(payload=payload, citations=(citation,)) == [(INCONSISTENT, place)]
    assert judged(payload=payload, citations=(Citation("astral", 1, 2, "A"),)) == [], "counted in characters, not in halves of them"


def test_quotations_explain_a_text_and_never_a_score() -> None:
    citations = find_quotes(PAYLOAD, ["Hyran"])
    assert judged(factors=(), score=None, citations=citations) == []
    assert judged(factors=(), citations=citations) == [(RefusalCode.EXPLANATION_MISSING, "factors")]


@pytest.mark.parametrize(
    ("counterfactual", "found"),
    [
        (Counterfactual("approve", ENOUGH.changes[:1]), (INCONSISTENT, "counterfactual.outcome")),
        (Counterfactual("deny", (Change("debt", 0.2, 0.9),)), (INCONSISTENT, "counterfactual.changes[0].value")),
        (Counterfactual("deny", (Change("debt", 0.3, 0.3),)), (INCONSISTENT, "counterfactual.changes[0].needed")),
        (Counterfactual("deny", (Change("tags", "a", "b"),)), (INCONSISTENT, "counterfactual.changes[0].value")),
        (Counterfactual("deny", (Change("luck", 0, 1),)), (INCONSISTENT, "counterfactual.changes[0].feature")),
        (Counterfactual("deny", (ENOUGH.changes[0],) * 2), (INCONSISTENT, "counterfactual.changes[1].feature")),
        (Counterfactual("deny", (Change("income", 4200, 1),)), (NOT_ALLOWED, "counterfactual.changes[0].feature")),
        (Counterfactual("deny", (Change("home.rent", 900, 1),)), (NOT_ALLOWED, "counterfactual.changes[0].feature")),
        (Counterfactual("deny", (Change("sex", "female", "male"),)), (NOT_ALLOWED, "counterfactual.changes[0].feature")),
        (Counterfactual("deny", (Change("Ålder", 40, 30),)), (NOT_ALLOWED, "counterfactual.changes[0].feature")),
    ],
)
def test_what_would_have_had_to_be_different_is_true_and_within_a_persons_power(
    counterfactual: Counterfactual, found: tuple[RefusalCode, str]
) -> None:
    assert judged({"unchangeable": frozenset({"income", "home"})}, counterfactual=counterfactual) == [found]


def test_names_are_met_whole() -> None:
    assert is_protected("Date of Birth")
    assert is_protected("applicant.kön")
    assert is_protected("health.score")
    assert is_protected("applicant.age.years")
    assert is_protected("ko\u0308n")
    assert is_protected("\uff41\uff47\uff45")
    assert is_protected("a\u200bge")
    assert not is_protected("age_of_account")
    assert not is_protected("account_age")
    assert not is_protected("message")
    assert not is_protected("essex")
    assert not is_protected("notice_disabled")


@pytest.mark.parametrize(
    "name",
    [
        *("dateOfBirth", "BirthDate", "country/of/birth", "date  of  birth", " age ", "sexual\u2013orientation", "birth date"),
        *("sex=male", "sex_male", "sex__male", "C(sex)[T.male]", "kön:kvinna", "kön_kvinna", "gender_F", "ethnicity_roma", "is_female"),
        *(
            "applicant_gender",
            "applicant-country-of-birth",
            "home.dateOfBirth",
            "age_group",
            "age_31_40",
            "applicant_age",
            "log_age",
            "Åldersgrupp",
        ),
    ],
)
def test_no_other_writing_and_no_column_made_from_it_gets_a_protected_name_through(name: str) -> None:
    assert is_protected(name)
    change = Counterfactual("deny", (Change(name, 1, 2),))
    assert judged(payload=PAYLOAD | {name: 1}, counterfactual=change) == [(NOT_ALLOWED, "counterfactual.changes[0].feature")]


def test_the_protected_names_are_written_as_they_are_compared() -> None:
    assert all(name == name.casefold() and " " not in name and "-" not in name for name in PROTECTED)


@pytest.mark.parametrize("name", ["lo\u0308n", "LÖN", "lön\u00ad"])
def test_a_name_written_otherwise_is_met_too(name: str) -> None:
    permit, change = {"unchangeable": frozenset({"lön"})}, Counterfactual("deny", (Change(name, 1, 2),))
    assert judged(permit, payload=PAYLOAD | {name: 1}, counterfactual=change) == [(NOT_ALLOWED, "counterfactual.changes[0].feature")]


def test_an_explanation_may_not_rest_on_a_field_that_is_dropped() -> None:
    grant = PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"}), (FieldGrant("income", frozenset({"economy"})),))
    permit = a_permit(purposes=(grant,), limits=Limits(unknown_fields=UnknownFields.DROP))
    told = outcome(payload=PAYLOAD, citations=find_quotes(PAYLOAD, ["Hyran"]), counterfactual=ENOUGH)
    assert [found.place for found in judge_fields(permit, asked(), told)] == [
        "factors[1].feature",
        "citations[0].field",
        "counterfactual.changes[0].feature",
        "counterfactual.changes[1].feature",
    ]


def test_an_explanation_may_not_rest_on_a_field_of_which_a_part_is_dropped() -> None:
    fields = tuple(FieldGrant(name, frozenset({"economy"})) for name in ("income", "debt", "home.rent"))
    grant = PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"}), fields)
    permit = a_permit(purposes=(grant,), limits=Limits(unknown_fields=UnknownFields.DROP))
    told = outcome(
        payload=PAYLOAD | {"home": {"rent": 900, "past": 3}}, factors=(Factor("home", "900 and more", 0.2), Factor("home.rent", 900, 0.05))
    )
    assert [found.place for found in judge_fields(permit, asked(), told)] == ["factors[0].feature"]


def test_what_is_sealed_is_a_list_where_there_are_factors_alone_and_is_read_back_either_way(bench: Bench) -> None:
    plain = outcome()
    assert msgspec.json.encode(to_seal(plain)) == msgspec.json.encode(plain.factors), "as records have always held it"
    told = outcome(payload=PAYLOAD, counterfactual=ENOUGH, citations=find_quotes(PAYLOAD, ["Hyran"]))
    for sent in (plain, told):
        answer = bench.tell(decide(outcome=sent))
        assert isinstance(answer, Recorded)
        sealed = bench.engine.books.store.open_groups(answer.receipt.rid, [DisclosureGroup.FACTORS]).groups["factors"]
        read = from_sealed(msgspec.json.decode(sealed))
        assert read.factors == sent.factors
        assert (read.counterfactual or msgspec.UNSET, read.citations or msgspec.UNSET) == (sent.counterfactual, sent.citations)
    assert from_sealed(None).factors == ()


@pytest.mark.parametrize(
    ("permit", "name"),
    [
        ({"groups": frozenset({"sex", "district"})}, "home.district"),
        ({"unchangeable": frozenset({"home.past"})}, "home.past.debts"),
        ({"changeable": frozenset({"debt"})}, "income"),
        ({"changeable": frozenset({"debt", "rent"})}, "home.rent"),
        ({"changeable": frozenset({"income"}), "unchangeable": frozenset({"income"})}, "income"),
        ({"changeable": frozenset()}, "income"),
    ],
)
def test_a_counterfactual_asks_only_for_what_the_register_says_that_a_person_can_change(permit: dict[str, Any], name: str) -> None:
    payload = {"income": 4200, "debt": 0.3, "home": {"rent": 900, "district": 1, "past.debts": 1}, "home.past.debts": 1}
    change = Counterfactual("deny", (Change(name, payload.get(name, 900 if name == "home.rent" else 1), 2),))
    assert judged(permit, payload=payload, counterfactual=change) == [(NOT_ALLOWED, "counterfactual.changes[0].feature")]
    assert judged({"changeable": frozenset({"Debt", "home"})}, payload=payload, counterfactual=ENOUGH) == []
