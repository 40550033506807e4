"""From a filled-in form to an act: errors land at the field that they are about, and what was typed is shown again."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest

from insyn.core.errors import InvalidInput
from insyn.web.accounts.errors import ActRefused, NotAllowed

#: What Django says of a field that is empty; alone it names nothing.
_EMPTY = forms.Field.default_error_messages["required"]


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
    """The form's field of that name; a table's cell of that place; or its first part (``purposes[0].name`` is in ``purposes``)."""
    name = place.split(".")[0].split("[")[0]
    cell = place.replace("[", "-").replace("].", "-")
    return next((field for field in (place, cell, name) if field in form.fields), None)


def problems(form: forms.Form) -> list[tuple[str, str]]:
    """Each error with the id of its field (empty for the form as a whole), for the summary on top of the page.

    The same words for several fields, and that a field is empty, are told apart by what the fields are called.
    """
    if not form.is_bound:
        return []
    said = [str(error) for errors in form.errors.values() for error in errors]
    found = []
    for name, errors in form.errors.items():
        field = None if name == NON_FIELD_ERRORS else form[name]
        for text in map(str, errors):
            told_apart = field is not None and (said.count(text) > 1 or text == str(_EMPTY))
            found.append((field.id_for_label if field else "", f"{_before(str(field.label))} {text}" if field and told_apart else text))
    return found


def _before(label: str) -> str:
    """What a field is called, before what is wrong with it: a question keeps its mark, everything else gets a colon."""
    return label if label.endswith(("?", ":", ".")) else f"{label}:"
