"""Client keys: several for one program while one replaces another, and none of them to be read anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Asked, Clear, Cleared
from insyn.sdk.connection import Connection
from insyn.web.accounts.errors import ActRefused
from insyn.web.clock import today
from insyn.web.register.actions import issue_client_key, revoke_client_key, rotate_client_key
from insyn.web.register.issuing import issued
from insyn.web.register.models import System
from insyn.web.relay import relay_once

pytestmark = pytest.mark.django_db


def test_a_replaced_key_holds_until_its_last_day_beside_the_new_one(system: System, administrator: Actor) -> None:
    issue_client_key(actor=administrator, system=system, name="prov")
    last_day = today() + timedelta(days=14)
    rotate_client_key(actor=administrator, system=system, name="prov", last_day=last_day)
    clients = issued(System.objects.get(pk=system.pk)).clients
    assert {client.name for client in clients} == {"prov"}
    assert sorted(client.last_day for client in clients) == ["", last_day.isoformat()]


def test_a_key_is_replaced_again_and_the_first_keeps_its_earlier_day(system: System, administrator: Actor) -> None:
    issue_client_key(actor=administrator, system=system, name="prov")
    soon, later = today() + timedelta(days=3), today() + timedelta(days=30)
    rotate_client_key(actor=administrator, system=system, name="prov", last_day=soon)
    rotate_client_key(actor=administrator, system=system, name="prov", last_day=later)
    days = sorted(client.last_day for client in issued(System.objects.get(pk=system.pk)).clients)
    assert days == ["", soon.isoformat(), later.isoformat()]


@pytest.mark.parametrize("days", [-1, 91])
def test_an_old_key_does_not_end_in_the_past_nor_go_on_for_ever(system: System, administrator: Actor, days: int) -> None:
    issue_client_key(actor=administrator, system=system, name="prov")
    with pytest.raises(InvalidInput) as raised:
        rotate_client_key(actor=administrator, system=system, name="prov", last_day=today() + timedelta(days=days))
    assert raised.value.place == "last_day"


def test_a_program_without_a_key_has_none_to_replace(system: System, administrator: Actor) -> None:
    with pytest.raises(ActRefused):
        rotate_client_key(actor=administrator, system=system, name="prov", last_day=today())


def test_a_program_changes_keys_without_a_pause_and_revoking_ends_both(sequencer: Any, in_use: System, administrator: Actor) -> None:
    first = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    second = rotate_client_key(
        actor=administrator, system=System.objects.get(pk=in_use.pk), name="prov", last_day=today() + timedelta(days=7)
    ).key
    assert ask(sequencer, first) == "cleared"  # before the new permit stands, and after
    relay_once(sequencer.client())
    assert [ask(sequencer, first), ask(sequencer, second)] == ["cleared", "cleared"]
    revoke_client_key(actor=administrator, system=System.objects.get(pk=in_use.pk), name="prov")
    assert [ask(sequencer, first), ask(sequencer, second)] == ["client_unknown", "client_unknown"]


def test_no_key_is_to_be_read_in_any_file_of_the_installation(sequencer: Any, in_use: System, administrator: Actor, settings: Any) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    assert ask(sequencer, key) == "cleared"
    assert ask(sequencer, key + "x") == "client_unknown"
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            assert key not in str(cursor.fetchall()), table
    for path in settings.HOME.root.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes(), path


def test_a_key_is_replaced_on_the_page(system: System, administrator: Actor, sign_in: Any) -> None:
    issue_client_key(actor=administrator, system=system, name="prov")
    client, address = sign_in(administrator), reverse("register:keys", args=[system.slug])
    assert "Byt nyckel för prov" in client.get(address, HTTP_ACCEPT_LANGUAGE="sv").content.decode()
    revision = System.objects.get(pk=system.pk).revision
    sent = {"what": "rotate", "name": "prov", "revision": revision, "last_day": today().isoformat()}
    late = client.post(address, {**sent, "last_day": "2099-01-01"}).content.decode()
    assert 'href="#id_last_day"' in late
    assert 'id="id_last_day"' in late, "the summary leads to the field"
    assert "insyn_" in client.post(address, sent).content.decode()
    assert system.client_keys.count() == 2
    both = client.get(address).content.decode()
    assert both.count("Spärra alla nycklar för prov") == 2, "beside the old key too it says that the new one goes with it"


def ask(sequencer: Any, key: str) -> str:
    """What the gateway says to a program with this key."""
    line = Connection(sequencer.home.decide_socket)
    asked = Asked(system="lanestod", version="1.0", purpose="loans", categories=("income",), matter_type="housing_loan")
    answer = line.ask(Clear(id=line.next_id(), key=key, asked=asked))
    line.close()
    return "cleared" if isinstance(answer, Cleared) else str(answer.refusal.code)
