"""An error touched many decisions: they are listed once each, shared out, followed to the end, or taken back."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from insyn.core.entries import EntryHead
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.evidence.affected import Sought
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.remedies import actions, errors
from insyn.web.remedies.models import ErrorFound, RemedyCase
from insyn.web.remedies.queries import progress_of
from insyn.web.remedies.taking_in import record_reconsideration_from_log
from insyn.web.remedies.words import CaseState, ErrorState
from tests.web.remedies.log_kit import FIRST, Log

pytestmark = pytest.mark.django_db(transaction=True)
WHAT = "Skulder lästes i fel enhet."


@pytest.fixture
def log(in_use: Any, own_home: Home) -> Log:
    return Log(own_home.evidence)


@pytest.fixture
def auditor(person: Callable[..., Actor]) -> Actor:
    return person(Role.AUDITOR)


def sought(**more: Any) -> Sought:
    return Sought(system="lanestod", **{"first": FIRST, "last": clock.today(), **more})


def soon() -> date:
    return clock.today() + timedelta(days=30)


def open_error(actor: Actor, system: Any, **more: Any) -> ErrorFound:
    return errors.open_error(actor=actor, system=system, sought=sought(**more), what=WHAT, deadline=soon())


def settle(log: Log, rid: str, *, changed: bool = True) -> int:
    """The entry of a reconsideration comes from the log."""
    index = log.again(rid, clock.today())
    verdict = "changed" if changed else "accepted"
    return record_reconsideration_from_log(
        EntryHead(
            kind="reconsideration",
            system="lanestod",
            rid="a" * 32,
            about=rid,
            day=clock.today().isoformat(),
            verdict=verdict,
            basis="error_found",
        ),
        index,
    )


def test_looking_writes_nothing_opening_lists_each_decision_once_and_looking_again_keeps_what_was_done(
    log: Log, in_use: Any, auditor: Actor
) -> None:
    rids = log.many(30)
    late, index = log.decide(waiting=True), log.next - 1
    before = in_use.acts.count()
    assert errors.look_for(in_use, sought()).decided == 30
    assert in_use.acts.count() == before
    error = open_error(auditor, in_use)
    assert list(error.cases.values_list("rid", flat=True)) == rids
    error.refresh_from_db()
    assert (error.state, error.expected, error.waiting) == (ErrorState.LISTED, 30, 1)
    text = str(in_use.acts.get(verb="open_error").text)
    assert not any(rid in text for rid in rids)
    with pytest.raises(ActRefused, match="redan öppnat"):
        open_error(auditor, in_use)
    with pytest.raises(ActRefused, match="Inget beslut"):
        open_error(auditor, in_use, outcome="nothing")
    assert settle(log, rids[0]) == 1
    log.review(late, index, FIRST)  # it has been decided since
    assert errors.look_again(actor=auditor, error=error) == 1
    assert errors.look_again(actor=auditor, error=error) == 0
    assert error.cases.get(rid=late).state == CaseState.OPEN
    assert error.cases.get(rid=rids[0]).state == CaseState.CHANGED


def cut_off(*gone: object, **more: object) -> None:
    raise RuntimeError("cut off")


def test_a_long_list_is_made_in_parts_and_goes_on_where_it_was_cut_off(
    log: Log, in_use: Any, auditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rids = log.many(50)
    with monkeypatch.context() as patched:
        patched.setattr(errors, "list_more", lambda error: 0)
        error = open_error(auditor, in_use)
    assert errors.list_more(error, chunk=20) == 20
    log.many(5)  # these came after the error was opened, and are not part of the list
    with monkeypatch.context() as patched:
        patched.setattr(ErrorFound, "save", cut_off)
        with pytest.raises(RuntimeError):
            errors.list_more(error, chunk=20)
    assert error.cases.count() == 20  # rows and cursor together, or neither
    while errors.list_what_waits():
        pass
    assert list(error.cases.values_list("rid", flat=True)) == rids
    assert errors.list_more(error) == 0


def test_a_list_is_taken_back_until_somebody_has_begun(log: Log, in_use: Any, auditor: Actor) -> None:
    rids = log.many(3)
    error = open_error(auditor, in_use)
    assert errors.withdraw_error(actor=auditor, error=error, why="Fel dagar.") == 3
    assert progress_of(error).withdrawn == 3
    with pytest.raises(ActRefused):
        errors.look_again(actor=auditor, error=error)
    again = open_error(auditor, in_use)  # the same description, now that the first is taken back
    assert settle(log, rids[0], changed=False) == 1
    with pytest.raises(ActRefused, match="börjat"):
        errors.withdraw_error(actor=auditor, error=again, why="Fel dagar.")
    assert progress_of(again).unchanged == 1


def test_decisions_are_shared_out_told_and_noted_as_erased(
    log: Log, in_use: Any, auditor: Actor, owner: Actor, person: Callable[..., Actor], user_of: Callable[[Actor], Any]
) -> None:
    rids = log.many(4)
    error = open_error(auditor, in_use)
    fit, unfit = user_of(person(Role.CASE_OFFICER)), user_of(person(Role.CASE_OFFICER, "utan"))
    with pytest.raises(InvalidInput, match="får inte besluta"):
        actions.assign_cases(actor=owner, system=in_use, cases=error.cases.all(), people=[fit, unfit])
    assert actions.assign_cases(actor=owner, system=in_use, cases=error.cases.all(), people=[fit]) == 4
    assert set(error.cases.values_list("assigned_to", flat=True)) == {fit.pk}
    log.erase(rids[3])
    assert errors.note_erased(actor=owner, error=error) == 1
    settle(log, rids[0])
    settle(log, rids[1], changed=False)
    assert progress_of(error).untold == 2
    assert actions.record_told(actor=owner, system=in_use, cases=error.cases.all(), how="Brev") == 2  # not what is still to do
    progress = progress_of(error)
    assert (progress.open, progress.changed, progress.unchanged, progress.unreachable, progress.untold) == (1, 1, 1, 1, 0)
    with pytest.raises(ActRefused):
        actions.record_told(actor=owner, system=in_use, cases=error.cases.all(), how="Brev igen")


def test_only_who_may_finds_errors_and_an_owner_only_in_systems_of_their_own(
    log: Log, in_use: Any, person: Callable[..., Actor], owner: Actor, sign_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.decide()
    for role in (Role.CASE_OFFICER, Role.ELECTED_MEMBER, Role.STOP_HOLDER):
        with pytest.raises(NotAllowed):
            open_error(person(role), in_use)
    with pytest.raises(NotAllowed):
        open_error(person(Role.SYSTEM_OWNER, "annan-agare"), in_use)
    with pytest.raises(InvalidInput) as late:
        errors.open_error(actor=owner, system=in_use, sought=sought(), what=WHAT, deadline=clock.today() - timedelta(days=1))
    assert late.value.place == "deadline"
    with pytest.raises(InvalidInput) as ahead:
        errors.look_for(in_use, sought(last=clock.today() + timedelta(days=1)))
    assert ahead.value.place == "last_day"
    permit = errors.issued(in_use)
    monkeypatch.setattr(errors, "issued", lambda system: msgspec.structs.replace(permit, held=True))
    with pytest.raises(ActRefused, match="anställda"):  # negotiation about employees is not closed
        open_error(owner, in_use)
    monkeypatch.undo()
    error = open_error(owner, in_use)
    for actor in (person(Role.SYSTEM_OWNER, "annan-agare"), person(Role.CASE_OFFICER, "utan")):
        assert sign_in(actor).get(f"/arbete/omprovning/fel/{error.pk}/").status_code == 404
        assert sign_in(actor).get(f"/arbete/omprovning/fel/{error.pk}/csv/").status_code == 404
    assert sign_in(person(Role.ELECTED_MEMBER)).get(f"/arbete/omprovning/fel/{error.pk}/").status_code == 403


def test_what_an_incident_did_is_put_right_by_the_reconsideration(log: Log, in_use: Any, owner: Actor) -> None:
    from insyn.web.incidents.handling import report_incident
    from insyn.web.incidents.remedy import list_harmed_from_log

    rids = log.many(2)
    incident = report_incident(actor=owner, system=in_use, what=WHAT, kinds=["wrong_outcome"], discovered_at=clock.now())
    list_harmed_from_log(actor=owner, incident=incident, first_day=FIRST, last_day=clock.today())
    error = errors.open_error(actor=owner, system=in_use, sought=sought(), what=WHAT, deadline=soon(), incident=incident)
    settle(log, rids[0])
    assert dict(incident.harmed.values_list("rid", "put_right")) == {rids[0]: "reconsidered", rids[1]: ""}
    assert error.cases.get(rid=rids[0]).source == "incident"


def test_the_owner_describes_looks_opens_and_follows_it_on_the_pages(
    log: Log, in_use: Any, owner: Actor, sign_in: Callable[..., Any]
) -> None:
    rids = log.many(60)
    log.decide(groups={"sex": "female"})
    browser = sign_in(owner)
    typed = {"what": WHAT, "first_day": FIRST.isoformat(), "last_day": clock.today().isoformat(), "deadline": soon().isoformat()}
    page = "/arbete/system/lanestod/fel/"
    assert "Kön: female" in html.unescape(browser.get(page).content.decode())
    looked = html.unescape(browser.post(page, {**typed, "step": "look"}).content.decode())
    assert "61 beslut berörs" in looked
    assert "2026-10" in looked  # the picture over months, and its table
    assert WHAT in looked
    assert ErrorFound.objects.count() == 0
    wrong = browser.post(page, {**typed, "first_day": "2030-01-01", "step": "open"})
    assert wrong.status_code == 422
    assert WHAT in html.unescape(wrong.content.decode())
    opened = browser.post(page, {**typed, "step": "open"})
    error = ErrorFound.objects.get()
    assert opened["Location"] == f"/arbete/omprovning/fel/{error.pk}/"
    text = html.unescape(browser.get(opened["Location"]).content.decode())
    assert "0 av 61 klara" in text
    assert rids[0][:8] in text
    rows = list(csv.reader(io.StringIO(browser.get(f"{opened['Location']}csv/").content.decode("utf-8-sig"))))
    assert len(rows) == 62
    assert rows[1][:3] == [rids[0], FIRST.isoformat(), "open"]
    assert f"fel {error.pk}" in html.unescape(browser.get("/arbete/omprovning/").content.decode())
    assert "omprövas" in html.unescape(browser.get("/arbete/").content.decode())
    assert browser.post(opened["Location"], {"step": "withdraw", "why": "Fel dagar."}).status_code == 302
    assert set(RemedyCase.objects.values_list("state", flat=True)) == {CaseState.WITHDRAWN}
