"""Figures come from the publisher's file, and a hidden cell stays hidden."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, strategies as st

from insyn.web.site.figures import bar, group_rows, read_figures

GROUPS = {"sex": {"label": {"sv": "Kön", "en": "Sex"}, "values": {"female": {"sv": "Kvinna", "en": "Woman"}}}}
FIGURES: dict[str, Any] = {
    "system": "lanestod",
    "generated_day": "2026-11-20",
    "log_size": 3021,
    "proposals": 994,
    "refused": 3,
    "waiting": 14,
    "reviews": 5,
    "historical": 994,
    "not_used": 2,
    "favourable": "grant",
    "small_cell": 10,
    "agreement": {"n": 994, "same": 861, "rate": 0.8662, "low": 0.8437, "high": 0.8859},
    "groups": [
        {
            "group": "sex",
            "value": "female",
            "n": 98,
            "rate": 0.612,
            "low": 0.513,
            "high": 0.703,
            "historical_n": 98,
            "historical_rate": 0.683,
            "historical_low": 0.585,
            "historical_high": 0.767,
        },
        {"group": "sex", "value": "male", "n": 7777, "rate": 0.31415, "low": 0.2, "high": 0.4, "suppressed": True, "why": "few"},
        {"group": "sex", "value": "not_declared", "n": 0},
    ],
    "groups_day": "2026-11-19",
    "groups_proposals": 994,
    "groups_historical": 994,
}


def write(folder: Path, figures: object, name: str = "lanestod") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(figures if isinstance(figures, str) else json.dumps(figures), encoding="utf-8")


def test_the_figures_of_a_system_are_read_as_they_were_published(tmp_path: Path) -> None:
    write(tmp_path, FIGURES)
    figures = read_figures(tmp_path, "lanestod")
    assert figures
    assert (figures.proposals, figures.refused, figures.agreement.same) == (994, 3, 861)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"system": 1}', "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")])
def test_figures_that_cannot_be_read_are_not_guessed(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert read_figures(tmp_path, "lanestod") is None
    assert read_figures(tmp_path, "other") is None


def test_a_hidden_cell_shows_no_number_whatever_the_file_says(tmp_path: Path) -> None:
    write(tmp_path, FIGURES)
    with translation.override("sv"):
        rows = group_rows(read_figures(tmp_path, "lanestod"), GROUPS)
    assert [(row.group, row.value) for row in rows] == [("Kön", "Kvinna"), ("Kön", "male"), ("Kön", "Inte uppgivet")]
    assert (rows[1].proposed.n, rows[1].proposed.bar, rows[1].proposed.hidden) == (None, None, "few")
    assert rows[0].proposed.bar.rate == 61.2


@pytest.mark.django_db
def test_the_page_shows_figures_with_intervals_and_says_too_few(client: Any, in_use: Any, settings: Any) -> None:
    target = settings.HOME.figures / "lanestod.json"
    write(settings.HOME.figures, FIGURES)
    try:
        page = html.unescape(client.get("/system/lanestod/").content.decode())
    finally:
        target.unlink()
    assert "61,2\u00a0%" in page
    assert "51,3–70,3\u00a0%, 98 ärenden" in page
    assert "för få" in page
    assert "7777" not in page
    assert "31,4" not in page
    assert 'width="61.2%"' in page, "a bar is drawn with a decimal point in every language"
    assert len(re.findall(r"<svg[^>]*aria-hidden", page)) >= 3


@given(st.one_of(st.none(), st.floats(allow_nan=False)), st.floats(-2, 3), st.floats(-2, 3))
def test_a_bar_never_leaves_its_track(rate: float | None, low: float, high: float) -> None:
    drawn = bar(rate, low, high)
    assert (drawn is None) is (rate is None)
    if drawn:
        assert all(0 <= end <= 100 for end in (drawn.rate, drawn.low, drawn.high))
