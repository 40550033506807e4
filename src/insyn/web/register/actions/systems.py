"""Registering a system, describing it, its versions and the facts about it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Name, Slug
from insyn.core.terms import Phase, Reach, Role, SystemKind
from insyn.law.answers import check_answers, facts_of
from insyn.law.model import Fact
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Office, User
from insyn.web.accounts.permissions import require, role_label
from insyn.web.decisions.delegations import refuse_never_automated
from insyn.web.language import spoken

from .. import packs
from ..acts import write_act
from ..datalimits import told_of
from ..issuing import act_on
from ..learning import MAX_CONFIGURATION, check_learned, refuse_silence
from ..models import Act, System, Version
from ..shapes import check_json, required
from .common import followed, fresh, only_own

#: What a formal decision rests on; it changes only before a decision, and needs a new one afterwards.
DECIDED_ON = frozenset({"purposes", "modes", "groups", "reach", "retention_class", "exercise", "favourable_outcome"})
TEXTS = frozenset(
    {
        "name_sv",
        "name_en",
        "summary_sv",
        "summary_en",
        "description_sv",
        "description_en",
        "kind",
        "supplier",
        "manual_way_sv",
        "manual_way_en",
        "outcomes",
        "factors",
        "data_uses",
        "known_limits_sv",
        "known_limits_en",
        "easy_sv",
        "easy_en",
        "in_figures",
        "affected_groups",
        "links",
        "klassa",
    }
)
_REQUIRED = ("name_sv", "name_en", "summary_sv", "summary_en")
_LONGEST = 20_000
_FIRST_PHASES = frozenset({Phase.NEEDS_ANALYSIS, Phase.DEVELOPMENT, Phase.PROCUREMENT, Phase.ASSESSMENT})
_DECIDED = frozenset({Phase.PILOT, Phase.IN_USE})


@transaction.atomic
def register_system(*, actor: Actor, slug: str, owner: User, office: Office, phase: Phase = Phase.ASSESSMENT, **description: Any) -> Act:
    """Enter a system in the register. From now on the gateway knows it, and says what is missing before it may be used.

    ``description``: fields of :class:`System`. Raises :class:`InvalidInput` that names the field.
    """
    require(actor, "system.register")
    strict_place("slug", slug, Slug)
    if "." in slug:  # it stands in addresses
        raise InvalidInput(_("Use the letters a to z, digits and hyphens."), place="slug")
    if System.objects.filter(slug=slug).exists():
        raise InvalidInput(_("Another system has this short name."), place="slug", mend=_("Choose another one."))
    if phase not in _FIRST_PHASES:
        raise InvalidInput(_("A system begins before the decision on its use."), place="phase")
    if not owner.mandates.valid(clock.today()).filter(role=Role.SYSTEM_OWNER).exists():
        raise InvalidInput(_("%(person)s holds no mandate as system owner.") % {"person": owner}, place="owner")
    if office.closed_on is not None:
        raise InvalidInput(_("The office is closed."), place="office")
    system = System(slug=slug, owner=owner, office=office, phase=phase)
    only_own(actor, system)
    changed = _apply(system, description)
    refuse_never_automated(system)
    for field in (*_REQUIRED, "kind", "reach"):
        required(field, str(getattr(system, field)))
    system.save()
    return act_on(system, verb="register_system", actor=actor, text={"slug": slug, "owner": owner.person, **changed})


@transaction.atomic
def describe_system(*, actor: Actor, system: System, revision: int | None = None, **description: Any) -> Act:
    """Change what the register says of a system. What a decision rests on cannot be changed while it is in use.

    On a paused system such a change ends the decision: the system goes back to assessment.
    """
    require(actor, "system.describe")
    system = fresh(system, revision)
    only_own(actor, system)
    before = {field: getattr(system, field) for field in description if field in TEXTS | DECIDED_ON}
    changed = {field: value for field, value in _apply(system, description).items() if value != before[field]}
    for field in _REQUIRED:
        required(field, getattr(system, field))
    if not changed:
        raise ActRefused(_("Nothing was changed."))
    if changed.keys() & DECIDED_ON:
        refuse_never_automated(system)
        decision_no_longer_covers(system)
    return act_on(system, verb="describe_system", actor=actor, text=changed)


def decision_no_longer_covers(system: System) -> None:
    if system.phase in _DECIDED:
        raise ActRefused(_("The decision on use rests on this. Pause the system first; the change then needs a new decision."))
    if system.phase == Phase.PAUSED:
        system.phase, system.paused_from = Phase.ASSESSMENT, ""
        system.versions.update(decided=False)


def _apply(system: System, description: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields; return them as they are stored. Raises :class:`InvalidInput` for an unknown field or a wrong value."""
    found = {}
    for field, value in description.items():
        if field not in TEXTS | DECIDED_ON:
            raise InvalidInput(_("There is no such field."), place=field)
        found[field] = _checked(field, value)
        setattr(system, field, found[field])
    return found


def _checked(field: str, value: Any) -> Any:
    words = {"kind": SystemKind, "reach": Reach}.get(field)
    if words and value not in set(words):
        raise InvalidInput(_("Choose one of the alternatives."), place=field)
    limit = getattr(System._meta.get_field(field), "max_length", None) or _LONGEST
    if isinstance(value, str) and limit and len(value) > limit:
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": limit}, place=field)
    if isinstance(value, str):
        return str(value).strip()
    return check_json(field, value)


@transaction.atomic
def add_version(
    *,
    actor: Actor,
    system: System,
    name: str,
    model: str = "",
    supplier: str = "",
    digest: str = "",
    notes: str = "",
    previous: str = "",
    configuration: str = "",
    learned_from: Iterable[Mapping[str, Any]] = (),
    base: float | None = None,
    revision: int | None = None,
) -> Act:
    """Enter a version. It may not be used before a decision covers it.

    ``previous`` names the version that it comes from; ``configuration`` is its prompt or its settings. ``learned_from``: see
    :func:`insyn.web.register.learning.check_learned`. ``base``: what every explanation of the version starts from; the gateway then holds
    each of them to it. Another base is another version.
    """
    require(actor, "version.add")
    system = fresh(system, revision)
    only_own(actor, system)
    name = required("name", name)
    strict_place("name", name, Name)
    if not name.isascii():  # it stands in public entries
        raise InvalidInput(_("Use the letters a to z, digits and signs."), place="name")
    if system.versions.filter(name=name).exists():
        raise InvalidInput(_("The system has a version with this name."), place="name")
    text = {"name": name, "model": model, "supplier": supplier, "digest": digest, "notes": notes}
    before, learned = _previous(system, previous), check_learned(system, learned_from, clock.today())
    if not learned and not (before and told_of(before, system.versions.all())):
        refuse_silence(system)
    configured = {"configuration_digest": _digest_of(configuration)} if configuration else {}
    more = {"previous": previous, **configured, "learned_from": learned} if before or configured or learned else {}
    declared = {} if base is None else {"base": _finite("base", base)}
    act = write_act(verb="add_version", actor=actor, system=system, text={**text, **more, **declared})
    Version.objects.create(
        system=system, act=act, previous=before, configuration=configuration, learned_from=learned, **declared, **configured, **text
    )
    return followed(system, act, actor)


def _previous(system: System, name: str) -> Version | None:
    if not name:
        return None
    found = system.versions.filter(name=name).first()
    if found is None:
        raise InvalidInput(_("The system has no version %(name)s.") % {"name": name}, place="previous")
    return found


def _finite(place: str, number: float) -> float:
    if not math.isfinite(number):
        raise InvalidInput(_("Not a number that can be counted with."), place=place)
    return float(number)


def _digest_of(configuration: str) -> str:
    if len(configuration) > MAX_CONFIGURATION:
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": MAX_CONFIGURATION}, place="configuration")
    return hashlib.sha256(configuration.encode()).hexdigest()


@transaction.atomic
def answer_facts(*, actor: Actor, system: System, answers: Mapping[str, Any], revision: int | None = None) -> Act:
    """Answer questions of fact about the system. Answers that are left out stay as they were.

    The owner answers them all; each question names the other offices that may.
    """
    require(actor, "fact.answer")
    system = fresh(system, revision)
    only_own(actor, system)
    questions = facts_of(packs.installed())
    checked = check_answers(questions, answers)
    for fact in checked:
        if not may_answer(Role(actor.role), questions[fact]):
            words = {"role": role_label(actor.role), "question": spoken(questions[fact].question)}
            raise NotAllowed(_("%(role)s may not answer this question: %(question)s") % words)
    changed = {fact: _stored(answer) for fact, answer in checked.items() if system.facts.get(fact) != _stored(answer)}
    if not changed:
        raise ActRefused(_("Nothing was changed."))
    system.facts = {**system.facts, **changed}
    return act_on(system, verb="answer_facts", actor=actor, text={"answers": changed})


def may_answer(role: Role, fact: Fact) -> bool:
    """The owner may always; others when the question names them. The coordinator stands in where it names nobody."""
    return role is Role.SYSTEM_OWNER or role in (fact.who or (Role.AI_COORDINATOR,))


def _stored(answer: str | tuple[str, ...]) -> str | list[str]:
    return list(answer) if isinstance(answer, tuple) else str(answer)


def strict_place(place: str, value: Any, kind: Any) -> None:
    """Check a value against a type of the protocol. Raises :class:`InvalidInput` at ``place``."""
    try:
        strict_json.convert(value, kind)
    except InvalidInput as error:
        raise InvalidInput(_("Not a valid name here: %(why)s.") % {"why": error.message}, place=place) from error
