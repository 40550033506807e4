"""Suppliers and product cards: entered, changed, and tied to the entries that build on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Slug
from insyn.core.terms import Phase, SystemKind
from insyn.core.text import Text
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.permissions import require

from ..acts import write_act
from ..issuing import act_on, renew
from ..models import Act, Product, Supplier, System, WorkItem
from ..shapes import at_most, required, worded
from ..suppliers import contact_address, country_code, no_identity_number, organisation_number
from .common import fresh, only_own
from .systems import decision_no_longer_covers, strict_place

MAX_LINKS = 40
MAX_TEXT = 20_000
_ENDED = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})
_SUPPLIER = ("name", "organisation_number", "country", "contact", "contact_address", "notes")
_PRODUCT = (
    "name_sv",
    "name_en",
    "supplier",
    "kind",
    "description_sv",
    "description_en",
    "training_data_sv",
    "training_data_en",
    "documentation",
)


@transaction.atomic
def register_supplier(*, actor: Actor, name: str, country: str = "SE", **told: str) -> Act:
    """Enter a supplier. ``told``: organisation number, contact (a function), its address, notes. Raises :class:`InvalidInput`."""
    require(actor, "supplier.register")
    supplier = Supplier()
    changed = _set_supplier(supplier, {"name": name, "country": country, **told})
    act = write_act(verb="register_supplier", actor=actor, text=changed)
    supplier.act = act
    supplier.save()
    return act


@transaction.atomic
def change_supplier(*, actor: Actor, supplier: Supplier, revision: int | None = None, **told: str) -> Act:
    """Change what stands about a supplier. What is left out stays."""
    require(actor, "supplier.change")
    supplier = Supplier.objects.select_for_update().get(pk=supplier.pk)
    _unchanged_since(supplier.revision, revision)
    before = {field: getattr(supplier, field) for field in _SUPPLIER}
    changed = {field: value for field, value in _set_supplier(supplier, {**before, **told}).items() if value != before[field]}
    if not changed:
        raise ActRefused(_("Nothing was changed."))
    supplier.revision += 1
    supplier.save()
    return write_act(verb="change_supplier", actor=actor, text={"supplier": before["name"], **changed})


def _set_supplier(supplier: Supplier, told: Mapping[str, str]) -> dict[str, str]:
    for field in told:
        if field not in _SUPPLIER:
            raise InvalidInput(_("There is no such field."), place=field)
    country = country_code(told["country"])
    found = {
        "name": worded("name", told["name"], 200),
        "country": country,
        "organisation_number": at_most("organisation_number", organisation_number(told.get("organisation_number", ""), country), 40),
        "contact": no_identity_number("contact", at_most("contact", told.get("contact", ""), 120)),
        "contact_address": contact_address(at_most("contact_address", told.get("contact_address", ""), 254)),
        "notes": no_identity_number("notes", at_most("notes", told.get("notes", ""), MAX_TEXT)),
    }
    _refuse_twice(supplier, found)
    for field, value in found.items():
        setattr(supplier, field, value)
    return found


def _refuse_twice(supplier: Supplier, found: Mapping[str, str]) -> None:
    others = Supplier.objects.exclude(pk=supplier.pk)
    if others.filter(name=found["name"]).exists():
        raise InvalidInput(_("A supplier with this name is entered already."), place="name")
    number = found["organisation_number"]
    twin = others.filter(organisation_number=number, country=found["country"]).first() if number else None
    if twin is not None:
        raise InvalidInput(_("%(name)s has this number already.") % {"name": twin.name}, place="organisation_number")


@transaction.atomic
def register_product(*, actor: Actor, slug: str, **card: Any) -> Act:
    """Enter a product card, on which many entries may build. ``card``: fields of :class:`Product`."""
    require(actor, "product.register")
    strict_place("slug", slug, Slug)
    if "." in slug:
        raise InvalidInput(_("Use the letters a to z, digits and hyphens."), place="slug")
    if Product.objects.filter(slug=slug).exists():
        raise InvalidInput(_("Another product has this short name."), place="slug", mend=_("Choose another one."))
    product = Product(slug=slug, changed_on=clock.today())
    changed = _set_product(product, card)
    act = write_act(verb="register_product", actor=actor, text={"product": slug, **changed, "revision": product.revision})
    product.act = act
    product.save()
    return act


@transaction.atomic
def change_product(*, actor: Actor, product: Product, why: str, revision: int | None = None, **card: Any) -> Act:
    """Change a card. The owner of each entry that builds on it gets a work item: what they assessed may no longer be so."""
    require(actor, "product.change")
    product = Product.objects.select_for_update().select_related("supplier").get(pk=product.pk)
    _unchanged_since(product.revision, revision)
    why, before = required("why", why), _as_told(product)
    changed = {field: value for field, value in _set_product(product, {**_held(product), **card}).items() if value != before[field]}
    if not changed:
        raise ActRefused(_("Nothing was changed."))
    product.revision += 1
    product.changed_on = clock.today()
    product.save()
    affected = list(building_on(product))
    text = {"product": product.slug, **changed, "why": why, "revision": product.revision, "affected": len(affected)}
    act = write_act(verb="change_product", actor=actor, text=text)
    _open_work(act, product, affected, why)
    if "supplier" in changed:  # a stop of the supplier holds whom the permits say that it supplies
        for system in affected:
            renew(system, actor=actor, because=act)
    return act


def building_on(product: Product) -> Any:
    """The entries that build on the card and are not ended: those that a change of it concerns."""
    return System.objects.filter(product=product).exclude(phase__in=_ENDED).select_related("owner", "office").order_by("slug")


def _open_work(act: Act, product: Product, affected: list[System], why: str) -> None:
    told = Text(
        f"Produktkortet {product.name_sv} är ändrat (version {product.revision}): {why} Se om klassning, bedömningar och prövningar fortfarande stämmer.",
        f"The product card {product.name_en} was changed (version {product.revision}): {why} See whether classification, assessments and tests are still right.",
    )
    kind = WorkItem.Kind.PRODUCT_CHANGED
    WorkItem.objects.bulk_create(
        WorkItem(system=system, kind=kind, text_sv=told.sv, text_en=told.en, opened=act.at, act=act) for system in affected
    )


def _held(product: Product) -> dict[str, Any]:
    return {field: getattr(product, field) for field in _PRODUCT}


def _as_told(product: Product) -> dict[str, Any]:
    """The card as an act tells of it."""
    return {**_held(product), "supplier": product.supplier.name if product.supplier else ""}


def _set_product(product: Product, card: Mapping[str, Any]) -> dict[str, Any]:
    for field in card:
        if field not in _PRODUCT:
            raise InvalidInput(_("There is no such field."), place=field)
    if card.get("kind") not in set(SystemKind):
        raise InvalidInput(_("Choose one of the alternatives."), place="kind")
    product.kind, product.supplier = card["kind"], card.get("supplier")
    for field, limit in (("name_sv", 120), ("name_en", 120)):
        setattr(product, field, worded(field, str(card.get(field, "")), limit))
    for field in ("description_sv", "description_en", "training_data_sv", "training_data_en"):
        setattr(product, field, at_most(field, str(card.get(field, "")), MAX_TEXT))
    product.documentation = _links(card.get("documentation", []))
    return _as_told(product)


def _links(told: Any) -> list[dict[str, str]]:
    """The supplier's documents as title and address. Only addresses of the web: a script or a file of ours is none."""
    if not isinstance(told, list | tuple) or len(told) > MAX_LINKS:
        raise InvalidInput(_("At most %(limit)d lines.") % {"limit": MAX_LINKS}, place="documentation")
    found = []
    for number, link in enumerate(told):
        place = f"documentation[{number}]"
        title, address = (str(link.get(part, "")).strip() for part in ("title", "address"))
        if not title and not address:
            continue
        if not _is_web_address(address):
            raise InvalidInput(_("Write a whole address that begins with https://."), place=f"{place}.address")
        found.append({"title": worded(f"{place}.title", title, 200), "address": address})
    return found


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    plain = len(address) <= 500 and address.isprintable() and " " not in address
    return plain and parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username


@transaction.atomic
def use_product(*, actor: Actor, system: System, product: Product | None, why: str = "", revision: int | None = None) -> Act:
    """Tie an entry to a card, or let go of it. To build on another product is another system: that ends the decision on use."""
    require(actor, "product.use")
    system = fresh(system, revision)
    only_own(actor, system)
    if system.product_id == (product.pk if product else None):
        raise ActRefused(_("The entry builds on this card already.") if product else _("The entry builds on no card."))
    before = system.product
    if before is not None:
        why = required("why", why)
        decision_no_longer_covers(system)
    system.product = product
    if product is not None and product.supplier is not None and not system.supplier:
        system.supplier = product.supplier.name
    text = {"product": product.slug if product else "", "before": before.slug if before else "", "why": why.strip()}
    return act_on(system, verb="use_product", actor=actor, text={**text, "supplier": system.supplier})


def _unchanged_since(now: int, seen: int | None) -> None:
    if seen is not None and seen != now:
        raise ChangedMeanwhile(
            _(
                "Somebody else has changed this since you opened the page. Nothing was saved; what you wrote stands below. Look and send it again."
            )
        )
