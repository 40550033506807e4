"""A person reads an assistant's instruction, confirms it, and calls with a pass of their own, on a real sequencer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from insyn.core import messages as m
from insyn.core.messages import Actor
from insyn.core.passes import NO_INSTRUCTION, token_digest
from insyn.core.terms import RecordKind, Role
from insyn.sdk.connection import Connection
from insyn.web.clock import today

pytestmark = pytest.mark.django_db
DAY = (today() + timedelta(days=200)).isoformat()
TEXT = {"role": "case_officer", "instruction": "Kontrollera varje svar mot källan.", "holds_through": DAY}
NOT_SHARED = "Personnummer, hälsouppgifter och sådant som omfattas av sekretess."


def instruct(owner: Actor, system: Any, **changes: Any) -> Any:
    from insyn.web.register.actions import supply_record

    content = {"summary": "x", "instructions": [TEXT], "not_shared": NOT_SHARED, **changes}
    return supply_record(actor=owner, system=system, kind=RecordKind.INSTRUCTION, content=content)


@pytest.fixture
def assistant(sequencer: Any, in_use: Any, owner: Actor) -> Any:
    from insyn.web import relay

    instruct(owner, in_use)
    relay.relay_once(sequencer.client())
    return in_use


@pytest.fixture
def officer(person: Callable[..., Actor]) -> Actor:
    return person(Role.CASE_OFFICER)


@pytest.fixture
def call(assistant: Any, sequencer: Any, administrator: Actor, settings: Any) -> Iterator[Callable[[str], m.Answer]]:
    """``call(token)``: the proxy's own first question, with the system's key and somebody's pass."""
    from insyn.web import relay
    from insyn.web.register.actions import issue_client_key

    key = issue_client_key(actor=administrator, system=assistant, name="proxyn").key
    relay.relay_once(sequencer.client())
    connection = Connection(settings.HOME.decide_socket, timeout=20)
    asked = m.Asked(system=assistant.slug, version="1.0", purpose="loans", matter_type="housing_loan", categories=("income",))

    def ask(token: str) -> m.Answer:
        relay.relay_once(sequencer.client())
        return connection.ask(m.Clear(id=connection.next_id(), key=key, asked=asked, person=token))

    yield ask
    connection.close()


def page(client: Any, assistant: Any) -> str:
    return str(client.get(f"/arbete/assistenter/{assistant.slug}/").content.decode())


def confirm(client: Any, assistant: Any, **changes: str) -> str:
    """The page after the form was sent."""
    digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', page(client, assistant))
    sent = {"what_form": "confirm", "digest": digest[0], "read": "on", **changes}
    return str(client.post(f"/arbete/assistenter/{assistant.slug}/", sent).content.decode())


def token_on(text: str) -> str:
    found = re.findall(r"insyn_pass_[\w.-]+", text)
    return found[0] if found else ""


def code(answer: m.Answer) -> str:
    return answer.refusal.code.value if isinstance(answer, m.Denied) else "cleared"


def test_who_confirms_the_instruction_may_call_and_nobody_else(
    assistant: Any, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    from insyn.web.assistants.models import AssistantPass

    client = sign_in(officer)
    shown = page(client, assistant)
    assert NOT_SHARED in shown
    assert TEXT["instruction"] in shown
    assert code(call("")) == "person_unknown"
    token = token_on(confirm(client, assistant))
    assert code(call(token)) == "cleared"
    held = AssistantPass.objects.get()
    assert held.sha256 == token_digest(token)
    assert token not in page(client, assistant)
    assert held.act.verb == "confirm_instruction"
    assert held.act.log_index is not None
    assert held.last_day == today() + timedelta(days=90)


def test_a_box_that_was_not_ticked_confirms_nothing(assistant: Any, officer: Actor, sign_in: Callable[[Actor], Any]) -> None:
    from insyn.web.assistants.models import AssistantPass

    assert token_on(confirm(sign_in(officer), assistant, read="")) == ""
    assert not AssistantPass.objects.exists()


def test_a_new_text_ends_every_pass_until_it_is_read(
    assistant: Any, owner: Actor, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    client = sign_in(officer)
    old_page = re.findall(r'name="digest" value="([0-9a-f]{64})"', page(client, assistant))[0]
    token = token_on(confirm(client, assistant))
    instruct(owner, assistant, not_shared=f"{NOT_SHARED} Inte heller namn.")
    assert code(call(token)) == "instruction_not_confirmed"
    assert "har ändrats" in confirm(client, assistant, digest=old_page)
    assert code(call(token_on(confirm(client, assistant)))) == "cleared"


def test_the_same_text_recorded_again_asks_nobody_to_read_it_again(
    assistant: Any, owner: Actor, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    token = token_on(confirm(sign_in(officer), assistant))
    instruct(owner, assistant)
    assert code(call(token)) == "cleared"


def test_a_pass_that_is_taken_back_opens_nothing_at_once(
    assistant: Any, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    from insyn.web.assistants.models import AssistantPass

    client = sign_in(officer)
    token, other = token_on(confirm(client, assistant)), token_on(confirm(client, assistant))
    held = AssistantPass.objects.get(sha256=token_digest(token))
    client.post(f"/arbete/assistenter/{assistant.slug}/", {"what_form": "revoke", "key": held.pk})
    assert (code(call(token)), code(call(other))) == ("person_unknown", "cleared")


def test_only_who_holds_a_pass_or_owns_the_system_takes_it_back(
    assistant: Any, owner: Actor, officer: Actor, person: Callable[..., Actor], sign_in: Callable[[Actor], Any]
) -> None:
    from insyn.web.accounts.errors import NotAllowed
    from insyn.web.assistants.actions import revoke_pass
    from insyn.web.assistants.models import AssistantPass

    confirm(sign_in(officer), assistant)
    held, other = AssistantPass.objects.get(), person(Role.CASE_OFFICER, "annan")
    client = sign_in(other)
    assert held.pk not in page(client, assistant)
    assert client.post(f"/arbete/assistenter/{assistant.slug}/", {"what_form": "revoke", "key": held.pk}).status_code == 404
    with pytest.raises(NotAllowed):
        revoke_pass(actor=other, held=held)
    revoke_pass(actor=owner, held=held)
    assert AssistantPass.objects.get().revoked_on == today()


def test_who_leaves_the_municipality_takes_no_pass_along(
    assistant: Any, administrator: Actor, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.accounts.models import Mandate

    token = token_on(confirm(sign_in(officer), assistant))
    for mandate in Mandate.objects.filter(user__person=officer.person):
        end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutade.")
    assert code(call(token)) in ("person_unknown", "mandate_ended", "not_approved")
    from insyn.web.register.issuing import issued

    permit = issued(assistant)
    assert permit is not None
    assert len(permit.passes_revoked) == 1


def test_no_pass_outlasts_the_office_of_its_holder(
    assistant: Any, administrator: Actor, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    """Nothing is compiled on the day after: what is known today must end it."""
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.accounts.models import Mandate
    from insyn.web.assistants.models import AssistantPass

    client = sign_in(officer)
    token, last_day = token_on(confirm(client, assistant)), today() + timedelta(days=3)
    mandate = Mandate.objects.get(user__person=officer.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=last_day, why="Slutar.")
    assert code(call(token)) == "person_unknown"
    newer = token_on(confirm(client, assistant))
    assert AssistantPass.objects.get(sha256=token_digest(newer)).last_day == last_day
    assert code(call(newer)) == "cleared"


def test_a_withdrawn_instruction_closes_and_does_not_open(
    assistant: Any, owner: Actor, officer: Actor, sign_in: Callable[[Actor], Any], call: Callable[[str], m.Answer]
) -> None:
    from insyn.web.register.actions import withdraw_record
    from insyn.web.register.issuing import issued
    from insyn.web.register.models import Record

    token = token_on(confirm(sign_in(officer), assistant))
    withdraw_record(actor=owner, system=assistant, record=Record.objects.filter(kind=RecordKind.INSTRUCTION).get(), why="Fel.")
    permit = issued(assistant)
    assert permit is not None
    assert permit.instruction == NO_INSTRUCTION
    assert (code(call(token)), code(call(""))) == ("instruction_not_confirmed", "person_unknown")
    assert "Ingen instruktion gäller" in page(sign_in(officer), assistant)


def test_nothing_is_handed_out_while_the_log_is_silent(
    assistant: Any, officer: Actor, sign_in: Callable[[Actor], Any], sequencer: Any
) -> None:
    client = sign_in(officer)
    page(client, assistant)
    sequencer.kill()
    shown = confirm(client, assistant)
    assert token_on(shown) == ""
    assert "Loggen svarar inte" in shown


def test_a_system_that_is_no_assistant_has_no_such_page(in_use: Any, officer: Actor, sign_in: Callable[[Actor], Any]) -> None:
    client = sign_in(officer)
    assert client.get(f"/arbete/assistenter/{in_use.slug}/").status_code == 404
    assert "Ingen assistent är i bruk" in client.get("/arbete/assistenter/").content.decode()


def test_the_list_shows_assistants_and_ones_own_passes(assistant: Any, officer: Actor, sign_in: Callable[[Actor], Any]) -> None:
    client = sign_in(officer)
    confirm(client, assistant)
    shown = client.get("/arbete/assistenter/").content.decode()
    assert f'href="/arbete/assistenter/{assistant.slug}/"' in shown
    assert "gäller till och med" in shown
    assert "insyn_pass_" not in shown
