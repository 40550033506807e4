"""One case, from opening to decision. Nothing of it is kept here: what was typed comes back in the form, from the form itself.

The steps of a decision: open (an entry in the log); for a case of the blind share judge, and then open again, now with the proposal; decide;
the letter, drafted and made one's own; its preview; send. Each step carries the seal of the opening that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import msgspec
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import Unreachable
from insyn.core.messages import Done, Judge, Review
from insyn.core.own_words import marks_of
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import ReviewVerdict
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import requires, role_label
from insyn.web.letters.drafting import draft_letter, open_slots
from insyn.web.letters.pdf import letter_pdf
from insyn.web.letters.protecting import is_protected
from insyn.web.oversight.opening import Case, open_case, outcome_label
from insyn.web.oversight.queries import may_review
from insyn.web.register.issuing import issued
from insyn.web.register.models import System
from insyn.web.register.rows import Rows
from insyn.web.site.figures import read_figures

from . import calibration, claims
from .actions import answer_made_case
from .bias import differences
from .forms import JudgeForm, LetterForm, ReviewForm
from .lettering import blocks
from .models import Claim
from .seals import Seal, read_seal, seal_of
from .standing import lacks_of

View = Callable[..., HttpResponse]
#: What a person may have typed, in any step.
TYPED = ("reasons", "detriment_ground", "letter")
_OF_THE_FORM = ("csrfmiddlewaretoken", "system", "seal")


@dataclass(frozen=True)
class Desk:
    """One request about one case: who, which system, which record, and the made-up case that it may be."""

    request: HttpRequest
    system: System
    rid: str
    turn: calibration.Turn | None

    @property
    def language(self) -> str:
        return get_language() or "sv"

    @property
    def address(self) -> str:
        return f"{reverse('oversight:case', args=[self.rid])}?system={self.system.slug}"

    def opened(self, purpose: str) -> Case:
        """Open the case. Raises :class:`Refused` and :class:`Unreachable`."""
        if self.turn is not None:
            return calibration.case_from(self.turn, self.language)
        return open_case(self.system, self.rid, actor=self.request.actor, purpose=purpose, language=self.language, with_review=True)

    def seal(self, case: Case) -> Seal:
        permit = issued(self.system)
        notice_due = bool(permit and permit.notice_due and not case.notice)
        return seal_of(case, marks=marks_of(case.sentences), actor=self.request.actor, notice_due=notice_due)


def keeps_words(view: View) -> View:
    """Whoever is signed out in the middle of writing gets the words back, to copy, and no redirect that throws them away."""

    @wraps(view)
    def kept(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated and words_of(request):
            response = render(request, "reviews/signed_out.html", {"typed": words_of(request)}, status=403)
            response["Cache-Control"] = "private, no-store"
            return response
        return view(request, *args, **kwargs)

    return kept


@keeps_words
@requires("review.do")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, rid: str) -> HttpResponse:
    """GET asks whether to open; POST opens the case, or goes on with it."""
    system = get_object_or_404(System, slug=request.POST.get("system") or request.GET.get("system", ""))
    today = clock.today()
    if not may_review(system, request.actor.person, today):
        return not_reviewer(request, system)
    desk = Desk(request, system, rid, calibration.turn_of(system, rid, today))
    if request.method != "POST":
        if desk.turn is None and calibration.answered_turn(system, rid):
            return redirect(f"{reverse('reviews:made', args=[rid])}?system={system.slug}")
        return render(request, "reviews/open.html", {"system": system, "rid": rid})
    if "seal" in request.POST and desk.turn is None and calibration.answered_turn(system, rid):  # the button was pressed twice
        return redirect(f"{reverse('reviews:made', args=[rid])}?system={system.slug}")
    try:
        return _go_on(desk) if "seal" in request.POST else _show(desk)
    except Refused as refused:
        return _refused(desk, refused)
    except Unreachable:
        return _refused(desk, Refused(refuse(RefusalCode.UNREACHABLE)))


def not_reviewer(request: HttpRequest, system: System) -> HttpResponse:
    """Nothing to approve: what the person lacks, and who mends it."""
    today = clock.today()
    lacks = lacks_of(Rows(system).held(today), request.actor.person, today)
    return render(request, "reviews/not_reviewer.html", {"system": system, "lacks": lacks, "words": words_of(request)}, status=403)


def words_of(request: HttpRequest) -> list[str]:
    """What was typed, for a page that cannot go on but must not lose it."""
    return [request.POST[name] for name in TYPED if request.POST.get(name)]


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field as it was sent, for a form that sends it once more: all but what that form has of its own."""
    sent = request.POST
    return [(name, value) for name in sent if name not in _OF_THE_FORM for value in sent.getlist(name)]


# ------------------------------------------------------------------------------------------------------------------ the case


def _show(desk: Desk, *, bound: bool = False, status: int = 200) -> HttpResponse:
    """Open the case and show it: with an empty form, or with the one that was sent, held against what was opened now."""
    case, system, request = desk.opened("review"), desk.system, desk.request
    seal = desk.seal(case)
    context = {
        "system": system,
        "case": case,
        "seal": seal,
        "form": _judge_form(desk, seal, bound=bound) if case.blind else _review_form(desk, seal, bound=bound),
        "favourable": outcome_label(system, system.favourable_outcome) if system.favourable_outcome else "",
        "differences": differences(read_figures(settings.HOME.figures, system.slug), system.groups),
        "claim": Claim.objects.filter(rid=desk.rid).exclude(user=request.user).select_related("user").first(),
        "letter": request.POST.get("letter", ""),
    }
    return render(request, "reviews/blind.html" if case.blind else "reviews/case.html", context, status=status)


def _judge_form(desk: Desk, seal: Seal, *, bound: bool = True) -> JudgeForm:
    return JudgeForm(desk.request.POST if bound else None, outcomes=desk.system.outcomes, marks=frozenset(seal.marks))


def _review_form(desk: Desk, seal: Seal, *, bound: bool = True) -> ReviewForm:
    return ReviewForm(
        desk.request.POST if bound else None,
        outcomes=desk.system.outcomes,
        proposed=seal.proposed,
        marks=frozenset(seal.marks),
        notice_due=seal.notice_due,
    )


def _opened_anew(desk: Desk) -> HttpResponse:
    """The seal is no good any longer: open the case again, with everything that was typed in its place."""
    messages.warning(
        desk.request,
        _(
            "What you saw was too old to decide on, so the case has been opened anew. What you wrote is still here: look, and send it again."
        ),
    )
    return _show(desk, bound=True, status=409)


def _go_on(desk: Desk) -> HttpResponse:
    """The next step, as the button that was pressed says."""
    seal = read_seal(desk.request.POST["seal"], rid=desk.rid, person=desk.request.actor.person)
    if seal is None:
        return _opened_anew(desk)
    go = desk.request.POST.get("go", "decide")
    if seal.blind:
        return _judge(desk, seal)
    form = _review_form(desk, seal)
    if go == "back" or not form.is_valid():
        return _show(desk, bound=True, status=200 if go == "back" else 422)
    return _STEPS.get(go, _decide)(desk, seal, form)


# --------------------------------------------------------------------------------------------------------- the blind judgement


def _judge(desk: Desk, seal: Seal) -> HttpResponse:
    form = _judge_form(desk, seal)
    if not form.is_valid():
        return _show(desk, bound=True, status=422)
    message = Judge(
        id=0,
        system=desk.system.slug,
        rid=desk.rid,
        proposal=seal.leaf,
        opened=seal.opened,
        outcome=form.cleaned_data["outcome"],
        reasons=form.cleaned_data["reasons"],
        actor=desk.request.actor,
    )
    bridge.expect(Done, lambda number: msgspec.structs.replace(message, id=number))
    messages.success(desk.request, _("Your own view stands in the log. Now the proposal is shown."))
    return _show(desk)  # the judgement's words are not the decision's: those begin empty


# ------------------------------------------------------------------------------------------------------------------ the letter


def _letter(desk: Desk, seal: Seal, form: ReviewForm) -> HttpResponse:
    """The draft, or the letter as it was written before. A draft is made of the case, so the case is opened for it."""
    typed = desk.request.POST.get("letter", "")
    kept = bool(typed.strip()) and desk.request.POST.get("go") != "draft"
    text = typed
    if not kept:
        case = desk.opened("letter")
        seal = desk.seal(case)
        text = _drafted(desk, case, form)
    return _letter_page(desk, seal, form, LetterForm(initial={"letter": text}), {"kept": kept})


def _drafted(desk: Desk, case: Case, form: ReviewForm) -> str:
    return draft_letter(
        system=desk.system,
        case=case,
        verdict=form.cleaned_data["verdict"],
        outcome=form.cleaned_data["outcome"],
        reasons=form.cleaned_data["reasons"],
        language=form.written_in,
        decided_by=f"{desk.request.actor.name}, {role_label(desk.request.actor.role).lower()}",
        protected=desk.turn is None and is_protected(desk.system, desk.rid, actor=desk.request.actor),
    )


def _letter_page(desk: Desk, seal: Seal, form: ReviewForm, letter: LetterForm, more: dict[str, object], status: int = 200) -> HttpResponse:
    context = {"system": desk.system, "rid": desk.rid, "seal": seal, "form": form, "letter": letter, **more}
    return render(desk.request, "reviews/letter.html", context, status=status)


def _preview(desk: Desk, seal: Seal, form: ReviewForm) -> HttpResponse:
    letter = LetterForm(desk.request.POST)
    if not letter.is_valid():
        return _letter_page(desk, seal, form, letter, {"kept": False}, status=422)
    text = letter.cleaned_data["letter"]
    context = {
        "system": desk.system,
        "rid": desk.rid,
        "seal": seal,
        "form": form,
        "text": text,
        "blocks": blocks(text),
        "slots": open_slots(text),
        "outcome": outcome_label(desk.system, form.cleaned_data["outcome"]),
        "written_in": form.written_in,
    }
    return render(desk.request, "reviews/preview.html", context)


def _pdf(desk: Desk, seal: Seal, form: ReviewForm) -> HttpResponse:
    """The letter as a file to look at or to send: made for this answer, stored nowhere."""
    letter = LetterForm(desk.request.POST)
    if not letter.is_valid():
        return _letter_page(desk, seal, form, letter, {"kept": False}, status=422)
    text = letter_pdf(letter.cleaned_data["letter"], system=desk.system, day=clock.today(), language=form.written_in)
    response = HttpResponse(text, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="beslut-{desk.rid[:8]}.pdf"'
    return response


# ---------------------------------------------------------------------------------------------------------------- the decision


def _decide(desk: Desk, seal: Seal, form: ReviewForm) -> HttpResponse:
    letter = LetterForm(desk.request.POST)
    if not letter.is_valid() or letter.has_gaps():
        return _letter_page(desk, seal, form, letter, {"kept": False}, status=422)
    if desk.turn is not None:
        return _answer(desk, desk.turn, form.cleaned_data["outcome"])
    review = Review(
        id=0,
        system=desk.system.slug,
        rid=desk.rid,
        proposal=seal.leaf,
        opened=seal.opened,
        verdict=ReviewVerdict(form.cleaned_data["verdict"]),
        outcome=form.cleaned_data["outcome"],
        reasons=form.cleaned_data["reasons"],
        heard_party=form.cleaned_data["heard_party"],
        notice=form.notice,
        letter=letter.cleaned_data["letter"].strip(),
        actor=desk.request.actor,
    )
    done = bridge.expect(Done, lambda number: msgspec.structs.replace(review, id=number))
    claims.decided(desk.rid)
    messages.success(desk.request, _("Your decision stands in the log as entry %(index)d.") % {"index": done.receipt.index})
    return redirect(f"{reverse('residents:letter', args=[desk.rid])}?system={desk.system.slug}")


def _answer(desk: Desk, turn: calibration.Turn, outcome: str) -> HttpResponse:
    """A made-up case: no decision is sent anywhere, and only the person learns how it went."""
    try:
        right = answer_made_case(actor=desk.request.actor, turn=turn, outcome=outcome)
    except ActRefused as refused:
        messages.error(desk.request, str(refused))
    else:
        words = {"outcome": outcome_label(desk.system, outcome)}
        if right:
            messages.success(desk.request, _("You decided: %(outcome)s. That was right.") % words)
        else:
            messages.warning(desk.request, _("You decided: %(outcome)s. That was not right.") % words)
    claims.decided(desk.rid)
    return redirect(f"{reverse('reviews:made', args=[desk.rid])}?system={desk.system.slug}")


@requires("review.do")
@never_cache
@require_safe
def made(request: HttpRequest, rid: str) -> HttpResponse:
    """What a made-up case was about, for whoever decided it. How they decided is kept nowhere."""
    system = get_object_or_404(System, slug=request.GET.get("system", ""))
    if not may_review(system, request.actor.person, clock.today()):
        return not_reviewer(request, system)
    found = calibration.answered_turn(system, rid)
    if found is None:
        return redirect("oversight:queue")
    turn = calibration.Turn(found, request.actor.person)
    context = {
        "system": system,
        "made": found,
        "case": calibration.case_from(turn, get_language() or "sv"),
        "proposed": outcome_label(system, found.proposed),
        "right": outcome_label(system, found.right),
    }
    return render(request, "reviews/made.html", context)


# ------------------------------------------------------------------------------------------------------------------- refusals


def _refused(desk: Desk, refused: Refused) -> HttpResponse:
    """What stood in the way, with what was typed: to send once more, or to take into the case opened again."""
    down = refused.refusal.code is RefusalCode.UNREACHABLE
    context = {
        "system": desk.system,
        "refusal": refused.refusal,
        "rid": desk.rid,
        "typed": typed_in(desk.request),
        "words": words_of(desk.request),
        "seal": desk.request.POST.get("seal", "") if down else "",
    }
    return render(desk.request, "reviews/refused.html", context, status=503 if down else 409)


_STEPS: dict[str, Callable[[Desk, Seal, ReviewForm], HttpResponse]] = {
    "letter": _letter,
    "draft": _letter,
    "preview": _preview,
    "pdf": _pdf,
    "decide": _decide,
}
