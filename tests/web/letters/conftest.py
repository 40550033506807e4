"""A system with its case, as a letter is written about it. No sequencer: a letter is made from what was opened."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from insyn.core.messages import Factor
from insyn.web.oversight.opening import Case
from insyn.web.residents import plain

LAW = Path(__file__).resolve().parents[3] / "packs"
OUTCOMES = {"grant": {"sv": "Bevilja lån", "en": "Grant the loan"}, "deny": {"sv": "Avslå", "en": "Refuse"}}
LABELS = {
    "debts": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts in relation to income"}, "unit": "%"},
    "income": {"label": {"sv": "Inkomst", "en": "Income"}, "unit": {"sv": "kr", "en": "SEK"}},
    "note": {"label": {"sv": "Anteckning", "en": "Note"}},
}
APPEAL = "Skriv till oss vad du vill ändra. Vi skickar det vidare."


@pytest.fixture
def loans(make_system: Any) -> Any:
    return make_system(
        "loans",
        outcomes=OUTCOMES,
        factors=LABELS,
        known_limits_sv="Systemet är sämre för den som är under 25 år. Det prövas varje år.",
        known_limits_en="The system does less well for people under 25. It is tested every year.",
    )


def case_with(note: str = "inget särskilt", *, number: str = "SN 2026-7", proposed: str = "deny", language: str = "sv") -> Case:
    factors = (Factor("debts", 42, -1.5), Factor("note", note, -1.2), Factor("income", 31000, 0.5))
    return Case(
        rid="ab" * 16,
        index=7,
        leaf="cd" * 32,
        day="2026-11-20",
        version="1.0",
        number=number,
        proposed=proposed,
        proposed_label="Avslå",
        score=-1.0,
        rows=[],
        factors=plain.factor_lines(factors, LABELS, language),
        matter_type="housing_loan",
    )


@pytest.fixture(scope="session")
def real_law(tmp_path_factory: Any) -> Path:
    """The AI Act and the GDPR as they are installed, in a folder of their own: read once."""
    folder: Path = tmp_path_factory.mktemp("law")
    for pack in ("eu-ai-act", "eu-gdpr"):
        shutil.copytree(LAW / pack, folder / pack)
    return folder


@pytest.fixture
def with_real_law(settings: Any, real_law: Path) -> None:
    """Ask for it before anything that opens the register."""
    settings.INSYN_PACKS = [real_law]
