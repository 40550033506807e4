"""Drafts of records: kept often, gone on with by others, never lost, never deleted, and resting on nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from record_kit import ASSESSED, RISK

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.assessments.models import RecordDraft
from insyn.web.assessments.record_drafts import MAX_DRAFT, begin_record, discard_record, save_record, supply_draft
from insyn.web.assessments.waiting import items
from insyn.web.clock import today
from insyn.web.register.contents import fields_of
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db

KIND = RecordKind.ASSESSMENT_DATA_PROTECTION
WRITE = f"/arbete/system/lanestod/handling/ny/{KIND}/"
ABOUT: dict[str, Any] = {"version": "", "case_number": "KS 2026/4", "valid_through": "", "public": True}
People = Callable[..., Actor]
SignIn = Callable[[Actor], Any]


@pytest.fixture
def draft(owner: Actor, system: System) -> RecordDraft:
    return begin_record(actor=owner, system=system, kind=KIND, content={"summary": "Början", "risks": [{"cause": "Fel"}]}, about=ABOUT)


def page_of(draft: RecordDraft) -> str:
    return f"/arbete/system/lanestod/handling/utkast/{draft.pk}/"


def sent(draft: RecordDraft | None, system: System, **fields: Any) -> dict[str, Any]:
    system.refresh_from_db()
    seen = draft.revision if draft else ""
    return {"kind": KIND.value, "revision": system.revision, "draft_revision": seen, "risks": "1", "public": "on", **fields}


def test_half_a_sentence_is_kept_without_any_check_and_without_an_act(sign_in: SignIn, owner: Actor, system: System) -> None:
    acts = Act.objects.count()
    answer = sign_in(owner).post(WRITE, sent(None, system, save="1", summary="Halva men", **{"risks-0-day": "i morgon"}))
    draft = RecordDraft.objects.get()
    assert answer.url == page_of(draft)
    assert draft.content["summary"] == "Halva men"
    assert draft.content["risks"][0]["day"] == "i morgon"
    assert Act.objects.count() == acts
    assert not Record.objects.exists()
    page = sign_in(owner).get(page_of(draft)).content.decode()
    assert "Halva men" in page
    assert 'value="i morgon"' in page, "also what is no day yet comes back"


def test_one_more_line_keeps_everything_and_shows_an_empty_line(sign_in: SignIn, owner: Actor, system: System) -> None:
    answer = sign_in(owner).post(WRITE, sent(None, system, more="risks", summary="Text", **{"risks-0-cause": "Fel"}))
    draft = RecordDraft.objects.get()
    assert answer.url == f"{page_of(draft)}?more=risks#id_risks-line-1"
    page = sign_in(owner).get(answer.url).content.decode()
    assert 'name="risks-1-cause"' in page
    assert 'name="risks" value="2"' in page


def test_a_line_is_removed_and_the_others_move_up(sign_in: SignIn, owner: Actor, system: System, draft: RecordDraft) -> None:
    lines = {"risks": "3", "risks-0-cause": "Ett", "risks-1-cause": "Två", "risks-2-cause": "Tre"}
    sign_in(owner).post(page_of(draft), sent(draft, system, less="risks-1", summary="x") | lines)
    draft.refresh_from_db()
    assert [row["cause"] for row in draft.content["risks"]] == ["Ett", "Tre"]


def test_of_two_who_write_at_once_the_later_keeps_their_text_beside_the_others(
    sign_in: SignIn, owner: Actor, person: People, system: System, draft: RecordDraft
) -> None:
    officer = person(Role.DATA_PROTECTION_OFFICER)
    save_record(actor=officer, draft=draft, content={"summary": "Ombudets text"}, about=ABOUT, revision=draft.revision)
    page = sign_in(owner).post(page_of(draft), sent(draft, system, save="1", summary="Ägarens text")).content.decode()
    assert "Ägarens text</textarea>" in page
    assert "<dd>Ombudets text</dd>" in page
    draft.refresh_from_db()
    assert draft.content["summary"] == "Ombudets text"
    assert f'name="draft_revision" value="{draft.revision}"' in page, "sending it again is a choice made knowingly"
    sign_in(owner).post(page_of(draft), sent(draft, system, save="1", summary="Ägarens text"))
    draft.refresh_from_db()
    assert draft.content["summary"] == "Ägarens text"


def test_supplying_an_old_page_over_a_newer_draft_is_refused(
    sign_in: SignIn, owner: Actor, person: People, system: System, draft: RecordDraft
) -> None:
    old = draft.revision
    save_record(actor=person(Role.DATA_PROTECTION_OFFICER), draft=draft, content={"summary": "Nyare"}, about=ABOUT, revision=old)
    content = {name: value for name, value in ASSESSED.items() if name != "risks"} | {
        f"risks-0-{name}": text for name, text in RISK.items()
    }
    page = sign_in(owner).post(page_of(draft), sent(draft, system) | content | {"draft_revision": old}).content.decode()
    assert not Record.objects.exists()
    assert "har sparat utkastet" in page
    assert "<dd>Nyare</dd>" in page


def test_a_draft_becomes_a_record_once(owner: Actor, system: System, draft: RecordDraft) -> None:
    wanted = {"kind": KIND, "content": ASSESSED}
    supply_draft(actor=owner, draft=draft, draft_revision=draft.revision, **wanted)
    draft.refresh_from_db()
    assert draft.record == Record.objects.get()
    with pytest.raises(ActRefused, match="redan"):
        supply_draft(actor=owner, draft=draft, draft_revision=draft.revision, **wanted)
    assert Record.objects.count() == 1


def test_a_supplied_draft_leads_to_its_record(sign_in: SignIn, owner: Actor, system: System, draft: RecordDraft) -> None:
    content = {name: value for name, value in ASSESSED.items() if name != "risks"} | {
        f"risks-0-{name}": text for name, text in RISK.items()
    }
    answer = sign_in(owner).post(page_of(draft), sent(draft, system) | content)
    record = Record.objects.get()
    assert answer.url == f"/arbete/system/lanestod/handling/{record.pk}/"
    assert sign_in(owner).get(page_of(draft)).url == answer.url


@pytest.mark.parametrize("button", [{"save": "1"}, {}])
def test_what_is_sent_to_a_draft_that_somebody_else_has_supplied_or_thrown_away_is_refused_in_words_and_not_lost(
    sign_in: SignIn, owner: Actor, system: System, draft: RecordDraft, button: dict[str, str]
) -> None:
    late = sent(draft, system, summary="Det som jag skrev länge på", **button)
    supply_draft(actor=owner, draft=draft, draft_revision=draft.revision, kind=KIND, content=ASSESSED)
    page = sign_in(owner).post(page_of(draft), late).content.decode()
    assert "Det som jag skrev länge på" in page
    assert "redan" in page
    assert f'action="{WRITE}"' in page, "sent again it becomes a new draft"
    other = begin_record(actor=owner, system=system, kind=KIND, content={"summary": "Början"}, about=ABOUT)
    discard_record(actor=owner, draft=other, revision=0)
    page = sign_in(owner).post(page_of(other), late).content.decode()
    assert "Det som jag skrev länge på" in page
    assert "kastades av" in page
    assert Record.objects.count() == 1
    assert sign_in(owner).post(WRITE, late | {"save": "1"}).status_code == 302


def test_what_is_sent_by_one_whose_office_no_longer_writes_the_record_is_not_lost(
    sign_in: SignIn, person: People, system: System, draft: RecordDraft
) -> None:
    page = sign_in(person(Role.CASE_OFFICER)).post(page_of(draft), sent(draft, system, save="1", summary="Min långa text")).content.decode()
    assert "Min långa text" in page
    draft.refresh_from_db()
    assert draft.content["summary"] == "Början"


def test_a_draft_does_not_become_a_record_of_another_kind(owner: Actor, draft: RecordDraft) -> None:
    with pytest.raises(InvalidInput):
        supply_draft(actor=owner, draft=draft, draft_revision=0, kind=RecordKind.ASSESSMENT_ETHICS, content=ASSESSED)
    assert not Record.objects.exists()


def test_a_draft_is_found_only_under_its_own_system(sign_in: SignIn, owner: Actor, make_system: Any, draft: RecordDraft) -> None:
    make_system("annat")
    for what in ("", "bilaga/", "kommentar/"):
        assert sign_in(owner).get(f"/arbete/system/annat/handling/utkast/{draft.pk}/{what}").status_code == 404
    assert sign_in(owner).post(f"/arbete/system/annat/handling/utkast/{draft.pk}/kasta/", {"revision": 0}).status_code == 404
    assert sign_in(owner).get(f"{page_of(draft)}kasta/").status_code == 405


def test_a_stop_key_and_who_reads_the_record_are_two_things(sign_in: SignIn, owner: Actor, person: People, system: System) -> None:
    kind, holder = RecordKind.STOP_MANDATE, person(Role.STOP_HOLDER)
    content = {"summary": "x", "person": holder.person, "last_day": "2099-01-01", "stop_key": "ab" * 32}
    form = {"kind": kind.value, "revision": system.revision, "draft_revision": "", **content}
    sign_in(owner).post(f"/arbete/system/lanestod/handling/ny/{kind}/", form)
    record = Record.objects.get(kind=kind)
    assert record.content["stop_key"] == "ab" * 32
    assert not record.public


@pytest.mark.parametrize("kind", RecordKind)
def test_no_field_of_a_record_is_called_as_what_stands_beside_it(kind: RecordKind) -> None:
    beside = {"kind", "revision", "draft_revision", "version", "case_number", "valid_through", "public", "save", "more", "less"}
    assert not beside & {field.name for field in fields_of(kind)}


def test_a_draft_that_is_refused_as_a_record_stays_a_draft(owner: Actor, system: System, draft: RecordDraft) -> None:
    with pytest.raises(InvalidInput):
        supply_draft(actor=owner, draft=draft, draft_revision=draft.revision, kind=KIND, content={"summary": "Bara det"})
    draft.refresh_from_db()
    assert draft.open


def test_a_draft_thrown_away_stays_as_a_row_and_is_thrown_away_once(
    sign_in: SignIn, owner: Actor, system: System, draft: RecordDraft
) -> None:
    sign_in(owner).post(f"{page_of(draft)}kasta/", {"revision": draft.revision})
    draft.refresh_from_db()
    assert not draft.open
    assert draft.content["summary"] == "Början"
    with pytest.raises(ActRefused, match="redan"):
        discard_record(actor=owner, draft=draft, revision=draft.revision)
    page = sign_in(owner).get(page_of(draft)).content.decode()
    assert "kastades av" in page
    assert 'name="save"' not in page


def test_who_writes_a_draft(person: People, owner: Actor, system: System, draft: RecordDraft) -> None:
    for role in (Role.AI_COORDINATOR, Role.DATA_PROTECTION_OFFICER):
        draft = save_record(actor=person(role), draft=draft, content={}, about=ABOUT, revision=draft.revision)
    for actor in (person(Role.CASE_OFFICER), person(Role.AUDITOR), person(Role.SYSTEM_OWNER, name="another")):
        with pytest.raises(NotAllowed):
            save_record(actor=actor, draft=draft, content={}, about=ABOUT, revision=draft.revision)


def test_a_stale_revision_saves_nothing(owner: Actor, system: System, draft: RecordDraft) -> None:
    save_record(actor=owner, draft=draft, content={"summary": "Ett"}, about=ABOUT, revision=0)
    with pytest.raises(ChangedMeanwhile):
        save_record(actor=owner, draft=draft, content={"summary": "Två"}, about=ABOUT, revision=0)
    draft.refresh_from_db()
    assert draft.content["summary"] == "Ett"


def test_a_draft_that_nobody_typed_is_refused(owner: Actor, system: System, draft: RecordDraft) -> None:
    for content in ({"summary": "x" * 20_001}, {"risks": [{}] * 201}, {f"f{n}": "x" * 20_000 for n in range(MAX_DRAFT // 20_000 + 1)}):
        with pytest.raises(InvalidInput):
            save_record(actor=owner, draft=draft, content=content, about=ABOUT, revision=draft.revision)


def test_a_draft_is_found_again_from_the_page_and_from_the_work_list(
    sign_in: SignIn, owner: Actor, system: System, draft: RecordDraft, user_of: Callable[[Actor], Any]
) -> None:
    assert page_of(draft) in sign_in(owner).get(WRITE).content.decode()
    found = items(user_of(owner), frozenset({Role.SYSTEM_OWNER}), today())
    assert [(item.kind, item.href) for item in found] == [("record_draft", page_of(draft))]


def test_text_with_markup_stays_text(sign_in: SignIn, owner: Actor, system: System) -> None:
    hostile = "<script>alert(1)</script>"
    answer = sign_in(owner).post(WRITE, sent(None, system, save="1", summary=hostile, **{"risks-0-cause": hostile}))
    page = sign_in(owner).get(answer.url).content.decode()
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
