"""Suppliers and product cards: for the offices, and the card's page for everybody."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import public, requires
from insyn.web.attempts import attempt

from .. import actions
from ..actions.products import building_on
from ..data_forms import ChangeProductForm, ProductForm, SupplierForm, UseProductForm
from ..ends import holds_of
from ..entry import FIELDS, Level, reading
from ..models import Act, Product, Supplier, System
from .common import acting, may, system_called
from .systems import newest

_ACTS = ("register_product", "change_product")


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def suppliers(request: HttpRequest) -> HttpResponse:
    """Every supplier, and the form for one more."""
    form = SupplierForm(request.POST or None, initial={"revision": 0, "country": "SE"})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.register_supplier(actor=acting(request, "supplier.register"), **_without_revision(form.cleaned_data)),
        done=_("The supplier is entered."),
    ):
        return redirect("register:suppliers")
    found = Supplier.objects.prefetch_related("products")
    context = {"suppliers": found, "form": form, "may_register": may(request, "supplier.register")}
    return render(request, "register/suppliers.html", context)


@requires("supplier.change")
@require_http_methods(["GET", "HEAD", "POST"])
def supplier(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what stands about a supplier."""
    found = get_object_or_404(Supplier, pk=pk)
    held = {name: getattr(found, name) for name in SupplierForm.base_fields}
    form = SupplierForm(request.POST or None, initial=held)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.change_supplier(actor=acting(request, "supplier.change"), supplier=found, **form.cleaned_data),
        done=_("The supplier is changed."),
    ):
        return redirect("register:suppliers")
    return render(request, "register/supplier.html", {"supplier": found, "form": newest(form, found)})


@requires("system.see")
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """Every product card, with how many entries build on it."""
    cards = Product.objects.select_related("supplier").annotate(uses=Count("systems"))
    rows = [(product, product.uses) for product in cards]
    return render(request, "register/products.html", {"rows": rows, "may_register": may(request, "product.register")})


@requires("product.register")
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Enter a product card."""
    form = ProductForm(request.POST or None, initial={"revision": 0})
    if form.wants_more:
        form = form.as_typed()
    elif request.method == "POST" and attempt(
        request,
        form,
        form.at_its_cell(lambda: actions.register_product(actor=acting(request, "product.register"), **_without_revision(form.sent()))),
        done=_("The product card is entered. Entries can build on it."),
    ):
        return redirect("register:product", form.cleaned_data["slug"])
    return render(request, "register/product_form.html", {"form": form, "product": None, "affected": []})


@requires("system.see")
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One card: what it says, which entries build on it, in which class and phase, and how it has changed."""
    found = _card(slug)
    context = {
        "product": found,
        "uses": _uses(found),
        "acts": Act.objects.filter(verb__in=_ACTS, text__product=found.slug).select_related("outbox").order_by("-at")[:20],
        "may_change": may(request, "product.change"),
    }
    return render(request, "register/product.html", context)


@requires("product.change")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a card. The page says first whom it concerns."""
    found = _card(slug)
    held = {name: getattr(found, name) for name in ChangeProductForm.base_fields if hasattr(found, name)}
    form = ChangeProductForm(request.POST or None, initial={**held, "documentation": found.documentation})
    if form.wants_more:
        form = form.as_typed()
    elif request.method == "POST" and attempt(
        request,
        form,
        form.at_its_cell(lambda: actions.change_product(actor=acting(request, "product.change"), product=found, **form.sent())),
        done=_("The card is changed, and the owners of the entries that build on it are told."),
    ):
        return redirect("register:product", slug)
    context = {"form": newest(form, found), "product": found, "affected": list(building_on(found))}
    return render(request, "register/product_form.html", context)


@requires("product.use")
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Tie an entry to a card."""
    system = system_called(slug)
    form = UseProductForm(request.POST or None, initial={"revision": system.revision, "product": system.product_id})
    form.fields["why"].required = False
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.use_product(actor=acting(request, "product.use", system), system=system, **form.cleaned_data),
        done=_("The entry is tied to the card."),
    ):
        return redirect("register:system", slug)
    return render(request, "register/use_product.html", {"system": system, "form": newest(form, system)})


@public("the register is public, and its product cards with it")
@require_safe
def public_product(request: HttpRequest, slug: str) -> HttpResponse:
    """What the product is, and what the municipality uses it for."""
    found = _card(slug)
    uses = [use for use in _uses(found) if reading(use["system"].visibility, FIELDS["product"]).level is Level.PUBLIC]
    return render(request, "register/public_product.html", {"product": found, "uses": uses})


def _card(slug: str) -> Product:
    return get_object_or_404(Product.objects.select_related("supplier"), slug=slug)


def _uses(found: Product) -> list[dict[str, Any]]:
    """The entries that build on the card, each with its class and where it stands."""
    from insyn.web.oversight.queries import stops_in_force
    from insyn.web.site.queries import public_class
    from insyn.web.site.status import status_of

    today = clock.today()
    systems = list(System.objects.filter(product=found).select_related("office", "owner"))
    stops, holds = stops_in_force(systems), holds_of(systems)
    return [
        {
            "system": system,
            "class": public_class(system, today),
            "status": status_of(system, stops.get(system.pk), holds.get(system.pk), today),
        }
        for system in systems
    ]


def _without_revision(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name != "revision"}
