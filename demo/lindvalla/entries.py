"""What Lindvalla's entries say of whom a system touches, how the information is classed, and where else the system is registered.

All invented; no address leads anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from demo.lindvalla import systems
from demo.lindvalla.people import OTHER_OWNER, OWNER, PersonOf
from demo.loans import words
from demo.loans.words import both


@dataclass(frozen=True)
class EntryOf:
    """``klassa``: consequence from 0 to 4 of lost confidentiality, integrity, availability and traceability."""

    owner: PersonOf
    affected: tuple[tuple[dict[str, str], dict[str, str]], ...]
    links: dict[str, str]
    klassa: tuple[int, int, int, int]


ENTRIES = {
    words.SLUG: EntryOf(
        OWNER,
        (
            (
                both("De som söker bostadslån", "People who apply for a housing loan"),
                both(
                    "Förslaget kan påverka om de får lån, och hur snabbt.", "The proposal may affect whether they get a loan, and how soon."
                ),
            ),
            (
                both("Deras hushåll", "Their households"),
                both("Ett avslag kan innebära att de inte kan flytta.", "A refusal may mean that they cannot move."),
            ),
            (
                both("Handläggarna", "The case officers"),
                both("De räknar mindre och prövar mer.", "They calculate less and examine more."),
            ),
        ),
        {
            "record_of_processing": "https://behandlingar.lindvalla.example/lanestod",
            "system_register": "SYS-0417",
            "case_number": "SBN 2026/204",
        },
        (3, 3, 2, 3),
    ),
    systems.MASKING["slug"]: EntryOf(
        OTHER_OWNER,
        (
            (
                both("De som nämns i kommunens handlingar", "People named in the municipality's documents"),
                both("En miss kan röja en personuppgift.", "A miss may disclose personal data."),
            ),
            (
                both("De som begär ut handlingar", "People who ask for documents"),
                both("För mycket som döljs gör handlingen svår att läsa.", "Too much hidden makes the document hard to read."),
            ),
        ),
        {"system_register": "SYS-0388", "procurement": "UPP 2025/31"},
        (3, 3, 1, 2),
    ),
    systems.TRAFFIC["slug"]: EntryOf(
        OTHER_OWNER,
        (
            (
                both("Alla som färdas genom centrum", "Everybody who travels through the centre"),
                both("Väntan vid rött blir längre eller kortare.", "The wait at a red light gets longer or shorter."),
            ),
        ),
        {"system_register": "SYS-0102", "procurement": "UPP 2024/12"},
        (1, 4, 4, 2),
    ),
}
#: How badly the signals bear a disturbance tells where to disturb them.
WITHHELD = (systems.TRAFFIC["slug"], "klassa", "OSL 18 kap. 8 §")

SUPPLIER = {
    "name": "Nordspråk AB (påhittat)",
    "country": "SE",
    "contact": "Kundtjänst för kommuner",
    "contact_address": "kommuner@nordsprak.example",
    "notes": "Levererar språkmodellen som två av kommunens system bygger på.",
}
PRODUCT = {
    "slug": "nordsprak",
    "name_sv": "Nordspråk",
    "name_en": "Nordspråk",
    "kind": "generally_available",
    "description_sv": "Allmän språkmodell för svensk text. Körs hos leverantören i Sverige.",
    "description_en": "General language model for Swedish text. Runs at the supplier's, in Sweden.",
    "training_data_sv": "Enligt leverantören: svenska webbsidor, tidningar och riksdagstryck till och med 2024. Ingen text från kommunen.",
    "training_data_en": "According to the supplier: Swedish web pages, newspapers and parliamentary documents through 2024. No text of the municipality.",
    "documentation": [{"title": "Modellkort (påhittat)", "address": "https://nordsprak.example/modellkort"}],
}
BUILDS_ON = (systems.MASKING["slug"], systems.ASSISTANT["slug"])
