"""Every act by every role: allowed or refused as docs/reference/roles.md says."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import PERMISSIONS

ROOT = Path(__file__).resolve().parents[3]


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("insyn_tool_roles", ROOT / "tools" / "roles.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ROLES = _tool()
ACTS = ROLES.acts()


def table() -> dict[tuple[str, str], set[Role]]:
    """What the page says: (module, act) to the roles that may."""
    found, module = {}, ""
    for line in (ROOT / "docs" / "reference" / "roles.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            module = f"insyn.web.{line[3:]}"
        elif match := re.match(r"\| `(\w+)` \| `[\w.]+` \| (.*) \|$", line):
            marks = match[2].split(" | ")
            found[module, match[1]] = {role for role, mark in zip(Role, marks, strict=True) if mark == "●"}
    return found


def test_the_page_says_what_the_acts_and_the_permissions_say() -> None:
    assert table() == {(one.module, one.name): set(PERMISSIONS[one.permission]) for one in ACTS}
    assert len(ACTS) > 60


def test_every_act_asks_who_acts_before_anything_else() -> None:
    assert [f"{one.module}.{one.name}" for one in ACTS if not one.first] == []


def test_no_permission_is_without_an_act_or_a_page() -> None:
    pages = {
        match for path in (ROOT / "src" / "insyn" / "web").rglob("*.py") for match in re.findall(r'"([a-z_]+\.[a-z_]+)"', path.read_text())
    }
    assert [name for name in PERMISSIONS if name not in pages] == []


@pytest.fixture
def everybody(person: Callable[..., Actor]) -> dict[Role, Actor]:
    return {role: person(role) for role in Role}


def refused_by_office(act: Any, actor: Actor) -> bool:
    """Is the act, with nothing else given, refused because of who acts? What is refused later is refused for another reason."""
    function = getattr(importlib.import_module(act.module), act.name)
    given = {
        name: None
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is parameter.KEYWORD_ONLY and name != "actor"
    }
    try:
        with transaction.atomic():
            function(actor=actor, **given)
    except NotAllowed as error:
        return any(frame.name == "require" for frame in traceback.extract_tb(error.__traceback__))
    except Exception:  # whatever an act without its objects comes to: it was let through to there
        return False
    return False


def test_every_act_by_every_role_is_allowed_or_refused_as_the_page_says(everybody: dict[Role, Actor]) -> None:
    said = table()
    wrong = []
    for act in ACTS:
        for role, actor in everybody.items():
            refused = refused_by_office(act, actor)
            if refused != (role not in said[act.module, act.name]):
                wrong.append(f"{act.module}.{act.name} by {role}: {'refused' if refused else 'let through'}")
    assert wrong == []


def test_no_act_is_let_through_after_the_mandate_has_ended_or_without_an_actor(everybody: dict[Role, Actor]) -> None:
    from insyn.web.accounts.models import Mandate

    Mandate.objects.update(last_day=clock.today() - timedelta(days=1))
    nobody: Any = None
    through = [
        f"{act.module}.{act.name} by {role}"
        for act in ACTS
        for role, actor in [*everybody.items(), ("nobody", nobody)]
        if not refused_by_office(act, actor)
    ]
    assert through == []
