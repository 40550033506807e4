"""What the demonstration says about telling people holds as the register holds it, and is easy to read."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

import demo.register
from demo.journey import noticing
from demo.lindvalla import systems
from demo.loans import words
from insyn.core.messages import Actor
from insyn.core.readability import lix, long_sentences
from insyn.core.terms import Reach
from insyn.web.letters.models import MatterText, NoticeWay
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db


def test_the_texts_of_the_demonstration_are_recorded_once(
    make_system: Callable[..., System], owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    easy = {f"easy_{language}": text for language, text in words.EASY.items()}
    make_system(words.SLUG, **easy)
    make_system(systems.ASSISTANT["slug"], reach=Reach.CONTRACT_ONLY)
    monkeypatch.setattr(demo.register, "acting", lambda _person: owner)
    journey: Any = SimpleNamespace(terminal=SimpleNamespace(line=lambda _text: None))
    for _time in range(2):
        noticing.tell_people(journey)
    assert (MatterText.objects.count(), NoticeWay.objects.count()) == (1, 2)


def test_they_are_easy_to_read() -> None:
    swedish = [
        words.EASY["sv"],
        words.known_limits(9)["sv"].split(". ")[0] + ".",
        *(noticing.APPEAL[f"{name}_sv"] for name in ("appeal", "contact")),
    ]
    assert lix(" ".join(swedish)).value < 40
    assert lix(words.EASY["sv"]).value < 30
    assert long_sentences(f"{words.EASY['en']} {noticing.APPEAL['appeal_en']}") == []
