"""Names of features that no explanation may ask a person to change, whatever the register says.

The grounds of the Discrimination Act (1:5) and the special categories of personal data (GDPR Art. 9), by the names that data sets give
them in Swedish and English, and what nobody can change about their past. A name is met however it is written (``dateOfBirth``), in a column made
from it (``sex=male``, ``kön_kvinna``) and among other words (``applicant_gender``). A few words name other things as well and are met whole:
``age`` is here and so are ``age_group`` and ``applicant_age``, ``age_of_account`` is not.
The list is a floor. What a person can change is declared in the register, feature by feature.
"""

from __future__ import annotations

import re
import unicodedata

PROTECTED = frozenset(
    {
        *("female", "male", "kvinna"),
        *("sex", "gender", "gender_identity", "gender_expression", "transgender", "kön", "kon", "könsidentitet", "könsuttryck"),
        *("ethnicity", "ethnic_origin", "race", "nationality", "citizenship", "country_of_birth", "national_origin", "immigrant"),
        *("etnicitet", "etnisk_tillhörighet", "nationalitet", "medborgarskap", "födelseland", "fodelseland", "ursprung", "utrikesfödd"),
        *("religion", "belief", "faith", "trosuppfattning", "tro", "livsåskådning"),
        *("disability", "disabled", "funktionsnedsättning", "funktionshinder"),
        *("sexual_orientation", "sexuality", "sex_life", "sexuell_läggning", "sexualliv"),
        *(
            "age",
            "birth_year",
            "birth_date",
            "date_of_birth",
            "year_of_birth",
            "ålder",
            "alder",
            "åldersgrupp",
            "födelseår",
            "födelsedatum",
        ),
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


#: Things have an age and a health, and "tro" is a verb: with other words around them these may say something else.
_WHOLE = frozenset({"age", "ålder", "alder", "health", "hälsa", "belief", "faith", "tro", "disabled", "ursprung", "kon"})
_AGES = frozenset({"age", "ålder", "alder"})
_OF_AN_AGE = frozenset(
    {"group", "band", "range", "class", "bin", "years", "squared", "sq", "log", "over", "under", "grupp", "klass", "år", "t"}
)
_WHOSE_AGE = frozenset(
    {
        *("applicant", "person", "client", "customer", "user", "child", "patient", "pupil", "student", "citizen", "resident", "employee"),
        *("sökande", "sökandes", "elev", "elevens", "barn", "barnets", "klient", "brukare", "invånare"),
    }
)
_RUN_TOGETHER = frozenset(name.replace("_", "") for name in PROTECTED)
_BETWEEN_PARTS = re.compile(r"__+|[^\w\s\-\u2010-\u2015\u2212/]+")
_BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015\u2212/_]+")


def is_protected(feature: str) -> bool:
    """Is the feature one of these, or a part of it, or a column made from one?"""
    return any(map(_is_one, _BETWEEN_PARTS.split(_folded(feature))))


def _is_one(part: str) -> bool:
    words = _BETWEEN_WORDS.sub("_", part).strip("_").split("_")
    if "".join(words) in _RUN_TOGETHER:
        return True
    longest = 3
    some = {"_".join(words[at : at + count]) for count in range(1, longest + 1) for at in range(len(words) - count + 1)}
    return not (PROTECTED - _WHOLE).isdisjoint(some) or _is_age(words)


def _is_age(words: list[str]) -> bool:
    """A person's age, in groups or reckoned with."""
    others = [word for word in words if word not in _AGES]
    return len(others) < len(words) and all(word in _OF_AN_AGE | _WHOSE_AGE or word.isdecimal() for word in others)


def plain_name(feature: str) -> str:
    """A name as it is compared: whatever capitals, dashes and blanks it is written with, and however its letters are put together."""
    return _BETWEEN_WORDS.sub("_", _folded(feature)).strip("_")


def _folded(feature: str) -> str:
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", feature) if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", seen.casefold())
