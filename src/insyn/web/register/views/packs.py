"""Packs: what is in use, what waits, what a change would do, and the acts that make something bind."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import InvalidInput, PackError
from insyn.core.text import Text
from insyn.law.model import Pack, PackKind
from insyn.rules.comparing import RuleChange, compare
from insyn.rules.replay import Affected
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt

from .. import actions, packs, texts, waiting
from ..actions.packs import checked_adoption
from ..forms import AdoptForm, ApplyForm
from ..models import AdoptedPack, PackInUse, PackText, System
from ..packs import ALL_DAYS, Known
from ..replaying import DryRun, dry_run
from ..wording import asked_again, sentence, weightiest_first
from .common import acting, may

#: The page shows so many systems; the files have them all.
SHOWN = 100
#: ... and so many changes of each at once.
TOLD = 6


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def rule_packs(request: HttpRequest) -> HttpResponse:
    """The packs in use, what waits beside them, and the form for the council's adoption."""
    here = texts.folders()
    policies = [pack for pack in here.packs if pack.kind is PackKind.POLICY]
    form = AdoptForm(request.POST or None, packs=policies, initial={"adopted_on": clock.today()})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.adopt_pack(actor=acting(request, "pack.adopt"), **form.cleaned_data),
        done=_("The policy binds every system from now on."),
    ):
        return redirect("register:packs")
    context = {
        **_in_use(policies),
        "waiting": [one for one in waiting.waiting_packs() if one.digest],
        "gone": [one for one in waiting.waiting_packs() if not one.digest],
        "changed_policies": waiting.changed_policies(),
        "fault": here.fault,
        "form": form,
        "policies": policies,
        "may_adopt": may(request, "pack.adopt"),
        "any_policy": bool(policies),
    }
    return render(request, "register/packs.html", context)


@dataclass(frozen=True)
class Row:
    """A pack on the page: what binds of it, since when and by what act; ``None`` where nothing does."""

    pack: Pack
    law: bool
    use: PackInUse | None = None
    adopted: AdoptedPack | None = None


def _in_use(policies: list[Pack]) -> dict[str, Any]:
    """The rows, or why what is in use cannot be read: then every act that asks for it is refused."""
    try:
        return {"rows": _rows(policies), "broken": None}
    except PackError as error:
        return {"rows": [], "broken": error}


def _rows(policies: list[Pack]) -> list[Row]:
    in_use = {pack.id: pack for pack in packs.installed()}
    uses = {row.pack: row for row in PackInUse.objects.select_related("act").order_by("known_from", "pk")}
    adopted = {row.pack: row for row in AdoptedPack.objects.select_related("act").order_by("adopted_on", "pk")}
    shown = {**{pack.id: pack for pack in policies}, **in_use}
    return [
        Row(pack, pack.kind is PackKind.LAW, uses.get(name), adopted.get(name) if name in in_use else None)
        for name, pack in sorted(shown.items())
    ]


@requires("system.see")
@require_safe
def pack_history(request: HttpRequest, pack: str) -> HttpResponse:
    """Every text of one pack that was in use here, newest first, with its act."""
    uses = list(PackInUse.objects.filter(pack=pack).select_related("text", "act").defer("text__files").order_by("-known_from", "-pk"))
    adopted = list(AdoptedPack.objects.filter(pack=pack).select_related("act").order_by("-adopted_on", "-pk"))
    if not uses and not adopted:
        raise Http404
    current = packs.known().law.get(pack, "")
    versions = dict(PackText.objects.filter(pack=pack).values_list("digest", "version"))
    context = {"pack": pack, "uses": uses, "adopted": adopted, "current": current, "versions": versions}
    return render(request, "register/pack_history.html", context)


@dataclass(frozen=True)
class Proposed:
    """A change that the address names: texts of law to apply, or a policy to adopt."""

    changed: dict[str, str]
    policy: str
    after: Known
    query: str


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def pack_change(request: HttpRequest) -> HttpResponse:
    """What a change of packs would do to each system, and the form that applies it. ``?format=json`` or ``csv`` gives everything."""
    found = _proposed(request)
    on, fault, run, rules = clock.today(), "", None, ()
    try:
        if found.changed or found.policy:
            run = dry_run(found.after, on=on)
            rules = compare(packs.known().side(on), found.after.side(on)).rules
    except PackError as error:
        fault = str(error)
    if request.GET.get("format") in ("json", "csv"):
        return _file(request.GET["format"], found, run, on)
    form = ApplyForm(request.POST or None, initial={"seen": packs.known().digest(ALL_DAYS)})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.apply_packs(actor=acting(request, "pack.apply"), changed=found.changed, **form.cleaned_data),
        done=_("The packs are in use. Owners of affected systems have got work items."),
    ):
        return redirect("register:packs")
    return render(request, "register/pack_change.html", _context(request, found, run, rules, fault, form, on))


def _proposed(request: HttpRequest) -> Proposed:
    """From the address: ``text`` (digests), ``without`` (packs), ``adopt`` (a policy). With none of them, everything that waits."""
    now, policy = packs.known(), request.GET.get("adopt", "")
    if policy:
        try:
            return Proposed({}, policy, now.adopting(checked_adoption(policy, clock.today())), f"adopt={policy}")
        except InvalidInput as error:
            raise Http404(error.message) from error
    changed = {_pack_of(digest): digest for digest in request.GET.getlist("text")}
    changed |= {pack: "" for pack in request.GET.getlist("without") if pack in now.law}
    if not changed:
        changed = {one.pack: one.digest for one in waiting.waiting_packs() if one.digest}
    changed = {pack: digest for pack, digest in changed.items() if now.law.get(pack, "") != digest}
    query = "&".join(f"text={digest}" if digest else f"without={pack}" for pack, digest in sorted(changed.items()))
    return Proposed(changed, "", now.applying(changed), query)


def _pack_of(digest: str) -> str:
    """The law pack that a digest is a text of. Raises ``Http404``."""
    for pack in texts.folders().packs:
        if pack.digest == digest and pack.kind is PackKind.LAW:
            return pack.id
    return get_object_or_404(PackText, pk=digest, kind=PackKind.LAW.value).pack


def _context(
    request: HttpRequest, found: Proposed, run: DryRun | None, rules: tuple[RuleChange, ...], fault: str, form: ApplyForm, on: date
) -> dict[str, Any]:
    affected = run.affected if run else None
    return {
        "proposed": found,
        "changes": [_pack_line(pack, digest) for pack, digest in sorted(found.changed.items())],
        "policy": texts.folders().get(found.policy) if found.policy else None,
        "run": run,
        "rules": rules,
        "fault": fault,
        "form": form,
        "on": on,
        "lines": [_line(one) for one in _named((affected or ())[:SHOWN])],
        "more": max(0, len(affected or ()) - SHOWN),
        "may_apply": may(request, "pack.apply") and bool(found.changed),
        "here": f"{reverse('register:pack_change')}?{found.query}",
    }


def _pack_line(pack: str, digest: str) -> dict[str, str]:
    """A pack that changes: from which version to which."""
    now = packs.known().law.get(pack, "")
    return {
        "pack": pack,
        "before": _version(now),
        "after": _version(digest),
        "digest": digest,
        "older": digest and PackInUse.objects.filter(text=digest).exists(),
    }


def _version(digest: str) -> str:
    installed = {pack.digest: pack.version for pack in texts.folders().packs}
    kept = PackText.objects.filter(pk=digest).values_list("version", flat=True).first() if digest else ""
    return kept or installed.get(digest, "")


@dataclass(frozen=True)
class Named:
    """An affected system with the names that a reader knows."""

    found: Affected
    system: System | None
    owner: str


def _named(affected: tuple[Affected, ...]) -> list[Named]:
    slugs, people = {one.system for one in affected}, {one.owner for one in affected}
    systems = {system.slug: system for system in System.objects.filter(slug__in=slugs)}
    owners = {user.person: str(user) for user in User.objects.filter(person__in=people)}
    return [Named(one, systems.get(one.system), owners.get(one.owner, one.owner)) for one in affected]


def _line(one: Named) -> dict[str, Any]:
    told: list[Text] = [sentence(change) for change in weightiest_first(one.found.changes)]
    if one.found.ask_again:
        told.insert(0, asked_again(one.found.ask_again))
    said = {"system": one.system, "slug": one.found.system, "owner": one.owner, "first_day": one.found.first_day}
    return {**said, "told": told[:TOLD], "rest": told[TOLD:]}


def _file(form: str, found: Proposed, run: DryRun | None, on: date) -> HttpResponse:
    """The whole dry run. Raises ``Http404`` while it is not finished."""
    if run is None or run.affected is None:
        raise Http404
    named = _named(run.affected)
    response: HttpResponse
    if form == "json":
        rows = [{**msgspec.to_builtins(one.found), "owner_name": one.owner} for one in named]
        texts_named = dict(sorted(found.changed.items()))
        response = JsonResponse(
            {"on": on.isoformat(), "texts": texts_named, "policy": found.policy, "systems": run.total, "affected": rows}
        )
    else:
        response = HttpResponse(_csv(named), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="regelpaket-{on.isoformat()}.{form}"'
    return response


def _csv(named: list[Named]) -> str:
    """A row for each change. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["system", "owner", "what", "how", "subject", "from", "before", "after", "sv", "en"])
    for one in named:
        for change in one.found.changes:
            told = sentence(change)
            row = [one.found.system, one.owner, change.what, change.how, change.subject, change.day, change.before, change.after]
            write.writerow([_cell(value) for value in (*row, told.sv, told.en)])
        for fact in one.found.ask_again:
            told = asked_again([fact])
            write.writerow([_cell(value) for value in (one.found.system, one.owner, "answer", "again", fact, "", "", "", told.sv, told.en)])
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
