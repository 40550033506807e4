"""Recording a classification: the act by which a draft becomes what the register says of a system."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind
from insyn.rules.full_result import FullResult
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require, role_label
from insyn.web.inventory.competence import require_competence
from insyn.web.register import packs as rule_packs
from insyn.web.register.actions.common import followed, fresh, only_own
from insyn.web.register.actions.records import suppliers_of
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Record, System

from . import words
from .drafts import Row, answers_in, newest_draft, rows_of
from .finding import Finding, as_put
from .models import Classification
from .queries import draft_of, finding_on

_sorted_json = msgspec.json.Encoder(order="sorted").encode


@transaction.atomic
def record_classification(
    *,
    actor: Actor,
    system: System,
    draft_revision: int,
    revision: int | None = None,
    case_number: str = "",
    valid_through: date | None = None,
) -> Act:
    """Record the draft: the classification and its record, and the answers as the register's. The permit follows at once.

    ``revision`` and ``draft_revision`` are those of the system and the draft that were looked at. Raises :class:`ChangedMeanwhile`,
    :class:`NotAllowed` for an office from which no gate takes a classification, :class:`ActRefused` without a draft or an answer in it.
    """
    require(actor, "classification.make")
    system, today = fresh(system, revision), clock.today()
    only_own(actor, system)
    may_record(actor, today)
    require_competence(actor, today)
    rows, draft = _rows(system, draft_revision)
    if valid_through is not None and valid_through < today:
        raise InvalidInput(_("The day has passed."), place="valid_through")
    found = finding_on(rows, today)
    kept = kept_of(found, rows)
    digest = hashlib.sha256(_sorted_json(kept)).hexdigest()
    system.facts = _facts(system, found, rows)
    act = write_act(verb="record_classification", actor=actor, system=system, text=_told(found.result, rows, digest))
    record = _record(act, found.result, valid_through=valid_through, case_number=case_number.strip())
    _keep(act, record, found.result, kept=kept, digest=digest)
    draft.delete()
    return followed(system, act, actor)


def _told(result: FullResult, rows: Mapping[str, Row], digest: str) -> dict[str, Any]:
    """What the act says; the digest binds it to all that is kept."""
    return {
        "day": result.on.isoformat(),
        "class": result.system_class.value,
        "answers": answers_in(rows, rows),
        "packs": result.packs_digest,
        "classification": digest,
    }


def _record(act: Act, result: FullResult, *, valid_through: date | None, case_number: str) -> Record:
    """The record that gates ask for."""
    return Record.objects.create(
        system=act.system,
        kind=RecordKind.CLASSIFICATION,
        content={"summary": summary_of(result)},
        supplied_role=act.role,
        person=act.person,
        person_name=act.actor_name,
        recorded_on=result.on,
        valid_through=valid_through,
        case_number=case_number,
        act=act,
    )


def _keep(act: Act, record: Record, result: FullResult, *, kept: Mapping[str, Any], digest: str) -> Classification:
    return Classification.objects.create(
        system=act.system,
        day=result.on,
        **kept,
        packs=result.packs_digest,
        digest=digest,
        person=act.person,
        person_name=act.actor_name,
        role=act.role,
        office=act.office,
        case_number=record.case_number,
        record=record,
        act=act,
    )


def may_record(actor: Actor, on: date) -> None:
    """Raises :class:`NotAllowed` with the offices that the gates take a classification from."""
    allowed = suppliers_of(RecordKind.CLASSIFICATION, rule_packs.in_force(on))
    if actor.role not in allowed:
        named = {"role": role_label(actor.role), "allowed": ", ".join(sorted(role_label(role) for role in allowed))}
        raise NotAllowed(_("%(role)s may not record the classification here. It takes: %(allowed)s. The draft is kept.") % named)


def _rows(system: System, draft_revision: int) -> tuple[dict[str, Row], Any]:
    draft = draft_of(system)
    if draft is None:
        raise ActRefused(_("There is no draft to record. Somebody may have recorded it already."))
    draft = newest_draft(draft, draft_revision)
    rows = rows_of(draft)
    if not any("answer" in row for row in rows.values()):
        raise ActRefused(_("No question is answered yet."))
    return rows, draft


def kept_of(found: Finding, rows: Mapping[str, Row]) -> dict[str, Any]:
    """What a classification keeps, as JSON: answers with evidence, the result, the reasons, and the questions in the words of the day."""
    told = found.told
    used = {settled["fact"] for reason in found.reasons for settled in reason["settled_by"]}
    unknown = {fact["fact"] for fact in told["unknown"]}
    return {"rows": dict(rows), "result": told, "reasons": found.reasons, "topics": as_put(found.topics, {*rows, *used, *unknown})}


def _facts(system: System, found: Finding, rows: Mapping[str, Row]) -> dict[str, Any]:
    """The draft's answers; those to packs that do not bind today lie still, and an answer taken back is gone."""
    asked = {fact.id for topic in found.topics for fact in topic.facts}
    return {fact: answer for fact, answer in system.facts.items() if fact not in asked} | answers_in(rows, asked)


def summary_of(result: FullResult) -> str:
    """The record's own words, in Swedish."""
    parts = [f"Klass {result.on}: {words.IN_SWEDISH[result.system_class]}."]
    if result.act_as is not result.system_class:
        parts.append(f"Tills det är avgjort behandlas systemet som: {words.IN_SWEDISH[result.act_as]}.")
    told = {"Förbjudet enligt": result.prohibitions, "Punkter i bilagorna": result.annex_items, "Öppenhet": result.transparency}
    parts += [f"{name}: {', '.join(values)}." for name, values in told.items() if values]
    parts.append(f"Obesvarade frågor: {len(result.unknown)}. Reglernas kontrollsumma: {result.packs_digest[:16]}.")
    return " ".join(parts)
