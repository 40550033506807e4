"""Behind a proxy, attempts are counted by the caller's address."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse

from insyn.web.proxy import caller_address


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("", "10.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, not an address", "10.0.0.1"),
        ("2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_that_our_own_proxy_wrote_counts(forwarded: str, expected: str) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
    caller_address(view)(request)
    assert seen == [expected]
