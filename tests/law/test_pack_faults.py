"""Each fault in a pack is one message with file, place and mend, and nothing is half-loaded."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import PackError
from insyn.law.loader import load_files, load_packs
from insyn.law.model import Pack
from insyn.law.read_pack import files_of

RULE = "rules/no-harm.yaml"


def load(files: Any) -> tuple[Pack, ...]:
    root = next(parent for parent in files.folder.parents if parent.name == "packs")
    return load_packs(root)


def refused(files: Any) -> PackError:
    with pytest.raises(PackError) as caught:
        load(files)
    error = caught.value
    assert error.file, "the message names the file"
    assert error.mend, "the message says what would mend it"
    assert str(files.folder.parent) not in str(error), "the message names no path of this machine"
    return error


def test_a_sound_pack_loads(little_law: Any) -> None:
    (pack,) = load(little_law)
    assert list(pack.rules) == ["no-harm"]
    assert len(pack.digest) == 64


FAULTS: list[tuple[str, str, str, str, str]] = [
    # what, file, old, new, a part of the message
    ("unknown fact", RULE, "fact: it.harms", "fact: it.harmz", "unknown fact 'it.harmz'"),
    ("citation without provision", RULE, "[act-1]", "[act-9]", "no provision 'act-9'"),
    ("day that the calendar lacks", RULE, "at: first-day", "at: some-day", "no day 'some-day' in the calendar"),
    ("date outside the calendar", RULE, "Det skadar.", "Det skadar från 2020-01-01.", "date outside the calendar"),
    ("missing Swedish", RULE, "sv: Ingen skada, ", "", "'sv' is a required property"),
    ("empty Swedish", RULE, "sv: Ingen skada", 'sv: ""', "non-empty"),
    ("unknown key", RULE, "citations:", "citation: x\ncitations:", "'citation' was unexpected"),
    ("key that stands twice", RULE, "why:", "mend: {sv: a, en: b}\nwhy:", "stands twice"),
    ("slug that is not the file's name", RULE, "id: no-harm", "id: no-harms", "is not the file's name"),
    ("rule of law without a first day", RULE, "status: applicable", "status: adopted", "has a first day"),
    ("answer that the fact never has", RULE, "is: yes", "is: maybe", "is never is 'maybe'"),
    ("true where the word yes is meant", RULE, "is: yes", "is: true", ""),
    ("gate without a demand", RULE, "kind: prohibited", "kind: gate", "gates and cadences demand a record"),
    ("ring: a classifying rule asks for a class", RULE, "fact: it.harms", "fact: class.bad", "worked out from rules such as this"),
    ("unknown kind", RULE, "kind: prohibited", "kind: forbidden", "forbidden"),
    ("function that does not exist", RULE, "why:", "starts_by: whenever\nwhy:", "no function 'whenever'"),
    ("provision of an unknown instrument", "provisions.yaml", "instrument: act", "instrument: acts", "no instrument 'acts'"),
    ("proposal used as law", "instruments.yaml", "status: in_force", "status: proposed", "is not law in force"),
    ("calendar day without basis", "calendar.yaml", "basis: act-1", "basis: act-7", "no provision 'act-7'"),
    ("day that does not exist", "calendar.yaml", "2020-01-01", "2020-02-31", ""),
    ("day twice in the calendar", "calendar.yaml", "id: later-day", "id: first-day", "stands twice"),
    ("fact that nobody answers", "facts.yaml", "    who: [system_owner]\n", "", "nobody answers it"),
    ("fact twice", "facts.yaml", "id: it.kinds", "id: it.harms", "stands twice"),
    ("yes-or-no fact with values", "facts.yaml", "type: set", "type: tristate", "values belong to enum and set"),
    ("pack that it uses is not there", "pack.yaml", 'version: "1"', 'version: "1"\nuses: [elsewhere]', "no pack 'elsewhere'"),
    ("id that is not the folder's name", "pack.yaml", "id: little-law", "id: big-law", "is not the folder's name"),
    ("case of an unknown fact", "cases/no-harm.yaml", "it.harms: yes", "it.harmz: yes", "no pack asks for this fact"),
    ("Swedish of blanks alone", RULE, "sv: Ingen skada", 'sv: " "', "does not match"),
    ("worked-out set called yes or no", "facts.yaml", "derived: prohibited", "derived: annex_items", "'annex_items' is not a tristate"),
    ("worked-out yes or no called a set", "facts.yaml", "class.bad\n    type: tristate", "class.bad\n    type: set", "is not a set"),
    ("case of law that is adopted", "cases/no-harm.yaml", "expect: yes", "expect: yes, adopted_on: 2025-01-01", "law is not adopted"),
    ("anchor", RULE, "why: {", "why: &a {", "anchors and aliases"),
    ("tag", RULE, "id: no-harm", "id: !!str no-harm", "tags are not read"),
    ("not YAML", RULE, "id: no-harm", "id: [no-harm", ""),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_refused(little_law: Any, file: str, old: str, new: str, message: str) -> None:
    little_law.swap(file, old, new)
    error = refused(little_law)
    assert message in str(error)
    told = RULE if message == "is not law in force" else file  # a proposal is a fault where it is used as law
    assert error.file == f"little-law/{told}"


def test_the_message_names_the_line(little_law: Any) -> None:
    little_law.swap(RULE, "[act-1]", "[act-9]")
    assert "line 5" in refused(little_law).place


def test_overlapping_history_is_refused(little_law: Any) -> None:
    little_law.swap(RULE, "at: first-day}", "at: later-day}\n  - {status: repealed, at: first-day}")
    assert "overlap or run backwards" in str(refused(little_law))


def test_the_same_slug_in_two_files_is_refused(little_law: Any) -> None:
    little_law.write("rules/other.yaml", (little_law.folder / RULE).read_text())
    assert "no-harm" in str(refused(little_law))


def test_an_alias_bomb_is_refused_before_it_grows(little_law: Any) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20))
    little_law.write(RULE, bomb)
    assert "anchors and aliases" in str(refused(little_law))


def test_a_file_over_one_mebibyte_is_refused(little_law: Any) -> None:
    little_law.write(RULE, "id: no-harm\n" + "#" * 1024 * 1024)
    assert "larger than" in str(refused(little_law))


def test_deep_nesting_is_refused(little_law: Any) -> None:
    little_law.write(RULE, "when: " + "[" * 60 + "]" * 60)
    assert "nested deeper" in str(refused(little_law))


def test_two_documents_in_a_file_are_refused(little_law: Any) -> None:
    little_law.write(RULE, "id: a\n---\nid: b\n")
    assert "more than one document" in str(refused(little_law))


def test_bytes_that_are_not_utf8_are_refused(little_law: Any) -> None:
    (little_law.folder / RULE).write_bytes(b"id: \xff\n")
    assert "not UTF-8" in str(refused(little_law))


def test_a_stray_file_is_refused(little_law: Any) -> None:
    little_law.write("rules/notes.txt", "later")
    assert "is not a file of a pack" in str(refused(little_law))


def test_a_symbolic_link_is_refused(little_law: Any) -> None:
    (little_law.folder / "rules" / "linked.yaml").symlink_to(little_law.folder / RULE)
    assert "is not a file of a pack" in str(refused(little_law))


def test_a_folder_that_is_a_link_is_refused_and_not_passed_over(little_law: Any) -> None:
    (little_law.folder / "rules").rename(little_law.folder.parents[1] / "elsewhere")
    (little_law.folder / "rules").symlink_to(little_law.folder.parents[1] / "elsewhere")
    (little_law.folder / "cases" / "no-harm.yaml").unlink()
    assert "is a link to a folder" in str(refused(little_law))


def test_a_pack_that_is_a_link_is_refused_and_not_passed_over(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    (little_law.folder.parent / "kommun").rename(little_law.folder.parents[1] / "elsewhere")
    (little_law.folder.parent / "kommun").symlink_to(little_law.folder.parents[1] / "elsewhere")
    assert "is a link to a folder" in str(refused(little_law))


def test_a_pack_that_has_lost_its_head_is_refused_and_not_passed_over(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    (policy.folder / "pack.yaml").rename(policy.folder / "pack.yml")
    error = refused(little_law)
    assert "stands in no pack" in str(error)
    assert error.file.startswith("by/")


def test_the_rules_do_not_leave_with_a_head_of_their_own(little_law: Any) -> None:
    little_law.write("rules/pack.yaml", (little_law.folder / "pack.yaml").read_text().replace("id: little-law", "id: little-law/rules"))
    assert "rules/pack.yaml" in refused(little_law).file


def test_what_is_no_file_is_refused_and_never_waited_for(little_law: Any) -> None:
    os.mkfifo(little_law.folder / "rules" / "pipe.yaml")
    assert "is not a file of a pack" in str(refused(little_law))


@pytest.mark.parametrize("walk", ["loader", "read_pack"])
def test_a_folder_that_cannot_be_read_is_refused(little_law: Any, monkeypatch: pytest.MonkeyPatch, walk: str) -> None:
    """Whoever runs the tests may be root, whom no mode keeps out; so the walk itself fails here."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path).name == ("little-law" if walk == "loader" else "rules"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert "cannot be read: Permission denied" in str(refused(little_law))


@pytest.mark.parametrize("path", ["x.yaml", "rules/a/b.yaml", "calendar/x.yaml", "../pack.yaml"])
def test_files_from_elsewhere_are_held_to_the_same_names(little_law: Any, path: str) -> None:
    files = files_of(little_law.folder) | {path: b"a: b"}
    with pytest.raises(PackError, match="is not a file of a pack"):
        load_files([files])


def test_a_fault_in_a_case_names_its_line(little_law: Any) -> None:
    little_law.swap("cases/no-harm.yaml", "it.harms: no", "it.harms: maybe")
    error = refused(little_law)
    assert error.place.startswith("line 3 ")
    assert str(error).count(error.mend) == 1


def test_the_word_no_stays_a_word(little_law: Any) -> None:
    little_law.swap(RULE, "is: yes", "is: no")
    little_law.swap("cases/no-harm.yaml", "expect: yes", "expect: no")
    (pack,) = load(little_law)
    assert pack.rules["no-harm"].when.value == "no"  # type: ignore[union-attr]


EXCEPTION = """exceptions:
  - id: harmless
    title: {sv: Ofarligt, en: Harmless}
    when: {fact: it.kinds, has: red}
    citations: [act-2]
why:"""


PROPOSAL = """\
  - id: bill
    title: {sv: Ett förslag, en: A bill}
    number: "2:2"
    url: https://example.org/bill
    status: proposed
"""


@pytest.mark.parametrize(
    ("file", "old", "new", "at"),
    [
        (RULE, "at: first-day", "at: bill-day", "history.0.at"),
        (RULE, "at: first-day}", "at: first-day}\n  - {status: suspended, at: bill-day}", "history.1.at"),
        (RULE, "fact: it.harms, is: yes", "fact: it.since, at_least: bill-day", "when"),
    ],
)
def test_a_day_that_only_a_proposal_sets_is_no_day_of_law(little_law: Any, file: str, old: str, new: str, at: str) -> None:
    with_bill(little_law)
    little_law.swap(file, old, new)
    error = refused(little_law)
    assert "'bill-1', which sets 'bill-day', is not law in force" in str(error)
    assert f"({at})" in error.place


def test_a_proposed_step_may_rest_on_a_proposal(little_law: Any) -> None:
    with_bill(little_law)
    little_law.swap(
        "calendar.yaml", "day: 2025-01-01, basis: act-1", "day: 2025-01-01, basis: act-1}\n  - {id: early, day: 2019-01-01, basis: bill-1"
    )
    little_law.swap(
        RULE, "- {status: applicable, at: first-day}", "- {status: proposed, at: early}\n  - {status: applicable, at: first-day}"
    )
    assert load(little_law)


@pytest.mark.parametrize("status", ["proposed", "adopted"])
def test_a_proposal_ends_no_rule_that_binds(little_law: Any, status: str) -> None:
    little_law.swap(RULE, "at: first-day}", f"at: first-day}}\n  - {{status: {status}, at: later-day}}")
    assert "what is only proposed ends nothing" in str(refused(little_law))


@pytest.mark.parametrize("status", ["suspended", "repealed"])
def test_what_ends_a_rule_that_protects_has_been_read(little_law: Any, status: str) -> None:
    little_law.swap("calendar.yaml", "day: 2025-01-01, basis: act-1", "day: 2025-01-01, basis: act-2")
    little_law.swap(RULE, "at: first-day}", f"at: first-day}}\n  - {{status: {status}, at: later-day}}")
    assert "not verified far enough" in str(refused(little_law))


def with_bill(files: Any) -> None:
    files.write("instruments.yaml", (files.folder / "instruments.yaml").read_text() + PROPOSAL)
    provisions = (files.folder / "provisions.yaml").read_text()
    files.write(
        "provisions.yaml", provisions + '  - {id: bill-1, instrument: bill, path: 1 §, level: S, url: "https://example.org/bill#1"}\n'
    )
    files.swap("calendar.yaml", "calendar:\n", "calendar:\n  - {id: bill-day, day: 2030-01-01, basis: bill-1}\n")


def test_exceptions_have_ids_of_their_own(little_law: Any) -> None:
    little_law.swap("provisions.yaml", "level: K", "level: S")
    little_law.swap(RULE, "why:", EXCEPTION.replace("why:", EXCEPTION.removeprefix("exceptions:\n")))
    assert "an id stands twice" in str(refused(little_law))


def test_a_municipality_cannot_call_its_rules_law(little_law: Any, beside: Callable[..., Any]) -> None:
    beside().swap("pack.yaml", "kind: policy", "kind: law")
    assert "a municipality makes no law here" in str(refused(little_law))


def test_no_policy_rests_on_another_which_may_not_be_adopted(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    beside(name="kommun/grannen").swap("pack.yaml", "uses: [little-law]", "uses: [little-law, kommun/by]")
    assert "'kommun/by' is a policy" in str(refused(little_law))


def test_nor_does_any_law(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    policy.swap("pack.yaml", "uses: [little-law]\n", "")
    policy.swap("rules/council-rule.yaml", "{fact: it.harms, is: yes}", "{always: true}")
    little_law.swap("pack.yaml", 'version: "1"', 'version: "1"\nuses: [kommun/by]')
    assert "'kommun/by' is a policy" in str(refused(little_law))


@pytest.mark.parametrize("kind", ["derogation", "scope_out"])
@pytest.mark.parametrize("status", ["suspended", "repealed"])
def test_what_frees_somebody_has_no_last_day_for_the_class_knows_none(little_law: Any, kind: str, status: str) -> None:
    little_law.swap(RULE, "kind: prohibited", f"kind: {kind}")
    little_law.swap(RULE, "at: first-day}", f"at: first-day}}\n  - {{status: {status}, at: later-day}}")
    assert "has no last day here" in str(refused(little_law))


@pytest.mark.parametrize(("kind", "from_what"), [("derogation", "annex_item"), ("scope_out", "annex_item"), ("scope_out", "prohibited")])
def test_what_frees_somebody_does_so_from_its_own_first_day(little_law: Any, kind: str, from_what: str) -> None:
    little_law.swap(RULE, "kind: prohibited", f"kind: {from_what}")
    frees = (little_law.folder / RULE).read_text().replace("no-harm", "frees").replace(f"kind: {from_what}", f"kind: {kind}")
    little_law.write("rules/frees.yaml", frees)
    assert load(little_law)
    little_law.write("rules/frees.yaml", frees.replace("first-day", "later-day"))
    assert "frees before its own first day from 'no-harm'" in str(refused(little_law))


@pytest.mark.parametrize("level", ["K", "?"])
def test_an_exception_never_rests_on_general_knowledge(little_law: Any, level: str) -> None:
    little_law.swap(RULE, "why:", EXCEPTION)
    little_law.swap("provisions.yaml", "level: K", f'level: "{level}"')
    assert "not verified far enough to free anybody" in str(refused(little_law))


def test_an_exception_may_rest_on_a_secondary_source(little_law: Any) -> None:
    little_law.swap(RULE, "why:", EXCEPTION)
    little_law.swap("provisions.yaml", "level: K", "level: S")
    assert load(little_law)[0].rules["no-harm"].exceptions


@pytest.mark.parametrize("kind", ["derogation", "scope_out"])
def test_what_frees_somebody_never_rests_on_general_knowledge(little_law: Any, kind: str) -> None:
    little_law.swap(RULE, "kind: prohibited", f"kind: {kind}")
    assert load(little_law)
    little_law.swap(RULE, "[act-1]", "[act-1, act-2]")
    assert "not verified far enough" in str(refused(little_law))


def test_a_policy_may_add_a_rule(little_law: Any, beside: Callable[..., Any]) -> None:
    assert [pack.id for pack in load(beside())] == ["kommun/by", "little-law"]


@pytest.mark.parametrize("kind", ["derogation", "scope_out", "prohibited", "annex_item", "role"])
def test_a_policy_may_not_decide_what_law_decides(little_law: Any, beside: Callable[..., Any], kind: str) -> None:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "kind: stop_rule", f"kind: {kind}")
    assert f"a policy may not conclude {kind}" in str(refused(policy))


def test_a_policy_may_not_make_an_exception(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "why:", EXCEPTION.replace("act-2", "act-1"))
    assert "a policy may not make exceptions" in str(refused(policy))


def test_a_policy_may_not_take_the_slug_of_a_rule_of_law(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside(slug="no-harm")
    policy.swap("rules/no-harm.yaml", "id: council-rule", "id: no-harm")
    assert "the slug is that of little-law/no-harm" in str(refused(policy))


def test_a_policy_may_not_answer_a_question_of_the_law_by_itself(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    policy.write("facts.yaml", "facts:\n  - {id: it.harms, type: tristate, question: {sv: a, en: b}, who: [system_owner]}\n")
    assert "stands in little-law already" in str(refused(policy))


def test_the_same_pack_in_two_folders_is_refused(little_law: Any) -> None:
    folder = little_law.folder.parent
    with pytest.raises(PackError, match="stands twice"):
        load_packs(folder, folder)
