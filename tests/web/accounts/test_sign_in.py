"""Signing in and out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.web.accounts.models import User

PASSWORD = "korrekt häst batteri"

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def sign_in(client: Client, username: str, password: str, **more: str) -> Any:
    return client.post("/logga-in/", {"username": username, "password": password, **more}, **ENGLISH)


def test_the_right_password_leads_to_my_work(administrator: Actor, client: Client) -> None:
    response = sign_in(client, "admin", PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/arbete/")


def test_one_comes_back_to_the_page_one_was_heading_for(administrator: Actor, client: Client) -> None:
    assert sign_in(client, "admin", PASSWORD, next="/arbete/akter/").headers["Location"] == "/arbete/akter/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(administrator: Actor, client: Client, target: str) -> None:
    assert sign_in(client, "admin", PASSWORD, next=target).headers["Location"] == "/arbete/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(administrator: Actor, client: Client) -> None:
    wrong = sign_in(client, "admin", "fel").content.decode()
    unknown = sign_in(client, "finns-inte", "fel").content.decode()
    message = "The name or the password is wrong"
    assert 'href="/mitt-arende/">Go to My case</a>' in wrong, "a resident who came here by mistake is led on"
    assert message in wrong
    assert message in unknown
    strip = [page.replace("finns-inte", "").replace("admin", "") for page in (wrong, unknown)]
    assert [page.count("<p") for page in strip] == [strip[0].count("<p")] * 2


def test_after_five_wrong_attempts_the_right_password_does_not_help(administrator: Actor, client: Client) -> None:
    for _ in range(5):
        response = sign_in(client, "admin", "fel")
    response = sign_in(client, "admin", PASSWORD)
    assert response.status_code == 429
    assert "The name or the password is wrong" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_inactive_person_cannot_sign_in(administrator: Actor, client: Client) -> None:
    User.objects.update(is_active=False)
    assert sign_in(client, "admin", PASSWORD).status_code == 200


def test_signing_out_takes_a_post_and_ends_the_session_on_the_server(administrator: Actor, client: Client) -> None:
    sign_in(client, "admin", PASSWORD)
    assert client.get("/logga-ut/").status_code == 405
    kept = client.cookies["sessionid"].value
    assert client.post("/logga-ut/").status_code == 302
    client.cookies["sessionid"] = kept
    assert client.get("/arbete/").status_code == 302


def test_a_form_from_another_site_is_refused(administrator: Actor) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/logga-in/", {"username": "admin", "password": PASSWORD}).status_code == 403


def test_pages_carry_a_policy_without_scripts(administrator: Actor, client: Client) -> None:
    policy = client.get("/logga-in/").headers["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy
