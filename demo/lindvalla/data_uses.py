"""Which data Lånestöd uses for what, as its owner proposes it: one use for each category, with each field that the model sees."""

from __future__ import annotations

from typing import Any

from demo.loans import words

_FORM, _BUREAU = "Ur ansökan.", "Kreditupplysning som den sökande har godkänt."
_FIELDS = {
    "income_and_debt": (
        ("housing_expense_ratio", "Visar om boendet går att betala.", _FORM),
        ("other_debt_ratio", "Visar vad andra skulder kostar.", _FORM),
        ("unverified_information", "En uppgift som inte har bekräftats ska väga lätt.", _FORM),
    ),
    "credit_history": (
        ("consumer_credit", "Visar hur tidigare krediter har betalats.", _BUREAU),
        ("public_record", "Visar konkurs eller liknande.", _BUREAU),
        ("meets_guidelines", "Visar om historiken håller för lånets villkor.", _BUREAU),
    ),
    "housing": (
        ("loan_to_price", "Visar lånet mot bostadens pris.", _FORM),
        ("several_dwellings", "Ett hus med flera bostäder bedöms på annat sätt.", _FORM),
    ),
    "employment": (("self_employed", "Inkomst av eget företag bedöms på annat sätt.", _FORM),),
}


def proposals() -> list[dict[str, Any]]:
    """The words of ``propose_data_use``, one use for each category."""
    return [_proposal(use) for use in words.DATA_USES]


def _proposal(use: dict[str, Any]) -> dict[str, Any]:
    category = use["category"]
    manner = words.both("Lämnas av den sökande, eller hämtas när hon har sagt ja.", "Given by the applicant, or fetched with her consent.")
    texts = {"what": use["why"], "source": use["source"], "manner": manner, "legal_basis": use["legal_basis"]}
    spread = {f"{name}_{language}": text[language] for name, text in texts.items() for language in ("sv", "en")}
    return {
        "purpose": words.PURPOSE,
        "categories": [category],
        "fields": [{"name": name, "why": why, "collected_how": how} for name, why, how in _FIELDS[category]],
        "retention": "Fem år efter beslutet.",
        "disposal_decision": "Nämndens gallringsbeslut SBN 2026/188",
        **spread,
    }
