"""What is called what on the page: the words of :mod:`insyn.core.labels`, and the verbs of acts, which are the web site's own."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from insyn.core import labels
from insyn.core.terms import Mode, Phase, Reach, RecordKind, ReviewVerdict, Role, SystemKind, Tristate, VerificationLevel
from insyn.web.language import spoken

VERBS = {
    "open_register": _("Opened the register"),
    "open_office": _("Opened an office"),
    "add_person": _("Added a person"),
    "appoint": _("Gave a mandate"),
    "end_mandate": _("Ended a mandate"),
    "adopt_pack": _("Recorded that the council adopted a pack"),
    "apply_packs": _("Put other law packs in use"),
    "close_work": _("Dealt with a work item"),
    "register_system": _("Registered a system"),
    "describe_system": _("Changed the description"),
    "add_version": _("Added a version"),
    "answer_facts": _("Answered questions of fact"),
    "record_classification": _("Recorded a classification"),
    "supply_record": _("Supplied a record"),
    "withdraw_record": _("Withdrew a record"),
    "propose_use": _("Asked for a decision on use"),
    "decide_use": _("Decided on use"),
    "pause_system": _("Paused the system"),
    "continue_system": _("Let the system go on"),
    "retire_system": _("Retired the system"),
    "refuse_system": _("Refused the system"),
    "issue_client_key": _("Issued a client key"),
    "revoke_client_key": _("Revoked a client key"),
    "order_stop": _("Ordered a stop"),
    "resume_system": _("Lifted a stop"),
    "narrow": _("Narrowed what is allowed"),
    "renew_permit": _("Let the permit follow another act"),
    "explain_stop": _("Explained a stop to the public"),
    "issue_case_code": _("Issued a case code"),
    "ask_for_human": _("Asked that a person looks again"),
    "answer_request": _("Answered a request"),
}
_WORDS: dict[str, type[StrEnum]] = {
    "phase": Phase,
    "kind": SystemKind,
    "reach": Reach,
    "mode": Mode,
    "record": RecordKind,
    "role": Role,
    "level": VerificationLevel,
    "answer": Tristate,
    "verdict": ReviewVerdict,
}


def label(words: str, value: object) -> str:
    """The label of a stored word in the reader's language; the word itself when it is not in the list (an old one, say)."""
    if words == "verb":
        return str(VERBS.get(str(value), value))
    try:
        return spoken(labels.label(_WORDS[words](value)))
    except ValueError:
        return str(value)
