"""What the pages of the needs read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from insyn.web.accounts.models import User

from .models import Need, NeedDecision
from .words import FocusArea, NeedOutcome, NeedPhase


def needs_matching(words: str = "", *, phase: str = "", outcome: str = "", area: str = "") -> QuerySet[Need]:
    """Needs by words in number, title or office, newest first. What is no word of ours filters nothing."""
    found = Need.objects.select_related("office", "system")
    if phase in set(NeedPhase):
        found = found.filter(phase=phase)
    if outcome in set(NeedOutcome):
        found = found.filter(outcome=outcome)
    if area in set(FocusArea):
        found = found.filter(focus_area=area)
    for word in words.split()[:8]:
        found = found.filter(
            Q(number__icontains=word) | Q(title_sv__icontains=word) | Q(title_en__icontains=word) | Q(office__name_sv__icontains=word)
        )
    return found


def public_needs(words: str = "", *, outcome: str = "", area: str = "") -> QuerySet[Need]:
    """What is decided; nothing else of a need is public."""
    return needs_matching(words, phase=NeedPhase.ENDED, outcome=outcome, area=area)


@dataclass(frozen=True)
class Result:
    """A need with the decision that it ended in."""

    need: Need
    decision: NeedDecision


def public_need(number: str) -> Result | None:
    """A decided need, or None: the public does not learn whether there is an undecided one of that number."""
    need = public_needs().filter(number=number).first()
    decision = need and need.decisions.select_related("analysis").first()
    return Result(need, decision) if need and decision else None


def under_way() -> int:
    """How many needs are not decided yet: the number is public, the needs are not."""
    return Need.objects.exclude(phase=NeedPhase.ENDED).count()


def for_analysis() -> QuerySet[Need]:
    return Need.objects.filter(phase=NeedPhase.OPEN).order_by("pk")


def for_decision(user: User) -> QuerySet[Need]:
    """Needs that wait for a decision, without those that the user analysed."""
    return Need.objects.filter(phase=NeedPhase.ANALYSED).exclude(analyses__person=user.person).order_by("pk")


def to_begin() -> QuerySet[Need]:
    """Needs decided to be solved with AI, where no system has begun."""
    return Need.objects.filter(outcome=NeedOutcome.AI, system=None).order_by("pk")


def expected_benefits(on: date) -> QuerySet[NeedDecision]:
    """Decisions whose expected benefit lies ahead."""
    found = NeedDecision.objects.filter(need__phase=NeedPhase.ENDED, analysis__expected_by__gte=on).exclude(outcome=NeedOutcome.NO)
    return found.select_related("need", "analysis")
