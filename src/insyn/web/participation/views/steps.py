"""A page with several things to do: each with its form, its act, and whether the page offers it now.

What is not offered any more may still be sent, from a page opened earlier: the act then says why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import Http404, HttpRequest

from insyn.core.messages import Actor
from insyn.web.attempts import attempt


@dataclass
class Step:
    """``act`` is called with the form. ``kwargs`` go to the form; ``danger`` colours the button."""

    name: str
    title: str
    done: str
    form: type[forms.Form]
    act: Callable[[Any], object]
    offered: bool = True
    initial: dict[str, Any] = field(default_factory=dict)
    danger: bool = False
    open: bool = False
    bound: forms.Form | None = None

    def fresh(self, data: object = None) -> forms.Form:
        return self.form(data, initial=self.initial, auto_id=f"{self.name}-%s")

    @property
    def shown(self) -> forms.Form:
        return self.bound or self.fresh()


def sends(act: Callable[..., object], actor: Callable[[], Actor], **about: object) -> Callable[[Any], object]:
    """What a step does with its form: the act, with what it is about and what was filled in. The actor is asked for first when it is sent."""
    return lambda form: act(actor=actor(), **about, **form.cleaned_data)


def take(request: HttpRequest, steps: Iterable[Step]) -> bool:
    """Do what was sent. True when it was done; otherwise its step holds the form with what is in the way."""
    if request.method != "POST":
        return False
    step = next((one for one in steps if one.name == request.POST.get("what")), None)
    if step is None:
        raise Http404
    step.bound = form = step.fresh(request.POST)
    if attempt(request, form, lambda: step.act(form), done=step.done):
        return True
    if "revision" in form.fields:  # what was typed stands, and sending it again is a choice made knowingly
        form.data = form.data.copy()
        form.data["revision"] = str(step.initial["revision"])
    return False


def sent_form(steps: Iterable[Step]) -> forms.Form | None:
    """The form that was sent and refused, for the summary on top of the page."""
    return next((step.bound for step in steps if step.bound is not None), None)
