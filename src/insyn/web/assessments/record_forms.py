"""Forms around a record: writing it, its files, comments and answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insyn.web.register.forms import RecordForm

from .commenting import MAX_COMMENT


class WriteForm(RecordForm):
    """A record that is being written. ``draft_revision`` is that of the draft that the page showed; empty before there is one."""

    draft_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, PNG, JPEG, ODT, ODS, DOCX, XLSX, plain text or CSV in UTF-8; at most 10 MB."),
        allow_empty_file=True,
    )
    public = forms.BooleanField(
        label=_("Show the file in public, if the record is shown"),
        required=False,
        help_text=_("Look first that nothing in it is secret or personal, also in its properties."),
    )


class CommentForm(forms.Form):
    """Plain text."""

    text = forms.CharField(label=_("Comment"), widget=forms.Textarea(attrs={"rows": 5}), max_length=MAX_COMMENT)


class AnswerForm(forms.Form):
    text = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 5}), max_length=MAX_COMMENT)


class RevisionForm(forms.Form):
    """Carries only the revision of what the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def about_of(data: Any) -> dict[str, Any]:
    """What stands beside the content of a record, as typed."""
    return {
        "version": data.get("version", ""),
        "case_number": data.get("case_number", ""),
        "valid_through": data.get("valid_through", ""),
        "public": "public" in data,
    }
