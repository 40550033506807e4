"""The official ``openai`` client, unmodified, through the proxy to a model's server; the sequencer and the proxy are processes of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import openai
import pytest
from gateway_kit import SYSTEM, outcome
from proxy_kit import (
    ANSWER,
    INSTRUCTION,
    MODEL,
    MODEL_KEY,
    Model,
    Proxied,
    a_pass,
    an_assistant,
    an_upstream,
    answers,
    never_ends,
    proxied,
    says,
)

from insyn.core.passes import Pass, token_of
from insyn.core.permit import FieldGrant, Limits, PurposeGrant
from insyn.core.refusals import Refused
from insyn.core.signing import SigningKey
from insyn.core.terms import Mode, Population, UnknownFields

ASKED = [{"role": "user", "content": "Hur ansöker man?"}]


@pytest.fixture(autouse=True)
def calm(model: Model) -> None:
    model.act = says(ANSWER)
    model.seen.clear()


def read_and(own: Proxied, do: Callable[[], object], *, when: int) -> None:
    """Read a streamed answer; do something once when so many words have come; read on to the end."""
    words = 0
    for one in own.client().chat.completions.create(model=MODEL, messages=ASKED, stream=True):
        before, words = words, words + (one.choices[0].delta.content or "").count("ord")
        if before < when <= words:
            do()


def test_a_chat_is_cleared_asked_recorded_and_answered(assistant: Proxied, model: Model) -> None:
    before = len(assistant.kinds())
    answer = assistant.client().chat.completions.create(model=MODEL, messages=ASKED, metadata={"case": "LN-1"})
    assert answer.choices[0].message.content == ANSWER
    assert answer.model == MODEL
    assert answer.usage is not None
    assert answer.usage.total_tokens == 8
    assert assistant.kinds()[before:] == ["clearance", "decision"]
    assert "metadata" not in model.seen[0][1]


def test_a_stream_leaves_in_parts_that_stand_in_the_log(assistant: Proxied, model: Model) -> None:
    model.act = says(*(f"Mening nummer {number} i svaret. " for number in range(9)), pause=0.01)
    before = len(assistant.kinds())
    stream = assistant.client().chat.completions.create(model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == "".join(f"Mening nummer {number} i svaret. " for number in range(9))
    kinds = assistant.kinds()[before:]
    assert kinds[0] == "clearance"
    assert kinds[-1] == "decision"
    assert set(kinds[1:-1]) == {"release"}
    assert len(kinds) >= 5
    heads = assistant.heads()[before:]
    assert {head.about for head in heads[1:]} == {heads[0].rid}
    assert chunks[-1].usage is not None


def test_a_response_is_answered_whole_and_streamed(assistant: Proxied, model: Model) -> None:
    client = assistant.client()
    whole = client.responses.create(model=MODEL, input="Hur ansöker man?", instructions="Svara kort.")
    assert whole.output_text == ANSWER
    assert model.seen[0][1]["store"] is False
    model.act = says("Ett. ", "Två. ", "Tre. " * 20)
    with client.responses.stream(model=MODEL, input="Räkna.") as stream:
        final = stream.get_final_response()
    assert final.output_text == "Ett. Två. " + "Tre. " * 20
    assert final.status == "completed"


def test_the_client_is_cut_off_mid_stream_when_the_stop_comes(own: Proxied, model: Model) -> None:
    model.act = never_ends()
    with pytest.raises(openai.APIError) as raised:
        read_and(own, own.town.stop, when=30)
    assert raised.value.code == "stopped"
    assert "Systemet är stoppat." in str(raised.value)
    kinds = own.kinds()
    stop = kinds.index("stop")
    assert "release" in kinds[:stop]
    assert not {"clearance", "decision", "release"} & set(kinds[stop:])
    assert own.heads()[-1].code == "stopped"


def test_the_client_is_cut_off_within_the_bound_also_while_the_model_is_silent(own: Proxied, model: Model) -> None:
    """The model says one thing and then nothing more for ten seconds. The bound is 100 ms and the log's answer; a loaded machine gets five seconds."""
    model.act = says("Början på ett svar som är längre än fyrtio tecken. ", "Slut.", pause=10.0)
    client, ended = own.client(), threading.Event()
    found: list[BaseException] = []

    def read() -> None:
        try:
            list(client.chat.completions.create(model=MODEL, messages=ASKED, stream=True))
        except openai.APIError as error:
            found.append(error)
        ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    while not model.seen:
        time.sleep(0.01)
    own.town.stop()
    assert ended.wait(5.0)
    thread.join()
    assert getattr(found[0], "code", "") == "stopped"


def test_a_stopped_system_is_not_even_asked(own: Proxied, model: Model) -> None:
    own.town.stop()
    with pytest.raises(openai.PermissionDeniedError) as raised:
        own.client().chat.completions.create(model=MODEL, messages=ASKED)
    assert raised.value.code == "stopped"
    assert "Ring kontaktcenter." in str(raised.value)
    assert model.seen == []


def test_who_comes_without_a_pass_is_told_where_to_get_one(assistant: Proxied, model: Model) -> None:
    town = assistant.town
    other = SigningKey.generate("register")
    theirs = token_of(Pass(id="1", person="p-anna", system=SYSTEM, instruction=INSTRUCTION, last_day="2099-12-31"), other)
    mixed = a_pass(town).partition(".")[0] + "." + a_pass(town).partition(".")[2]
    for token in ("no-pass-at-all-but-long", mixed, theirs, a_pass(town, last_day="2020-01-01"), a_pass(town, system="annat")):
        with pytest.raises(openai.AuthenticationError) as raised:
            assistant.client(token).chat.completions.create(model=MODEL, messages=ASKED)
        assert raised.value.code == "person_unknown"
        assert "/arbete/assistenter/" in str(raised.value)
    assert model.seen == []


def test_a_pass_is_asked_for_by_every_other_way_too(assistant: Proxied) -> None:
    """The sequencer holds it, not the proxy: the SDK and plain HTTP are refused without a pass, and let through with one."""
    words: dict[str, Any] = {"purpose": "ask_assistant", "matter_type": "question", "categories": ("text",), "mode": Mode.ADVICE}
    with pytest.raises(Refused) as raised:
        assistant.town.guard(**words).decide(outcome())
    assert raised.value.refusal.code == "person_unknown"
    assert assistant.town.guard(**words, person=a_pass(assistant.town)).decide(outcome()).stage


def test_an_older_text_of_the_instruction_does_not_do(assistant: Proxied, model: Model) -> None:
    with pytest.raises(openai.PermissionDeniedError) as raised:
        assistant.client(a_pass(assistant.town, instruction="b" * 64)).chat.completions.create(model=MODEL, messages=ASKED)
    assert raised.value.code == "instruction_not_confirmed"
    assert "/arbete/assistenter/" in str(raised.value)
    assert model.seen == []


def test_a_new_instruction_cuts_off_who_has_not_read_it(own: Proxied, model: Model) -> None:
    model.act = never_ends()
    changed = an_assistant(epoch=2, compiled_from=1, instruction="c" * 64)
    with pytest.raises(openai.APIError) as raised:
        read_and(own, lambda: own.town.permit_in_force(changed), when=30)
    assert raised.value.code in ("clearance_superseded", "instruction_not_confirmed")
    assert own.heads()[-1].kind == "refusal"


def test_a_pass_that_was_taken_back_is_nothing(own: Proxied) -> None:
    token = a_pass(own.town, id="0123")
    assert own.client(token).chat.completions.create(model=MODEL, messages=ASKED)
    own.town.permit_in_force(an_assistant(epoch=2, compiled_from=1, passes_revoked=frozenset({"0123"})))
    with pytest.raises(openai.AuthenticationError):
        own.client(token).chat.completions.create(model=MODEL, messages=ASKED)


@pytest.mark.parametrize("unknown", [UnknownFields.REFUSE, UnknownFields.DROP])
def test_fields_that_are_held_to_are_the_same_streamed_and_whole(own: Proxied, model: Model, unknown: UnknownFields) -> None:
    """What was asked stands under its name also in the first part's entry, so a decision that names it holds for both."""
    fields = tuple(FieldGrant(name, frozenset({"text"})) for name in ("answer", "parts", "request"))
    purpose = PurposeGrant("ask_assistant", frozenset({"text"}), frozenset({"question"}), fields)
    own.town.permit_in_force(an_assistant(epoch=2, compiled_from=1, purposes=(purpose,), limits=Limits(unknown_fields=unknown)))
    client, long = own.client(), "Gå till sidan för bygglov. " * 40
    model.act = says(long)
    assert client.chat.completions.create(model=MODEL, messages=ASKED).choices[0].message.content == long
    said = [
        one.choices[0].delta.content or ""
        for one in client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
        if one.choices
    ]
    assert "".join(said) == long
    first = next(head for head in own.heads() if head.kind == "release")
    assert "input" in first.c, "the first part holds what was asked"


def test_tools_of_the_caller_go_through_and_their_calls_come_back(assistant: Proxied, model: Model) -> None:
    tools = [{"type": "function", "function": {"name": "find_form", "parameters": {"type": "object", "properties": {}}}}]
    call = {"id": "call_1", "type": "function", "function": {"name": "find_form", "arguments": '{"name": "bygglov"}'}}
    model.act = says(tool_calls=[call])
    client = assistant.client()
    whole = client.chat.completions.create(model=MODEL, messages=ASKED, tools=tools)
    assert whole.choices[0].message.tool_calls is not None
    assert whole.choices[0].message.tool_calls[0].function.arguments == '{"name": "bygglov"}'
    streamed = list(client.chat.completions.create(model=MODEL, messages=ASKED, tools=tools, stream=True))
    calls = [found for one in streamed if one.choices for found in one.choices[0].delta.tool_calls or ()]
    assert [found.function.name for found in calls if found.function] == ["find_form"]
    assert streamed[-1].choices[0].finish_reason == "tool_calls"


def test_embeddings_are_recorded_and_returned(assistant: Proxied, model: Model) -> None:
    data = [{"object": "embedding", "index": number, "embedding": [0.5, float(number)]} for number in (1, 0)]
    model.act = answers(msgspec.json.encode({"data": data, "usage": {"prompt_tokens": 2}}))
    found = assistant.client().embeddings.create(model=MODEL, input=["ett", "två"], encoding_format="float")
    assert [one.embedding for one in found.data] == [[0.5, 0.0], [0.5, 1.0]]


def test_models_are_those_of_the_configuration(assistant: Proxied) -> None:
    client = assistant.client()
    assert {one.id for one in client.models.list()} == {MODEL, "maskad", "otalig", "borta"}
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-x", messages=ASKED)


def test_the_models_key_goes_to_the_model_and_nowhere_else(assistant: Proxied, model: Model) -> None:
    answer = assistant.http().post("/v1/chat/completions", json={"model": MODEL, "messages": ASKED})
    assert answer.status_code == 200
    assert model.seen[0][0].headers["authorization"] == f"Bearer {MODEL_KEY}"
    assert MODEL_KEY not in answer.text + str(answer.headers) + assistant.log.read_text()
    assert "ansöker" not in assistant.log.read_text()


def test_what_a_permit_asks_about_the_person_stands_in_the_configuration(own: Proxied, model: Model) -> None:
    """The system may not be used about minors; a proxy whose configuration says nothing of that is refused before the model is asked."""
    limits = Limits(excludes=frozenset({Population.MINOR}))
    own.town.permit_in_force(an_assistant(epoch=2, compiled_from=1, limits=limits))
    with pytest.raises(openai.APIStatusError) as raised:
        own.client().chat.completions.create(model=MODEL, messages=ASKED)
    assert raised.value.code == "population_unknown"
    assert model.seen == []
    with proxied(own.town, {MODEL: an_upstream(model, population={"minor": "no"})}) as told:
        streamed = told.client().chat.completions.create(model=MODEL, messages=ASKED, stream=True)
        assert "".join(one.choices[0].delta.content or "" for one in streamed) == ANSWER
