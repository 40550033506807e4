"""Whom a policy binds, and from when; and that digests follow the text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import PackError
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.digests import digest_of
from insyn.law.loader import load_packs

DAY = date(2026, 11, 20)


def ids(packs: Any) -> list[str]:
    return [pack.id for pack in packs]


def test_a_policy_binds_nobody_before_the_council_has_adopted_it(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    packs = load_packs(little_law.folder.parent)
    policy = packs[0]
    act = Adoption(pack=policy.id, digest=policy.digest, adopted_on=DAY)
    assert ids(packs_in_force(packs, [], on=DAY)) == ["little-law"]
    assert ids(packs_in_force(packs, [act], on=DAY - timedelta(days=1))) == ["little-law"]
    assert ids(packs_in_force(packs, [act], on=DAY)) == ["kommun/by", "little-law"]


def test_a_policy_changed_after_its_adoption_is_refused_not_forgotten(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    adopted = load_packs(little_law.folder.parent)[0]
    policy.swap("rules/council-rule.yaml", "is: yes", "is: no")
    with pytest.raises(PackError, match="has changed since it was adopted"):
        packs_in_force(load_packs(little_law.folder.parent), [Adoption(pack=adopted.id, digest=adopted.digest, adopted_on=DAY)], on=DAY)


def test_an_adopted_policy_whose_files_are_gone_is_refused(little_law: Any) -> None:
    with pytest.raises(PackError, match="its files are not here"):
        packs_in_force(load_packs(little_law.folder.parent), [Adoption(pack="kommun/by", digest="x", adopted_on=DAY)], on=DAY)


def test_the_council_may_adopt_a_newer_text(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    packs = load_packs(little_law.folder.parent)
    acts = [
        Adoption(pack="kommun/by", digest="an older text", adopted_on=DAY - timedelta(days=30)),
        Adoption(pack="kommun/by", digest=packs[0].digest, adopted_on=DAY),
    ]
    assert "kommun/by" in ids(packs_in_force(packs, reversed(acts), on=DAY))


def test_the_digest_follows_every_byte_and_name_and_not_the_order(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    before = load_packs(little_law.folder.parent)
    assert digest_of(before) == digest_of(reversed(before))
    little_law.swap("cases/no-harm.yaml", "it harms", "it harms much")
    after = load_packs(little_law.folder.parent)
    assert before[1].digest != after[1].digest
    assert digest_of(before) != digest_of(after)
