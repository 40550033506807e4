"""What every page may know of the municipality."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Municipality


def municipality(request: HttpRequest) -> dict[str, object]:
    """``municipality`` is read when a template uses it, so that a page which does not never touches the database."""
    return {"municipality": SimpleLazyObject(Municipality.the)}
