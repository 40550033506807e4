"""Suppliers and product cards: told once, built on by many, and a change that reaches every owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.register.actions import (
    change_product,
    change_supplier,
    pause_system,
    register_product,
    register_supplier,
    retire_system,
    use_product,
)
from insyn.web.register.actions.products import building_on
from insyn.web.register.models import Act, Product, Supplier, System, WorkItem
from insyn.web.register.suppliers import contact_address, organisation_number

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
CARD = {"name_sv": "Språkhjälpen", "name_en": "Language helper", "kind": "bought"}


@pytest.fixture
def coordinator(person: People) -> Actor:
    return person(Role.AI_COORDINATOR)


@pytest.fixture
def supplier(coordinator: Actor) -> Supplier:
    register_supplier(actor=coordinator, name="Modellbolaget AB", organisation_number="5560360793", contact_address="support@example.se")
    return Supplier.objects.get()


@pytest.fixture
def product(coordinator: Actor, supplier: Supplier) -> Product:
    links = [{"title": "Modellkort", "address": "https://example.se/modellkort"}]
    told = {
        "training_data_sv": "Öppna texter.",
        "training_data_en": "Open texts.",
        "description_sv": "Svarar.",
        "description_en": "Answers.",
    }
    register_product(actor=coordinator, slug="sprakhjalpen", supplier=supplier, documentation=links, **CARD, **told)
    return Product.objects.get()


@pytest.fixture
def three(make_system: Callable[..., System], product: Product, owner: Actor) -> list[System]:
    """Three entries that build on the same card."""
    found = [make_system(slug, name_sv=slug.title(), name_en=slug.title()) for slug in ("skolan", "varden", "bygg")]
    for system in found:
        use_product(actor=owner, system=system, product=product)
    return found


# --------------------------------------------------------------------------------------------------------------------- suppliers


@pytest.mark.parametrize("text", ["556036-0793", "5560360793", " 16556036-0793 ", "556036 0793", "556036–0793"])
def test_a_swedish_organisation_number_is_kept_in_one_form(text: str) -> None:
    assert organisation_number(text, "SE") == "556036-0793"


@pytest.mark.parametrize("digit", "012456789")
def test_one_mistyped_check_digit_is_found(digit: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        organisation_number(f"556036-079{digit}", "SE")
    assert wrong.value.place == "organisation_number"


@pytest.mark.parametrize("text", ["811218-9876", "19811218-9876", "201218-9870"])
def test_a_personal_number_is_no_organisation_number(text: str) -> None:
    with pytest.raises(InvalidInput):
        organisation_number(text, "SE")


@pytest.mark.parametrize("text", ["", "123", "abcdefghij", "556036-07931", "٥٥٦٠٣٦٠٧٩٣"])
def test_what_is_no_number_is_refused_but_an_empty_one_is_kept_empty(text: str) -> None:
    if not text:
        assert organisation_number(text, "SE") == ""
        return
    with pytest.raises(InvalidInput):
        organisation_number(text, "SE")


def test_a_number_of_another_country_is_kept_as_it_was_written() -> None:
    assert organisation_number("HRB 12345 B", "DE") == "HRB 12345 B"


@pytest.mark.parametrize("address", ["anna.berg@example.se", "per_olof@example.se", "a-b@example.se"])
def test_a_contact_that_looks_like_a_private_person_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        contact_address(address)
    assert "support@" in wrong.value.mend


@pytest.mark.parametrize("address", ["support@example.se", "Data.Privacy@Example.se", "kontakt@a.example.com", "avtal@example.se"])
def test_the_address_of_a_function_is_kept(address: str) -> None:
    assert contact_address(address) == address.lower()


@pytest.mark.parametrize("address", ["support", "support@", "a b@example.se", "<script>@example.se", "support@example.se\nBcc: x@y.se"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        contact_address(address)


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"country": "Sverige"}, "country"),
        ({"organisation_number": "556036-0794"}, "organisation_number"),
        ({"contact": "Anna Berg, 811218-9876"}, "contact"),
        ({"notes": "Fråga 19811218-9876."}, "notes"),
        ({"price": "1"}, "price"),
    ],
)
def test_a_supplier_with_a_fault_is_not_entered(coordinator: Actor, told: dict[str, str], place: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        register_supplier(actor=coordinator, **{"name": "Bolaget AB", **told})
    assert wrong.value.place == place
    assert not Supplier.objects.exists()


def test_the_same_supplier_is_entered_once(supplier: Supplier, coordinator: Actor) -> None:
    for told in ({"name": "Modellbolaget AB"}, {"name": "Annat namn", "organisation_number": "556036-0793"}):
        with pytest.raises(InvalidInput, match=r"redan|already"):
            register_supplier(actor=coordinator, **told)


def test_two_who_change_a_supplier_do_not_undo_each_other(supplier: Supplier, coordinator: Actor) -> None:
    seen = supplier.revision
    change_supplier(actor=coordinator, supplier=supplier, notes="Avtal till 2027.", revision=seen)
    with pytest.raises(ChangedMeanwhile):
        change_supplier(actor=coordinator, supplier=supplier, notes="Annat.", revision=seen)
    with pytest.raises(ActRefused):
        change_supplier(actor=coordinator, supplier=supplier, notes="Avtal till 2027.")
    assert Supplier.objects.get().notes == "Avtal till 2027."


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM_OWNER, Role.AI_COORDINATOR}))
def test_other_offices_enter_neither_supplier_nor_card(person: People, role: Role) -> None:
    actor = person(role, name=f"nagon-{role}")
    with pytest.raises(NotAllowed):
        register_supplier(actor=actor, name="Bolaget AB")
    with pytest.raises(NotAllowed):
        register_product(actor=actor, slug="nytt", **CARD)


# ------------------------------------------------------------------------------------------------------------------------- cards


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"name_sv": ""}, "name_sv"),
        ({"kind": "magic"}, "kind"),
        ({"description_sv": "x" * 20_001}, "description_sv"),
        ({"documentation": [{"title": "Farligt", "address": "javascript:alert(1)"}]}, "documentation[0].address"),
        ({"documentation": [{"title": "Vår disk", "address": "file:///etc/passwd"}]}, "documentation[0].address"),
        ({"documentation": [{"title": "", "address": "https://example.se/"}]}, "documentation[0].title"),
        ({"documentation": [{"title": "t", "address": "https://a.se"}] * 41}, "documentation"),
        ({"owner": "jag"}, "owner"),
    ],
)
def test_a_card_with_a_fault_is_not_entered(coordinator: Actor, told: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        register_product(actor=coordinator, slug="nytt", **{**CARD, **told})
    assert wrong.value.place == place
    assert not Product.objects.exists()


@pytest.mark.parametrize("slug", ["", "Med Stora", "a.b", "../x", "sprakhjalpen"])
def test_a_short_name_that_is_taken_or_unfit_is_refused(product: Product, coordinator: Actor, slug: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        register_product(actor=coordinator, slug=slug, **CARD)
    assert wrong.value.place == "slug"


def test_an_entry_that_builds_on_a_card_gets_its_supplier_when_it_has_none(three: list[System], product: Product) -> None:
    assert {system.product for system in System.objects.all()} == {product}
    assert {system.supplier for system in System.objects.all()} == {"Modellbolaget AB"}


def test_a_change_of_the_card_opens_work_for_the_owner_of_each_entry(
    three: list[System], product: Product, coordinator: Actor, person: People, user_of: Any, member: Actor
) -> None:
    retire_system(actor=member, system=three[2], why="Slut.", case_number="KS 1")
    assert [system.slug for system in building_on(product)] == ["skolan", "varden"]
    act = change_product(actor=coordinator, product=product, training_data_sv="Även kunders data.", why="Leverantören lär av samtal.")
    items = WorkItem.objects.filter(kind=WorkItem.Kind.PRODUCT_CHANGED)
    assert {item.system.slug for item in items} == {"skolan", "varden"}
    assert all("lär av samtal" in item.text_sv for item in items)
    assert (act.text["affected"], Product.objects.get().revision) == (2, 2)


def test_a_card_that_was_changed_meanwhile_or_not_at_all_opens_no_work(three: list[System], product: Product, coordinator: Actor) -> None:
    change_product(actor=coordinator, product=product, name_en="Helper", why="Nytt namn.", revision=1)
    before = WorkItem.objects.count(), Act.objects.count()
    with pytest.raises(ChangedMeanwhile):
        change_product(actor=coordinator, product=product, name_en="Other", why="Nytt namn.", revision=1)
    with pytest.raises(ActRefused):
        change_product(actor=coordinator, product=product, name_en="Helper", why="Samma.")
    with pytest.raises(InvalidInput):
        change_product(actor=coordinator, product=product, name_en="Other", why=" ")
    assert (WorkItem.objects.count(), Act.objects.count()) == before


def test_only_the_owner_of_the_entry_ties_it_to_a_card_and_only_once(
    system: System, product: Product, owner: Actor, person: People
) -> None:
    with pytest.raises(NotAllowed):
        use_product(actor=person(Role.SYSTEM_OWNER, name="annan"), system=system, product=product)
    use_product(actor=owner, system=system, product=product)
    with pytest.raises(ActRefused, match=r"redan|already"):
        use_product(actor=owner, system=system, product=product)


@pytest.mark.usefixtures("sequencer")
def test_another_product_is_another_system_and_ends_the_decision(
    make_system: Any, meet_gates: Any, member: Actor, coordinator: Actor
) -> None:
    from insyn.web.register.actions import decide_use

    owner_system = make_system()
    meet_gates(owner_system)
    register_product(actor=coordinator, slug="ett", **CARD)
    register_product(actor=coordinator, slug="tva", **CARD)
    one, two = Product.objects.order_by("slug")
    use_product(actor=coordinator, system=owner_system, product=one)
    decide_use(actor=member, system=owner_system, versions=["1.0"], case_number="KS 1")
    with pytest.raises(ActRefused, match=r"[Pp]aus"):
        use_product(actor=coordinator, system=owner_system, product=two, why="Byte.")
    assert System.objects.get().product == one
    from insyn.web import bridge
    from insyn.web.relay import relay_once

    relay_once(bridge.control())
    pause_system(actor=member, system=owner_system, why="Byte.")
    use_product(actor=coordinator, system=owner_system, product=two, why="Byte.")
    system = System.objects.get()
    assert (system.product, system.phase) == (two, Phase.ASSESSMENT)
    assert not system.versions.filter(decided=True).exists()


# ------------------------------------------------------------------------------------------------------------------------- pages


def page(client: Any, name: str, *args: Any) -> str:
    response = client.get(reverse(f"register:{name}", args=args), **ENGLISH)
    assert response.status_code == 200
    return response.content.decode()


def test_the_card_lists_its_uses_with_phase_and_class_and_its_changes(
    three: list[System], product: Product, sign_in: Any, coordinator: Actor
) -> None:
    change_product(actor=coordinator, product=product, description_en="Answers more.", why="Ny funktion.")
    text = page(sign_in(coordinator), "product", product.slug)
    assert text.count("/arbete/system/") >= 3
    assert "Missing" in text  # no class is recorded
    assert "Ny funktion." in text
    assert "Modellbolaget AB (556036-0793)" in text


def test_the_form_says_whom_a_change_concerns_before_it_is_made(three: list[System], product: Product, sign_in: Any, owner: Actor) -> None:
    text = page(sign_in(owner), "change_product", product.slug)
    assert "3 entries build on this card" in text
    form = {"revision": 1, **CARD, "description_sv": "Svarar på frågor.", "why": "Tydligare."}
    sign_in(owner).post(reverse("register:change_product", args=[product.slug]), form, **ENGLISH)
    assert Product.objects.get().description_sv == "Svarar på frågor."
    assert WorkItem.objects.count() == 3


def test_what_was_typed_stays_when_somebody_else_came_first(product: Product, sign_in: Any, coordinator: Actor) -> None:
    change_product(actor=coordinator, product=product, name_en="First", why="Först.")
    form = {"revision": 1, **CARD, "name_en": "Second", "why": "Sedan."}
    text = sign_in(coordinator).post(reverse("register:change_product", args=[product.slug]), form, **ENGLISH).content.decode()
    assert "Somebody else has changed this" in text
    assert 'value="Second"' in text
    assert Product.objects.get().name_en == "First"


def test_a_supplier_a_card_and_an_entry_are_entered_on_the_pages(system: System, sign_in: Any, owner: Actor) -> None:
    client = sign_in(owner)
    told = {
        "name": "Bolaget AB",
        "country": "SE",
        "organisation_number": "556036-0793",
        "contact_address": "support@example.se",
        "revision": 0,
    }
    assert client.post(reverse("register:suppliers"), told).status_code == 302
    wrong = client.post(reverse("register:suppliers"), {**told, "name": "Annat"}, **ENGLISH).content.decode()
    assert "has this number already" in wrong
    card = {
        "slug": "nytt",
        **CARD,
        "supplier": Supplier.objects.get().pk,
        "documentation-0-title": "Kort",
        "documentation-0-address": "ftp://x",
    }
    text = client.post(reverse("register:register_product"), card, **ENGLISH).content.decode()
    assert 'href="#id_documentation-0-address"' in text
    assert client.post(reverse("register:register_product"), {**card, "documentation-0-address": "https://x.se/"}).status_code == 302
    product = Product.objects.get()
    form = {"product": product.pk, "why": "", "revision": System.objects.get().revision}
    assert client.post(reverse("register:use_product", args=[system.slug]), form).status_code == 302
    assert System.objects.get().product == product


def test_more_lines_are_given_without_judging_what_was_typed(sign_in: Any, owner: Actor) -> None:
    form = {"name_sv": "Påbörjad", "documentation-0-title": "Kort", "more": "1"}
    text = sign_in(owner).post(reverse("register:register_product"), form, **ENGLISH).content.decode()
    assert "documentation-5-title" in text
    assert 'value="Påbörjad"' in text
    assert 'value="Kort"' in text
    assert "This stands in the way" not in text


@pytest.mark.parametrize("name", ["suppliers", "products", "register_product"])
def test_whoever_is_signed_out_is_sent_to_sign_in(opened: Any, client: Any, name: str) -> None:
    assert client.get(reverse(f"register:{name}")).status_code == 302


def test_an_auditor_reads_the_cards_and_changes_none(product: Product, sign_in: Any, person: People) -> None:
    client = sign_in(person(Role.AUDITOR))
    assert "Change the card" not in page(client, "product", product.slug)
    assert client.get(reverse("register:change_product", args=[product.slug])).status_code == 403


def test_everybody_reads_what_the_product_is_and_what_it_is_used_for_and_no_names(
    three: list[System], product: Product, client: Any, owner: Actor, coordinator: Actor
) -> None:
    from insyn.web.register.actions import set_visibility
    from insyn.web.register.entry import Level, Reading

    text = client.get(f"/produkt/{product.slug}/", **ENGLISH).content.decode()
    assert "Open texts." in text
    assert text.count('href="/system/') == 3
    assert owner.name not in text
    assert "support@example.se" not in text
    set_visibility(actor=coordinator, system=three[0], readings={"product": Reading(Level.INTERNAL)})
    text = client.get(f"/produkt/{product.slug}/", **ENGLISH).content.decode()
    assert text.count('href="/system/') == 2
    assert client.get("/produkt/ingen-sadan/").status_code == 404


def test_a_supplier_that_is_withheld_is_not_named_by_the_product_card_either(
    three: list[System], product: Product, client: Any, coordinator: Actor
) -> None:
    from insyn.web.register.actions import set_visibility
    from insyn.web.register.entry import Level, Reading

    slug, withheld = three[0].slug, Reading(Level.WITHHELD, "OSL 31 kap. 16 §")
    assert product.name_sv in client.get(f"/system/{slug}/historik/{three[0].revisions.count()}/").content.decode()
    set_visibility(actor=coordinator, system=three[0], readings={"supplier": withheld})
    number = three[0].revisions.count()
    for address in (f"/system/{slug}/", f"/system/{slug}/historik/{number}/", f"/system/{slug}/historik/{number - 1}/"):
        text = client.get(address).content.decode()
        assert f"/produkt/{product.slug}/" not in text
        assert product.name_sv not in text
    assert f'href="/system/{slug}/"' not in client.get(f"/produkt/{product.slug}/").content.decode()


def test_the_public_page_of_an_entry_leads_to_its_product(three: list[System], client: Any) -> None:
    assert "/produkt/sprakhjalpen/" in client.get("/system/skolan/").content.decode()
