"""What comes in: from anybody, without a name; nothing of it in the log, nothing of the sender kept."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.feedback import limits
from insyn.web.feedback.codes import key_of, opens, read_receipt
from insyn.web.feedback.models import Contact, Message, Tries
from insyn.web.feedback.queries import pace
from insyn.web.feedback.receiving import numbers_in
from insyn.web.register.models import Act, Outbox, System

pytestmark = pytest.mark.django_db
NUMBER = "811228-9874"


def form(**more: Any) -> dict[str, Any]:
    return {"kind": "error", "part": "description", "text": "Fel årtal.", "token": secrets.token_hex(16), **more}


def in_every_table(text: str) -> list[str]:
    """The tables of the site in which the text stands."""
    return [model._meta.label for model in apps.get_models() if text in str(list(model._base_manager.values()))]


def test_an_anonymous_report_gets_a_number_and_a_key_and_leaves_no_trace_of_its_sender(client: Client, system: System) -> None:
    page = client.post("/system/lanestod/sag-till/", form(), REMOTE_ADDR="192.0.2.7").content.decode()
    message = Message.objects.get()
    assert message.receipt in page
    assert key_of(message.token) in page
    assert (message.state, message.part, message.due_on - message.received_on) == ("open", "description", timedelta(days=10))
    assert in_every_table("192.0.2.7") == []
    assert not Contact.objects.exists()
    assert not client.session.keys()


def test_the_act_tells_that_it_came_and_never_what_it_says(system: System, say: Callable[..., Any]) -> None:
    sent = say("Ett hemligt ord.", email="a@example.se")
    act = Act.objects.get(verb="receive_message")
    assert act.text == {"receipt": sent.message.receipt, "kind": "error", "part": "description"}
    entry = bytes(Outbox.objects.get(act=act).entry).decode()
    assert '"act":"receive_message"' in entry
    for secret in (sent.message.receipt, "hemligt", "example.se", sent.key):
        assert secret not in entry
    assert in_every_table("a@example.se") == ["feedback.Contact"]
    assert in_every_table(sent.key) == []


def test_the_same_form_twice_is_one_message_with_the_same_key(client: Client, system: System) -> None:
    sent = form()
    first, second = (client.post("/system/lanestod/sag-till/", sent).content.decode() for _ in range(2))
    codes = [re.findall(r'class="code">([^<]+)<', page) for page in (first, second)]
    assert codes[0] == codes[1]
    assert Message.objects.count() == 1


@pytest.mark.parametrize("text", ["", " \n\t ", "\u202e\u200b\x00", "x" * 4001, "x" * 1_000_000])
def test_a_message_that_is_none_or_too_long_is_refused(say: Callable[..., Any], text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        say(text)
    assert refused.value.place == "text"
    assert not Message.objects.exists()


def test_hostile_signs_are_taken_away_and_html_is_text(client: Client, say: Callable[..., Any], sign_in: Any, owner: Actor) -> None:
    sent = say("<script>alert(1)</script>\u202etxt\u200b\x07 slut")
    assert sent.message.text == "<script>alert(1)</script>txt slut"
    page = sign_in(owner).get(f"/arbete/synpunkter/{sent.message.receipt}/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


def test_an_identity_number_brings_the_form_back_with_its_line_and_what_was_typed(client: Client, system: System) -> None:
    sent = form(text=f"Första raden.\nJag heter Åsa, 81\u200b1228-9874.\n{NUMBER}")
    answer = client.post("/system/lanestod/sag-till/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "personnummer på raderna 2, 3" in page
    assert "Jag heter Åsa" in page
    assert not Message.objects.exists()
    assert client.post("/system/lanestod/sag-till/", {**sent, "keep": "on"}).status_code == 200
    message = Message.objects.get()
    assert NUMBER in message.text
    assert "9874" not in message.shown
    assert "•" in message.shown


def test_the_queue_shows_no_identity_number(say: Callable[..., Any], sign_in: Any, owner: Actor) -> None:
    say(f"Ring {NUMBER}.")
    page = sign_in(owner).get("/arbete/synpunkter/").content.decode()
    assert "Ring ••••••-••••." in page
    assert "9874" not in page


@pytest.mark.parametrize(
    ("text", "lines"),
    [("Hej", []), (NUMBER, [1]), ("a\r\n19811228 9874", [2]), ("811288-9871", [1]), ("010101+0106 och", [1]), ("0700-123456", [])],
)
def test_numbers_are_found_by_line(text: str, lines: list[int]) -> None:
    assert numbers_in(text) == lines


def test_a_field_that_nobody_sees_gets_the_same_answer_and_is_kept_apart(
    client: Client, system: System, sign_in: Any, owner: Actor
) -> None:
    answer = client.post("/system/lanestod/sag-till/", form(webbplats="http://spam.example"))
    assert (answer.status_code, 'class="code"' in answer.content.decode()) == (200, True)
    assert Message.objects.get().suspected
    worker = sign_in(owner)
    assert "Fel årtal." not in worker.get("/arbete/synpunkter/").content.decode()
    assert "Fel årtal." in worker.get("/arbete/synpunkter/?visa=suspected").content.decode()
    assert pace(clock.today() + timedelta(days=1)).received == 0


def test_one_address_has_its_share_an_hour_and_loses_nothing_that_was_typed(
    client: Client, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.MOST, "message", 3)
    answers = [client.post("/system/lanestod/sag-till/", form(text=f"Nummer {n}."), REMOTE_ADDR="192.0.2.1") for n in range(4)]
    assert [one.status_code for one in answers] == [200] * 3 + [429]
    assert "Nummer 3." in answers[-1].content.decode()
    assert client.post("/system/lanestod/sag-till/", form(), REMOTE_ADDR="192.0.2.2").status_code == 200


def test_a_count_is_kept_no_longer_than_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.count("message", "192.0.2.1")
    later = clock.now() + limits.WINDOW
    monkeypatch.setattr(clock, "now", lambda: later)
    assert limits.forget() == 1
    assert not Tries.objects.exists()


def test_a_file_is_not_taken(client: Client, system: System) -> None:
    sent = form(bilaga=SimpleUploadedFile("x.pdf", b"%PDF-1.7 hemligt"))
    assert client.post("/system/lanestod/sag-till/", sent).status_code == 200
    assert in_every_table("hemligt") == []
    assert 'type="file"' not in client.get("/system/lanestod/sag-till/").content.decode()


def test_an_error_names_a_part_that_the_public_reads(client: Client, system: System) -> None:
    for part in ("", "facts", "owner", "x"):
        answer = client.post("/system/lanestod/sag-till/", form(part=part))
        assert answer.status_code == 422, part
    assert "Fel årtal." in answer.content.decode()
    page = client.get("/system/lanestod/sag-till/").content.decode()
    assert '<option value="known_limits">' in page
    assert '<option value="facts">' not in page


@pytest.mark.parametrize("path", ["/system/saknas/sag-till/", "/behov/B-2026-001/sag-till/", "/delta/saknas/sag-till/"])
def test_what_the_public_does_not_know_cannot_be_written_about(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, form()).status_code == 404


def test_a_complaint_about_accessibility_comes_from_the_page_about_it(client: Client, opened: Any) -> None:
    assert "/sag-till/?slag=accessibility" in client.get("/tillganglighet/").content.decode()
    page = client.get("/sag-till/?slag=accessibility").content.decode()
    assert re.search(r'value="accessibility"[^>]*checked', page)
    assert client.post("/sag-till/", form(kind="accessibility", part="")).status_code == 200
    assert Message.objects.get().system is None


@pytest.mark.parametrize("address", ["x", "a@b\nBcc: c@d.se", "a@b.se,c@d.se"])
def test_an_address_that_is_none_loses_nothing(client: Client, system: System, address: str) -> None:
    answer = client.post("/system/lanestod/sag-till/", form(email=address))
    assert answer.status_code == 422
    assert "Fel årtal." in answer.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "value", ["", "\0", "\ud800".encode("utf-8", "replace").decode(), "x" * 20_000, "%00%ff", "{{7*7}}", "' OR 1=1 --"]
)
def test_hostile_values_never_break_a_page(client: Client, system: System, home: Any, value: str) -> None:
    names = ("kind", "part", "text", "token", "email", "keep", "private", "webbplats", "key", "office", "language", "group")
    sent = dict.fromkeys(names, value)
    for path in (
        "/sag-till/",
        "/system/lanestod/sag-till/",
        "/prenumerera/",
        "/arende/x/",
        "/prenumerera/ja/x/",
        "/prenumerera/avsluta/x/",
    ):
        assert client.post(path, sent).status_code in (200, 404, 422), path
        assert client.post(path, {**form(), **dict.fromkeys(("text", "email", "webbplats"), value)}).status_code in (200, 404, 422), path
    assert client.post("/arende/", {"nummer": value}).status_code in (200, 302)
    assert client.get("/sag-till/", {"slag": value}).status_code == 200


def test_a_number_is_read_as_it_was_meant_and_a_key_fits_only_its_own(say: Callable[..., Any]) -> None:
    sent, other = say(), say("Annat.")
    receipt = sent.message.receipt
    assert read_receipt(receipt.lower().replace("-", " ")) == receipt
    assert read_receipt("x") == read_receipt("Å" * 12) == ""
    assert opens(sent.message.token, sent.key.lower())
    assert not opens(sent.message.token, other.key)
    assert not opens(sent.message.token, "")
