"""`insyn packs explain`: one rule as a lawyer would want to read it, with everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.labels import label
from insyn.core.terms import VerificationLevel
from insyn.law.answers import facts_of
from insyn.law.loader import load_packs
from insyn.law.model import All, Always, AnyOf, Ask, Condition, Fact, Not, Operator, Pack, Rule


def explain_rule(rule: str, *folders: Path) -> int:
    packs = load_packs(*folders)
    found = {rule.id: (pack, rule) for pack in packs for rule in pack.rules.values()}
    if rule not in found:
        raise InvalidInput("no such rule", place=rule, mend="Name it as pack/slug, as `insyn packs check` prints them.")
    for line in explained(*found[rule], packs):
        print(line)
    return 0


def explained(pack: Pack, rule: Rule, packs: Sequence[Pack]) -> Iterator[str]:
    """The rule line by line: what it concludes, when, for whom, from which day, on what ground."""
    facts = facts_of(packs)
    yield f"{rule.id}: {rule.title.en} / {rule.title.sv}"
    yield f"  concludes: {rule.kind} {rule.value}{f' ({rule.actor})' if rule.actor else ''}; reading: {rule.reading}"
    yield from _about("why", rule.why.en, rule.why.sv)
    yield from _about("mend", rule.mend.en, rule.mend.sv)
    yield "  when:"
    yield from _condition(rule.when, facts, pack, depth=2)
    for exception in rule.exceptions:
        yield f"  but not when ({exception.title.en}):"
        yield from _condition(exception.when, facts, pack, depth=2)
    yield from _follows(rule)
    for entry in rule.history:
        yield f"  {entry.status}: {pack.calendar[entry.at].day}{f', moved by {rule.starts_by}' if rule.starts_by else ''}"
    if rule.note:
        yield f"  note: {rule.note}"
    yield from _grounds(pack, rule)


def _about(name: str, english: str, swedish: str) -> Iterator[str]:
    yield f"  {name}: {english}"
    yield f"  {' ' * len(name)}  {swedish}"


def _condition(condition: Condition, facts: Mapping[str, Fact], pack: Pack, *, depth: int) -> Iterator[str]:
    indent = "  " * depth
    match condition:
        case Ask():
            yield f"{indent}{condition.fact} {_asked(condition, pack)}  ({facts[condition.fact].question.en})"
        case Not(part):
            yield f"{indent}not:"
            yield from _condition(part, facts, pack, depth=depth + 1)
        case All(parts) | AnyOf(parts):
            yield f"{indent}{'all' if isinstance(condition, All) else 'any'} of:"
            for part in parts:
                yield from _condition(part, facts, pack, depth=depth + 1)
        case Always():
            yield f"{indent}always"


def _asked(ask: Ask, pack: Pack) -> str:
    if ask.operator is Operator.AT_LEAST and isinstance(ask.value, str):
        return f"on or after {pack.calendar[ask.value].day}"
    return f"{'at least' if ask.operator is Operator.AT_LEAST else ask.operator} {ask.value}"


def _follows(rule: Rule) -> Iterator[str]:
    if rule.demands is not None:
        who = ", ".join(label(role).en for role in rule.demands.supplied_by)
        yield f"  demands: {label(rule.demands.record).en}, before {label(rule.demands.before).en.lower()}, supplied by {who}"
    for deadline in rule.deadlines:
        yield f"  deadline: {deadline.title.en}: {deadline.within} from {deadline.starts.en}"
    for name in rule.brings_forward:
        yield f"  brings forward: {name}"
    for yielding in rule.yields_to:
        yield f"  yields to: {yielding.rule}: {yielding.why.en}"


def _grounds(pack: Pack, rule: Rule) -> Iterator[str]:
    """Each provision with its mark, and what a breach of it can cost."""
    for citation in dict.fromkeys(rule.cited):
        provision = pack.provisions[citation]
        yield f"  {provision.id} [{provision.level}] {label(VerificationLevel(provision.level)).en}  {provision.url}".rstrip()
    for sanction in pack.sanctions.values():
        if set(sanction.provisions) & set(rule.cited):
            yield f"  sanction: {sanction.ceiling.en} (for public bodies: {sanction.public_bodies})"
