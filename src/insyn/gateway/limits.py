"""Limits of the permit, judged at run time: class of the data, hours, volume, for whom, and which fields of the payload.

Each check costs next to nothing where its limit is not set. Nobody is known to be outside an excluded group until somebody has said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import date, datetime
from typing import Any

import msgspec

from insyn.core.birth import birth_in
from insyn.core.limits import FieldGrant, Hours
from insyn.core.messages import Asked, Outcome, Release
from insyn.core.permit import Permit, PurposeGrant
from insyn.core.refusals import Reason, Refusal, RefusalCode, reason
from insyn.core.terms import Mode, Population, Tristate, UnknownFields
from insyn.core.text import Text

from .explaining import rests_on
from .step import Step

#: So many unknown fields are named in a refusal, each with so many letters: a payload may hold thousands.
_NAMED, _LETTERS = 20, 64
_WHO = {
    Population.MINOR: Text("Det gäller barn under 18 år.", "This is about children under 18."),
    Population.PROTECTED_IDENTITY: Text(
        "Det gäller personer med skyddade personuppgifter.", "This is about people with protected identity."
    ),
}
_WEEKDAYS = (
    Text("mån", "Mon"),
    Text("tis", "Tue"),
    Text("ons", "Wed"),
    Text("tor", "Thu"),
    Text("fre", "Fri"),
    Text("lör", "Sat"),
    Text("sön", "Sun"),
)

# ------------------------------------------------------------------------------------------------------------------ what is asked


def judge_never_automated(permit: Permit, asked: Asked) -> Reason | None:
    if asked.mode is Mode.AUTOMATED and asked.matter_type in permit.limits.never_automated:
        return reason(RefusalCode.NEVER_AUTOMATED, place="matter_type")
    return None


def judge_classes(permit: Permit, asked: Asked) -> list[Reason]:
    """A reason for each category of data that is more sensitive than the system may be given."""
    highest = permit.limits.highest_class
    if highest is None:
        return []
    levels = [(number, permit.limits.class_of(category)) for number, category in enumerate(asked.categories)]
    return [
        reason(RefusalCode.INFORMATION_CLASS_TOO_HIGH, place=f"categories[{number}]", detail=_class_detail(level, highest))
        for number, level in levels
        if level > highest
    ]


def _class_detail(level: int, highest: int) -> Text:
    return Text(
        f"Kategorin räknas till klass {level}, systemet tar emot högst {highest}.",
        f"The category counts as class {level}; the system takes at most {highest}.",
    )


# ---------------------------------------------------------------------------------------------------------------- when and how many


def judge_hours(permit: Permit, step: Step) -> Refusal | None:
    hours = permit.limits.hours
    if hours is None or open_at(hours, step.now.wall.astimezone(step.settings.zone)):
        return None
    found = reason(RefusalCode.OUTSIDE_HOURS, place="system", detail=hours_in_words(hours))
    return Refusal(code=found.code, reasons=(found,), manual_way=permit.manual_way)


def judge_volume(permit: Permit, step: Step) -> Refusal | None:
    limits = permit.limits
    if limits.per_hour is None and limits.per_day is None:
        return None
    count = step.state.volumes.now(permit.system, step.day, hour_of(step))
    for most, made, unit in ((limits.per_hour, count.in_hour, _HOUR), (limits.per_day, count.in_day, _DAY)):
        if most is not None and made >= most:
            detail = Text(f"Gränsen är {most} {unit.sv}.", f"The limit is {most} {unit.en}.")
            found = reason(RefusalCode.VOLUME_REACHED, place="system", detail=detail)
            return Refusal(code=found.code, reasons=(found,), manual_way=permit.manual_way)
    return None


_HOUR, _DAY = Text("i timmen", "an hour"), Text("om dagen", "a day")


def judge_now(permit: Permit, step: Step) -> Refusal | None:
    """What depends on the moment: hours, then volume."""
    return judge_hours(permit, step) or judge_volume(permit, step)


def count(permit: Permit, step: Step) -> None:
    """Count a decision that was entered, where the permit has a limit on how many."""
    limits = permit.limits
    if limits.per_hour is not None or limits.per_day is not None:
        step.undo.append(step.state.volumes.add(step.tx, permit.system, step.day, hour_of(step)))


def hour_of(step: Step) -> str:
    """The hour of UTC: by the municipality's clock one hour of the year comes twice."""
    return step.at[:13]


def open_at(hours: Iterable[Hours], local: datetime) -> bool:
    weekday, now = local.isoweekday(), local.strftime("%H:%M")
    return any(weekday in row.weekdays and row.begins <= now < row.ends for row in hours)


def hours_in_words(hours: Iterable[Hours]) -> Text:
    rows = list(hours)
    sv = "; ".join(f"{_days(row, 'sv')} {row.begins}–{row.ends}" for row in rows) or "aldrig"
    en = "; ".join(f"{_days(row, 'en')} {row.begins}–{row.ends}" for row in rows) or "never"
    return Text(f"Tillåtna tider: {sv}.", f"Hours that are allowed: {en}.")


def _days(row: Hours, language: str) -> str:
    return ", ".join(getattr(_WEEKDAYS[day - 1], language) for day in sorted(row.weekdays) if 1 <= day <= 7)


# -------------------------------------------------------------------------------------------------------------------- for whom


def judge_population(permit: Permit, told: Mapping[Population, Tristate], subject: str, today: str) -> Iterator[Reason]:
    """A reason for each excluded group that the person belongs to, or that nobody has said anything about."""
    for group in sorted(permit.limits.excludes):
        answer = told.get(group, Tristate.UNKNOWN)
        if group is Population.MINOR:
            answer = _by_number(answer, subject, date.fromisoformat(today))
        if answer is not Tristate.NO:
            code = RefusalCode.POPULATION_EXCLUDED if answer is Tristate.YES else RefusalCode.POPULATION_UNKNOWN
            yield reason(code, place=f"population.{group}", detail=_WHO[group])


def _by_number(told: Tristate, subject: str, today: date) -> Tristate:
    """What the number says wins over a "no", and answers where nobody else has. A "yes" stands: the protective side wins.

    What only looks like a number may show a child, and never an adult.
    """
    birth = birth_in(subject, on=today) if subject else None
    if birth is None or told is Tristate.YES:
        return told
    if birth.is_minor(on=today):
        return Tristate.YES
    return Tristate.NO if birth.sure else told


# ----------------------------------------------------------------------------------------------------------- fields of the payload


def judge_record(permit: Permit, asked: Asked, outcome: Outcome, today: str) -> list[Reason]:
    """What an outcome must keep to: for whom, and which fields."""
    limits = permit.limits
    if not limits.excludes and limits.unknown_fields is UnknownFields.LET_THROUGH:
        return []
    return [*judge_population(permit, outcome.population or {}, outcome.subject, today), *judge_fields(permit, asked, outcome)]


def judge_fields(permit: Permit, asked: Asked, outcome: Outcome) -> list[Reason]:
    """A reason for each field that may not be there: every unknown one where those are refused, else those that the outcome rests on."""
    grant = _held(permit, asked)
    if grant is None:
        return []
    unknown = unknown_fields(grant, asked, outcome.payload)
    if permit.limits.unknown_fields is UnknownFields.DROP:
        dropped = frozenset(unknown)
        return _named([(place, name) for place, name in rests_on(outcome) if _rests_on(name, dropped)], grant, _RESTS)
    return _named([(f"payload.{name}"[:_LETTERS], name) for name in unknown], grant, None)


def judge_release(permit: Permit, asked: Asked, release: Release, today: str) -> Refusal | None:
    """What a part of an answer must keep to that leaves before the whole is recorded."""
    reasons = list(judge_population(permit, release.population, release.subject, today))
    grant = _held(permit, asked)
    if grant is not None and permit.limits.unknown_fields is UnknownFields.REFUSE:
        reasons += _named([(f"request.{name}"[:_LETTERS], name) for name in unknown_fields(grant, asked, release.request)], grant, None)
    return Refusal(code=reasons[0].code, reasons=tuple(reasons), manual_way=permit.manual_way) if reasons else None


def without_unknown(permit: Permit, asked: Asked, payload: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The payload as it is kept, and the names of the fields that were dropped."""
    grant = _held(permit, asked)
    dropped = unknown_fields(grant, asked, payload) if grant is not None else []
    if not dropped:
        return payload, ()
    return _without(payload, frozenset(dropped)), tuple(dropped)


def kept_outcome(permit: Permit, asked: Asked, outcome: Outcome) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome as it is kept: what is dropped reaches neither the sealed record nor its commitment."""
    payload, dropped = without_unknown(permit, asked, outcome.payload)
    return (msgspec.structs.replace(outcome, payload=payload), dropped) if dropped else (outcome, ())


def kept_release(permit: Permit, asked: Asked, release: Release) -> Release:
    """The part as it is kept."""
    request, dropped = without_unknown(permit, asked, release.request)
    return msgspec.structs.replace(release, request=request) if dropped else release


def _held(permit: Permit, asked: Asked) -> PurposeGrant | None:
    """The grant whose fields are held to; ``None`` where any field may be sent."""
    if permit.limits.unknown_fields is UnknownFields.LET_THROUGH:
        return None
    grant = next((grant for grant in permit.purposes if grant.purpose == asked.purpose), None)
    return grant if grant is not None and grant.fields is not None else None


def unknown_fields(grant: PurposeGrant, asked: Asked, payload: Mapping[str, Any]) -> list[str]:
    """Names of the fields that no grant under a category that was asked for holds. Looks one level down where such a field is granted."""
    return _beyond({field.name for field in grant.fields or () if not field.categories.isdisjoint(asked.categories)}, payload)


def named_only(permit: Permit, payload: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
    """The fields of a payload that the register names, as data or as a feature, and how many others there are.

    A caller may send what the model said among what it was given; nobody has said what such a field is. All of them where the register names
    none of these: a person would be left with nothing to judge by.
    """
    granted = {field.name for grant in permit.purposes for field in grant.fields or ()}
    beyond = _beyond(granted | permit.unchangeable | (permit.changeable or frozenset()), payload)
    named = _without(payload, frozenset(beyond))
    return (named, len(beyond)) if any(value != {} or payload[name] == {} for name, value in named.items()) else (payload, 0)


def _beyond(known: Set[str], payload: Mapping[str, Any]) -> list[str]:
    parents = {name.partition(".")[0] for name in known if "." in name}
    found = []
    for name, value in payload.items():
        if name in known:
            continue
        if name in parents and isinstance(value, dict):
            found += [f"{name}.{inner}" for inner in value if f"{name}.{inner}" not in known]
        else:
            found.append(name)
    return found


def _without(payload: Mapping[str, Any], dropped: frozenset[str]) -> dict[str, Any]:
    kept = {}
    for name, value in payload.items():
        if name in dropped:
            continue
        inner = isinstance(value, dict) and any(f"{name}.{key}" in dropped for key in value)
        kept[name] = {key: one for key, one in value.items() if f"{name}.{key}" not in dropped} if inner else value
    return kept


def _rests_on(feature: str, dropped: frozenset[str]) -> bool:
    """Whether the feature is dropped, or stands in a field that is, or holds one."""
    return feature in dropped or feature.partition(".")[0] in dropped or any(name.startswith(f"{feature}.") for name in dropped)


def _named(found: list[tuple[str, str]], grant: PurposeGrant, detail: Text | None) -> list[Reason]:
    reasons = [
        reason(RefusalCode.FIELD_NOT_ALLOWED, place=place, detail=detail or _other_category(grant.fields or (), name))
        for place, name in found[:_NAMED]
    ]
    if len(found) > _NAMED:
        more = len(found) - _NAMED
        reasons.append(reason(RefusalCode.FIELD_NOT_ALLOWED, detail=Text(f"Och {more} uppgifter till.", f"And {more} fields more.")))
    return reasons


_RESTS = Text("Utfallet vilar på den, så den kan inte tas bort.", "The outcome rests on it, so it cannot be dropped.")


def _other_category(fields: Iterable[FieldGrant], name: str) -> Text | None:
    """A field that is granted, under a category that the call does not name."""
    categories = next((", ".join(sorted(field.categories)) for field in fields if field.name == name), "")
    if not categories:
        return None
    return Text(
        f"Den hör till en kategori som anropet inte anger: {categories}.",
        f"It belongs to a category that the call does not name: {categories}.",
    )
