"""Letters: only to those who asked, once a day at most, with nothing of any case in them; one that fails stops no other."""

from __future__ import annotations

import email
import email.policy
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate, User
from insyn.web.clock import today
from insyn.web.portfolio.actions import choose_digest
from insyn.web.portfolio.digests import send_digests
from insyn.web.portfolio.models import DigestChoice, DigestSent
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings: Any) -> Iterator[Path]:
    """Where letters land without a mail server."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    settings.HOME, settings.EMAIL_HOST = Home(folder), ""
    yield folder / "mail-out"
    shutil.rmtree(folder)


@pytest.fixture
def reader(system: System, owner: Actor) -> Actor:
    """An owner for whom something waits, with letters every day."""
    choose_digest(actor=owner, often="daily", email="olle@example.se")
    return owner


def letters(folder: Path) -> list[Any]:
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(folder.glob("*.eml"))]


def test_a_person_who_asked_gets_one_letter_a_day(reader: Actor, box: Path) -> None:
    assert send_digests(on=today()).sent == [reader.person]
    assert send_digests(on=today()).sent == []
    (letter,) = letters(box)
    assert letter["To"] == "olle@example.se"
    assert "1 sak väntar" in letter["Subject"]
    assert "Lånestöd: Underlag som du kan lämna" in letter.get_content()
    assert send_digests(on=today() + timedelta(days=1)).sent == [reader.person]
    assert (next(box.glob("*.eml")).stat().st_mode & 0o777) == 0o600


def test_nobody_gets_letters_that_they_did_not_ask_for(system: System, owner: Actor, box: Path) -> None:
    User.objects.filter(person=owner.person).update(email="olle@example.se")
    assert send_digests(on=today()).sent == []
    choose_digest(actor=owner, often="weekly", email="olle@example.se")
    choose_digest(actor=owner, often="never", email="olle@example.se")
    assert send_digests(on=today()).sent == []
    assert not box.exists()


def test_a_weekly_reader_waits_a_week(system: System, owner: Actor, box: Path) -> None:
    choose_digest(actor=owner, often="weekly", email="olle@example.se", language="en")
    sent = [bool(send_digests(on=today() + timedelta(days=day)).sent) for day in range(9)]
    assert sent == [True, *[False] * 6, True, False]
    assert "1 thing waits for you" in letters(box)[0]["Subject"]


def test_a_letter_holds_nothing_but_system_kind_and_day(in_use: System, reader: Actor, box: Path, on_the_day: Any) -> None:
    in_use.refresh_from_db()
    on_the_day(in_use.evaluation_due + timedelta(days=2))
    send_digests(on=in_use.evaluation_due + timedelta(days=2))
    text = letters(box)[0].get_content()
    assert f"Lånestöd: Utvärdering (försenat sedan {in_use.evaluation_due.isoformat()})" in text
    assert "1 försenad" in letters(box)[0]["Subject"] or "försenade" in letters(box)[0]["Subject"]
    assert "/arbete/installningar/" in text


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    from insyn.web import clock

    def move(day: date) -> None:
        noon = datetime.combine(day, datetime.min.time(), tzinfo=clock.now().tzinfo) + timedelta(hours=12)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return move


def test_where_nothing_waits_no_letter_goes(member: Actor, box: Path) -> None:
    choose_digest(actor=member, often="daily", email="m@example.se")
    assert send_digests(on=today()).nothing == [member.person]
    assert not DigestSent.objects.exists()


def test_a_person_whose_mandate_ended_gets_no_letter(reader: Actor, box: Path) -> None:
    Mandate.objects.filter(user__person=reader.person).update(last_day=today() - timedelta(days=1))
    assert send_digests(on=today()).sent == []


def test_a_dry_run_sends_nothing_and_marks_nothing(reader: Actor, box: Path) -> None:
    assert send_digests(on=today(), dry_run=True).sent == [reader.person]
    assert not box.exists()
    assert not DigestSent.objects.exists()


class _Mail(socketserver.StreamRequestHandler):
    """As much of a mail server as a letter needs. It refuses whoever is called ``bad``."""

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                self.server.got.append(body)  # type: ignore[attr-defined]
                self.say("250 ok")
            elif verb == "RCPT" and "bad@" in line:
                self.say("550 no such person")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def mail_server(settings: Any) -> Iterator[list[bytes]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.daemon_threads, server.got = True, []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server.got  # type: ignore[attr-defined]
        server.shutdown()


def test_a_recipient_who_is_refused_stops_no_other_and_is_tried_again(
    system: System, owner: Actor, person: Callable[..., Actor], mail_server: list[bytes]
) -> None:
    union = person(Role.UNION_REPRESENTATIVE)
    choose_digest(actor=owner, often="daily", email="bad@example.se")
    choose_digest(actor=union, often="daily", email="good@example.se")
    outcome = send_digests(on=today())
    assert outcome.sent == [union.person]
    assert list(outcome.failed) == [owner.person]
    assert "550" in outcome.failed[owner.person]
    assert len(mail_server) == 1
    choose_digest(actor=owner, often="daily", email="ok@example.se")
    again = send_digests(on=today())
    assert (again.sent, again.failed) == ([owner.person], {})
    assert len(mail_server) == 2


def test_a_mail_server_that_is_not_there_fails_each_letter_and_says_so(reader: Actor, settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    assert list(send_digests(on=today()).failed) == [reader.person]
    assert DigestSent.objects.get().sent_at is None


def test_a_letter_that_another_run_is_sending_is_left_to_it(reader: Actor, box: Path) -> None:
    DigestSent.objects.create(user=User.objects.get(person=reader.person), day=today(), count=1)
    assert send_digests(on=today()).sent == []


@pytest.mark.parametrize("address", ["", "x", "a@b\nBcc: c@d.se", "a@b.se,c@d.se"])
def test_letters_go_to_one_real_address(owner: Actor, address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        choose_digest(actor=owner, often="daily", email=address)
    assert refused.value.place == "email"


def test_a_choice_is_an_act_in_which_the_address_does_not_stand(owner: Actor) -> None:
    choose_digest(actor=owner, often="daily", email="olle@example.se")
    act = Act.objects.get(verb="choose_digest")
    assert act.text == {"often": "daily", "language": "sv", "address_changed": True}
    with pytest.raises(ActRefused):
        choose_digest(actor=owner, often="daily", email="olle@example.se")
    with pytest.raises(InvalidInput):
        choose_digest(actor=owner, often="hourly", email="olle@example.se")


def test_nobody_chooses_for_somebody_without_a_mandate(owner: Actor) -> None:
    Mandate.objects.filter(user__person=owner.person).update(last_day=today() - timedelta(days=1))
    with pytest.raises(NotAllowed):
        choose_digest(actor=owner, often="daily", email="olle@example.se")


def test_the_choice_is_made_on_the_page(sign_in: Any, owner: Actor) -> None:
    client = sign_in(owner)
    sent = {"what": "digest", "email": "fel", "often": "daily", "language": "sv"}
    page = client.post("/arbete/installningar/", sent, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "This is no e-mail address." in page
    assert 'value="fel"' in page
    assert client.post("/arbete/installningar/", {**sent, "email": "olle@example.se"}).status_code == 302
    assert DigestChoice.objects.get().often == "daily"


def test_a_weekly_letter_that_was_cut_off_comes_the_next_day(system: System, owner: Actor, box: Path, user_of: Any) -> None:
    choose_digest(actor=owner, often="weekly", email="olle@example.se")
    DigestSent.objects.create(user=user_of(owner), day=today(), count=1)  # claimed, and the run was killed
    assert send_digests(on=today()).sent == []
    assert send_digests(on=today() + timedelta(days=1)).sent == [owner.person]


def test_an_address_that_no_letter_can_bear_stops_no_other(reader: Actor, member: Actor, box: Path) -> None:
    choose_digest(actor=member, often="daily", email="m@example.se")
    User.objects.filter(person=reader.person).update(email="olle@example.se\nBcc: alla@example.se")
    outcome = send_digests(on=today())
    assert list(outcome.failed) == [reader.person]
    assert outcome.nothing == [member.person]
    assert letters(box) == []
    assert DigestSent.objects.get(user__person=reader.person).error
