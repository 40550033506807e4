"""Texts that are stored in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

from insyn.core.text import Text


def pick(sv: str, en: str) -> str:
    """The wording for the reader's language; the other one rather than nothing."""
    return Text(sv or en, en or sv).in_language(get_language() or "sv")


def spoken(value: object) -> str:
    """The reader's wording of a :class:`Text`, or of JSON with ``sv`` and ``en``; other values as they are."""
    if isinstance(value, Text):
        return pick(value.sv, value.en)
    if isinstance(value, Mapping):
        return pick(str(value.get("sv", "")), str(value.get("en", "")))
    return "" if value is None else str(value)


class InLanguage:
    """An attribute ``name`` that reads ``name_sv`` or ``name_en`` of its object."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, owner: type | None = None) -> str | InLanguage:
        if instance is None:
            return self
        return pick(getattr(instance, f"{self._name}_sv"), getattr(instance, f"{self._name}_en"))


def vary_on_cookie(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell caches that a page depends on cookies: the chosen language and a message to the reader come in them, also on public pages."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Cookie",))
        return response

    return respond
