"""Packs in use: what is installed changes nothing by itself; a named person applies it; old decisions keep the packs of their time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from insyn.core.errors import InvalidInput, PackError
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.law.digests import digest_of
from insyn.rules.replay import How
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.clock import today
from insyn.web.register import compiling, packs, queries, replaying, texts, waiting
from insyn.web.register.actions import adopt_pack, answer_facts, apply_packs, close_work
from insyn.web.register.acts import write_act
from insyn.web.register.explaining import explain, facts_as_known
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Decision, IssuedPermit, Outbox, PackInUse, PackText, Record, System, WorkItem

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
SHIPPED = Path(__file__).parents[1] / "packs"
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def install(settings: Any, tmp_path: Path) -> Callable[..., Path]:
    """``install(edit)``: new files are put in the place of those installed; ``edit`` is given the folder. Nothing is applied."""
    number = 0

    def put(edit: Callable[[Path], object] | None = None) -> Path:
        nonlocal number
        number += 1
        folder = tmp_path / f"packs-{number}"
        shutil.copytree(SHIPPED, folder)
        if edit:
            edit(folder)
        settings.INSYN_PACKS = (folder,)
        return folder

    return put


def version(folder: Path, pack: str = "test-law", to: str = "2026.2.0") -> None:
    path = folder / pack / "pack.yaml"
    path.write_text(path.read_text().replace("2026.1.1", to))


def one_gate_more(folder: Path) -> None:
    """Version 2026.2.0 asks for a robustness test too, today."""
    version(folder)
    rules = folder / "test-law" / "rules"
    text = (rules / "coming.yaml").read_text().replace("id: coming", "id: robust").replace("tl-coming", "tl-in-force")
    (rules / "robust.yaml").write_text(text)


def one_gate_less(folder: Path) -> None:
    version(folder, to="2026.3.0")
    for kind in ("rules", "cases"):
        (folder / "test-law" / kind / "privacy.yaml").unlink()


def law_digest() -> str:
    return packs.known().law["test-law"]


@pytest.fixture
def coordinator(person: People) -> Actor:
    return person(Role.AI_COORDINATOR)


def installed_digest() -> str:
    found = texts.folders().get("test-law")
    assert found is not None
    return found.digest


def apply_installed(actor: Actor, **more: Any) -> Act:
    return apply_packs(actor=actor, changed={"test-law": installed_digest()}, why="Läst och prövat.", **more)


def missing(system: System) -> set[str]:
    return {reason.rule.split("/")[1] for reason in issued(system).missing if reason.rule}


def test_the_installed_law_is_the_first_in_use_file_for_file(opened: Act) -> None:
    (use,) = PackInUse.objects.all()
    assert (use.pack, use.act) == ("test-law", None)
    assert texts.unpacked(bytes(use.text.files)) == {
        path.relative_to(SHIPPED / "test-law").as_posix(): path.read_bytes() for path in (SHIPPED / "test-law").rglob("*.yaml")
    }


def test_the_set_up_is_done_once(opened: Act, install: Any) -> None:
    install(one_gate_more)
    waiting.put_first_in_use(timezone.now())
    assert PackInUse.objects.count() == 1


def test_a_newly_installed_version_changes_nothing_until_somebody_applies_it(system: System, install: Any) -> None:
    before, gates = law_digest(), missing(system)
    install(one_gate_more)
    assert law_digest() == before
    assert {pack.version for pack in packs.installed()} == {"2026.1.1"}
    assert {gate.rule.split("/")[1] for gate in compiling.gates_of(system, packs.in_force(today()), versions=["1.0"], on=today())} >= gates
    (one,) = waiting.waiting_packs()
    assert (one.pack, one.in_use, one.version) == ("test-law", "2026.1.1", "2026.2.0")


def test_files_that_cannot_be_read_stand_in_the_way_of_nothing_else(system: System, owner: Actor, install: Any, sign_in: Any) -> None:
    install(lambda folder: (folder / "test-law" / "rules" / "tested.yaml").write_text("id: [\n"))
    assert waiting.waiting_packs() == []
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    page = sign_in(owner).get("/arbete/regelpaket/", **ENGLISH).content.decode()
    assert "tested.yaml" in page
    assert "goes on as before" in page


def test_the_dry_run_says_what_changes_for_whom_and_from_when(system: System, owner: Actor, install: Any) -> None:
    install(one_gate_more)
    before = list(Act.objects.values_list("pk", flat=True))
    run = replaying.dry_run(packs.known().applying({"test-law": installed_digest()}), on=today())
    assert run.affected is not None
    (found,) = run.affected
    assert (found.system, found.owner, found.first_day) == ("lanestod", owner.person, today())
    assert [(change.how, change.subject) for change in found.changes] == [(How.NEW, "test-law/robust")]
    assert list(Act.objects.values_list("pk", flat=True)) == before


def test_applying_is_an_act_with_an_entry_and_opens_work_for_the_owner(
    system: System, coordinator: Actor, owner: Actor, install: Any, user_of: Any
) -> None:
    install(one_gate_more)
    old, records, facts = law_digest(), Record.objects.count(), dict(system.facts)
    act = apply_installed(coordinator)
    assert Outbox.objects.filter(act=act).exists()
    assert (act.verb, act.actor_name, act.text["affected"]) == ("apply_packs", coordinator.name, 1)
    assert act.text["packs"] == [{"pack": "test-law", "version": "2026.2.0", "digest": law_digest(), "before": old}]
    assert "robust" in missing(system)
    (item,) = WorkItem.objects.all()
    assert (item.system, item.act, item.closed) == (system, act, None)
    assert "Krav på coming" in item.text_sv
    assert "Gate of coming" in item.text_en
    assert list(queries.open_work(user_of(owner))) == [item]
    assert (Record.objects.count(), System.objects.get(pk=system.pk).facts) == (records, facts)


def test_what_becomes_stricter_is_narrowed_at_once_and_before_the_act(
    sequencer: Any, in_use: System, coordinator: Actor, install: Any
) -> None:
    from insyn.web.relay import relay_once

    relay_once(sequencer.client())
    install(one_gate_more)
    assert issued(in_use).granted
    apply_installed(coordinator)
    assert not issued(in_use).granted
    relay_once(sequencer.client())
    written = [(head.act, index) for index, head in sequencer.entries("act", "permit") if head.act in ("narrow", "apply_packs")]
    assert [verb for verb, _ in sorted(written, key=lambda pair: pair[1])] == ["narrow", "apply_packs"]
    assert Decision.objects.filter(system=in_use).count() == 1


def test_a_log_that_does_not_answer_leaves_everything_as_it_was(in_use: System, coordinator: Actor, install: Any) -> None:
    install(one_gate_more)
    old, acts = law_digest(), Act.objects.count()
    with pytest.raises(ActRefused):
        apply_installed(coordinator)
    assert (law_digest(), Act.objects.count(), WorkItem.objects.count()) == (old, acts, 0)


def test_a_system_that_is_not_affected_keeps_its_permit_and_gets_no_work(
    system: System, owner: Actor, coordinator: Actor, install: Any
) -> None:
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    permits = IssuedPermit.objects.count()
    install(one_gate_more)
    act = apply_installed(coordinator)
    assert act.text["affected"] == 0
    assert (WorkItem.objects.count(), IssuedPermit.objects.count()) == (0, permits)


def test_only_the_coordinator_applies_packs(system: System, owner: Actor, administrator: Actor, install: Any) -> None:
    install(one_gate_more)
    for actor in (owner, administrator):
        with pytest.raises(NotAllowed):
            apply_installed(actor)
    assert PackInUse.objects.count() == 1


def test_a_reason_and_a_text_that_is_known_and_new_are_asked_for(system: System, coordinator: Actor, install: Any) -> None:
    install(one_gate_more)
    for changed, why in (
        ({"test-law": installed_digest()}, " "),
        ({}, "x"),
        ({"test-law": "0" * 64}, "x"),
        ({"test-law": law_digest()}, "x"),
    ):
        with pytest.raises(InvalidInput):
            apply_packs(actor=coordinator, changed=changed, why=why)
    assert PackInUse.objects.count() == 1


def test_a_policy_does_not_come_in_use_by_being_applied(system: System, coordinator: Actor) -> None:
    policy = texts.folders().get("kommun-test")
    assert policy is not None
    with pytest.raises((InvalidInput, ActRefused)):
        apply_packs(actor=coordinator, changed={"kommun-test": policy.digest}, why="x")
    assert PackInUse.objects.count() == 1


def test_a_set_that_does_not_load_together_is_refused(system: System, coordinator: Actor) -> None:
    with pytest.raises(ActRefused, match="no law"):
        apply_packs(actor=coordinator, changed={"test-law": ""}, why="Bort med den.")
    assert PackInUse.objects.count() == 1


def test_what_somebody_else_has_applied_meanwhile_is_noticed(system: System, coordinator: Actor, install: Any) -> None:
    seen = packs.known().digest(packs.ALL_DAYS)
    install(one_gate_more)
    apply_installed(coordinator, seen=seen)
    install(one_gate_less)
    with pytest.raises(ChangedMeanwhile):
        apply_installed(coordinator, seen=seen)


def test_going_back_is_applying_the_older_text_with_the_same_dry_run(system: System, coordinator: Actor, install: Any) -> None:
    old = law_digest()
    install(one_gate_more)
    apply_installed(coordinator)
    back = packs.known().applying({"test-law": old})
    (found,) = replaying.dry_run(back, on=today()).affected or ()
    assert [change.how for change in found.changes] == [How.GONE]
    apply_packs(actor=coordinator, changed={"test-law": old}, why="Felet är känt; vi går tillbaka.")
    assert law_digest() == old
    assert "robust" not in missing(system)
    assert PackInUse.objects.count() == 3
    assert PackText.objects.filter(pack="test-law").count() == 2


def test_a_text_that_was_kept_is_read_when_the_files_are_gone(system: System, settings: Any, tmp_path: Path) -> None:
    texts._load.cache_clear()
    settings.INSYN_PACKS = (tmp_path / "nothing",)
    assert [pack.id for pack in packs.in_force(today())] == ["test-law"]


def test_bytes_that_are_not_what_their_digest_says_are_refused(system: System, coordinator: Actor, sign_in: Any) -> None:
    texts._load.cache_clear()
    files = dict(texts.files_of(law_digest())) | {"rules/tested.yaml": b"id: tested\n"}
    PackText.objects.filter(pk=law_digest()).update(files=texts.packed(files))
    with pytest.raises(ActRefused, match="digest"):
        packs.in_force(today())
    PackText.objects.filter(pk=law_digest()).update(files=b"not even packed")
    with pytest.raises(PackError):
        texts.files_of(law_digest())
    client = sign_in(coordinator)
    assert "The packs in use cannot be read" in client.get("/arbete/regelpaket/", **ENGLISH).content.decode()
    assert client.get("/arbete/", **ENGLISH).status_code == 200
    assert client.get("/arbete/regelpaket/andring/", **ENGLISH).status_code == 200


def test_an_adopted_policy_whose_files_change_binds_in_the_adopted_text(system: System, person: People, install: Any, sign_in: Any) -> None:
    adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-test", adopted_on=today(), case_number="KF 1")
    install(lambda folder: version(folder, "kommun-test"))
    assert [pack.version for pack in packs.in_force(today()) if pack.id == "kommun-test"] == ["2026.1.1"]
    assert [pack.version for pack in waiting.changed_policies()] == ["2026.2.0"]
    assert (
        "binds nobody until the council adopts it"
        in sign_in(person(Role.AI_COORDINATOR)).get("/arbete/regelpaket/", **ENGLISH).content.decode()
    )


def test_adopting_opens_work_for_the_owners_of_affected_systems(system: System, person: People) -> None:
    act = adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-test", adopted_on=today(), case_number="KF 1")
    (item,) = WorkItem.objects.all()
    assert (item.kind, item.act, act.text["affected"]) == ("policy_adopted", act, 1)


def test_a_past_day_has_the_policy_that_was_adopted_then(system: System, person: People, install: Any) -> None:
    secretary = person(Role.COUNCIL_SECRETARY)
    adopt_pack(actor=secretary, pack="kommun-test", adopted_on=today() - timedelta(days=30), case_number="KF 1")
    install(lambda folder: version(folder, "kommun-test"))
    adopt_pack(actor=secretary, pack="kommun-test", adopted_on=today(), case_number="KF 2")

    def on(days: int) -> list[str]:
        return [pack.version for pack in packs.in_force(today() - timedelta(days)) if pack.id == "kommun-test"]

    assert (on(0), on(1), on(30), on(31)) == (["2026.2.0"], ["2026.1.1"], ["2026.1.1"], [])


def test_an_answer_that_no_longer_fits_its_question_counts_as_unknown(
    system: System, owner: Actor, coordinator: Actor, person: People, install: Any
) -> None:
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no", "decision.kinds": ["loan"]})

    def another_value(folder: Path) -> None:
        version(folder)
        path = folder / "test-law" / "facts.yaml"
        path.write_text(path.read_text().replace("value: loan", "value: credit"))

    install(another_value)
    apply_installed(coordinator)
    changed = System.objects.get(pk=system.pk)
    assert changed.facts["decision.kinds"] == ["loan"]
    assert compiling.known_answers(changed, packs.in_force(today())) == {"decision.about_persons": "no"}
    assert "decision.kinds" in WorkItem.objects.get().text_sv


def test_an_old_decision_is_explained_with_the_packs_the_law_and_the_answers_of_its_time(
    sequencer: Any, in_use: System, owner: Actor, coordinator: Actor, install: Any, sign_in: Any
) -> None:
    from insyn.web.relay import relay_once

    relay_once(sequencer.client())
    decision = Decision.objects.get(system=in_use)
    then = facts_as_known(in_use, decision.act.at)
    install(one_gate_more)
    apply_installed(coordinator)
    answer_facts(actor=owner, system=in_use, answers={"decision.about_persons": "no"})
    found = explain(decision)
    assert found.proven
    assert digest_of(found.packs) == decision.packs
    assert {pack.version for pack in found.packs} == {"2026.1.1"}
    assert found.facts == then
    client = sign_in(owner)
    told = client.get(f"/arbete/system/{in_use.slug}/beslut/{decision.pk}/?format=json").json()
    assert told["packs_proven"] is True
    assert "2026.1.1" in client.get(f"/arbete/system/{in_use.slug}/beslut/{decision.pk}/", **ENGLISH).content.decode()


def test_the_set_of_a_moment_is_found_again_by_time_and_by_digest(system: System, person: People, coordinator: Actor, install: Any) -> None:
    moments = [timezone.now()]
    install(one_gate_more)
    apply_installed(coordinator)
    moments.append(timezone.now())
    adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-test", adopted_on=today(), case_number="KF 1")
    moments.append(timezone.now())
    sets = [packs.packs_as_known(at) for at in moments]
    assert [[(pack.id, pack.version) for pack in found] for found in sets] == [
        [("test-law", "2026.1.1")],
        [("test-law", "2026.2.0")],
        [("kommun-test", "2026.1.1"), ("test-law", "2026.2.0")],
    ]
    for found in sets:
        assert packs.packs_with_digest(digest_of(found)) == found
    assert packs.packs_with_digest("0" * 64) is None


def test_an_answer_that_a_classification_has_taken_back_is_not_among_the_answers_of_its_time(system: System, owner: Actor) -> None:
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "yes", "decision.kinds": ["loan"]})
    before = timezone.now()
    with transaction.atomic():
        text = {"classification": "0" * 64, "answers": {"decision.about_persons": "no"}}
        act = write_act(verb="record_classification", actor=owner, system=system, text=text)
    assert facts_as_known(system, before) == {"decision.about_persons": "yes", "decision.kinds": ["loan"]}
    assert facts_as_known(system, act.at) == {"decision.about_persons": "no"}


def test_a_decision_whose_packs_are_not_kept_says_so(in_use: System) -> None:
    decision = Decision.objects.get(system=in_use)
    decision.packs = "f" * 64
    assert not explain(decision).proven


def test_the_start_page_tells_the_coordinator_and_nobody_else_that_a_version_waits(
    system: System, coordinator: Actor, owner: Actor, install: Any, sign_in: Any
) -> None:
    install(one_gate_more)
    assert "A new version of law waits" in sign_in(coordinator).get("/arbete/", **ENGLISH).content.decode()
    assert "A new version of law waits" not in sign_in(owner).get("/arbete/", **ENGLISH).content.decode()
    assert "A new version of law waits" in sign_in(owner).get("/arbete/regelpaket/", **ENGLISH).content.decode()


def test_the_page_shows_the_dry_run_and_applies_it(system: System, coordinator: Actor, install: Any, sign_in: Any) -> None:
    install(one_gate_more)
    client = sign_in(coordinator)
    page = client.get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()
    assert "1 of 1 systems is affected" in page
    assert "Gate of coming" in page
    seen = packs.known().digest(packs.ALL_DAYS)
    address = f"/arbete/regelpaket/andring/?text={installed_digest()}"
    assert client.post(address, {"seen": seen, "why": ""}).status_code == 200
    assert PackInUse.objects.count() == 1
    assert client.post(address, {"seen": seen, "why": "Läst."}).status_code == 302
    assert {pack.version for pack in packs.installed()} == {"2026.2.0"}
    history = client.get("/arbete/regelpaket/texter/test-law/", **ENGLISH).content.decode()
    assert "Läst." in history
    assert "when the register was set up" in history


def test_the_owner_sees_the_dry_run_but_no_form(system: System, owner: Actor, install: Any, sign_in: Any) -> None:
    install(one_gate_more)
    page = sign_in(owner).get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()
    assert "Gate of coming" in page
    assert "Put in use" not in page
    sent = {"seen": packs.known().digest(packs.ALL_DAYS), "why": "Läst."}
    assert sign_in(owner).post(f"/arbete/regelpaket/andring/?text={installed_digest()}", sent).status_code == 200
    assert PackInUse.objects.count() == 1


def test_nothing_changes_is_said_when_nothing_does(system: System, coordinator: Actor, install: Any, sign_in: Any) -> None:
    client = sign_in(coordinator)
    assert "Nothing waits" in client.get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()
    install(version)
    assert "Nothing changes for any of the 1 systems" in client.get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()


def test_everything_comes_as_files_and_no_cell_is_a_formula(
    make_system: Any, coordinator: Actor, install: Any, sign_in: Any, owner: Actor, user_of: Any
) -> None:
    make_system("lanestod")
    user = user_of(owner)
    user.first_name = "=1+1"
    user.save()
    install(one_gate_more)
    client = sign_in(coordinator)
    told = json.loads(client.get("/arbete/regelpaket/andring/?format=json").content)
    assert (told["systems"], told["affected"][0]["system"], told["affected"][0]["changes"][0]["how"]) == (1, "lanestod", "new")
    table = client.get("/arbete/regelpaket/andring/?format=csv").content.decode()
    assert "lanestod,'=1+1" in table


def test_addresses_that_name_no_text_or_policy_are_not_found(system: System, coordinator: Actor, sign_in: Any) -> None:
    client = sign_in(coordinator)
    for query in ("text=" + "0" * 64, "adopt=kommun/nowhere", "adopt=test-law"):
        assert client.get(f"/arbete/regelpaket/andring/?{query}").status_code == 404
    assert client.get("/arbete/regelpaket/texter/kommun/nowhere/").status_code == 404


def test_the_page_shows_what_an_adoption_would_change(system: System, owner: Actor, sign_in: Any) -> None:
    page = sign_in(owner).get("/arbete/regelpaket/andring/?adopt=kommun-test", **ENGLISH).content.decode()
    assert "1 of 1 systems is affected" in page
    assert "Put in use" not in page


def test_an_owner_closes_their_own_work_item_with_what_was_done(
    system: System, owner: Actor, coordinator: Actor, person: People, install: Any, sign_in: Any
) -> None:
    install(one_gate_more)
    apply_installed(coordinator)
    item = WorkItem.objects.get()
    with pytest.raises(NotAllowed):
        close_work(actor=person(Role.SYSTEM_OWNER, name="annan"), item=item, why="x")
    with pytest.raises(InvalidInput):
        close_work(actor=owner, item=item, why=" ")
    client = sign_in(owner)
    assert client.post(f"/arbete/uppgift/{item.pk}/", {"why": "Provet är beställt."}).status_code == 302
    item.refresh_from_db()
    assert item.closed is not None
    assert (item.closing.verb, item.closing.text["why"]) == ("close_work", "Provet är beställt.")
    with pytest.raises(ActRefused):
        close_work(actor=owner, item=item, why="En gång till.")
    assert "Provet är beställt." in client.get(f"/arbete/uppgift/{item.pk}/", **ENGLISH).content.decode()


def test_a_large_register_is_looked_at_by_a_process_of_its_own(
    system: System, coordinator: Actor, install: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    shutil.rmtree(settings.HOME.root / "replays", ignore_errors=True)
    monkeypatch.setattr(replaying, "AT_ONCE", 0)
    install(one_gate_more)
    client = sign_in(coordinator)
    page = client.get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()
    assert "0 of 1 systems" in page
    assert "Put in use" not in page
    assert client.get("/arbete/regelpaket/andring/?format=json").status_code == 404
    with pytest.raises(ActRefused):
        apply_installed(coordinator)
    run = replaying.finished_dry_run(packs.known().applying({"test-law": installed_digest()}), on=today())
    assert [one.system for one in run.affected or ()] == ["lanestod"]
    assert "Gate of coming" in client.get("/arbete/regelpaket/andring/", **ENGLISH).content.decode()
    apply_installed(coordinator)
    assert "robust" in missing(system)


def test_a_dry_run_whose_process_fails_says_so_and_can_be_begun_again(
    system: System, install: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    shutil.rmtree(settings.HOME.root / "replays", ignore_errors=True)
    monkeypatch.setattr(replaying, "AT_ONCE", 0)
    monkeypatch.setattr(replaying.sys, "executable", "false")
    install(one_gate_more)
    after = packs.known().applying({"test-law": installed_digest()})
    with pytest.raises(PackError, match="without a result"):
        replaying.finished_dry_run(after, on=today())
    monkeypatch.undo()
    assert replaying.dry_run(after, on=today()).affected
