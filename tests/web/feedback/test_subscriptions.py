"""Letters to subscribers: asked for, confirmed, one a day, each event once, ended by one click; addresses in no log and no act."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.actions import open_office
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import Office
from insyn.web.feedback import letters as sending, subscribing
from insyn.web.feedback.actions import answer_message
from insyn.web.feedback.letters import send_asked_for, send_letters
from insyn.web.feedback.models import Asked, Contact, Letter, Subscriber, Wish
from insyn.web.portfolio.mail import FileBackend
from insyn.web.register.actions import describe_system
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
Read = Callable[[], list[EmailMessage]]
ADDRESS = "lo@example.se"


def ask(**more: Any) -> Wish:
    """Somebody asks and confirms."""
    subscribing.subscribe(**{"email": ADDRESS, **more})
    wish = Wish.objects.order_by("-pk").first()
    assert wish is not None
    subscribing.confirm(subscribing.confirm_link(wish).rstrip("/").rpartition("/")[2])
    return wish


def change(owner: Actor, system: System, text: str = "Ny text.") -> None:
    describe_system(actor=owner, system=system, description_sv=text)


def text_of(letter: Any) -> str:
    return str(letter.get_content())


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    start = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days))


def test_a_subscriber_asks_confirms_is_told_once_and_ends_it(
    client: Client, system: System, owner: Actor, publish: Callable[..., int], letters: Read, on_day: Callable[[int], None]
) -> None:
    publish()
    page = client.post("/system/lanestod/prenumerera/", {"email": ADDRESS, "kind": "", "language": "sv"}).content.decode()
    assert "Titta i din e-post" in page
    assert send_asked_for() == 1
    (asked,) = letters()
    link = re.search(r"https://insyn\.provkommun\.example(/prenumerera/ja/\S+)", text_of(asked))
    assert link
    assert Wish.objects.get().confirmed_at is None
    client.get(link[1])  # a program that opens links says yes to nothing
    assert Wish.objects.get().confirmed_at is None
    assert "Du får brev från och med nu" in client.post(link[1]).content.decode()
    change(owner, system)
    publish()
    assert (send_letters().sent, send_letters().sent) == (1, 0)
    news = letters()[-1]
    assert "Lånestöd: Ändrat i registret: Beskrivning." in text_of(news)
    assert news["To"] == ADDRESS
    end = re.fullmatch(r"<https://insyn\.provkommun\.example(/prenumerera/avsluta/\S+/)>", news["List-Unsubscribe"].strip())
    assert end
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    on_day(1)
    assert send_letters().planned == 0
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(end[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not any(model.objects.exists() for model in (Subscriber, Wish, Letter))
    again = strict.post(end[1], {"List-Unsubscribe": "One-Click"})
    assert "Vi har raderat din adress" in again.content.decode()


def test_no_act_and_no_entry_tells_of_a_subscriber(system: System, home: Home) -> None:
    acts = Act.objects.count()
    ask(system=system)
    assert Act.objects.count() == acts


def test_nothing_is_told_before_the_public_log_has_it(
    system: System, owner: Actor, publish: Callable[..., int], letters: Read, on_day: Callable[[int], None]
) -> None:
    size = publish()
    ask()
    change(owner, system)
    publish(size)
    assert send_letters().planned == 0
    publish()
    assert send_letters().sent == 1  # the question whether it was meant has nothing left to say
    assert len(letters()) == 1


def test_the_answer_to_who_asks_is_the_same_for_a_known_address(client: Client, system: System, home: Home, letters: Read) -> None:
    sent = {"email": ADDRESS, "kind": "", "language": "sv"}
    pages = [client.post("/prenumerera/", sent).content for _ in range(2)]
    assert pages[0] == pages[1]
    assert (send_asked_for(), len(letters())) == (1, 1)  # nobody is flooded by somebody else
    ask()
    assert client.post("/prenumerera/", {**sent, "email": ADDRESS.upper()}).content == pages[0]
    assert send_asked_for() == 0
    assert Subscriber.objects.count() == 1
    assert not Asked.objects.exists()


def test_what_is_done_before_the_answer_is_the_same_for_a_known_address(client: Client, opened: Any, home: Home, letters: Read) -> None:
    """The same statements in the same order for somebody new, somebody asked and somebody who has said yes; and no letter in any of them."""

    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as done:
            assert client.post("/prenumerera/", {"email": ADDRESS, "kind": "", "language": "sv"}).status_code == 200
        return [re.sub(r"'[^']*'|\bs\d+_x\d+\b|\b\d+\b", "?", one["sql"]) for one in done.captured_queries]

    statements()  # the first of an hour begins the count of its connection
    send_asked_for()
    Subscriber.objects.all().delete()
    new = statements()
    assert letters()[1:] == [], "no letter leaves in the request"
    assert sum("feedback_asked" in one for one in new) == 2, "counted, and put down"
    assert not any("feedback_subscriber" in one or "feedback_wish" in one for one in new)
    send_asked_for()
    asked = statements()
    send_asked_for()
    ask()
    confirmed = statements()
    assert new == asked == confirmed


def test_what_fails_in_the_first_try_waits_for_the_days_job(
    opened: Any, home: Home, letters: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: FileBackend, messages: Any) -> int:
        raise OSError("down")

    subscribing.ask(email=ADDRESS)
    with monkeypatch.context() as broken:
        broken.setattr(FileBackend, "send_messages", never)
        assert [send_asked_for() for _ in range(9)] == [0] * 9
    assert Letter.objects.get().tries == 1
    assert send_letters().sent == 1


def test_without_a_relay_the_days_job_takes_in_what_was_asked_for(opened: Any, home: Home, letters: Read) -> None:
    subscribing.ask(email=ADDRESS)
    subscribing.ask(email=ADDRESS)
    assert send_letters().sent == 1
    assert not Asked.objects.exists()


def test_a_flood_of_questions_has_an_end(opened: Any, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "MOST_ASKED_IN_A_DAY", 2)
    for name in ("a", "b"):
        subscribing.ask(email=f"{name}@example.se")
    for waiting in (2, 0):
        with pytest.raises(ActRefused, match="Försök i morgon"):
            subscribing.ask(email="c@example.se")
        assert Asked.objects.count() == waiting
        subscribing.take_in()


@pytest.mark.parametrize("address", ["", "x", "a@b\nBcc: c@d.se", "a@b.se,c@d.se"])
def test_letters_go_to_one_real_address(home: Home, opened: Any, address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        subscribing.subscribe(email=address)
    assert refused.value.place == "email"
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("path", ["/prenumerera/ja/x/", "/prenumerera/ja/{key}/", "/prenumerera/ja/{end}/"])
def test_only_the_signed_link_confirms(client: Client, opened: Any, home: Home, path: str) -> None:
    subscribing.subscribe(email=ADDRESS)
    wish = Wish.objects.get()
    end = subscribing.end_link(wish.subscriber).rstrip("/").rpartition("/")[2]
    assert client.post(path.format(key=wish.key, end=end)).status_code == 404
    assert Wish.objects.get().confirmed_at is None


def test_each_gets_what_they_wished_for(
    make_system: Callable[..., System], owner: Actor, administrator: Actor, publish: Callable[..., int], home: Home
) -> None:
    first, second = make_system("forsta"), make_system("andra", name_sv="Andra", name_en="Second")
    open_office(actor=administrator, slug="annat", name_sv="Annat", name_en="Other", kind="board")
    publish()
    wishes = {
        "all": {},
        "first": {"system": first},
        "office": {"office": Office.objects.get(slug="kontoret")},
        "other": {"office": Office.objects.get(slug="annat")},
        "change": {"kind": "change"},
        "stop": {"kind": "stop"},
    }
    for name, wish in wishes.items():
        ask(email=f"{name}@example.se", **wish)
    Letter.objects.all().delete()
    change(owner, second)
    publish()
    assert send_letters().sent == 3
    told = Letter.objects.exclude(sent_at=None).values_list("subscriber__email", flat=True)
    assert {address.partition("@")[0] for address in told} == {"all", "office", "change"}


def test_a_run_that_is_cut_off_neither_loses_nor_repeats(
    system: System, owner: Actor, publish: Callable[..., int], letters: Read, on_day: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before a letter is written, killed after it is written and before it is marked: each reader has one letter in the end."""
    publish()
    for number in range(4):
        ask(email=f"lasare{number}@example.se")
    Letter.objects.all().delete()
    change(owner, system)
    publish()
    send = FileBackend.send_messages

    def before(self: FileBackend, messages: Any) -> int:
        raise KeyboardInterrupt

    def after(self: FileBackend, messages: Any) -> int:
        send(self, messages)
        raise KeyboardInterrupt

    for cut in (before, after):
        monkeypatch.setattr(FileBackend, "send_messages", cut)
        with pytest.raises(KeyboardInterrupt):
            send_letters()
    monkeypatch.setattr(FileBackend, "send_messages", send)
    assert send_letters().sent == 2  # the other two are claimed by runs that may still be going
    on_day(1)
    send_letters()
    assert sorted(str(letter["To"]) for letter in letters()) == [f"lasare{number}@example.se" for number in range(4)]
    assert len({letter["Message-ID"] for letter in letters()}) == 4
    assert not Letter.objects.filter(sent_at=None).exists()


def test_a_letter_that_fails_stops_no_other_and_names_no_address(
    system: System, owner: Actor, publish: Callable[..., int], letters: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    for name in ("dalig", "bra"):
        ask(email=f"{name}@example.se")
    Letter.objects.all().delete()
    change(owner, system)
    publish()
    send = FileBackend.send_messages

    def some(self: FileBackend, messages: Any) -> int:
        if messages[0].to == ["dalig@example.se"]:
            raise OSError("550 no such person: dalig@example.se")
        return send(self, messages)

    monkeypatch.setattr(FileBackend, "send_messages", some)
    outcome = send_letters()
    assert (outcome.sent, list(outcome.failed.values())) == (1, ["OSError: 550 no such person: …"])
    monkeypatch.setattr(FileBackend, "send_messages", send)
    assert send_letters().sent == 1
    assert len(letters()) == 2


def test_a_letter_is_given_up_in_the_end(system: System, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribing.subscribe(email=ADDRESS)

    def never(self: FileBackend, messages: Any) -> int:
        raise OSError("down")

    monkeypatch.setattr(FileBackend, "send_messages", never)
    assert [len(send_letters().failed) for _ in range(sending.MOST_TRIES + 1)] == [1] * sending.MOST_TRIES + [0]


def test_who_does_not_confirm_is_forgotten(opened: Any, home: Home, on_day: Callable[[int], None]) -> None:
    subscribing.subscribe(email=ADDRESS)
    on_day(2)
    send_letters()
    assert Subscriber.objects.exists()
    on_day(4)
    send_letters()
    assert not Subscriber.objects.exists()


def test_an_answer_goes_to_the_address_that_was_left_and_then_the_address_is_deleted(
    say: Callable[..., Any], owner: Actor, home: Home, letters: Read, on_day: Callable[[int], None]
) -> None:
    sent = say("Varför?", kind="question", email=ADDRESS)
    answer_message(actor=owner, message=sent.message, answer="Därför. 811228-9874")
    assert send_letters().sent == 1
    (letter,) = letters()
    assert sent.message.receipt in letter["Subject"]
    assert "Därför. ••••••-••••" in text_of(letter)
    assert sent.key not in text_of(letter)
    on_day(29)
    send_letters()
    assert Contact.objects.exists()
    on_day(31)
    send_letters()
    assert not Contact.objects.exists()


def test_a_dry_run_sends_nothing_and_marks_nothing(opened: Any, home: Home, letters: Read) -> None:
    subscribing.subscribe(email=ADDRESS)
    assert send_letters(dry_run=True).sent == 1
    assert (letters(), Letter.objects.get().tries) == ([], 0)


def test_the_letter_is_in_the_language_that_was_asked_for(system: System, owner: Actor, publish: Callable[..., int], letters: Read) -> None:
    publish()
    ask(language="en")
    Letter.objects.all().delete()
    change(owner, system)
    publish()
    send_letters()
    assert "Loan support: Changed in the register: Description." in text_of(letters()[0])
    assert "1 event in the AI register" in letters()[0]["Subject"]


def test_nobody_is_flooded_by_wishes_in_their_name(system: System, home: Home, on_day: Callable[[int], None]) -> None:
    for kind in ("", "change", "stop", "decision", "round", "answer"):
        for one in (None, system):
            subscribing.subscribe(email=ADDRESS, system=one, kind=kind)
    assert Letter.objects.count() == subscribing.MOST_ASKED_OF_ONE
    subscribing.subscribe(email="annan@example.se")
    assert Letter.objects.count() == subscribing.MOST_ASKED_OF_ONE + 1
    on_day(2)
    assert subscribing.subscribe(email=ADDRESS, kind="answer") is not None


def test_a_link_is_no_good_after_its_days_though_no_job_has_run(
    opened: Any, home: Home, client: Client, on_day: Callable[[int], None]
) -> None:
    subscribing.subscribe(email=ADDRESS)
    link = subscribing.confirm_link(Wish.objects.get()).removeprefix("https://insyn.provkommun.example")
    on_day(4)
    assert client.post(link).status_code == 404
    assert Wish.objects.get().confirmed_at is None


def test_no_half_address_stands_in_what_a_run_says(opened: Any, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribing.subscribe(email=ADDRESS)

    def cut(self: FileBackend, messages: Any) -> int:
        raise OSError("x" * 196 + ADDRESS)

    monkeypatch.setattr(FileBackend, "send_messages", cut)
    assert "lo@" not in next(iter(send_letters().failed.values()))
