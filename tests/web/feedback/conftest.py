"""A home with a public folder and an out-box, and words that a sender uses."""

from __future__ import annotations

import email
import email.policy
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from insyn.core.home import Home

ORIGIN, ROOT = "test.example/log", "A" * 43 + "="


@pytest.fixture
def home(settings: Any) -> Iterator[Home]:
    """A home where nothing is published yet, and letters land as files."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    shutil.copytree(settings.HOME.secrets, folder / "secrets")  # the permits of fixtures made before are signed with these
    settings.HOME, settings.EMAIL_HOST, settings.PUBLIC_ADDRESS = Home(folder), "", "https://insyn.provkommun.example"
    settings.HOME.public.mkdir(parents=True)
    yield settings.HOME
    shutil.rmtree(folder)


@pytest.fixture
def enter_in_log() -> Callable[[], int]:
    """Each act that has no entry gets the next place in the log, as the relay gives it; returns how long the log is."""
    from insyn.web.register.models import Act

    def enter() -> int:
        size = Act.objects.exclude(log_index=None).count()
        for act in Act.objects.filter(log_index=None).order_by("at", "outbox__id"):
            Act.objects.filter(pk=act.pk).update(log_index=size)
            size += 1
        return size

    return enter


@pytest.fixture
def publish(home: Home, enter_in_log: Callable[[], int]) -> Callable[..., int]:
    """The public checkpoint comes out, over everything or over the first so many entries."""

    def make(size: int | None = None) -> int:
        whole = enter_in_log()
        size = whole if size is None else size
        (home.public / "checkpoint").write_text(f"{ORIGIN}\n{size}\n{ROOT}\n\n— {ORIGIN} AAAA\n", encoding="utf-8")
        return size

    return make


@pytest.fixture
def letters(home: Home) -> Callable[[], list[Any]]:
    """The letters in the out-box, oldest first."""

    def read() -> list[Any]:
        found = sorted((home.root / "mail-out").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in found]

    return read


@pytest.fixture
def say(system: Any) -> Callable[..., Any]:
    """``say("Fel årtal.")``: somebody reports an error in the system's record; what they keep."""
    from insyn.web.feedback.receiving import About, receive_message

    def send(text: str = "Fel årtal i beskrivningen.", about: Any = None, **more: Any) -> Any:
        words = {"kind": "error", "part": "description", "token": secrets.token_hex(16), **more}
        if words["kind"] != "error":
            words["part"] = ""
        return receive_message(about=about or About(system=system), text=text, **words)

    return send


@pytest.fixture
def loans(sequencer: Any, make_system: Callable[..., Any], meet_gates: Callable[..., None], member: Any) -> Any:
    """A system in use, with a real sequencer behind it."""
    from insyn.web import relay
    from insyn.web.register.actions import decide_use
    from insyn.web.register.models import System

    system = make_system("lanestod")
    meet_gates(system)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2026/2")
    relay.relay_once(sequencer.client())
    return System.objects.get(pk=system.pk)
