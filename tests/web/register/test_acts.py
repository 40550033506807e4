"""Acts and their entries: written together or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction

from insyn.core.commitments import commitment
from insyn.core.entries import read_head
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import NotAllowed
from insyn.web.clock import today
from insyn.web.register.acts import sealed_text, write_act
from insyn.web.register.models import Act, Outbox

pytestmark = pytest.mark.django_db


def test_an_act_without_an_actor_is_refused(opened: Any) -> None:
    before = Act.objects.count(), Outbox.objects.count()
    for nobody in (None, Actor(person="", name="", role=Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed, match=r"människa|human"):
            write_act(verb="test", actor=nobody, text={})
    assert (Act.objects.count(), Outbox.objects.count()) == before


def test_an_act_carries_exactly_one_outbox_row_with_its_bytes(administrator: Actor) -> None:
    act = write_act(verb="test", actor=administrator, text={"what": "prövning"})
    head = read_head(bytes(act.outbox.entry))
    assert (head.kind, head.rid, head.act) == ("act", act.pk, "test")
    assert head.day == today().isoformat()


def test_the_public_entry_names_nobody_and_binds_the_text(administrator: Actor) -> None:
    act = write_act(verb="test", actor=administrator, text={"what": "hemligt ord"})
    entry = bytes(act.outbox.entry)
    assert administrator.name.encode() not in entry
    assert administrator.person.encode() not in entry
    assert b"hemligt" not in entry
    expected = commitment(group="act", rid=act.pk, salt=bytes.fromhex(act.salt), text=sealed_text(act))
    assert read_head(entry).c == {"act": expected}


def test_another_text_breaks_the_commitment(administrator: Actor) -> None:
    act = write_act(verb="test", actor=administrator, text={"what": "ett"})
    bound = read_head(bytes(act.outbox.entry)).c["act"]
    act.text = {"what": "två"}
    assert commitment(group="act", rid=act.pk, salt=bytes.fromhex(act.salt), text=sealed_text(act)) != bound


def test_an_act_that_rolls_back_leaves_no_outbox_row(administrator: Actor) -> None:
    before = Act.objects.count(), Outbox.objects.count()
    with pytest.raises(RuntimeError, match="changed my mind"):
        _act_and_change_mind(administrator)
    assert (Act.objects.count(), Outbox.objects.count()) == before


@transaction.atomic
def _act_and_change_mind(actor: Actor) -> None:
    write_act(verb="test", actor=actor, text={})
    raise RuntimeError("changed my mind")


@pytest.mark.django_db(transaction=True)
def test_an_act_outside_a_transaction_is_refused(administrator: Actor) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        write_act(verb="test", actor=administrator, text={})


def test_an_act_is_never_rewritten_or_deleted(administrator: Actor) -> None:
    act = write_act(verb="test", actor=administrator, text={})
    act.verb = "other"
    with pytest.raises(TypeError, match="written once"):
        act.save()
    with pytest.raises(TypeError, match="never deleted"):
        act.delete()


def test_the_bytes_of_an_entry_are_canonical_json(administrator: Actor) -> None:
    entry = bytes(write_act(verb="test", actor=administrator, text={}).outbox.entry)
    assert entry == json.dumps(json.loads(entry), sort_keys=True, separators=(",", ":")).encode()
