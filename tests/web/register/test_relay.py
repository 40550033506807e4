"""Acts on their way to the log, against a real sequencer: in order, each exactly once, none lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor, Narrow
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, Role
from insyn.web import bridge
from insyn.web.accounts.actions import end_mandate, open_office
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.clock import today
from insyn.web.register import intents, issuing
from insyn.web.register.actions import adopt_pack, continue_system, describe_system, issue_client_key, pause_system, revoke_client_key
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, IssuedPermit, Outbox, System
from insyn.web.relay import relay_once

pytestmark = [pytest.mark.usefixtures("sequencer"), pytest.mark.django_db]


class Killed(Exception):
    """The relay ends here."""


class DiesAfter:
    """The real client; the process 'dies' when the answer to question number ``questions`` has come."""

    def __init__(self, client: Any, questions: int) -> None:
        self._client, self._left = client, questions

    def ask_new(self, make: Callable[[int], Any]) -> Any:
        answer = self._client.ask_new(make)
        self._left -= 1
        if self._left == 0:
            raise Killed
        return answer


def test_the_relay_sends_every_act_in_order_and_exactly_once(sequencer: Any, in_use: System) -> None:
    acts = list(Outbox.objects.order_by("id").values_list("act_id", flat=True))
    assert relay_once(sequencer.client()) == len(acts)
    assert relay_once(sequencer.client()) == 0
    found = sequencer.entries("act", "permit")
    assert [head.rid for _, head in found] == acts
    indices = dict(Act.objects.values_list("pk", "log_index"))
    assert {head.rid: index for index, head in found} == indices


@pytest.mark.parametrize("questions", range(2, 7))
def test_a_relay_killed_between_send_and_mark_sends_nothing_twice(sequencer: Any, system: System, questions: int) -> None:
    acts = list(Outbox.objects.order_by("id").values_list("act_id", flat=True))
    with pytest.raises(Killed):
        relay_once(DiesAfter(sequencer.client(), questions))
    marked = Outbox.objects.exclude(sent_at=None).count()
    assert marked == questions - 2  # the first question reads the log; the last answer was never marked
    relay_once(sequencer.client())
    assert [head.rid for _, head in sequencer.entries("act", "permit")] == acts
    assert not Outbox.objects.filter(sent_at=None).exists()


def test_while_the_sequencer_is_down_acts_wait_and_none_is_lost(sequencer: Any, administrator: Actor) -> None:
    relay_once(sequencer.client())
    sequencer.kill()
    open_office(actor=administrator, slug="namnden", name_sv="Nämnden", name_en="The board", kind="board")
    with pytest.raises(Unreachable):
        relay_once(sequencer.client())
    assert Outbox.objects.filter(sent_at=None).count() == 1
    sequencer.start()
    assert relay_once(sequencer.client()) == 1
    assert sequencer.entries("act")[-1][1].act == "open_office"


def test_what_loosens_takes_effect_only_when_its_entry_stands(sequencer: Any, in_use: System, administrator: Actor) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    assert ask_clearance(sequencer, key) == "unknown_system"
    relay_once(sequencer.client())
    assert ask_clearance(sequencer, key) == "cleared"


def test_what_tightens_is_in_force_before_the_act_is_written(sequencer: Any, in_use: System, owner: Actor, administrator: Actor) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    act = pause_system(actor=owner, system=in_use, why="Konstiga förslag.")
    assert ask_clearance(sequencer, key) == "paused"
    narrowing = Act.objects.get(verb="narrow")
    assert narrowing.log_index == sequencer.entries("permit")[-1][0]
    assert narrowing.person == owner.person
    relay_once(sequencer.client())
    act.refresh_from_db()
    assert act.log_index > narrowing.log_index
    assert intents.waiting() == {} or set(intents.waiting()) == {narrowing.pk}


def test_a_revoked_key_is_refused_at_once(sequencer: Any, in_use: System, administrator: Actor) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    revoke_client_key(actor=administrator, system=in_use, name="prov")
    assert ask_clearance(sequencer, key) == "client_unknown"


def test_nothing_is_narrowed_in_the_register_while_the_log_is_silent(sequencer: Any, in_use: System, owner: Actor) -> None:
    relay_once(sequencer.client())
    sequencer.kill()
    acts = Act.objects.count()
    with pytest.raises(ActRefused, match=r"[Ll]oggen|log"):
        pause_system(actor=owner, system=in_use, why="Konstiga förslag.")
    assert System.objects.get(pk=in_use.pk).phase == Phase.IN_USE
    assert Act.objects.count() == acts


def test_a_narrowing_cut_off_before_the_commit_is_taken_over_with_its_named_human(
    sequencer: Any, in_use: System, owner: Actor, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    monkeypatch.setattr(issuing, "write_act_from_log", dies)
    with pytest.raises(Killed):
        pause_system(actor=owner, system=in_use, why="Konstiga förslag.")
    monkeypatch.undo()
    assert not Act.objects.filter(verb="narrow").exists()
    relay_once(sequencer.client())
    act = Act.objects.get(verb="narrow")
    assert (act.person, act.text["because"], act.text["interrupted"]) == (owner.person, "pause_system", True)
    assert ask_clearance(sequencer, key) == "paused"

    describe_system(actor=owner, system=System.objects.get(pk=in_use.pk), summary_sv="Ny text.", name_sv="Nytt namn")
    relay_once(sequencer.client())
    assert ask_clearance(sequencer, key) == "paused"  # another act does not open what somebody closed
    pause_system(actor=owner, system=System.objects.get(pk=in_use.pk), why="Konstiga förslag.")
    relay_once(sequencer.client())
    assert not IssuedPermit.objects.filter(system=in_use).order_by("epoch").last().interrupted


def test_an_act_that_overtook_an_interrupted_narrowing_is_compiled_again(
    sequencer: Any, in_use: System, owner: Actor, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay_once(sequencer.client())
    monkeypatch.setattr(issuing, "write_act_from_log", dies)
    with pytest.raises(Killed):
        pause_system(actor=owner, system=in_use, why="Konstiga förslag.")
    monkeypatch.undo()
    late = issue_client_key(actor=administrator, system=System.objects.get(pk=in_use.pk), name="sent").act
    relay_once(sequencer.client())
    late.refresh_from_db()
    assert late.log_index is not None
    assert late.outbox.error.startswith(RefusalCode.EPOCH_OLD)
    assert not Outbox.objects.filter(sent_at=None).exists()
    assert issued(in_use).epoch == sequencer.entries("permit")[-1][1].epoch
    assert not issued(in_use).granted


def dies(**_: object) -> None:
    raise Killed


def test_a_permit_that_loosens_cannot_come_as_a_narrowing(sequencer: Any, in_use: System, owner: Actor) -> None:
    """The sequencer's own belt, seen from here: nothing is in force before its entry."""
    relay_once(sequencer.client())
    pause_system(actor=owner, system=in_use, why="Paus.")
    relay_once(sequencer.client())
    held = issued(in_use)
    import msgspec

    from insyn.core.permit import sign_permit

    wider = msgspec.structs.replace(held, epoch=held.epoch + 1, compiled_from=held.epoch, granted=True)
    signed = sign_permit(wider, bridge.register_key())
    answer = bridge.ask(lambda number: Narrow(id=number, act="ab" * 16, permit=signed))
    assert answer.refusal.code is RefusalCode.INVALID_REQUEST


def test_a_stop_in_the_log_becomes_an_act_of_its_named_holder(sequencer: Any, in_use: System, person: Callable[..., Actor]) -> None:
    from insyn.core.messages import Stop, StopOrder, StopReport
    from insyn.core.wire import STOP_CONTEXT, encode

    relay_once(sequencer.client())
    holder = person(Role.STOP_HOLDER)
    order = StopOrder(
        order="cd" * 16, system=in_use.slug, actor=holder, reason="Fel.", ordered_at="2026-11-20T10:00:00.000+00:00", via="prov"
    )
    signed = bridge.register_key().sign(STOP_CONTEXT, encode(order))
    answer = bridge.ask(lambda number: Stop(id=number, order=signed))
    assert isinstance(answer, StopReport)
    for _ in range(2):
        relay_once(sequencer.client())
    act = Act.objects.get(verb="order_stop")
    assert (act.person, act.log_index, act.system) == (holder.person, answer.index, in_use)


def ask_clearance(sequencer: Any, key: str) -> str:
    """What the gateway says to a program with this key."""
    from insyn.core.messages import Asked, Clear, Cleared
    from insyn.sdk.connection import Connection

    connection = Connection(sequencer.home.decide_socket)
    asked = Asked(system="lanestod", version="1.0", purpose="loans", categories=("income",), matter_type="housing_loan")
    answer = connection.ask(Clear(id=connection.next_id(), key=key, asked=asked))
    connection.close()
    return "cleared" if isinstance(answer, Cleared) else answer.refusal.code


def test_only_owner_or_board_pauses_and_only_the_board_lets_it_go_on(
    in_use: System, owner: Actor, member: Actor, person: Callable[..., Actor], administrator: Actor
) -> None:
    others = [person(role) for role in Role if role not in {Role.SYSTEM_OWNER, Role.ELECTED_MEMBER, Role.ADMINISTRATOR}]
    for actor in (administrator, *others):
        with pytest.raises(NotAllowed):
            pause_system(actor=actor, system=in_use, why="Paus.")
    pause_system(actor=owner, system=in_use, why="Paus.")
    for actor in (owner, administrator, *others):
        with pytest.raises(NotAllowed):
            continue_system(actor=actor, system=in_use, case_number="KS 2", why="Ordnat.")
    continue_system(actor=member, system=in_use, case_number="KS 2", why="Ordnat.")
    assert issued(in_use).granted


def test_the_council_adopts_a_policy_and_a_running_system_closes_at_once(
    sequencer: Any, in_use: System, administrator: Actor, person: Callable[..., Actor]
) -> None:
    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-test", adopted_on=today(), case_number="KF 1")
    assert ask_clearance(sequencer, key) == "not_approved"


def test_a_reviewer_whose_mandate_ends_leaves_the_permit_at_once(sequencer: Any, in_use: System, administrator: Actor) -> None:
    relay_once(sequencer.client())
    reviewer = issued(in_use).reviewers[0].person
    end_mandate(
        actor=administrator, mandate=Mandate.objects.get(user__person=reviewer), last_day=today() - timedelta(days=1), why="Slutat."
    )
    assert issued(in_use).reviewers == ()
    assert not issued(in_use).granted


@transaction.atomic
def ends_and_dies(administrator: Actor, mandate: Mandate) -> None:
    """The register's transaction is cut off after the narrowing stands in the log."""
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat.")
    raise Killed


def test_an_act_that_is_rolled_back_after_its_narrowing_leaves_no_entry(sequencer: Any, in_use: System, administrator: Actor) -> None:
    relay_once(sequencer.client())
    reviewer = issued(in_use).reviewers[0].person
    mandate = Mandate.objects.get(user__person=reviewer)
    with pytest.raises(Killed):
        ends_and_dies(administrator, mandate)
    assert not Act.objects.filter(verb="end_mandate").exists()
    assert [entry for _index, entry in sequencer.entries("act") if entry.act == "end_mandate"] == []


def test_a_late_resume_leaves_its_act_in_the_log_and_lifts_nothing(
    sequencer: Any, in_use: System, person: Callable[..., Actor], member: Actor, administrator: Actor
) -> None:
    from insyn.core.messages import Stop, StopOrder
    from insyn.core.wire import STOP_CONTEXT, encode
    from insyn.web.oversight.actions import resume_system

    key = issue_client_key(actor=administrator, system=in_use, name="prov").key
    relay_once(sequencer.client())
    holder, indices = person(Role.STOP_HOLDER), []
    for number in (1, 2):
        order = StopOrder(
            order=f"{number:032x}", system=in_use.slug, actor=holder, reason="Fel.", ordered_at="2026-11-20T10:00:00Z", via="prov"
        )
        signed = bridge.register_key().sign(STOP_CONTEXT, encode(order))
        indices.append(bridge.ask(lambda number, signed=signed: Stop(id=number, order=signed)).index)
        if number == 1:
            relay_once(sequencer.client())
            resume_system(actor=member, system=in_use, stop_index=indices[0], why="Ordnat.", case_number="KS 4")
    relay_once(sequencer.client())
    act = Act.objects.get(verb="resume_system")
    assert act.outbox.error.startswith(RefusalCode.RESUME_LATE)
    assert {head.rid: head.kind for _, head in sequencer.entries("act", "resume")}[act.pk] == "act"
    assert ask_clearance(sequencer, key) == "stopped"
    assert not Outbox.objects.filter(sent_at=None).exists()
