"""Filters for texts in two languages and for words of the closed lists."""

from __future__ import annotations

from datetime import date

from django import template

from insyn.web.attempts import problems as form_problems
from insyn.web.language import spoken
from insyn.web.register.labels import label as word_label
from insyn.web.register.purposes import PurposeKind

register = template.Library()


@register.filter
def in_language(value: object) -> str:
    """``{"sv": …, "en": …}`` or a ``Text`` in the reader's language."""
    return spoken(value)


@register.filter
def label(value: object, words: str) -> str:
    """``{{ system.phase|label:"phase" }}``: the label of a stored word."""
    return word_label(words, value)


@register.filter
def purpose_kind(value: object) -> str:
    """What a kind of purpose is called; the word itself when it is not in the list."""
    return str(PurposeKind(value).label) if value in PurposeKind.values else str(value)


@register.filter
def iso(value: object) -> str:
    """A day as 2026-11-20, the Swedish way; empty when there is none."""
    return value.isoformat()[:10] if isinstance(value, date) else str(value or "")


@register.filter
def get(mapping: object, key: object) -> object:
    """A value of a mapping by a key that only the template knows."""
    return mapping.get(key, "") if isinstance(mapping, dict) else ""


@register.filter
def problems(form: object) -> list[tuple[str, str]]:
    """Each error of a form with the id of its field."""
    return form_problems(form) if form else []


@register.filter
def answer_words(answer: object, fact: object) -> str:
    """An answer to a question of fact, in the reader's words."""
    words = {choice.value: spoken(choice.label) for choice in fact.values}
    parts = answer if isinstance(answer, list) else [answer]
    return ", ".join(words.get(part) or word_label("answer", part) for part in parts)
