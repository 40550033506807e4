"""Versions: where each comes from, what it learned from, and who allowed that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.register.actions import add_version, decide_data_use, decide_use, propose_data_use, withdraw_data_use
from insyn.web.register.issuing import issued
from insyn.web.register.learning import MAX_CONFIGURATION, chain_of, diff
from insyn.web.register.models import DataUse, Record, System, Version

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
USE = {
    "what_sv": "Träna modellen.",
    "what_en": "Train the model.",
    "source_sv": "Gamla ärenden",
    "source_en": "Old cases",
    "manner_sv": "Lämnade av sökande.",
    "manner_en": "Given by applicants.",
    "legal_basis_sv": "Uppgift av allmänt intresse",
    "legal_basis_en": "Task in the public interest",
    "retention": "Till modellen är tränad.",
    "categories": ["income"],
    "fields": [{"name": "income", "why": "Modellen lär av den.", "collected_how": "Ur ansökan."}],
}


@pytest.fixture
def allowed(owner: Actor, member: Actor) -> Callable[..., DataUse]:
    """``allowed(system, "training")``: a decided use of data for that kind of purpose."""

    def make(system: System, kind: str, *, valid_through: Any = None) -> DataUse:
        act = propose_data_use(actor=owner, system=system, purpose=f"modellen-{kind}".replace("_", "-"), purpose_kind=kind, **USE)
        row = DataUse.objects.get(act=act)
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2", valid_through=valid_through)
        return DataUse.objects.get(pk=row.pk)

    return make


def learned(row: DataUse | None, *, purpose: str = "training", residents_data: str = "yes") -> list[dict[str, Any]]:
    return [{"purpose": purpose, "source": "Gamla ärenden", "residents_data": residents_data, "data_use": row and row.pk}]


@pytest.mark.parametrize("residents_data", ["yes", "unknown"])
@pytest.mark.parametrize("purpose", ["training", "tuning", "testing", "supplier_improvement"])
def test_a_version_that_learned_from_residents_without_a_decision_is_refused(
    system: System, owner: Actor, residents_data: str, purpose: str
) -> None:
    with pytest.raises(InvalidInput) as wrong:
        add_version(actor=owner, system=system, name="2.0", learned_from=learned(None, purpose=purpose, residents_data=residents_data))
    assert wrong.value.place == "learned_from[0].data_use"
    assert any(word in wrong.value.mend for word in ("förtroendevald", "elected member"))
    assert not system.versions.filter(name="2.0").exists()


def test_what_holds_no_residents_data_needs_no_decision(system: System, owner: Actor) -> None:
    add_version(actor=owner, system=system, name="2.0", learned_from=learned(None, residents_data="no"))
    assert system.versions.get(name="2.0").learned_from[0]["data_use"] is None


def test_a_decision_on_another_purpose_allows_nothing(system: System, owner: Actor, allowed: Any) -> None:
    row = allowed(system, "testing")
    with pytest.raises(InvalidInput):
        add_version(actor=owner, system=system, name="2.0", learned_from=learned(row, purpose="training"))
    add_version(actor=owner, system=system, name="2.0", learned_from=learned(row, purpose="testing"))


def test_a_decision_about_another_system_allows_nothing(system: System, make_system: Any, owner: Actor, allowed: Any) -> None:
    row = allowed(make_system("annat"), "training")
    with pytest.raises(InvalidInput):
        add_version(actor=owner, system=system, name="2.0", learned_from=learned(row))


def test_a_proposal_that_nobody_has_decided_allows_nothing(system: System, owner: Actor) -> None:
    act = propose_data_use(actor=owner, system=system, purpose="modellen", purpose_kind="training", **USE)
    with pytest.raises(InvalidInput):
        add_version(actor=owner, system=system, name="2.0", learned_from=learned(DataUse.objects.get(act=act)))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"purpose": "ordinary"}, "learned_from[0].purpose"),
        ({"source": " "}, "learned_from[0].source"),
        ({"source": "x" * 401}, "learned_from[0].source"),
        ({"residents_data": ""}, "learned_from[0].residents_data"),
        ({"data_use": "1; DROP TABLE"}, "learned_from[0].data_use"),
        ({"data_use": True}, "learned_from[0].data_use"),
    ],
)
def test_what_is_said_badly_about_learning_is_refused(system: System, owner: Actor, change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        add_version(actor=owner, system=system, name="2.0", learned_from=[{**learned(None)[0], **change}])
    assert wrong.value.place == place


@pytest.fixture
def taught(make_system: Any, owner: Actor, member: Actor, allowed: Any, meet_gates: Any) -> Callable[..., tuple[System, DataUse]]:
    """A system in use whose only decided version learned from residents' data, as a decision allowed."""

    def make(**told: Any) -> tuple[System, DataUse]:
        from insyn.web.register.actions import supply_record

        system = make_system()
        row = allowed(system, "training", **told)
        add_version(actor=owner, system=system, name="2.0", previous="1.0", learned_from=learned(row))
        meet_gates(system)
        tested = Record.objects.get(system=system, kind="validation").content
        supply_record(actor=owner, system=system, kind="validation", content=tested, version="2.0")
        decide_use(actor=member, system=system, versions=["2.0"], case_number="KS 3")
        return System.objects.get(pk=system.pk), row

    return make


def send() -> None:
    from insyn.web import bridge
    from insyn.web.relay import relay_once

    relay_once(bridge.control())


@pytest.mark.usefixtures("sequencer")
def test_the_version_closes_at_once_when_the_use_is_withdrawn(taught: Any, owner: Actor) -> None:
    system, row = taught()
    send()
    assert issued(system).versions == {"2.0"}
    withdraw_data_use(actor=owner, system=system, data_use=row, why="Samtycket gäller inte längre.")
    permit = issued(system)
    assert not permit.granted
    [reason] = [one for one in permit.missing if one.code is RefusalCode.VERSION_NOT_ALLOWED]
    assert "2.0" in reason.sentence.sv
    assert "invånares uppgifter" in reason.sentence.sv


@pytest.mark.usefixtures("sequencer")
def test_another_version_goes_on_when_one_loses_its_ground(taught: Any, owner: Actor, member: Actor) -> None:
    system, row = taught()
    decide_use(actor=member, system=system, versions=["1.0", "2.0"], case_number="KS 4")
    send()
    withdraw_data_use(actor=owner, system=system, data_use=row, why="Slut.")
    permit = issued(system)
    assert permit.granted
    assert permit.versions == {"1.0"}
    with pytest.raises(ActRefused, match=r"2\.0"):
        decide_use(actor=member, system=system, versions=["1.0", "2.0"], case_number="KS 5")


def test_the_last_day_of_the_use_is_an_end_of_the_permit(taught: Any) -> None:
    through = today() + timedelta(days=10)
    system, row = taught(valid_through=through)
    assert (f"data_use {row.pk}", through.isoformat()) in {(end.what, end.last_day) for end in issued(system).ends}


def test_an_expired_use_leaves_the_version_out_of_the_next_permit(taught: Any, owner: Actor) -> None:
    system, row = taught(valid_through=today() + timedelta(days=10))
    DataUse.objects.filter(pk=row.pk).update(valid_through=today() - timedelta(days=1))
    from insyn.web.register.compiling import permit_of

    assert not permit_of(system, epoch=9, compiled_from=0, on=today()).granted


def test_the_configuration_is_kept_with_its_digest_and_only_the_digest_is_told_of(system: System, owner: Actor) -> None:
    prompt = "Du är en hjälpsam handläggare.\nSvara kort."
    act = add_version(actor=owner, system=system, name="2.0", previous="1.0", configuration=prompt)
    version = Version.objects.get(name="2.0")
    assert version.configuration_digest == hashlib.sha256(prompt.encode()).hexdigest()
    assert act.text["configuration_digest"] == version.configuration_digest
    assert prompt not in str(act.text)
    assert version.previous.name == "1.0"


def test_a_chain_leads_back_to_the_first(system: System, owner: Actor) -> None:
    for name, before in (("2.0", "1.0"), ("3.0", "2.0")):
        add_version(actor=owner, system=system, name=name, previous=before)
    assert [one.name for one in chain_of(Version.objects.get(name="3.0"))] == ["3.0", "2.0", "1.0"]


@pytest.mark.parametrize(
    ("told", "place"), [({"previous": "0.9"}, "previous"), ({"configuration": "x" * (MAX_CONFIGURATION + 1)}, "configuration")]
)
def test_an_unknown_ancestor_or_too_long_a_prompt_is_refused(system: System, owner: Actor, told: dict[str, str], place: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        add_version(actor=owner, system=system, name="2.0", **told)
    assert wrong.value.place == place


def test_a_diff_shows_what_is_gone_and_what_is_new_and_shortens_what_is_equal() -> None:
    lines = [f"rad {number}" for number in range(40)]
    changed = [*lines[:20], "ny rad", *lines[21:]]
    found = diff("\n".join(lines), "\n".join(changed))
    assert [(line.state, line.text) for line in found if line.state in ("gone", "new")] == [("gone", "rad 20"), ("new", "ny rad")]
    assert [line.text for line in found if line.state == "skip"] == ["17", "16"]
    assert diff("samma", "samma") == []


def test_the_version_page_shows_chain_sources_and_difference(system: System, owner: Actor, allowed: Any, sign_in: Any) -> None:
    row = allowed(system, "training")
    add_version(
        actor=owner, system=system, name="2.0", previous="1.0", configuration="Svara kort.\n<b>Alltid</b>", learned_from=learned(row)
    )
    add_version(actor=owner, system=system, name="3.0", previous="2.0", configuration="Svara långt.\n<b>Alltid</b>")
    two, three = Version.objects.get(name="2.0"), Version.objects.get(name="3.0")
    client = sign_in(owner)
    text = client.get(reverse("register:version", args=[system.slug, three.pk]), **ENGLISH).content.decode()
    assert "<del>Svara kort.</del>" in text
    assert "<ins>Svara långt.</ins>" in text
    assert "&lt;b&gt;" in text
    assert "Nobody has said what the version learned from." in text
    text = client.get(reverse("register:version", args=[system.slug, two.pk]) + "?mot=3.0", **ENGLISH).content.decode()
    assert "<del>Svara långt.</del>" in text
    assert "Train the model." in text
    assert client.get(reverse("register:version", args=[system.slug, 9999])).status_code == 404
    assert client.get(reverse("register:version", args=[system.slug, three.pk]) + "?mot=finns-inte").status_code == 200


def test_the_page_points_at_the_line_that_lacks_a_decision_and_keeps_what_was_typed(system: System, owner: Actor, sign_in: Any) -> None:
    form = {
        "revision": System.objects.get(pk=system.pk).revision,
        "name": "2.0",
        "previous": "1.0",
        "configuration": "Svara kort.",
        "learned_from-1-purpose": "training",
        "learned_from-1-source": "Gamla ärenden",
        "learned_from-1-residents_data": "unknown",
    }
    text = sign_in(owner).post(reverse("register:versions", args=[system.slug]), form, **ENGLISH).content.decode()
    assert 'href="#id_learned_from-1-data_use"' in text
    assert "Svara kort." in text
    assert not system.versions.filter(name="2.0").exists()
    form["learned_from-1-residents_data"] = "no"
    assert sign_in(owner).post(reverse("register:versions", args=[system.slug]), form).status_code == 302
    assert system.versions.get(name="2.0").learned_from[0]["residents_data"] == "no"


def test_nobody_but_the_owner_enters_a_version(system: System, person: Callable[..., Actor], sign_in: Any) -> None:
    coordinator = person(Role.AI_COORDINATOR)
    with pytest.raises(NotAllowed):
        add_version(actor=coordinator, system=system, name="2.0")
    text = sign_in(coordinator).get(reverse("register:versions", args=[system.slug]), **ENGLISH).content.decode()
    assert "Enter a version" not in text
