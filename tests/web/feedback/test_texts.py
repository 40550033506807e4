"""What residents read here is in plain Swedish: LIX under 40, on every page and in every letter."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.web.feedback import subscribing
from insyn.web.feedback.actions import answer_message
from insyn.web.feedback.letters import send_letters
from insyn.web.feedback.models import Wish
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
MOST = 40


def lix(text: str) -> float:
    """Words to a sentence, plus per cent of words longer than six letters. A line without a stop at its end is a sentence of its own."""
    sentences = [one for one in re.split(r"[.!?:]+(?:\s|$)|\n+", text) if re.search(r"\w", one)]
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    return len(words) / len(sentences) + 100 * sum(len(word) > 6 for word in words) / len(words)


def main_of(page: str) -> str:
    """The text of a page's main part, a line to each block."""
    body = re.sub(r"<(select|form method=\"post\" action=\"/sprak).*?</\1>", "", page.partition('<main id="main"')[2], flags=re.DOTALL)
    body = body.partition("</main>")[0].partition(">")[2]
    body = re.sub(r"</?(p|h\d|li|dt|dd|label|legend|button|span|caption|th|td|ul|dl|div|a)\b[^>]*>", "\n", body)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def test_the_measure_tells_plain_from_heavy() -> None:
    assert lix("Vi har fått ditt brev. Du får svar i maj.") < 20
    assert lix("Myndigheten överlämnar underrättelsen beträffande tillgänglighetsredogörelsens fullständighet.") > 80


def test_every_page_that_a_resident_meets_is_plain(client: Client, say: Callable[..., Any], owner: Actor, home: Any) -> None:
    sent = say(kind="question")
    path = f"/arende/{sent.message.receipt}/"
    form = {"kind": "question", "text": "Hej 811228-9874", "token": "0" * 32}
    subscribing.subscribe(email="lo@example.se")
    links = [subscribing.confirm_link(Wish.objects.get()), subscribing.end_link(Wish.objects.get().subscriber)]
    confirm, end = (link.removeprefix("https://insyn.provkommun.example") for link in links)
    pages = {
        "tell": client.get("/system/lanestod/sag-till/"),
        "site": client.get("/sag-till/"),
        "warned": client.post("/sag-till/", form),
        "received": client.post("/sag-till/", {**form, "keep": "on"}),
        "find": client.get("/arende/"),
        "status": client.get(path),
        "unknown": client.get("/arende/x/"),
        "subscribe": client.get("/prenumerera/"),
        "asked": client.post("/prenumerera/", {"email": "bo@example.se", "language": "sv"}),
        "confirm": client.get(confirm),
        "confirmed": client.post(confirm),
        "end": client.get(end),
        "ended": client.post(end),
        "no link": client.get(end.replace("avsluta", "ja")),
    }
    answer_message(actor=owner, message=sent.message, answer="Därför.")
    pages["answered"] = client.post(path, {"key": sent.key})
    measured = {name: round(lix(main_of(page.content.decode()))) for name, page in pages.items()}
    assert {name: value for name, value in measured.items() if value >= MOST} == {}


def test_every_letter_to_the_public_is_plain(say: Callable[..., Any], owner: Actor, home: Any, letters: Callable[[], list[Any]]) -> None:
    subscribing.subscribe(email="lo@example.se")
    answer_message(actor=owner, message=say("Varför?", kind="question", email="bo@example.se").message, answer="Därför.")
    assert send_letters().sent == 2
    for letter in letters():
        text = re.sub(r"https?://\S+", "", letter.get_content())
        assert lix(text) < MOST, letter["Subject"]


def test_the_part_on_the_record_is_plain(system: System, client: Client) -> None:
    page = client.get("/system/lanestod/").content.decode()
    part = re.search(r'<section aria-labelledby="public-says">.*?</section>', page, flags=re.DOTALL)
    assert part
    assert lix(main_of(f'<main id="main">{part.group()}</main>')) < MOST
