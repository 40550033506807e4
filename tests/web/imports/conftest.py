"""The coordinator, and a list that they import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.models import Office
from insyn.web.imports import actions
from insyn.web.imports.models import Import


@pytest.fixture
def coordinator(person: Callable[..., Actor]) -> Actor:
    return person(Role.AI_COORDINATOR)


@pytest.fixture
def begin(coordinator: Actor, owner: Actor, user_of: Callable[[Actor], Any], request: pytest.FixtureRequest) -> Callable[..., Import]:
    """``begin()``: the ``LIST`` of the test's module, looked through and not taken yet; or another text or file."""

    def make(text: str | bytes | None = None, **given: Any) -> Import:
        told = request.module.LIST if text is None else text
        data = told.encode() if isinstance(told, str) else told
        fields = {"source": "Vår lista", "file_name": "lista.csv", "owner": user_of(owner), "office": Office.objects.get(slug="kontoret")}
        return actions.begin_import(actor=coordinator, data=data, **{**fields, **given})

    return make
