"""A stop and its lifting, through the real log and its real publisher: told when they are public, and a lifting without effect never."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader
from insyn.web.feedback.events import events, public_size
from insyn.web.oversight.actions import resume_system
from insyn.web.oversight.models import StopOrder
from insyn.web.register.models import System
from insyn.web.relay import relay_once

pytestmark = pytest.mark.django_db
PAGE = "/arbete/system/lanestod/stopp/"


def stop(client: Any) -> None:
    """The stop holder presses the button."""
    page = client.get(PAGE).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    client.post(PAGE, {"token": token[1], "reason": "Fel i modellen."})


def publish(settings: Any) -> int:
    """As ``insyn up`` does it, when its time has come."""
    with EvidenceReader.read_only(settings.HOME.evidence) as reader:
        deadline = time.monotonic() + 20
        while (newest := reader.checkpoint()) is None or newest.size < reader.size:
            assert time.monotonic() < deadline, "the log made no checkpoint over its newest entry"
            time.sleep(0.05)
        assert Publisher(reader, settings.HOME.public).publish(reader.checkpoint_note()) is not None
    return public_size()


def test_a_stop_and_its_lifting_are_told_when_the_log_is_public(
    loans: System, person: Callable[..., Actor], member: Actor, sign_in: Any, sequencer: Any, settings: Any
) -> None:
    size = publish(settings)
    assert [event.what for event in events(0, size, system=loans, most=50) if event.kind == "decision"] == ["Beslutade om användning"]
    stop(sign_in(person(Role.STOP_HOLDER)))
    relay_once(sequencer.client())
    assert public_size() == size
    first = StopOrder.objects.get()
    resume_system(actor=member, system=loans, stop_index=first.index, why="Rättat.", case_number="KS 2026/9")
    relay_once(sequencer.client())
    end = publish(settings)
    told = [event for event in events(size, end, most=50) if event.kind == "stop"]
    assert [event.what for event in told] == ["Ett stopp är hävt", "Stoppat"]
    assert told[-1].index == first.index
    assert all(event.concerns == frozenset({loans.pk}) for event in told)
    assert "Fel i modellen" not in str(told)
