"""Addresses as they stand in letters and notices: whole, without anything about a person."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from insyn.web.register.models import System


def short_address(system: System) -> str:
    """The system's page in the register, short enough to be read aloud or typed."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('letters:short', args=[system.slug])}"


def spoken_address(system: System) -> str:
    """The same without https, as one says it."""
    return short_address(system).partition("://")[2].removesuffix("/")


def own_pages() -> str:
    """Where a resident sees their own cases with e-ID."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('residents:mine')}"


def code_page() -> str:
    """Where a resident enters the code of a letter."""
    return f"{settings.PUBLIC_ADDRESS}{reverse('residents:enter')}"
