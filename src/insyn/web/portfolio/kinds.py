"""What each kind of waiting is called. An app may add its own with ``KINDS`` in its module ``waiting``: {kind: :class:`Text`}."""

from __future__ import annotations

from insyn.core.text import Text
from insyn.web.language import spoken

from .items import modules_with

_KINDS = {
    "gates": Text("Underlag som du kan lämna", "Something that you can supply"),
    "decision": Text("Väntar på ditt beslut", "Waits for your decision"),
    "work": Text("Har ändrats kring dina system", "Has changed around your systems"),
    "evaluation": Text("Utvärdering", "Evaluation"),
    "record": Text("Handling som går ut", "Record that expires"),
    "mandate": Text("Mandat som går ut", "Mandate that ends"),
    "permit": Text("Tillåtelse som upphör", "Permit that ends"),
    "need_analyse": Text("Behov att analysera", "Need to analyse"),
    "need_decide": Text("Behov att besluta om", "Need to decide on"),
    "need_begin": Text("Behov att göra system av", "Need to begin a system from"),
    "negotiation": Text("Facklig förhandling", "Union negotiation"),
    "safety": Text("Skyddsombudets medverkan", "The safety representative's part"),
    "round": Text("Delaktighet", "Participation"),
    "second_signature": Text("Väntar på en andra underskrift", "Waits for a second signature"),
    "comment": Text("Kommentar att svara på", "Comment to answer"),
    "record_draft": Text("Påbörjad handling", "Record that is begun"),
    "stop_order": Text("Stopporder att bekräfta", "Stop order to acknowledge"),
    "stop_duty": Text("Lucka i stoppberedskapen", "Gap in the stop duty"),
    "notification": Text("Anmälan med tidsgräns", "Notification with a deadline"),
    "incident": Text("Incident att hantera", "Incident to handle"),
}
_OTHER = Text("Annat", "Other")


def kind_labels() -> dict[str, Text]:
    """The label of every kind that an app has named."""
    found = dict(_KINDS)
    for module in modules_with("KINDS"):
        found |= module.KINDS
    return found


def kind_label(kind: str) -> str:
    """What the kind is called in the reader's language; a kind that no app has named is "other"."""
    return spoken(kind_labels().get(kind, _OTHER))
