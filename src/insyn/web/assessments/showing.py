"""A result, fresh or stored, as its page lays it out. Reads JSON, so that nothing stored has to be worked out anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from insyn.core.text import Text
from insyn.law.answers import UNKNOWN
from insyn.law.model import Fact
from insyn.rules.comparing import Difference, SystemChange
from insyn.web.language import spoken
from insyn.web.register.labels import label

from . import words
from .drafts import Row
from .finding import Topic, as_put
from .queries import Standing

#: So many of the questions that would settle the class stand beside the form.
_SHOWN = 3
_BEFORE_USE = frozenset({"gate", "prohibited", "stop_rule"})
_CLASS_PARTS = frozenset({"class", "act_as"})
_FOLLOWS = ("law_applies_from", "policy_applies_from", "policy_rules", "citations", "kind")


def the_class(told: Mapping[str, Any]) -> dict[str, Any]:
    """The class in words, and the one to act on where that is another."""
    found, act_as = told["class"], told["act_as"]
    return {
        "name": words.named(words.CLASSES, found),
        "meaning": words.named(words.MEANINGS, found),
        "tone": words.TONES.get(found, ""),
        "act_as": words.named(words.CLASSES, act_as) if act_as != found else "",
        "settled": found != "undetermined",
    }


def so_far(standing: Standing) -> dict[str, Any]:
    """What stands beside the questions."""
    finding = standing.finding
    told, yes = finding.told, [reason for reason in finding.reasons if reason["result"] == "yes"]
    refused = [reason for reason in finding.reasons if reason["kind"] == "derogation" and reason["result"] == "no"]
    return {
        "class": the_class(told),
        "hits": [{"title": reason["title"], "value": reason["value"]} for reason in yes],
        "refused": refused,
        "items_open": told["annex_open"],
        "settles": standing.deciding[:_SHOWN],
        "settles_more": max(0, len(standing.deciding) - _SHOWN),
        "gates": sum(gate["in_force"] for gate in told["gates"]),
        "duties": sum(duty["in_force"] for duty in told["duties"]),
        "now": standing.now,
        "most": standing.most,
    }


def whole(
    told: Mapping[str, Any], reasons: Iterable[Mapping[str, Any]], topics: Iterable[Mapping[str, Any]], rows: Mapping[str, Row]
) -> dict:
    """Everything about a result: class, why, what follows, answers with evidence, what is open, and under which packs."""
    topics = list(topics)
    questions = {question["fact"]: question for topic in topics for question in topic["questions"]}
    told_reasons = [_reason(reason, questions) for reason in reasons]
    following = _following(told)
    return {
        "told": told,
        "class": the_class(told),
        "reasons": [reason for reason in told_reasons if not reason["aside"]],
        "ruled_out": [reason for reason in told_reasons if reason["aside"]],
        "now": _grouped(row for row in following if row["in_force"]),
        "later": _grouped(sorted((row for row in following if not row["in_force"]), key=lambda row: row["first"] or "9999")),
        "topics": [{**topic, "rows": _answered(topic, rows)} for topic in topics],
        "roles": [words.named(words.ROLES, role) for role in told["roles"]],
        "without_evidence": sum("answer" in row and not (row.get("evidence") or row.get("case")) for row in rows.values()),
    }


def _reason(reason: Mapping[str, Any], questions: Mapping[str, Any]) -> dict[str, Any]:
    """``aside``: a rule that did not hit; there are many, and they stand folded."""
    return {
        **reason,
        "says": words.named(words.DECIDED, (reason["kind"], reason["result"])),
        "aside": reason["result"] == "no" and reason["kind"] != "derogation",
        "settled": [
            {"question": questions[one["fact"]]["question"], "answer": said(one["answer"], questions[one["fact"]])}
            for one in reason["settled_by"]
            if one["fact"] in questions
        ],
    }


def _following(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Gates and duties with the days of the law and of the policies."""
    effects = {effect["rule"]: effect for effect in told["effects"]}
    rows = []
    for row in (*told["gates"], *told["duties"]):
        effect = effects[row["rule"]]
        first = min((day for day in (effect["law_applies_from"], effect["policy_applies_from"]) if day), default="")
        rows.append(
            {
                **row,
                **{name: effect[name] for name in _FOLLOWS},
                "kind_name": words.named(words.KINDS, effect["kind"]),
                "first": first,
                "clocks": [{**clock, "within": words.period(clock["within"])} for clock in row.get("deadlines", ())],
            }
        )
    return rows


def _grouped(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What must be met before use, and the rest, which stands folded."""
    found: dict[str, list[dict[str, Any]]] = {"gates": [], "duties": []}
    for row in rows:
        found["gates" if row["kind"] in _BEFORE_USE else "duties"].append(row)
    return found


def _answered(topic: Mapping[str, Any], rows: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The topic's questions that have a row, with the answer in words."""
    return [
        {**question, **rows[question["fact"]], "said": said(rows[question["fact"]].get("answer"), question)}
        for question in topic["questions"]
        if question["fact"] in rows
    ]


def said(answer: Any, question: Mapping[str, Any]) -> str:
    """An answer in the words that it could be given in."""
    labels = question["answers"]
    if answer is None:
        return ""
    if answer == UNKNOWN:
        return spoken(words.UNKNOWN)
    if isinstance(answer, list | tuple):
        return ", ".join(spoken(labels.get(one, one)) for one in answer) or spoken(words.NONE)
    return spoken(labels.get(answer, answer))


def answers_of(topic: Topic, facts: Iterable[Fact], rows: Mapping[str, Row]) -> list[tuple[Fact, str]]:
    """Questions with their answers in words, empty where there is none."""
    found = {question["fact"]: question for one in as_put([topic], rows) for question in one["questions"]}
    return [(fact, said(rows[fact.id].get("answer"), found[fact.id]) if fact.id in found else "") for fact in facts]


def told_changes(change: SystemChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """A comparison in words: what differs in the result, and which requirements came, went or changed."""
    titles = {row["rule"]: row["title"] for told in (before, after) for row in (*told["gates"], *told["duties"])}
    return {
        "result": [
            {"what": words.named(words.PARTS, one.what), "before": _part(one.what, one.before), "after": _part(one.what, one.after)}
            for one in change.result
        ],
        "rules": [{"title": titles[one.what], "rule": one.what, "how": _how(one)} for one in (*change.gates, *change.duties)],
    }


def _part(what: str, value: Any) -> str:
    if what in _CLASS_PARTS:
        return words.named(words.CLASSES, value)
    if what == "derogation":
        return label("answer", value)
    named = words.ROLES if what == "roles" else {}
    return ", ".join(words.named(named, one) for one in value) or "–"


_CAME = Text("tillkommer", "is added")
_WENT = Text("faller bort", "falls away")
_OTHER = Text("ändras", "is changed")
_NOW = Text("gäller nu", "applies now")
_NO_LONGER = Text("gäller inte nu", "does not apply now")
_SURE = Text("gäller säkert", "applies for certain")
_MAYBE = Text("gäller tills annat visats", "applies until shown otherwise")


def _how(one: Difference) -> str:
    """In which way a requirement differs."""
    if one.before is None or one.after is None:
        return spoken(_CAME if one.before is None else _WENT)
    parts = []
    if one.before["in_force"] != one.after["in_force"]:
        parts.append(_NOW if one.after["in_force"] else _NO_LONGER)
    if one.before["applies"] != one.after["applies"]:
        parts.append(_SURE if one.after["applies"] == "yes" else _MAYBE)
    return ", ".join(spoken(part) for part in parts) or spoken(_OTHER)
