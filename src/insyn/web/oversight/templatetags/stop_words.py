"""Words about stops in templates."""

from __future__ import annotations

from django import template
from django.utils import formats
from django.utils.translation import gettext as _

from insyn.core.scope import Target
from insyn.core.terms import StopScope
from insyn.web.oversight.models import StopOrder
from insyn.web.register.models import Supplier

register = template.Library()


@register.filter
def stop_of(stop: StopOrder) -> str:
    """What a stop is of."""
    of: Target = stop.target
    match of.scope:
        case StopScope.EVERYTHING:
            return _("Every AI system")
        case StopScope.SUPPLIER:
            return _("Every system of %(supplier)s") % {"supplier": supplier_name(of.supplier)}
        case StopScope.VERSION:
            return _("Only version %(version)s") % {"version": of.version}
        case StopScope.PURPOSE:
            return _("Only the purpose %(purpose)s") % {"purpose": of.purpose}
        case StopScope.SYSTEM:
            return _("The whole system")


def supplier_name(short: str) -> str:
    """The supplier's name, or its short name where the register no longer knows it."""
    key = short.rpartition("-")[2]
    found = Supplier.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    return found.name if found else short


@register.filter
def seconds_text(milliseconds: int) -> str:
    """Milliseconds as seconds, to the thousandth."""
    return _("%(seconds)s s") % {"seconds": formats.number_format(milliseconds / 1000, 3)}
