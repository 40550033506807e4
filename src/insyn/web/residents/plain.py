"""Turns model input and factors into plain sentences.

``System.factors`` says how a feature reads::

    {"debt_ratio": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts in relation to income"},
                    "unit": "%",                        # or {"sv": "kr", "en": "SEK"}; may be left out
                    "scale": 100, "decimals": 0,        # shown value = value * scale, rounded; may be left out
                    "values": {"1": {"sv": "ja", "en": "yes"}, "0": {"sv": "nej", "en": "no"}},  # words for codes; may be left out
                    "for": {"sv": "Låga skulder talade för.", "en": "..."}, "against": {...},  # own sentences; may be left out
                    "if": {"sv": "skulderna hade varit {value} av inkomsten", "en": "..."},  # in "If … had been …"; may be left out
                    "changeable": True}}  # may a counterfactual ask a person for it? Left out where nobody has said

A positive contribution moves the score towards the outcome that the register calls favourable. A feature without a label is shown by its
name and marked, never left out: a factor that nobody can explain is itself worth seeing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from insyn.core.explained import field_of
from insyn.core.messages import Change, Citation, Counterfactual, Factor
from insyn.core.text import Text

#: Below this share of all contributions (absolute values) a factor hardly mattered.
NEGLIGIBLE = 0.01
#: A resident sees the factors that together make up this share, and at most ``MOST``.
SIGNIFICANT, MOST = 0.9, 8

#: So many characters of the text around a quotation are shown on each side.
AROUND = 140

_NBSP = "\u00a0"
_DIRECTION = {
    "for": Text("Det talade för.", "This spoke in favour."),
    "against": Text("Det talade emot.", "This spoke against."),
    "none": Text("Det spelade nästan ingen roll.", "This hardly mattered."),
}
_MISSING = Text("uppgift saknas", "not stated")
_YES, _NO = Text("ja", "yes"), Text("nej", "no")
_IF = Text("Om %(changes)s hade förslaget blivit ”%(outcome)s”.", "If %(changes)s, the proposal would have been “%(outcome)s”.")
_HAD_BEEN = Text("%(label)s hade varit %(needed)s (nu %(value)s)", "%(label)s had been %(needed)s (now %(value)s)")
_NOW = Text("%(own)s (nu %(value)s)", "%(own)s (now %(value)s)")
_AND = Text(" och ", " and ")
_UNLABELLED = Text("saknar förklaring i registret", "not explained in the register")


@dataclass(frozen=True)
class FactorLine:
    """One factor as a person reads it. ``start`` and ``width`` place its bar: per cent of the width, 50 is neutral."""

    label: str
    value: str
    direction: str
    sentence: str
    share: float
    start: float
    width: float


@dataclass(frozen=True)
class CitedLine:
    """A quotation as it stands in the text: what is before it, the words themselves, and what comes after. ``cut``: text was left out there."""

    label: str
    before: str
    text: str
    after: str
    cut_before: bool
    cut_after: bool


def number_text(value: float, *, language: str, decimals: int | None = None) -> str:
    """A number as written in the language: ``1 234,5`` or ``1,234.5``; at most two decimals unless told."""
    if decimals is None:
        text = f"{value:,.2f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"
    else:
        text = f"{value:,.{decimals}f}"
    if language.startswith("en"):
        return text
    return text.replace(",", _NBSP).replace(".", ",").replace("-", "\u2212")


def label_text(feature: str, labels: Mapping[str, object], language: str) -> str:
    """The register's words for a feature, or its name marked as unexplained."""
    label = _entry(feature, labels).get("label")
    if isinstance(label, Mapping):
        text = _spoken(label, language)
        if text:
            return text
    return f"{feature} ({_UNLABELLED.in_language(language)})"


def value_text(feature: str, value: object, labels: Mapping[str, object], language: str) -> str:
    """A value with its unit, or the register's word for a code."""
    entry = _entry(feature, labels)
    word = _word(value, entry.get("values"), language)
    if word:
        return word
    if value is None or value == "":
        return _MISSING.in_language(language)
    if isinstance(value, bool):
        return (_YES if value else _NO).in_language(language)
    if isinstance(value, int | float):
        return _measured(float(value), entry, language)
    if isinstance(value, list | tuple):
        return ", ".join(value_text(feature, item, labels, language) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value_text(str(key), item, labels, language)}" for key, item in value.items())
    return str(value)


def sentence(factor: Factor, labels: Mapping[str, object], language: str, *, share: float = 1.0) -> str:
    """The factor as a sentence: what it is, its value, and which way it spoke. ``share`` is its part of all contributions."""
    label = label_text(factor.feature, labels, language)
    value = value_text(factor.feature, factor.value, labels, language)
    way = direction(factor.contribution, share)
    own = _spoken(_entry(factor.feature, labels).get(way), language)
    return f"{label}: {value}. {own or _DIRECTION[way].in_language(language)}"


def direction(contribution: float, share: float) -> str:
    """``for``, ``against`` or ``none`` (hardly mattered)."""
    if share < NEGLIGIBLE or contribution == 0 or not math.isfinite(contribution):
        return "none"
    return "for" if contribution > 0 else "against"


def factor_lines(factors: Iterable[Factor], labels: Mapping[str, object], language: str) -> list[FactorLine]:
    """Every factor, the weightiest first."""
    ordered = sorted(factors, key=lambda factor: (-abs(factor.contribution), factor.feature))
    total = sum(abs(factor.contribution) for factor in ordered) or 1.0
    largest = max((abs(factor.contribution) for factor in ordered), default=0.0) or 1.0
    return [_line(factor, labels, language, abs(factor.contribution) / total, abs(factor.contribution) / largest) for factor in ordered]


def significant(lines: list[FactorLine]) -> list[FactorLine]:
    """The weightiest factors that together make up ``SIGNIFICANT``, at most ``MOST``; at least one where there is one."""
    chosen: list[FactorLine] = []
    covered = 0.0
    for line in lines:
        if chosen and (covered >= SIGNIFICANT or len(chosen) == MOST or line.direction == "none"):
            break
        chosen.append(line)
        covered += line.share
    return chosen


def input_rows(payload: Mapping[str, object], labels: Mapping[str, object], language: str) -> list[tuple[str, str]]:
    """The data that the model saw, as label and value, in the register's order and then by name."""
    order = {feature: place for place, feature in enumerate(labels)}
    names = sorted(payload, key=lambda name: (order.get(name, len(order)), name))
    return [(label_text(name, labels, language), value_text(name, payload[name], labels, language)) for name in names]


def counterfactual_sentence(told: Counterfactual, labels: Mapping[str, object], outcome: str, language: str) -> str:
    """ "If … had been …, the proposal would have been …". ``outcome``: the register's word for it."""
    changes = [_had_been(change, labels, language) for change in told.changes]
    *first, last = changes
    joined = _AND.in_language(language).join([", ".join(first), last] if first else [last])
    return _IF.in_language(language) % {"changes": joined, "outcome": outcome}


def _had_been(change: Change, labels: Mapping[str, object], language: str) -> str:
    needed = value_text(change.feature, change.needed, labels, language)
    value = value_text(change.feature, change.value, labels, language)
    own = _spoken(_entry(change.feature, labels).get("if"), language)
    if own:
        return _NOW.in_language(language) % {"own": own.replace("{value}", needed), "value": value}
    words = {"label": _in_the_middle(label_text(change.feature, labels, language)), "needed": needed, "value": value}
    return _HAD_BEEN.in_language(language) % words


def _in_the_middle(label: str) -> str:
    """A label inside a sentence: its first letter small, unless the first word is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def cited_lines(
    citations: Iterable[Citation], payload: Mapping[str, object], labels: Mapping[str, object], language: str
) -> Iterator[CitedLine]:
    """Each quotation in its surroundings. One whose text is not there any more (a field was not kept) is shown by its words alone."""
    for citation in citations:
        held = field_of(payload, citation.field)
        held = held if isinstance(held, str) and held[citation.start : citation.end] == citation.text else ""
        begins, ends = max(0, citation.start - AROUND), citation.end + AROUND
        yield CitedLine(
            label=label_text(citation.field, labels, language),
            before=held[begins : citation.start],
            text=citation.text,
            after=held[citation.end : ends],
            cut_before=bool(held) and begins > 0,
            cut_after=ends < len(held),
        )


def _line(factor: Factor, labels: Mapping[str, object], language: str, share: float, size: float) -> FactorLine:
    width = round(50 * size, 1)
    return FactorLine(
        label=label_text(factor.feature, labels, language),
        value=value_text(factor.feature, factor.value, labels, language),
        direction=direction(factor.contribution, share),
        sentence=sentence(factor, labels, language, share=share),
        share=share,
        start=50.0 if factor.contribution >= 0 else round(50 - width, 1),
        width=width,
    )


def _entry(feature: str, labels: Mapping[str, object]) -> Mapping[str, object]:
    entry = labels.get(feature)
    return entry if isinstance(entry, Mapping) else {}


def _spoken(text: object, language: str) -> str:
    if isinstance(text, Mapping):
        sv, en = str(text.get("sv") or ""), str(text.get("en") or "")
        return Text(sv or en, en or sv).in_language(language)
    return str(text) if text else ""


def _word(value: object, words: object, language: str) -> str:
    if not isinstance(words, Mapping) or isinstance(value, list | tuple | Mapping):
        return ""
    keys = [str(value)]
    if isinstance(value, bool):
        keys = [str(value).lower(), str(int(value))]
    elif isinstance(value, float) and value.is_integer():
        keys.append(str(int(value)))
    return next((_spoken(words[key], language) for key in keys if key in words), "")


def _measured(value: float, entry: Mapping[str, object], language: str) -> str:
    scale, decimals = entry.get("scale", 1), entry.get("decimals")
    shown = value * float(scale) if isinstance(scale, int | float) else value
    text = number_text(shown, language=language, decimals=decimals if isinstance(decimals, int) else None)
    unit = _spoken(entry.get("unit"), language)
    if not unit:
        return text
    return f"{text}%" if unit == "%" and language.startswith("en") else f"{text}{_NBSP}{unit}"
