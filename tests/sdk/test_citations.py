"""Quotations that stand in the material are found; others are refused."""

from __future__ import annotations

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Citation
from insyn.sdk.citations import find_quotes

LETTER = "Jag söker om bostadstillägg. Hyran är 7 200 kr – det står i avtalet. 👍 Hälsningar"
PAYLOAD = {"letter": LETTER, "form": {"reason": "Hyran är 7 200 kr"}, "number": 7}


def test_a_quotation_is_found_with_its_place_in_characters() -> None:
    found = find_quotes(PAYLOAD, ["det står i avtalet", "👍 Hälsningar"])
    assert [LETTER[one.start : one.end] for one in found] == ["det står i avtalet", "👍 Hälsningar"]
    assert found[0] == Citation(field="letter", start=LETTER.index("det"), end=LETTER.index("det") + 18, text="det står i avtalet")


def test_a_quotation_is_looked_for_in_the_fields_that_are_named() -> None:
    (found,) = find_quotes(PAYLOAD, ["Hyran är 7 200 kr"], fields=["form.reason"])
    assert (found.field, found.start) == ("form.reason", 0)


@pytest.mark.parametrize("quote", ["Hyran är 7200 kr", "hyran är", " ", "x" * 2001])
def test_what_does_not_stand_there_word_for_word_is_refused(quote: str) -> None:
    with pytest.raises(InvalidInput) as found:
        find_quotes(PAYLOAD, ["Jag söker", quote])
    assert found.value.place == "quotes[1]"
