"""The words that a need and its analysis are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from insyn.web.clock import today

WORDS = {
    "title_sv": "Snabbare svar om bygglov",
    "title_en": "Faster answers on building permits",
    "problem": "Frågor blir liggande.",
    "concerns": "Den som vill bygga, och handläggarna.",
    "today": "En handläggare svarar på mejl.",
    "wanted": "Svar samma dag.",
    "focus_area": "meetings",
}
EFFECTS = {"benefit": "Snabbare", "cost": "Låg", "risk": "Liten", "people": "Bra", "work_environment": "Lugnare"}
WITH_AI = {"kind": "ai", "name": "Chattbot", **EFFECTS}
WITHOUT = {"kind": "traditional", "name": "Bättre webbsida", **EFFECTS}
AS_TODAY = {"kind": "nothing", "name": "Som i dag", **EFFECTS}


def an_analysis(**changes: Any) -> dict[str, Any]:
    whole = {
        "summary": "En bra webbsida räcker.",
        "alternatives": [WITH_AI, WITHOUT],
        "chosen": "Bättre webbsida",
        "reasons": "Samma nytta, mindre risk.",
        "measure": "Svarstid",
        "expected": "Från fem dagar till en",
        "expected_by": (today() + timedelta(days=90)).isoformat(),
    }
    return {**whole, **changes}
