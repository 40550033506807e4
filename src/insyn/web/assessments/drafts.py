"""Working on a draft: begin, save, throw away. Each is one transaction by a person who may; none is an act, for nothing rests on a draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.law.answers import check_answers, facts_of
from insyn.law.model import Fact
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.permissions import require, role_label
from insyn.web.language import spoken
from insyn.web.register import packs as rule_packs
from insyn.web.register.actions.common import only_own
from insyn.web.register.models import System

from .models import Classification, Draft

#: They answer every question; other offices those that name them.
EVERYTHING = frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR})
_SAID = ("answer", "evidence", "case")
Row = Mapping[str, Any]


@transaction.atomic
def begin_draft(*, actor: Actor, system: System) -> Draft:
    """Begin from what the register knows: its answers, with the evidence that the newest classification has for them."""
    require(actor, "classification.make")
    only_own(actor, system)
    system = System.objects.get(pk=system.pk)
    now = clock.now()
    try:
        with transaction.atomic():
            return Draft.objects.create(
                system=system, rows=_known(system), base=dict(system.facts), begun_at=now, saved_at=now, **_by(actor)
            )
    except IntegrityError as error:
        raise ActRefused(_("A draft is begun already. Go on with that one.")) from error


@transaction.atomic
def save_rows(*, actor: Actor, draft: Draft, rows: Mapping[str, Row], revision: int) -> Draft:
    """Save what was written to some of the questions. An empty row takes the answer back.

    Raises :class:`ChangedMeanwhile` when somebody saved after ``revision``, :class:`NotAllowed` for a question that asks another office,
    :class:`~insyn.core.errors.InvalidInput` for a wrong answer.
    """
    require(actor, "fact.answer")
    draft = newest_draft(draft, revision)
    only_own(actor, draft.system)
    facts = facts_of(rule_packs.in_force(clock.today()))
    _check(actor, facts, rows)
    draft.rows = written(rows_of(draft), rows, actor)
    draft.base = dict(draft.system.facts)
    draft.revision += 1
    draft.saved_at = clock.now()
    for field, value in _by(actor).items():
        setattr(draft, field, value)
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, actor: Actor, draft: Draft, revision: int) -> None:
    """Throw the draft away. The register's answers stay as they are."""
    require(actor, "classification.make")
    draft = newest_draft(draft, revision)
    only_own(actor, draft.system)
    draft.delete()


def newest_draft(draft: Draft, revision: int) -> Draft:
    """The draft as it is now. Raises :class:`ChangedMeanwhile` when it is not the one that the page showed."""
    now = Draft.objects.select_for_update().select_related("system__owner").filter(pk=draft.pk).first()
    if now is None:
        raise ChangedMeanwhile(_("The draft is gone: somebody has recorded it or thrown it away."))
    if now.revision != revision:
        words = {"name": now.saved_name}
        raise ChangedMeanwhile(
            _(
                "%(name)s has saved the draft since you opened the page. Nothing was saved; what you wrote stands below. Look and send it again."
            )
            % words
        )
    return now


def rows_of(draft: Draft) -> dict[str, Row]:
    """The draft's rows; where the register's answer was changed some other way since the draft was begun or saved, that answer."""
    rows, base, now = dict(draft.rows), draft.base, draft.system.facts
    for fact in base.keys() | now.keys():
        if base.get(fact) != now.get(fact):
            rows[fact] = {"answer": now[fact]} if fact in now else {}
    return {fact: row for fact, row in rows.items() if row}


def answers_in(rows: Mapping[str, Row], facts: Iterable[str]) -> dict[str, Any]:
    """The answers in the rows to questions that are asked today."""
    asked = set(facts)
    return {fact: row["answer"] for fact, row in rows.items() if fact in asked and "answer" in row}


def written(before: Mapping[str, Row], rows: Mapping[str, Row], actor: Actor) -> dict[str, Row]:
    """The rows after writing: who and when are stamped on what was changed, and stay on what was not."""
    found = dict(before)
    stamp = {"person": actor.person, "name": actor.name, "role": str(actor.role), "at": clock.now().isoformat(timespec="seconds")}
    for fact, row in rows.items():
        said = {name: row[name] for name in _SAID if row.get(name) not in (None, "")}
        if said == {name: before.get(fact, {})[name] for name in _SAID if name in before.get(fact, {})}:
            continue
        found.pop(fact, None)
        if said:
            found[fact] = {**said, **stamp}
    return found


def may_answer(role: Role | str, fact: Fact) -> bool:
    """Owner and coordinator may answer every question; others those that name their office."""
    return role in EVERYTHING or role in fact.who


def _check(actor: Actor, facts: Mapping[str, Fact], rows: Mapping[str, Row]) -> None:
    check_answers(facts, {fact: row["answer"] for fact, row in rows.items() if row.get("answer") not in (None, "")})
    for fact in rows:
        if fact not in facts or not may_answer(actor.role, facts[fact]):
            question = spoken(facts[fact].question) if fact in facts else fact
            words = {"role": role_label(actor.role), "question": question}
            raise NotAllowed(_("%(role)s may not answer this question: %(question)s") % words)


def _known(system: System) -> dict[str, Row]:
    newest = Classification.objects.filter(system=system).first()
    shown = newest.rows if newest else {}
    return {
        fact: shown[fact] if shown.get(fact, {}).get("answer") == answer else {"answer": answer} for fact, answer in system.facts.items()
    }


def _by(actor: Actor) -> dict[str, str]:
    return {"saved_person": actor.person, "saved_name": actor.name, "saved_role": str(actor.role)}
