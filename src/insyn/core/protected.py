"""Names of features that no explanation may ask a person to change, whatever the register says.

The grounds of the Discrimination Act (1:5) and the special categories of personal data (GDPR Art. 9), by the names that data sets give
them in Swedish and English, and what nobody can change about their past. A name is met whole: ``age`` is here, ``age_of_account`` is not.
The list is a floor. What else a person cannot or should not have to change is declared in the register, feature by feature.
"""

from __future__ import annotations

import unicodedata

PROTECTED = frozenset(
    {
        *("sex", "gender", "gender_identity", "gender_expression", "transgender", "kön", "kon", "könsidentitet", "könsuttryck"),
        *("ethnicity", "ethnic_origin", "race", "nationality", "citizenship", "country_of_birth", "national_origin", "immigrant"),
        *("etnicitet", "etnisk_tillhörighet", "nationalitet", "medborgarskap", "födelseland", "fodelseland", "ursprung", "utrikesfödd"),
        *("religion", "belief", "faith", "trosuppfattning", "tro", "livsåskådning"),
        *("disability", "disabled", "funktionsnedsättning", "funktionshinder"),
        *("sexual_orientation", "sexuality", "sex_life", "sexuell_läggning", "sexualliv"),
        *("age", "birth_year", "birth_date", "date_of_birth", "year_of_birth", "ålder", "alder", "födelseår", "födelsedatum"),
        *("health", "diagnosis", "illness", "genetic_data", "biometric_data", "pregnancy", "pregnant"),
        *("hälsa", "diagnos", "sjukdom", "genetiska_uppgifter", "biometriska_uppgifter", "graviditet", "gravid"),
        *(
            "political_opinion",
            "political_opinions",
            "union_membership",
            "trade_union",
            "politisk_åsikt",
            "fackmedlem",
            "fackligt_medlemskap",
        ),
    }
)


def is_protected(feature: str) -> bool:
    """Is the feature, or a part of it before or after a dot, one of these?"""
    words = plain_name(feature)
    return words in PROTECTED or not PROTECTED.isdisjoint(words.split("."))


def plain_name(feature: str) -> str:
    """A name as it is compared: whatever capitals, dashes and blanks it is written with, and however its letters are put together."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", feature) if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", seen.casefold()).replace("-", "_").replace(" ", "_")
