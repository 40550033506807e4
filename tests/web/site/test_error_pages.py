"""Error pages stand alone: both languages, no database."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.test import RequestFactory
from django.views import csrf, defaults

ERRORS = {
    400: lambda request: defaults.bad_request(request, SuspiciousOperation("x")),
    403: lambda request: defaults.permission_denied(request, PermissionDenied("x")),
    404: lambda request: defaults.page_not_found(request, Exception("x")),
    500: lambda request: defaults.server_error(request),
    4030: lambda request: csrf.csrf_failure(request, REASON_NO_CSRF_COOKIE),
}


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_to_do_in_both_languages_without_the_database(code: int) -> None:
    """pytest-django lets no test without its mark ask the database, so a page that did would fail here."""
    answer: Any = ERRORS[code](RequestFactory().get("/x/"))
    page = answer.content.decode()
    assert answer.status_code == (403 if code == 4030 else code)
    assert '<html lang="sv">' in page
    assert '<section lang="en">' in page
    assert page.count("<h1>") == 1
    assert "Till registret" in page
    assert "To the register" in page


@pytest.mark.django_db
def test_a_form_without_its_token_meets_our_own_page(settings: Any) -> None:
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post("/mitt-arende/", {"code": "x"})
    assert answer.status_code == 403
    assert "Formuläret gick inte att ta emot" in answer.content.decode()
