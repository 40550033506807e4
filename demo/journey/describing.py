"""What an entry tells beyond its name: whom it touches, how the information is classed, other registers, and the product behind it."""

from __future__ import annotations

from demo.lindvalla import entries, people
from demo.lindvalla.entries import EntryOf

from .context import Journey


def describe(journey: Journey) -> None:
    """The owners complete their entries, and one value is withheld with its provision. Done once."""
    for slug, told in entries.ENTRIES.items():
        _complete(slug, told)
    _withhold()
    slug, field, provision = entries.WITHHELD
    journey.terminal.line(
        f"{len(entries.ENTRIES)} entries tell whom they touch, how their information is classed (KLASSA) and where else they are registered. "
        f"The {field} of {slug} is withheld: {provision}."
    )


def share_product(journey: Journey) -> None:
    """One supplier and one product card, on which two entries build. Done once."""
    from demo.register import acting, system_of
    from insyn.web.register.actions import register_product, register_supplier, use_product
    from insyn.web.register.models import Product, Supplier

    coordinator = acting(people.COORDINATOR)
    if not Supplier.objects.filter(name=entries.SUPPLIER["name"]).exists():
        register_supplier(actor=coordinator, **entries.SUPPLIER)
    if not Product.objects.filter(slug=entries.PRODUCT["slug"]).exists():
        supplier = Supplier.objects.get(name=entries.SUPPLIER["name"])
        register_product(actor=coordinator, supplier=supplier, **entries.PRODUCT)
    product = Product.objects.get(slug=entries.PRODUCT["slug"])
    names = []
    for slug in entries.BUILDS_ON:
        system = system_of(slug)
        names.append(system.name_sv)
        if system.product_id is None:
            use_product(actor=coordinator, system=system, product=product)
    journey.terminal.line(f"{coordinator.name} enters the product {product.name_sv}; {' and '.join(names)} build on it.")


def _complete(slug: str, told: EntryOf) -> None:
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.register.actions import describe_system

    system = system_of(slug)
    if system.affected_groups:
        return
    scales = dict(zip(("confidentiality", "integrity", "availability", "traceability"), told.klassa, strict=True))
    describe_system(
        actor=acting(told.owner),
        system=system,
        affected_groups=[{"group": group, "how": how} for group, how in told.affected],
        links=told.links,
        klassa={**scales, "day": clock.today().isoformat()},
    )


def _withhold() -> None:
    from demo.register import acting, system_of
    from insyn.web.register.actions import set_visibility
    from insyn.web.register.entry import Level, Reading

    slug, field, provision = entries.WITHHELD
    system = system_of(slug)
    if field not in system.visibility:
        set_visibility(actor=acting(people.OTHER_OWNER), system=system, readings={field: Reading(Level.WITHHELD, provision)})
