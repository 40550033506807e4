"""What people are told when AI has helped: one text for each place where they meet it, in two languages and in an easy-to-read form.

The same text says what helped, with what, who decides, where one reads more, and how one reaches a human.
"""

from __future__ import annotations

from typing import Any

from insyn.core.labels import label
from insyn.core.terms import Mode, NoticeChannel
from insyn.core.text import Text
from insyn.web.register.models import Municipality, System

from . import notice_words as w
from .addresses import short_address, spoken_address
from .drafting import step_of

LANGUAGES = ("sv", "en")


def notice_text(system: System, channel: NoticeChannel | str, step: str, language: str, *, easy: bool = False) -> str:
    """The notice for one place. ``step`` is a word of :data:`.notice_words.STEPS`, or says in words what the system helped with; empty: by its modes."""
    channel = NoticeChannel(channel)
    words = _words(system, step, language)
    if easy:
        return w.EASY.in_language(language).format(**words)
    end = w.SPOKEN if channel in w.SAID else w.WRITTEN
    parts = (w.HELPS[channel].in_language(language).format(**words), words["who"], end.in_language(language).format(**words))
    return " ".join(parts)


def step_text(system: System, step: str, language: str) -> str:
    """What the system helps with, in words that fit after "helps with"."""
    known = w.STEPS.get(step or step_of(system))
    return known.in_language(language) if known else " ".join(step.split())


def _words(system: System, step: str, language: str) -> dict[str, str]:
    municipality = Municipality.the().name
    return {
        "name": _pick(system.name_sv, system.name_en, language),
        "step": step_text(system, step, language),
        "who": _who(system).in_language(language),
        "address": short_address(system),
        "spoken": spoken_address(system),
        "office": _pick(system.office.name_sv, system.office.name_en, language),
        "municipality": municipality,
    }


def _pick(sv: str, en: str, language: str) -> str:
    return " ".join(Text(sv or en, en or sv).in_language(language).split())


def _who(system: System) -> Text:
    return next((w.WHO[mode] for mode in (Mode.AUTOMATED, Mode.SUPPORT, Mode.ADVICE) if mode in system.modes), w.WHO[Mode.ADVICE])


def every_notice(system: System, step: str = "") -> list[dict[str, Any]]:
    """The texts of each place in both languages, plain and easy to read, for the page and for the machine-readable answer."""
    return [
        {
            "channel": channel.value,
            "label": label(channel),
            "texts": {one: notice_text(system, channel, step, one) for one in LANGUAGES},
            "easy": {one: notice_text(system, channel, step, one, easy=True) for one in LANGUAGES},
        }
        for channel in NoticeChannel
    ]


def marking(system: System) -> dict[str, str]:
    """A mark for generated content that programs can read: schema.org's word for what a trained model made, and where the system stands."""
    return {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "digitalSourceType": "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
        "creditText": f"{system.name_sv} ({Municipality.the().name})",
        "usageInfo": short_address(system),
    }
