"""Whole pages as residents get them, with the register's own words in them: LIX under 40. With ``-s`` the table is printed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.core.readability import lix
from insyn.web.register.actions import describe_system
from insyn.web.register.models import System
from insyn.web.residents.actions import issue_case_code
from insyn.web.rights.grounds import ABOUT
from tests.web.oversight.conftest import holder, loans, officer, propose
from tools.readability import Measured, read_page, table

__all__ = ["holder", "loans", "officer", "propose"]
pytestmark = pytest.mark.django_db
OPEN = (
    "/",
    "/system/loans/",
    "/system/loans/?visa=lattlast",
    "/om/",
    "/logg/",
    "/tillganglighet/",
    "/delta/",
    "/behov/",
    "/delegation/",
    "/avvikelser/",
    "/sag-till/",
    "/system/loans/sag-till/",
    "/arende/",
    "/prenumerera/",
    "/handelser/",
    "/mitt-arende/",
)


def measured(client: Client, address: str, status: int = 200) -> Measured:
    answer = client.get(address, headers={"accept-language": "sv"}, follow=True)
    assert answer.status_code == status, address
    return Measured(address, lix(read_page(answer.content.decode())))


def test_every_open_page_and_the_residents_own_case_are_easy_to_read(propose: Any, officer: Actor, owner: Actor, loans: System) -> None:
    describe_system(
        actor=owner,
        system=loans,
        description_sv="Systemet läser ansökan om lån. Det lämnar ett förslag.",
        description_en="The system reads the application. It makes a proposal.",
        easy_sv="Ett program läser din ansökan. En människa bestämmer.",
        easy_en="A program reads your application. A person decides.",
        known_limits_sv="Systemet är sämre för den som är under 25 år.",
        known_limits_en="The system does less well for people under 25.",
    )
    rid = propose()
    resident = Client()
    rows = [measured(resident, address) for address in OPEN]
    rows += [measured(resident, "/finns-inte/", 404), measured(resident, "/mina-sidor/", 403)]
    code = issue_case_code(actor=officer, system=System.objects.get(pk=loans.pk), rids=[rid])
    entered = resident.post("/mitt-arende/", {"code": code}, follow=True)
    assert entered.status_code == 200
    case = f"/mina-sidor/arende/{rid}/"
    rows += [measured(resident, address) for address in ("/mina-sidor/begaran/", "/mina-sidor/begaran/utdrag/", "/mina-sidor/")]
    rows += [measured(resident, f"/mina-sidor/begaran/ny/{about.slug}/") for about in ABOUT.values()]
    rows += [measured(resident, address) for address in (case, f"{case}?lattlast=1")]
    print("\n" + table(rows))
    assert rows[-2].found.words > 100, "it is the case and not a page that says no"
    assert [f"{row.found.value:.1f} {row.place}" for row in rows if row.hard] == []
