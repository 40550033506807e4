"""A column for a word of a closed list. The list stands in :mod:`insyn.core.terms`, not in the database: a new word is no migration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


def upsert(row: models.Model) -> None:
    """Write the row in the place of the one with its key, or as a new one: one statement, and no point to go back to."""
    model = type(row)
    key = model._meta.pk
    columns = [field.name for field in model._meta.concrete_fields if field is not key]
    model._base_manager.bulk_create([row], update_conflicts=True, unique_fields=[key.name], update_fields=columns)


class WordField(models.CharField):
    """``words``: the closed list. What is stored is the word; what is shown is its label."""

    def __init__(self, *args: Any, words: Iterable[str] = (), **kwargs: Any) -> None:
        choices = [(str(word), str(word)) for word in words]
        super().__init__(*args, **({"choices": choices} if choices else {}), **kwargs)

    def deconstruct(self) -> Any:
        """Without the words, so that a migration holds none."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs
