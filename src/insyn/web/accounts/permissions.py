"""Who may do what: one closed table, read by views and by acts.

A view says ``@requires("name")`` or ``@public("why")``; a test of the whole house fails for a view that says neither. An act checks by
itself with :func:`require`, against the mandates in the register on that day: what the view let through is not enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.labels import label
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.language import spoken

from .errors import NotAllowed
from .models import Mandate, User

View = Callable[..., HttpResponse]

_ALL = frozenset(Role)
_OWNER, _COORD, _ADMIN = Role.SYSTEM_OWNER, Role.AI_COORDINATOR, Role.ADMINISTRATOR
_OFFICER, _ELECTED, _DELEGATE = Role.CASE_OFFICER, Role.ELECTED_MEMBER, Role.DELEGATE

#: Offices that look over what others write.
_LOOKING_OVER = frozenset(
    {
        _COORD,
        _OWNER,
        _ELECTED,
        Role.DATA_PROTECTION_OFFICER,
        Role.INFORMATION_SECURITY,
        Role.UNION_REPRESENTATIVE,
        Role.SAFETY_REPRESENTATIVE,
        Role.COUNCIL_SECRETARY,
        Role.DELEGATE,
        Role.STOP_HOLDER,
        Role.CASE_OFFICER,
    }
)

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    # looking
    "work.see": _ALL,
    "system.see": _ALL,
    "act.see": _ALL,
    # the register
    "pack.adopt": frozenset({Role.COUNCIL_SECRETARY}),
    "pack.apply": frozenset({_COORD}),  # whoever installs the files does not alone decide that they bind
    "work.close": frozenset({_OWNER, _COORD}),
    "system.register": frozenset({_OWNER, _COORD}),
    "system.describe": frozenset({_OWNER, _COORD}),
    "version.add": frozenset({_OWNER}),
    "fact.answer": _ALL - {_ADMIN, Role.AUDITOR},  # each question says which of them; the owner all
    "classification.make": frozenset({_OWNER, _COORD}),
    "record.supply": _ALL - {_ADMIN, Role.AUDITOR},  # each gate says which of them
    # records: drafts, comments, a second signature, files
    "record.write": _ALL - {_ADMIN, Role.AUDITOR},  # on a draft nothing rests
    "record.comment": _LOOKING_OVER,
    "record.answer": _ALL - {_ADMIN, Role.AUDITOR},  # only who supplied it, or the owner
    "record.countersign": _ALL - {_ADMIN, Role.AUDITOR},  # each gate says which of them
    "attachment.see": _ALL,
    "record.withdraw": _ALL - {_ADMIN, Role.AUDITOR},  # only who supplied it, or the owner
    "use.propose": frozenset({_OWNER}),
    "use.decide": frozenset({_ELECTED, _DELEGATE}),  # an official on an item of the delegation list that covers it
    "system.pause": frozenset({_OWNER, _ELECTED, _DELEGATE}),
    "system.continue": frozenset({_ELECTED, _DELEGATE}),
    "system.retire": frozenset({_OWNER, _ELECTED, _DELEGATE}),
    "system.refuse": frozenset({_ELECTED, _DELEGATE}),
    "client_key.issue": frozenset({_ADMIN}),
    "client_key.revoke": frozenset({_ADMIN}),
    # imports
    "import.run": frozenset({_COORD}),
    # the life of a system, and needs before it
    "system.advance": frozenset({_OWNER}),
    "system.hand_over": frozenset({_OWNER, _COORD}),
    "need.see": _ALL,
    "need.raise": _ALL,
    "need.analyse": frozenset({_OWNER, _COORD, Role.INVENTORY_LEAD}),
    "need.decide": frozenset({_ELECTED, Role.DELEGATE}),  # not whoever analysed it
    "need.reopen": frozenset({_OWNER, _COORD, _ELECTED, Role.DELEGATE}),
    "need.begin": frozenset({_OWNER}),
    # product cards and data uses
    "supplier.register": frozenset({_OWNER, _COORD}),
    "supplier.change": frozenset({_OWNER, _COORD}),
    "product.register": frozenset({_OWNER, _COORD}),
    "product.change": frozenset({_OWNER, _COORD}),
    "product.use": frozenset({_OWNER, _COORD}),
    "limits.set": frozenset({_OWNER}),
    "data_use.propose": frozenset({_OWNER}),
    "data_use.decide": frozenset({_ELECTED, Role.DELEGATE}),  # not whoever proposed it, nor the owner
    "data_use.withdraw": frozenset({_OWNER, _ELECTED, Role.DELEGATE}),
    "data_field.retire": frozenset({_OWNER}),
    # work list, calendar and the board's page
    "settings.own": _ALL,
    "calendar.see": _ALL,
    "portfolio.see": _ALL,
    # inventory
    "inventory.see": _ALL,
    "inventory.open": frozenset({_COORD}),
    "inventory.assign": frozenset({_COORD}),
    "inventory.answer": frozenset({Role.INVENTORY_LEAD}),  # for their own office only
    "inventory.settle": frozenset({_COORD}),
    "inventory.close": frozenset({_COORD}),
    "competence.record": frozenset({_COORD, _ADMIN}),
    # the entry's fields, and the organisation
    "visibility.set": frozenset({_OWNER, _COORD}),
    "system.place": frozenset({_OWNER, _COORD}),
    "organisation.see": _ALL,
    "office.rename": frozenset({_ADMIN}),
    "office.move": frozenset({_ADMIN}),
    "office.close": frozenset({_ADMIN}),
    # influence
    "influence.see": _ALL,
    "union.party": frozenset({_ADMIN}),
    "negotiation.lead": frozenset({_OWNER, _COORD}),
    "negotiation.state": frozenset({Role.UNION_REPRESENTATIVE}),  # only of that union
    "negotiation.close": frozenset({_OWNER, _COORD, Role.UNION_REPRESENTATIVE}),
    "safety.state": frozenset({Role.SAFETY_REPRESENTATIVE}),
    "safety.answer": frozenset({_OWNER}),
    "round.lead": frozenset({_OWNER, _COORD}),
    "round.enter": frozenset({_OWNER, _COORD, _OFFICER}),
    # what the public says back
    "feedback.handle": frozenset({_OWNER, _COORD, Role.RIGHTS_OFFICER}),  # an owner only what is said of their own systems
    # incidents and orders
    "stop_route.set": frozenset({_OWNER, _COORD}),
    "stop_duty.set": frozenset({_OWNER, _COORD}),
    "order.see": _ALL,
    "order.acknowledge": frozenset({Role.TECHNICIAN, Role.STOP_HOLDER}),  # the technician for themself, the stop holder as told
    "order.confirm": frozenset({Role.STOP_HOLDER, _OWNER}),  # never who did it
    "incident.report": _ALL,  # whoever works here may see that something goes wrong
    "incident.see": frozenset({_OWNER, _COORD, Role.DATA_PROTECTION_OFFICER, Role.INFORMATION_SECURITY, Role.STOP_HOLDER, Role.AUDITOR}),
    "incident.handle": frozenset({_OWNER, _COORD, Role.DATA_PROTECTION_OFFICER, Role.INFORMATION_SECURITY}),
    "incident.close": frozenset({_OWNER, _COORD}),
    # decisions, deviations and evaluations
    "delegation.see": _ALL,
    "delegation.adopt": frozenset({Role.COUNCIL_SECRETARY}),
    "delegation.end": frozenset({Role.COUNCIL_SECRETARY}),
    "automation.forbid": frozenset({Role.COUNCIL_SECRETARY}),
    "deviation.see": _ALL,
    "deviation.propose": frozenset({_OWNER, _COORD}),
    "deviation.accept": frozenset({_OWNER}),  # of that system, and nobody else
    "deviation.end": frozenset({_OWNER, _COORD, _ELECTED}),
    "evaluation.see": _ALL,
    # assistants
    "assistant.use": _ALL,
    # the archive: disposal, legal holds, evidence of one case
    "archive.see": frozenset({Role.COUNCIL_SECRETARY, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, _ELECTED, _DELEGATE, _OWNER}),
    "disposal.decide": frozenset({_ELECTED, _DELEGATE}),  # an official on an item of the delegation list
    "disposal.run": frozenset({Role.COUNCIL_SECRETARY}),  # not whoever decided it
    "hold.put": frozenset({Role.COUNCIL_SECRETARY, Role.DATA_PROTECTION_OFFICER, _ELECTED, _DELEGATE}),
    "hold.lift": frozenset({_ELECTED, _DELEGATE}),
    "bundle.open": frozenset({Role.AUDITOR, _OFFICER}),  # an officer of systems that they review
    # people
    "office.open": frozenset({_ADMIN}),
    "person.add": frozenset({_ADMIN}),
    "mandate.appoint": frozenset({_ADMIN}),
    "mandate.end": frozenset({_ADMIN}),
    # oversight and residents
    "stop.see": _ALL,
    "stop.order": frozenset({Role.STOP_HOLDER}),
    "stop.lift": frozenset({_ELECTED}),
    "stop.paper": frozenset({Role.STOP_HOLDER, _ADMIN, _COORD, _OWNER}),  # the order is somebody else's, and counts by their mandate
    "stop.wide": frozenset({_COORD, Role.COUNCIL_SECRETARY}),  # records the decision that lets a person stop suppliers and everything
    "review.see": frozenset({_OFFICER}),
    "review.do": frozenset({_OFFICER}),
    "review.lead": frozenset({_OWNER}),  # of that system: its blind share and made-up cases
    "letter.issue": frozenset({_OFFICER, Role.RIGHTS_OFFICER}),
    # decisions that are looked at again, and how people decide
    "reconsider.see": frozenset({_OFFICER, _OWNER, _COORD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.RIGHTS_OFFICER}),
    "reconsider.each": frozenset({Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.RIGHTS_OFFICER}),  # an officer of what they decide
    "reconsider.do": frozenset({_OFFICER}),  # whom the permit names
    "reconsider.open": frozenset({_OFFICER, _OWNER, _COORD, Role.DATA_PROTECTION_OFFICER, Role.RIGHTS_OFFICER}),
    "reconsider.assign": frozenset({_OWNER, _COORD}),
    "reconsider.tell": frozenset({_OFFICER, _OWNER, _COORD}),
    "error.find": frozenset({_OWNER, _COORD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER}),
    "followup.see": frozenset({_OFFICER, _OWNER, _COORD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, _ELECTED}),
    "alarm.set": frozenset({_OWNER}),
    "alarm.answer": frozenset({_OWNER, _COORD}),
    "letter.text": frozenset({_OWNER, _COORD}),  # how one appeals stands in every letter
    "notice.record": frozenset({_OWNER, _COORD}),
    # what residents and employees ask for: an officer only of systems that they review, nobody of an employee's own line
    "rights.see": frozenset({Role.RIGHTS_OFFICER, _OFFICER, Role.DATA_PROTECTION_OFFICER, Role.COUNCIL_SECRETARY}),
    "rights.enter": frozenset({Role.RIGHTS_OFFICER, _OFFICER}),
    "rights.assign": frozenset({Role.RIGHTS_OFFICER, Role.DATA_PROTECTION_OFFICER, Role.COUNCIL_SECRETARY}),
    "rights.answer": frozenset({Role.RIGHTS_OFFICER, _OFFICER, Role.DATA_PROTECTION_OFFICER, Role.COUNCIL_SECRETARY}),
    "rights.extend": frozenset({Role.RIGHTS_OFFICER, Role.DATA_PROTECTION_OFFICER, Role.COUNCIL_SECRETARY}),
    "rights.escalate": frozenset({Role.RIGHTS_OFFICER, _OFFICER}),
    "rights.restrict": frozenset({Role.RIGHTS_OFFICER, Role.DATA_PROTECTION_OFFICER}),
    "rights.extract": frozenset({Role.RIGHTS_OFFICER, Role.DATA_PROTECTION_OFFICER}),  # shows proposals that officers still judge blind
    "rights.days": frozenset({Role.COUNCIL_SECRETARY}),
    "erasure.decide": frozenset({_ELECTED, _DELEGATE}),  # an official on an item of the delegation list
    "erasure.run": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),  # not whoever decided it
    # who may look for whom, and whose identity is protected
    "representation.record": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),
    "representation.end": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),
    "protection.mark": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),
    "protection.lift": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),
    "number.link": frozenset({Role.RIGHTS_OFFICER, Role.COUNCIL_SECRETARY}),
}


def holds(user: User, permission: str, on: date) -> Mandate | None:
    """The mandate by which the user has the permission on the day. An unknown permission is a :class:`KeyError`."""
    roles = PERMISSIONS[permission]
    if not user.is_authenticated:
        return None
    return user.mandates.valid(on).filter(role__in=roles).select_related("office", "user").order_by("first_day", "pk").first()


def as_actor(mandate: Mandate) -> Actor:
    return Actor(person=mandate.user.person, name=str(mandate.user), role=mandate.role, office=mandate.office.name_sv)


def actor_of(user: User, role: Role | str, on: date) -> Actor:
    """The user as a named human in a role. Raises :class:`NotAllowed` without a mandate that holds on the day."""
    mandate = user.mandates.valid(on).filter(role=role).select_related("office", "user").order_by("first_day", "pk").first()
    if mandate is None:
        raise NotAllowed(
            _("No act without a named human: %(person)s holds no mandate as %(role)s on %(day)s.") % _words(str(user), role, on)
        )
    return as_actor(mandate)


def require(actor: Actor, permission: str, *, on: date | None = None) -> Mandate:
    """The mandate by which the actor may do this. Raises :class:`NotAllowed`, in words that say what is missing."""
    if not isinstance(actor, Actor):
        raise NotAllowed(_("No act without a named human: an actor is missing."))
    on = on or clock.today()
    if actor.role not in PERMISSIONS[permission]:
        allowed = ", ".join(sorted(role_label(role) for role in PERMISSIONS[permission]))
        raise NotAllowed(_("%(role)s may not do this. It takes: %(allowed)s.") % {"role": role_label(actor.role), "allowed": allowed})
    own = Mandate.objects.filter(user__person=actor.person, role=actor.role).select_related("office", "user")
    mandate = own.valid(on).order_by("first_day", "pk").first()
    if mandate is not None:
        return mandate
    ended = own.filter(last_day__lt=on).order_by("-last_day").first()
    if ended is not None:
        words = {**_words(actor.name, actor.role, on), "last": ended.last_day.isoformat()}
        raise NotAllowed(_("The mandate of %(person)s as %(role)s ended on %(last)s. The administrator can give a new one.") % words)
    raise NotAllowed(
        _("No act without a named human: %(person)s holds no mandate as %(role)s on %(day)s.") % _words(actor.name, actor.role, on)
    )


def _words(person: str, role: Role | str, on: date) -> dict[str, str]:
    return {"person": person, "role": role_label(role), "day": on.isoformat()}


def role_label(role: Role | str) -> str:
    """What the role is called in the reader's language; the word itself when it is none of ours."""
    return spoken(label(Role(role))) if role in set(Role) else str(role)


def public(why: str) -> Callable[[View], View]:
    """The view is for everybody; ``why`` says on what ground."""

    def mark(view: View) -> View:
        view.public_because = why
        return view

    return mark


def requires(permission: str) -> Callable[[View], View]:
    """The view is for whoever holds the permission today.

    Sets ``request.mandate`` and ``request.actor``. Signed out leads to the sign-in page; without a mandate the page says what it takes.
    """
    PERMISSIONS[permission]  # an unknown name fails when the module is read

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("accounts:sign_in"))
            mandate = holds(request.user, permission, clock.today())
            if mandate is None:
                return not_allowed(request, permission)
            request.mandate, request.actor = mandate, as_actor(mandate)
            response = view(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):  # what an office sees is kept by no cache
                response["Cache-Control"] = "private, no-store"
            return response

        guarded.permission = permission
        return guarded

    return guard


def not_allowed(request: HttpRequest, permission: str) -> HttpResponse:
    """The page that says which offices could have done this."""
    roles = sorted(role_label(role) for role in PERMISSIONS[permission])
    return render(request, "accounts/not_allowed.html", {"roles": roles}, status=403)
