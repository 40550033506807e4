"""Who may look for whom, whose identity is protected, and which numbers are one person's."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.register.models import Act
from insyn.web.residents import authority
from insyn.web.residents.actions import issue_case_code
from insyn.web.residents.models import NumberLink, ProtectedIdentity, Representation, RepresentationKind
from insyn.web.residents.standing import is_protected, tokens_of
from tests.oidc_kit.persons import PERSONS
from tests.web.conftest import Sequencer
from tests.web.residents.conftest import token_of_person

pytestmark = pytest.mark.django_db(transaction=True)
MINE, CHOOSE = "/mina-sidor/", "/mina-sidor/for-vem/"


def of(who: str, actor: Actor) -> authority.Person:
    return authority.find_person(actor=actor, place="number", number=PERSONS[who].number)


@pytest.fixture
def represent(rights_officer: Actor, secretary: Actor) -> Callable[..., Representation]:
    """An authority as one person notes and another confirms it."""

    def make(who: str, whom: str, kind: str = RepresentationKind.GOD_MAN, **more: Any) -> Representation:
        words = {"first_day": clock.today(), "last_day": None, "evidence": "Tingsrättens beslut.", "case_number": "SN 2026/77", **more}
        found = {"whom": of(whom, rights_officer), "who": of(who, rights_officer)}
        row = authority.record_representation(actor=rights_officer, kind=kind, **found, **words)
        return authority.confirm_representation(actor=secretary, representation=row, **found)

    return make


@pytest.fixture
def protect(rights_officer: Actor) -> Callable[[str], ProtectedIdentity]:
    return lambda who: authority.mark_protected(
        actor=rights_officer, person=of(who, rights_officer), why="Skatteverkets besked.", case_number="SN 2026/5"
    )


def page(browser: Client, address: str = MINE, status: int = 200) -> str:
    answer = browser.get(address)
    text = html.unescape(answer.content.decode())
    assert answer.status_code == status, text
    return text


def test_a_representative_chooses_for_whom_and_the_log_is_told(
    propose_for: Callable[..., str], represent: Callable[..., Representation], come_in: Callable[..., Client]
) -> None:
    row, rid, own = represent("bengt", "elsa"), propose_for("elsa", "SN 2026-1"), propose_for("bengt", "SN 2026-2")
    bengt = come_in("bengt")
    first = page(bengt)
    assert "God man" in first
    assert own in first
    assert rid not in first
    bengt.post(CHOOSE, {"for": row.pk})
    for_elsa = page(bengt)
    assert rid in for_elsa
    assert own not in for_elsa
    assert "I loggen står att en företrädare har tittat." in for_elsa
    assert "SN 2026-1" in page(bengt, f"{MINE}arende/{rid}/")
    page(bengt, f"{MINE}arende/{own}/", 404)
    bengt.post(CHOOSE, {"for": ""})
    assert own in page(bengt)


def test_the_log_is_told_that_it_was_a_representative(
    propose_for: Callable[..., str], represent: Callable[..., Representation], come_in: Callable[..., Client]
) -> None:
    from insyn.web.residents.sessions import resident_of

    row = represent("bengt", "elsa")
    bengt = come_in("bengt")
    bengt.post(CHOOSE, {"for": row.pk})
    from insyn.web.residents.models import ResidentSession

    resident = resident_of(ResidentSession.objects.select_related("acting", "code").latest("pk"))
    assert (resident.actor.role, resident.actor.office) == ("representative", "god_man")
    assert resident.actor.person == f"t-{token_of_person('bengt')}"
    assert resident.subject == token_of_person("elsa")


def test_an_authority_gives_nothing_until_another_of_the_staff_has_confirmed_it(
    propose_for: Callable[..., str], come_in: Callable[..., Client], rights_officer: Actor, secretary: Actor, sign_in: Callable[..., Any]
) -> None:
    rid = propose_for("elsa")
    form = {
        "kind": "god_man",
        "whom_number": PERSONS["elsa"].number,
        "who_number": PERSONS["bengt"].number,
        "first_day": clock.today().isoformat(),
        "evidence": "Tingsrättens beslut.",
        "case_number": "SN 2026/78",
    }
    first, bengt = sign_in(rights_officer), come_in("bengt")
    first.post("/arbete/ombud/ny/", form)
    row = Representation.objects.get()
    own = f"/arbete/ombud/{row.pk}/"

    def nothing() -> None:
        assert "SN 2026/78" not in page(bengt)
        refused = bengt.post(CHOOSE, {"for": row.pk})
        assert refused.status_code == 403
        assert "SN 2026/78" not in refused.content.decode(), "what nobody has confirmed tells nothing"
        assert rid not in page(bengt)

    nothing()
    assert "väntar på en andra person" in page(first, "/arbete/ombud/")
    numbers = {name: form[name] for name in ("whom_number", "who_number")}
    found = {"whom": of("elsa", rights_officer), "who": of("bengt", rights_officer)}
    first.post(f"{own}bekrafta/", numbers)
    assert "Någon annan måste bekräfta" in page(first, own)
    with pytest.raises(ActRefused, match="Någon annan"):
        authority.confirm_representation(actor=rights_officer, representation=row, **found)
    nothing()
    second = sign_in(secretary)
    assert "Jag har sett underlaget" in page(second, own)
    for wrong in (
        dict.fromkeys(numbers, ""),
        {**numbers, "who_number": PERSONS["anna"].number},
        {**numbers, "whom_number": PERSONS["anna"].number},
    ):
        answer = second.post(f"{own}bekrafta/", wrong)
        said = html.unescape(answer.content.decode())
        assert answer.status_code == 422
        assert ("Det är inte den person som är antecknad" in said) is bool(wrong["who_number"])
        assert all(number in wrong.values() or number not in said for number in numbers.values()), "what was noted is never shown"
    nothing()
    assert second.post(f"{own}bekrafta/", numbers).status_code == 302
    assert "väntar på en andra person" not in page(second, "/arbete/ombud/")
    assert bengt.post(CHOOSE, {"for": row.pk}).status_code == 302
    assert rid in page(bengt)
    assert sign_in(rights_officer).post(own, {"why": "Det var fel person."}).status_code == 302, "one person ends it"
    assert rid not in page(bengt, status=403)
    with pytest.raises(ActRefused, match="redan bekräftad eller avslutad"):
        authority.confirm_representation(actor=secretary, representation=row, **found)


def test_what_is_withdrawn_before_it_is_confirmed_is_never_confirmed_and_may_be_noted_again(
    log: Sequencer, opened: Any, rights_officer: Actor, secretary: Actor, come_in: Callable[..., Client]
) -> None:
    words = {"first_day": clock.today(), "last_day": None, "evidence": "Fullmakt.", "case_number": "SN 2026/79"}
    found = {"whom": of("elsa", rights_officer), "who": of("bengt", rights_officer)}
    row = authority.record_representation(actor=rights_officer, kind=RepresentationKind.GOD_MAN, **found, **words)
    authority.end_representation(actor=rights_officer, representation=row, why="Fel nummer.")
    with pytest.raises(ActRefused, match="redan bekräftad eller avslutad"):
        authority.confirm_representation(actor=secretary, representation=row, **found)
    assert "SN 2026/79" not in page(come_in("bengt"))
    again = authority.record_representation(actor=secretary, kind=RepresentationKind.GOD_MAN, **found, **words)
    assert authority.confirm_representation(actor=rights_officer, representation=again, **found).holds(clock.today()), "either may be first"


def test_an_authority_from_the_time_when_one_person_was_enough_holds_and_says_so(
    log: Sequencer, opened: Any, rights_officer: Actor, secretary: Actor, come_in: Callable[..., Client], sign_in: Callable[..., Any]
) -> None:
    words = {"first_day": clock.today(), "last_day": None, "evidence": "Fullmakt.", "case_number": "SN 2026/80"}
    found = {"whom": of("elsa", rights_officer), "who": of("bengt", rights_officer)}
    row = authority.record_representation(actor=rights_officer, kind=RepresentationKind.GOD_MAN, **found, **words)
    assert row.recorded_alone is False
    Representation.objects.filter(pk=row.pk).update(recorded_alone=True)
    assert come_in("bengt").post(CHOOSE, {"for": row.pk}).status_code == 302
    staff = sign_in(secretary)
    assert "Ingen: den är från tiden då en person räckte." in page(staff, f"/arbete/ombud/{row.pk}/")
    staff.post(f"/arbete/ombud/{row.pk}/bekrafta/", {"whom_number": PERSONS["elsa"].number, "who_number": PERSONS["bengt"].number})
    assert "Sekreteraren Prov" in page(staff, f"/arbete/ombud/{row.pk}/"), "and may be confirmed still"


def test_authority_that_ends_in_an_open_session_gives_nothing_from_that_moment(
    propose_for: Callable[..., str],
    represent: Callable[..., Representation],
    come_in: Callable[..., Client],
    rights_officer: Actor,
) -> None:
    row, rid = represent("bengt", "elsa"), propose_for("elsa")
    bengt = come_in("bengt")
    bengt.post(CHOOSE, {"for": row.pk})
    page(bengt, f"{MINE}arende/{rid}/")
    authority.end_representation(actor=rights_officer, representation=row, why="Uppdraget är slut.")
    refused = page(bengt, f"{MINE}arende/{rid}/", 403)
    assert "Din rätt att företräda har upphört" in refused
    assert f"Du har inte den rätten från och med {clock.today().isoformat()}." in refused
    page(bengt, f"{MINE}arende/{rid}/", 404)
    assert bengt.post(CHOOSE, {"for": row.pk}).status_code == 403
    assert "Du har inte den rätten" in page(bengt)


def test_a_day_after_its_last_and_a_day_before_its_first_it_gives_nothing(
    log: Sequencer, opened: Any, represent: Callable[..., Representation], come_in: Callable[..., Client]
) -> None:
    over = represent(
        "bengt", "elsa", RepresentationKind.FORVALTARE, first_day=clock.today() - timedelta(9), last_day=clock.today() - timedelta(1)
    )
    coming = represent("bengt", "anna", RepresentationKind.POWER_OF_ATTORNEY, first_day=clock.today() + timedelta(1))
    today = represent("bengt", "sami", RepresentationKind.UNION, last_day=clock.today())
    bengt = come_in("bengt")
    assert [bengt.post(CHOOSE, {"for": row.pk}).status_code for row in (over, coming, today)] == [403, 403, 302]


def test_a_guardians_authority_ends_by_itself_the_day_when_the_child_is_grown_up(
    log: Sequencer, opened: Any, represent: Callable[..., Representation], come_in: Callable[..., Client], monkeypatch: Any
) -> None:
    one, other = represent("anna", "noel", RepresentationKind.GUARDIAN), represent("bengt", "noel", RepresentationKind.GUARDIAN)
    assert one.last_day == other.last_day == date(2035, 1, 9)
    for who, row in (("anna", one), ("bengt", other)):
        assert come_in(who).post(CHOOSE, {"for": row.pk}).status_code == 302, "two guardians"
    assert one.holds(date(2035, 1, 9))
    assert not one.holds(date(2035, 1, 10))
    with pytest.raises(ActRefused, match="myndig"):
        represent("anna", "bengt", RepresentationKind.GUARDIAN)


def test_nobody_represents_themselves_under_whichever_number(
    log: Sequencer, opened: Any, represent: Callable[..., Representation], rights_officer: Actor
) -> None:
    with pytest.raises(ActRefused, match="Ingen företräder sig själv"):
        represent("anna", "anna")
    authority.link_numbers(
        actor=rights_officer,
        old=of("sami", rights_officer),
        new=of("bengt", rights_officer),
        evidence="Skatteverkets besked.",
        case_number="SN 1",
    )
    with pytest.raises(ActRefused, match="Ingen företräder sig själv"):
        represent("sami", "bengt")
    represent("bengt", "elsa")
    with pytest.raises(ActRefused, match="finns redan"):
        represent("bengt", "elsa")


def test_a_protected_child_is_seen_by_a_guardian_only_with_a_grant_of_its_own(
    propose_for: Callable[..., str],
    represent: Callable[..., Representation],
    protect: Callable[[str], ProtectedIdentity],
    come_in: Callable[..., Client],
) -> None:
    rid = propose_for("noel")
    without, granted = (
        represent("anna", "noel", RepresentationKind.GUARDIAN),
        represent("bengt", "noel", RepresentationKind.GUARDIAN, despite_protection=True),
    )
    anna, bengt = come_in("anna"), come_in("bengt")
    anna.post(CHOOSE, {"for": without.pk})
    page(anna, f"{MINE}arende/{rid}/")
    protect("noel")
    refused = page(anna, f"{MINE}arende/{rid}/", 403)
    assert "Det här visas inte här" in refused
    assert "skydd" not in refused.lower(), "that the child is protected is itself protected"
    assert "Vårdnadshavare" not in page(anna)
    bengt.post(CHOOSE, {"for": granted.pk})
    assert rid in page(bengt)


def test_a_protected_person_reads_by_code_and_no_free_text_is_on_the_page(
    propose_for: Callable[..., str], protect: Callable[[str], ProtectedIdentity], loans: Any, officer: Actor
) -> None:
    mark = protect("skydd")
    rid = propose_for("skydd", note="Stina Hemlig, Gömstigen 4")
    browser = Client()
    browser.post("/mitt-arende/", {"code": issue_case_code(actor=officer, system=loans, rids=[rid])})
    told = page(browser, f"{MINE}arende/{rid}/")
    assert "Stina" not in told
    assert "Gömstigen" not in told
    assert "Du har skyddade personuppgifter." in told
    assert "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot." in told
    assert PERSONS["skydd"].number not in told
    ProtectedIdentity.objects.filter(pk=mark.pk).update(lifted_on=clock.today())
    another = Client()
    another.post("/mitt-arende/", {"code": issue_case_code(actor=officer, system=loans, rids=[rid])})
    assert "Gömstigen" in page(another, f"{MINE}arende/{rid}/")


def test_a_changed_number_brings_the_old_cases_along_when_a_second_person_has_confirmed_it(
    propose_for: Callable[..., str],
    come_in: Callable[..., Client],
    rights_officer: Actor,
    secretary: Actor,
    sign_in: Callable[..., Any],
) -> None:
    old, new, others = propose_for("sami"), propose_for("bengt"), propose_for("anna")
    sami = come_in("bengt")
    assert old not in page(sami)
    form = {
        "old_number": "701063-2391",
        "new_number": PERSONS["bengt"].number,
        "evidence": "Skatteverkets besked 2026-11-01.",
        "case_number": "SN 2026/8",
    }
    first = sign_in(rights_officer)
    assert first.post("/arbete/ombud/nummer/", form).status_code == 302
    link = f"/arbete/ombud/nummer/{NumberLink.objects.get().pk}/"
    numbers = {name: form[name] for name in ("old_number", "new_number")}
    first.post(f"{link}bekrafta/", numbers)
    assert "Någon annan måste bekräfta" in page(first, link)
    assert old not in page(sami), "nobody opens a person's cases to another number alone"
    second = sign_in(secretary)
    assert "Jag har sett underlaget" in page(second, link)
    assert second.post(f"{link}bekrafta/", {**numbers, "new_number": PERSONS["anna"].number}).status_code == 422
    assert old not in page(sami), "a mistyped number opens nothing"
    assert second.post(f"{link}bekrafta/", numbers).status_code == 302
    listed = page(sami)
    assert old in listed
    assert new in listed
    assert others not in listed
    page(sami, f"{MINE}arende/{old}/")
    assert set(tokens_of(token_of_person("bengt"))) == {token_of_person("bengt"), token_of_person("sami")}
    first = sign_in(rights_officer)
    assert first.post(link, {"why": ""}).status_code == 422
    assert first.post(link, {"why": "Det var en annan person."}).status_code == 302
    assert old not in page(sami), "a wrong link is undone at once"
    assert first.post(link, {"why": "En gång till."}).status_code == 422
    assert first.post("/arbete/ombud/nummer/", form).status_code == 302, "and may be made again"


def test_staff_record_and_end_on_pages_that_name_nobody(
    propose_for: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    propose_for("elsa", "SN 2026-44")
    staff = sign_in(rights_officer)
    form = {
        "kind": "god_man",
        "whom_number": "",
        "whom_system": "loans",
        "whom_case": "SN 2026-44",
        "who_number": PERSONS["bengt"].number,
        "first_day": clock.today().isoformat(),
        "last_day": "",
        "evidence": "Tingsrättens beslut 2026-10-01.",
        "case_number": "SN 2026/77",
    }
    numbers = [person.number for person in PERSONS.values() if person.number]
    for place, typed, words in (
        ("whom_case", "SN 1999-1", "Ingen post i ärendet säger vem det gäller."),
        ("who_number", "19811218-0000", "Det här är inget personnummer."),
        ("evidence", "Sedd för 19811218-9876.", "Skriv inget personnummer här."),
    ):
        answer = staff.post("/arbete/ombud/ny/", {**form, place: typed})
        assert answer.status_code == 422
        told = html.unescape(answer.content.decode())
        assert words in told
        assert "Tingsrättens beslut" in told or place == "evidence", "what was typed is there still"
    assert not Representation.objects.exists()
    assert staff.post("/arbete/ombud/ny/", form).status_code == 302
    row = Representation.objects.get()
    assert row.whom == token_of_person("elsa"), "found by the case"
    assert (
        staff.post("/arbete/ombud/skydd/", {"number": PERSONS["elsa"].number, "why": "Besked.", "case_number": "SN 9"}).status_code == 302
    )
    listed = html.unescape(staff.get("/arbete/ombud/").content.decode())
    assert "skyddade uppgifter" in listed
    assert not any(number in listed + str([act.text for act in Act.objects.all()]) for number in numbers)
    assert staff.post(f"/arbete/ombud/{row.pk}/", {"why": "Uppdraget är slut."}).status_code == 302
    mark = ProtectedIdentity.objects.get()
    assert staff.post(f"/arbete/ombud/skydd/{mark.pk}/", {"why": "Upphävt."}).status_code == 302
    verbs = list(Act.objects.order_by("at").values_list("verb", flat=True))[-4:]
    assert verbs == ["record_representation", "mark_protected", "end_representation", "lift_protection"]
    for address in (f"/arbete/ombud/{row.pk}/", f"/arbete/ombud/skydd/{mark.pk}/"):
        assert "Nina" not in staff.get(address).content.decode()
        assert staff.post(address, {"why": "En gång till."}).status_code == 422


def test_only_the_offices_for_it_record_and_a_silent_log_changes_nothing(
    log: Sequencer, opened: Any, person: Callable[..., Actor], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    other = person(Role.CASE_OFFICER)
    with pytest.raises(NotAllowed):
        authority.mark_protected(actor=other, person=authority.Person("0" * 32, None), why="x", case_number="y")
    assert sign_in(other).get("/arbete/ombud/").status_code == 403
    with pytest.raises(InvalidInput):
        authority.find_person(actor=rights_officer, place="number", number="", system=None, case="")
    log.kill()
    form = {"number": PERSONS["anna"].number, "why": "Besked.", "case_number": "SN 9"}
    answer = sign_in(rights_officer).post("/arbete/ombud/skydd/", form)
    assert "Loggen svarar inte. Inget har ändrats." in html.unescape(answer.content.decode())
    assert not ProtectedIdentity.objects.exists()
    assert not NumberLink.objects.exists()


def test_protection_follows_the_person_to_a_new_number(log: Sequencer, opened: Any, rights_officer: Actor, protect: Any) -> None:
    protect("sami")
    assert not is_protected(token_of_person("bengt"))
    authority.link_numbers(
        actor=rights_officer, old=of("sami", rights_officer), new=of("bengt", rights_officer), evidence="Besked.", case_number="SN 1"
    )
    assert is_protected(token_of_person("bengt"))
    with pytest.raises(ActRefused, match="redan markerad"):
        protect("bengt")
