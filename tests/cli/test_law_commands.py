"""The commands on law and policy: the questionnaire, a classification, a comparison; and worked systems with their whole results."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insyn.cli.main import main
from insyn.law.yaml_reader import parse_yaml

ROOT = Path(__file__).resolve().parents[2]
PACKS, DEMO = str(ROOT / "packs"), str(ROOT / "demo" / "packs")
VECTORS = {path.stem: parse_yaml(path.read_bytes(), file=path.name).value for path in sorted((ROOT / "tests/vectors/law").glob("*.yaml"))}
NAMED = ("class", "act_as", "annex_items", "annex_open", "prohibitions", "derogation", "roles", "transparency")

Said = tuple[int, str, str]
Ask = Callable[..., Said]


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped packs, parsed once for all of these tests; a folder of a test's own is read each time."""
    from insyn.cli import classify, facts, packs

    for module in (classify, facts, packs):
        monkeypatch.setattr(module, "load_packs", _load)
    monkeypatch.setenv("INSYN_PACKS", PACKS)


_loaded: dict[tuple[Path, ...], Any] = {}


def _load(*folders: Path) -> Any:
    from insyn.law.loader import load_packs

    if any(not str(folder).startswith(str(ROOT)) for folder in folders):
        return load_packs(*folders)
    if folders not in _loaded:
        _loaded[folders] = load_packs(*folders)
    return _loaded[folders]


@pytest.fixture
def insyn(capsys: pytest.CaptureFixture[str]) -> Ask:
    def ask(*arguments: object) -> Said:
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ask


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], Path]:
    def write(value: Any) -> Path:
        path = tmp_path / ("answers.yaml" if isinstance(value, str) else "answers.json")
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return path

    return write


def got(result: dict[str, Any]) -> dict[str, Any]:
    """A result in the words of the vectors."""
    days = {effect["rule"]: effect["law_applies_from"] or "never" for effect in result["effects"]}
    rows = [*result["gates"], *result["duties"]]
    return {name: result[name] for name in NAMED} | {
        "class_waits_for": sorted(fact["fact"] for fact in result["unknown"] if fact["decides_class"]),
        "gates_in_force": sorted(gate["rule"] for gate in result["gates"] if gate["in_force"]),
        "duties_in_force": sorted(duty["rule"] for duty in result["duties"] if duty["in_force"]),
        "later": {row["rule"]: days[row["rule"]] for row in rows if not row["in_force"]},
    }


@pytest.mark.parametrize("name", VECTORS)
def test_a_worked_system_gets_the_whole_result_that_the_law_gives(name: str, insyn: Ask, file: Callable[[Any], Path]) -> None:
    vector = VECTORS[name]
    for answer in vector["answers"]:
        code, out, err = insyn("classify", file(vector["facts"]), "--on", answer["on"], "--json")
        assert code == 0, err
        expected = {key: value for key, value in answer.items() if key != "on"}
        assert got(json.loads(out)) == expected, f"{vector['name']}, on {answer['on']}"


@pytest.mark.parametrize("name", [name for name, vector in VECTORS.items() if "further_than_law" in vector])
def test_where_the_packs_go_further_than_the_law_the_vector_says_so_and_it_is_so(
    name: str, insyn: Ask, file: Callable[[Any], Path]
) -> None:
    vector = VECTORS[name]
    _, out, _ = insyn("classify", file(vector["facts"]), "--on", "2027-12-02", "--json")
    holding = {weighed["rule"] for weighed in json.loads(out)["trace"] if weighed["result"] == "yes"}
    assert {further["rule"] for further in vector["further_than_law"]} <= holding


def test_each_worked_system_is_judged_before_and_after_the_day_of_annex_iii_and_cites_its_law() -> None:
    for vector in VECTORS.values():
        days = {answer["on"] for answer in vector["answers"]}
        assert {"2026-11-20", "2027-12-02"} <= days, vector["name"]
        assert all(len(law["place"]) > 8 and law["says"] for law in vector["law"]), vector["name"]
    assert len(VECTORS) >= 10


@pytest.mark.parametrize("name", [name for name, vector in VECTORS.items() if vector["answers"][0]["class"] == "minimal"])
def test_a_minimal_system_is_no_longer_so_when_one_answer_that_decides_is_unknown(
    name: str, insyn: Ask, file: Callable[[Any], Path]
) -> None:
    facts = VECTORS[name]["facts"]
    settled_anyway = {"p.scores_persons"} if facts["p.scores_persons"] == "yes" else set()  # by another element of social scoring
    for fact in {
        "aia.is_ai",
        "aia.outside",
        "p.technique",
        "p.scores_persons",
        "aia.annex_i_third_party",
        "aia.uses",
        "aia.transparency",
    } - settled_anyway:
        for left in ({**facts, fact: "unknown"}, {key: value for key, value in facts.items() if key != fact}):
            _, out, _ = insyn("classify", file(left), "--on", "2026-11-20", "--json")
            result = json.loads(out)
            assert result["class"] == "undetermined", f"{name} without {fact}"
            assert fact in [open_["fact"] for open_ in result["unknown"] if open_["decides_class"]]


def test_a_result_names_the_packs_that_it_rests_on(insyn: Ask, file: Callable[[Any], Path]) -> None:
    _, out, _ = insyn("classify", file({}), "--on", "2026-11-20", "--json")
    result = json.loads(out)
    assert {pack["kind"] for pack in result["packs"]} == {"law"}  # a policy binds nobody until it is adopted
    assert all(len(pack["digest"]) == 64 for pack in result["packs"])
    assert len(result["packs_digest"]) == 64


def test_a_policy_binds_from_the_day_it_is_said_to_be_adopted(insyn: Ask, file: Callable[[Any], Path]) -> None:
    asked = ("classify", file({"aia.is_ai": "yes"}), "--packs", PACKS, DEMO, "--adopted", "kommun/lindvalla=2026-09-01", "--json", "--on")
    _, before, _ = insyn(*asked, "2026-08-31")
    _, after, _ = insyn(*asked, "2026-09-01")
    adopted = {pack["id"]: pack["adopted_on"] for pack in json.loads(after)["packs"] if pack["kind"] == "policy"}
    assert adopted == {"kommun/lindvalla": "2026-09-01"}
    assert "kommun/lindvalla" not in [pack["id"] for pack in json.loads(before)["packs"]]


def test_the_summary_says_the_class_what_holds_what_comes_and_what_is_open(insyn: Ask, file: Callable[[Any], Path]) -> None:
    facts = {key: value for key, value in VECTORS["grade-support"]["facts"].items() if key != "work.changes"}
    code, out, _ = insyn("classify", file(facts), "--on", "2026-11-20")
    assert code == 0
    for part in ("Class on 2026-11-20: high-risk", "III.3(b)", "Gates in force:", "2027-12-02  Named persons", "work.changes: Does"):
        assert part in out


def test_the_summary_of_an_open_class_says_what_to_act_as(insyn: Ask, file: Callable[[Any], Path]) -> None:
    _, out, _ = insyn("classify", file({}), "--on", "2026-11-20")
    assert "undetermined" in out
    assert "act as if: prohibited" in out
    assert "* p.technique" in out


FAULTS = {
    "an unknown fact, with the near ones": ("aia.is_ai: yes\naia.use: []\n", ["line 2", "aia.use", "Did you mean aia.uses"]),
    "a fact that is worked out": ("class.high_risk: no\n", ["line 1", "worked out", "Leave it out"]),
    "a word that is no answer": ("aia.is_ai: maybe\n", ["line 1 (aia.is_ai)", "'maybe'", "yes, no, unknown"]),
    "a truth instead of a word": ("aia.is_ai: true\n", ["line 1 (aia.is_ai)", "True is not an answer"]),
    "a number": ("aia.is_ai: 1\n", ["1 is not an answer"]),
    "a word where a list is asked for": ("aia.uses: recruitment\n", ["is not a list", "an empty one"]),
    "a use that is not listed": ("aia.uses: [gardening]\n", ["'gardening'", "recruitment"]),
    "a day that is none": ("aia.first_placed: 2026-02-30\n", ["2026-02-30", "is not a date"]),
    "a line without answer": ("aia.is_ai:\n", ["(aia.is_ai)", "has no answer", "unknown"]),
    "an empty file": ("", ["holds no answers", "{}"]),
    "a list": ("- aia.is_ai\n", ["is not a mapping"]),
    "a fact that stands twice": ("aia.is_ai: yes\naia.is_ai: no\n", ["line 2", "stands twice"]),
    "an anchor": ("aia.uses: &a [recruitment]\n", ["line 1", "anchors"]),
    "what is not YAML": ("aia.uses: [\n", ["line"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_file_of_answers_is_refused_with_place_and_mend(fault: str, insyn: Ask, file: Callable[[Any], Path]) -> None:
    text, parts = FAULTS[fault]
    path = file(text)
    code, out, err = insyn("classify", path, "--on", "2026-11-20")
    assert (code, out) == (1, "")
    assert str(path) in err
    for part in parts:
        assert part in err


@pytest.mark.parametrize(
    "text", ['{"aia.is_ai": "yes", "aia.is_ai": "no"}', '{"aia.is_ai": NaN}', "{", '{"aia.is_ai": null}', "null", "[]"]
)
def test_wrong_json_is_refused(text: str, insyn: Ask, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text)
    code, out, err = insyn("classify", path, "--on", "2026-11-20", "--json")
    assert (code, out) == (1, "")
    assert str(path) in err


@pytest.mark.parametrize("day", ["2026-13-01", "20261120", "2026-W47-5", "today", "", "2026-11-20T00:00", "2026-1-2"])
def test_a_day_that_is_none_is_refused(day: str, insyn: Ask, file: Callable[[Any], Path]) -> None:
    code, _, err = insyn("classify", file({}), f"--on={day}")
    assert code == 1
    assert "--on" in err
    assert "2026-01-31" in err


def test_a_day_before_the_law_is_refused(insyn: Ask, file: Callable[[Any], Path]) -> None:
    code, _, err = insyn("classify", file({}), "--on", "2025-02-01")
    assert code == 1
    assert "2025-02-02" in err
    assert insyn("packs", "diff", PACKS, PACKS, "--on", "2020-01-01", "2026-11-20")[0] == 1


def test_places_that_are_not_there_are_named(insyn: Ask, file: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = [
        ("classify", "nowhere.yaml", "--on", "2026-11-20"),
        ("classify", file({}), "--on", "2026-11-20", "--packs", "nowhere"),
        ("facts", "nowhere"),
        ("packs", "diff", PACKS, "nowhere", "--on", "2026-11-20"),
    ]
    for arguments in asked:
        code, out, err = insyn(*arguments)
        assert (code, out) == (1, "")
        assert "nowhere" in err
    monkeypatch.setenv("INSYN_PACKS", "")
    code, _, err = insyn("facts")
    assert code == 1
    assert "INSYN_PACKS" in err


@pytest.mark.parametrize(
    ("adopted", "said"),
    [
        ("kommun/karlstadt=2026-09-01", "Did you mean kommun/karlstad"),
        ("eu-ai-act=2026-09-01", "Law binds by itself"),
        ("kommun/karlstad", "names no day"),
        ("kommun/karlstad=soon", "'soon'"),
    ],
)
def test_a_wrong_adoption_is_refused(adopted: str, said: str, insyn: Ask, file: Callable[[Any], Path]) -> None:
    for arguments in (("classify", file({}), "--on", "2026-11-20"), ("packs", "diff", PACKS, PACKS, "--on", "2026-11-20")):
        code, _, err = insyn(*arguments, "--adopted", adopted)
        assert code == 1
        assert said in err


def test_broken_packs_are_refused_whole(insyn: Ask, file: Callable[[Any], Path], tmp_path: Path) -> None:
    broken = tmp_path / "packs" / "se-broken"
    broken.mkdir(parents=True)
    (broken / "pack.yaml").write_text("id: se-broken\nuses: [se-broken]\n")
    for arguments in (
        ("facts", broken),
        ("classify", file({}), "--on", "2026-11-20", "--packs", broken),
        ("packs", "diff", broken, broken, "--on", "2026-11-20"),
    ):
        code, out, err = insyn(*arguments)
        assert (code, out) == (1, "")
        assert "se-broken/pack.yaml" in err


def test_the_questionnaire_holds_every_question_in_both_languages(insyn: Ask) -> None:
    code, out, _ = insyn("facts", "--json")
    assert code == 0
    facts = json.loads(out)["facts"]
    assert {"aia.uses", "p.technique", "data.personal", "work.changes", "service.essential"} <= {fact["id"] for fact in facts}
    for fact in facts:
        assert all(fact["question"][language] for language in ("sv", "en")), fact["id"]
        assert fact["who"] or fact["answered_by"] == "worked_out", fact["id"]
        assert fact["answers"][-1]["value"] == "unknown", fact["id"]
        assert all(answer["label"]["sv"] and answer["label"]["en"] for answer in fact["answers"]), fact["id"]


def test_each_question_names_the_rules_that_need_it(insyn: Ask) -> None:
    facts = {fact["id"]: fact for fact in json.loads(insyn("facts", "--json")[1])["facts"]}
    assert [needing["rule"] for needing in facts["aia.only_fraud_detection"]["needed_by"]] == ["eu-ai-act/annex-iii-5b"]
    assert facts["aia.only_fraud_detection"]["needed_by"][0]["for_what"] == "exception"
    assert {needing["for_what"] for needing in facts["aia.design_changed"]["needed_by"]} == {"first_day"}
    assert len({needing["rule"] for needing in facts["aia.uses"]["needed_by"]}) == 26  # 25 items, and the derogation from them


def test_the_answers_of_the_questionnaire_are_taken_by_classify(insyn: Ask, file: Callable[[Any], Path]) -> None:
    facts = [fact for fact in json.loads(insyn("facts", "--json")[1])["facts"] if fact["answered_by"] == "person"]
    for pick in (0, -1):
        chosen = {fact["id"]: fact["answers"][pick]["value"] for fact in facts}
        written = {fact["id"]: [chosen[fact["id"]]] if fact["type"] == "set" else chosen[fact["id"]] for fact in facts}
        assert insyn("classify", file(written), "--on", "2026-11-20", "--json")[0] == 0


def test_the_list_of_questions_is_by_topic(insyn: Ask) -> None:
    _, out, _ = insyn("facts", PACKS)
    assert "What is prohibited / Det som är förbjudet" in out
    assert out.index("Personal data /") < out.index("data.personal") < out.index("Decisions about people /")
    assert "Who: System owner" in out


def test_a_comparison_of_two_days_says_what_begins_and_what_it_means_for_a_system(insyn: Ask, file: Callable[[Any], Path]) -> None:
    facts = file(VECTORS["grade-support"]["facts"])
    code, out, _ = insyn("packs", "diff", PACKS, PACKS, "--on", "2026-11-20", "2027-12-02", "--facts", facts)
    assert code == 0
    assert "begins: eu-ai-act/named-overseers" in out
    assert "eu-ai-act/named-overseers: in_force: no -> yes" in out
    assert "The system: nothing changes" in out


def test_a_comparison_of_a_day_with_itself_is_empty(insyn: Ask) -> None:
    code, out, _ = insyn("packs", "diff", PACKS, PACKS, "--on", "2026-11-20")
    assert code == 0
    assert "No rule changes." in out


def test_a_comparison_of_two_folders_names_what_one_of_them_adds(insyn: Ask, file: Callable[[Any], Path]) -> None:
    import os

    arguments = ("packs", "diff", PACKS, os.pathsep.join((PACKS, DEMO)), "--on", "2026-11-20", "--adopted", "kommun/lindvalla=2026-09-01")
    code, out, _ = insyn(*arguments, "--facts", file(VECTORS["grade-support"]["facts"]), "--json")
    assert code == 0
    found = json.loads(out)
    assert [pack["pack"] for pack in found["packs"]] == ["kommun/lindvalla"]
    assert {rule["change"] for rule in found["rules"]} == {"added"}
    assert all(rule["in_force_after"] for rule in found["rules"])
    assert any(gate["before"] is None and gate["after"]["in_force"] for gate in found["system"]["gates"])


def test_three_days_are_too_many(insyn: Ask) -> None:
    code, _, err = insyn("packs", "diff", PACKS, PACKS, "--on", "2026-11-20", "2026-11-21", "2026-11-22")
    assert code == 1
    assert "more than two days" in err
