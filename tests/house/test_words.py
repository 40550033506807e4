"""The closed lists are whole."""

from __future__ import annotations

from enum import StrEnum

import pytest

from insyn.core import labels, terms
from insyn.core.entries import ALLOWED_WHILE_STOPPED, EntryKind
from insyn.core.refusals import EXPLAINED, RefusalCode

LISTS = [item for item in vars(terms).values() if isinstance(item, type) and issubclass(item, StrEnum) and item is not StrEnum]
MEMBERS = [pytest.param(member, id=f"{group.__name__}.{member}") for group in LISTS for member in group]


@pytest.mark.parametrize("member", MEMBERS)
def test_every_word_has_a_label_in_both_languages(member: StrEnum) -> None:
    label = labels.label(member)
    assert label.sv.strip()
    assert label.en.strip()


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_says_what_would_mend_it_in_both_languages(code: RefusalCode) -> None:
    row = EXPLAINED[code]
    for text in (row.sentence, row.mend):
        assert text.sv.endswith("."), text
        assert text.en.endswith("."), text


def test_every_entry_kind_says_whether_a_stopped_system_may_leave_it() -> None:
    assert set(ALLOWED_WHILE_STOPPED) == set(EntryKind)


def test_a_stopped_system_leaves_no_clearance_decision_or_release() -> None:
    refused = {kind for kind, allowed in ALLOWED_WHILE_STOPPED.items() if not allowed}
    assert refused == {EntryKind.CLEARANCE, EntryKind.DECISION, EntryKind.RELEASE}
