"""From a filled-in form to an act: errors land at the field that they are about, and what was typed is shown again."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest

from insyn.core.errors import InvalidInput
from insyn.web.accounts.errors import ActRefused, NotAllowed


def attempt(request: HttpRequest, form: forms.Form, act: Callable[[], object], *, done: str) -> bool:
    """Do the act if the form is whole. True when it was done; otherwise the form says what is in the way."""
    if not form.is_valid():
        return False
    try:
        act()
    except InvalidInput as error:
        field = _field(form, error.place)
        form.add_error(field, error.message if field else str(error))
    except NotAllowed as error:
        form.add_error(None, str(error))
    except ActRefused as error:
        form.add_error(None, list(error.reasons))
    else:
        messages.success(request, done)
        return True
    return False


def _field(form: forms.Form, place: str) -> str | None:
    """The form's field of that name; its first part is enough (``purposes[0].name`` is in ``purposes``)."""
    name = place.split(".")[0].split("[")[0]
    return next((field for field in (place, name) if field in form.fields), None)


def problems(form: forms.Form) -> list[tuple[str, str]]:
    """Each error with the id of its field (empty for the form as a whole), for the summary on top of the page."""
    if not form.is_bound:
        return []
    found = []
    for name, errors in form.errors.items():
        field_id = "" if name == NON_FIELD_ERRORS else form[name].id_for_label
        found += [(field_id, str(error)) for error in errors]
    return found
