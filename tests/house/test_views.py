"""Deny by default: a view without a named permission, or a stated reason to be public, fails here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for item in resolver.url_patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from patterns(item, path)
        elif isinstance(item, URLPattern):
            yield path, item.callback


def test_every_address_names_its_permission_or_says_why_it_is_public() -> None:
    from insyn.web.accounts.permissions import PERMISSIONS

    found = list(patterns(get_resolver()))
    assert len(found) > 15
    unnamed = []
    for path, view in found:
        permission, public = getattr(view, "permission", None), getattr(view, "public_because", None)
        if permission in PERMISSIONS or (isinstance(public, str) and len(public) > 10):
            continue
        unnamed.append(path)
    assert unnamed == []


def test_every_permission_is_used_by_a_view_or_an_act() -> None:
    from pathlib import Path

    import insyn.web
    from insyn.web.accounts.permissions import PERMISSIONS

    code = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(insyn.web.__file__).parent.rglob("*.py") if path.name != "permissions.py"
    )
    assert [name for name in PERMISSIONS if f'"{name}"' not in code] == []


@pytest.mark.parametrize("name", ["SECURE_CONTENT_TYPE_NOSNIFF", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY"])
def test_the_site_sends_its_protective_headers(name: str, settings: Any) -> None:
    assert getattr(settings, name) is True
