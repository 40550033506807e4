"""What changed between two sets of packs, or between two days under the same: rule by rule, and for one use of a system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from insyn.core.text import Text
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.conditions import asks_of
from insyn.law.model import Kind, Pack, Rule
from insyn.law.ready import ready_rule
from insyn.law.starts import STARTS_CALENDAR

from .full_result import FullResult


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a comparison: the packs as they are there, what is adopted, and the day."""

    packs: tuple[Pack, ...]
    on: date
    adoptions: tuple[Adoption, ...] = ()


class PackChange(msgspec.Struct, frozen=True, kw_only=True):
    """``None`` on the side where the pack is missing."""

    pack: str
    version_before: str | None
    version_after: str | None
    digest_before: str | None
    digest_after: str | None


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """``change``: ``added``, ``removed``, ``changed`` (``parts`` says in what) or ``same`` text. In force on its side's day, or not."""

    rule: str
    kind: Kind
    title: Text
    change: str
    parts: tuple[str, ...]
    in_force_before: bool
    in_force_after: bool


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something about a system that is not the same on both sides."""

    what: str
    before: Any
    after: Any


class SystemChange(msgspec.Struct, frozen=True, kw_only=True):
    """How one use of a system changes: its class and what that rests on, then gates, duties and effects by rule."""

    result: tuple[Difference, ...]
    gates: tuple[Difference, ...]
    duties: tuple[Difference, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    on_before: date
    on_after: date
    packs: tuple[PackChange, ...]
    rules: tuple[RuleChange, ...]
    system: SystemChange | None = None


def compare(before: Side, after: Side) -> Comparison:
    """Packs and rules that are not the same on both sides, in the order of their ids."""
    return Comparison(on_before=before.on, on_after=after.on, packs=_pack_changes(before, after), rules=_rule_changes(before, after))


def _pack_changes(before: Side, after: Side) -> tuple[PackChange, ...]:
    old, new = ({pack.id: pack for pack in side.packs} for side in (before, after))
    changes = [_pack_change(pack, old.get(pack), new.get(pack)) for pack in sorted(old.keys() | new.keys())]
    return tuple(change for change in changes if change.digest_before != change.digest_after)


def _pack_change(pack: str, old: Pack | None, new: Pack | None) -> PackChange:
    return PackChange(
        pack=pack,
        version_before=old.version if old else None,
        version_after=new.version if new else None,
        digest_before=old.digest if old else None,
        digest_after=new.digest if new else None,
    )


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    rule: Rule
    says: Mapping[str, Any]
    in_force: bool


def _rule_changes(before: Side, after: Side) -> tuple[RuleChange, ...]:
    old, new = _rules(before), _rules(after)
    changes = [_rule_change(rule, old.get(rule.id), new.get(rule.id)) for rule in _shown(old, new)]
    return tuple(change for change in changes if change.change != "same" or change.in_force_before != change.in_force_after)


def _rules(side: Side) -> dict[str, _Found]:
    binding = {pack.id for pack in packs_in_force(side.packs, side.adoptions, on=side.on)}
    return {
        rule.id: _Found(rule=rule, says=_says(rule, pack, side.packs), in_force=pack.id in binding and _holds(rule, pack, side.on))
        for pack in side.packs
        for rule in pack.rules.values()
    }


def _holds(rule: Rule, pack: Pack, on: date) -> bool:
    """In force for a system of which nothing is known; an old one may have a later day of its own."""
    found = ready_rule(rule, pack)
    return found.in_force(found.starts({}), on)


def _says(rule: Rule, pack: Pack, packs: Sequence[Pack]) -> dict[str, Any]:
    """Everything that the rule says, with what it points at written out: a moved day or another question is a changed rule."""
    said = {name: getattr(rule, name) for name in rule.__struct_fields__}
    said["history"] = [(entry.status, pack.calendar[entry.at].day) for entry in rule.history]
    said["provisions"] = [pack.provisions[name] for name in rule.cited]
    asked = asks_of(rule)
    said["questions"] = [_question(fact, packs) for fact in dict.fromkeys(ask.fact for ask in asked)]
    named = (*STARTS_CALENDAR.get(rule.starts_by, ()), *(str(ask.value) for ask in asked))
    said["days"] = [pack.calendar[name].day for name in named if name in pack.calendar]
    return said


def _question(fact: str, packs: Iterable[Pack]) -> Any:
    return next(pack.facts[fact] for pack in packs if fact in pack.facts)


def _shown(old: Mapping[str, _Found], new: Mapping[str, _Found]) -> list[Rule]:
    """Every rule of either side, in the newer wording where there is one."""
    return [found.rule for _, found in sorted({**old, **new}.items())]


def _rule_change(rule: Rule, old: _Found | None, new: _Found | None) -> RuleChange:
    parts = tuple(name for name in old.says if old.says[name] != new.says[name]) if old and new else ()
    return RuleChange(
        rule=rule.id,
        kind=rule.kind,
        title=rule.title,
        change="added" if old is None else "removed" if new is None else "changed" if parts else "same",
        parts=parts,
        in_force_before=old is not None and old.in_force,
        in_force_after=new is not None and new.in_force,
    )


_RESULT = (
    ("class", "system_class"),
    *((name, name) for name in ("act_as", "prohibitions", "annex_items", "annex_open", "derogation", "roles", "transparency", "set_aside")),
)
_GATE = ("applies", "in_force", "demands", "before", "supplied_by", "second_from", "per_version", "expires_after")
_DUTY = ("applies", "in_force")
_DAYS = ("law_applies_from", "policy_applies_from")


def compare_results(before: FullResult, after: FullResult) -> SystemChange:
    """What is not the same in two results about the same system."""
    return SystemChange(
        result=tuple(
            _difference(word, getattr(before, name), getattr(after, name))
            for word, name in _RESULT
            if getattr(before, name) != getattr(after, name)
        ),
        gates=_differences(_table(before, before.gates, _GATE), _table(after, after.gates, _GATE)),
        duties=_differences(_table(before, before.duties, _DUTY), _table(after, after.duties, _DUTY)),
    )


def _table(result: FullResult, rows: Iterable[Any], fields: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is compared of each row, by rule, with the days from the effect of the same rule."""
    effects = {effect.rule: effect for effect in result.effects}
    return {
        row.rule: {name: getattr(row, name) for name in fields} | {name: getattr(effects[row.rule], name) for name in _DAYS} for row in rows
    }


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """By rule; ``None`` where it asks nothing."""
    return tuple(
        _difference(rule, old.get(rule), new.get(rule)) for rule in sorted(old.keys() | new.keys()) if old.get(rule) != new.get(rule)
    )


def _difference(what: str, before: Any, after: Any) -> Difference:
    return Difference(what=what, before=before, after=after)
