"""The closed lists of this app, and what each word is called."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Recipient(StrEnum):
    """Who is ordered to stop what Insyn cannot hold."""

    TECHNICIAN = "technician"
    SUPPLIER = "supplier"


class OrderState(StrEnum):
    """How far an order to people has come. That it is overdue is worked out from the clock, never stored."""

    ORDERED = "ordered"
    ACKNOWLEDGED = "acknowledged"
    DONE = "done"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class How(StrEnum):
    """How word came from the one who was ordered."""

    SIGNED_IN = "signed_in"
    PHONE = "phone"
    MAIL = "mail"
    ON_SITE = "on_site"


class IncidentKind(StrEnum):
    """What sort of thing went wrong. One incident may be several."""

    WRONG_OUTCOME = "wrong_outcome"
    DISCRIMINATION = "discrimination"
    DATA_DISCLOSED = "data_disclosed"
    DATA_LOST = "data_lost"
    INTRUSION = "intrusion"
    OUTAGE = "outage"
    MISUSE = "misuse"
    OTHER = "other"


class IncidentState(StrEnum):
    OPEN = "open"
    HANDLED = "handled"
    CLOSED = "closed"


class NotificationState(StrEnum):
    """What has become of one duty to notify."""

    OPEN = "open"
    SENT = "sent"
    NOT_NEEDED = "not_needed"


class PutRight(StrEnum):
    """What was done for one who was harmed."""

    CORRECTED = "corrected"
    RECONSIDERED = "reconsidered"
    COMPENSATED = "compensated"
    NOTHING_NEEDED = "nothing_needed"


LABELS: dict[type[StrEnum], dict[str, Promise]] = {
    Recipient: {
        Recipient.TECHNICIAN: _("A technician of the municipality"),
        Recipient.SUPPLIER: _("The supplier"),
    },
    OrderState: {
        OrderState.ORDERED: _("Order given"),
        OrderState.ACKNOWLEDGED: _("Acknowledged"),
        OrderState.DONE: _("Reported done"),
        OrderState.CONFIRMED: _("Confirmed"),
        OrderState.WITHDRAWN: _("Withdrawn"),
    },
    How: {
        How.SIGNED_IN: _("By own sign-in"),
        How.PHONE: _("By telephone"),
        How.MAIL: _("By mail"),
        How.ON_SITE: _("On the spot"),
    },
    IncidentKind: {
        IncidentKind.WRONG_OUTCOME: _("Wrong outcome for somebody"),
        IncidentKind.DISCRIMINATION: _("Some were treated worse than others"),
        IncidentKind.DATA_DISCLOSED: _("Data reached the wrong hands"),
        IncidentKind.DATA_LOST: _("Data were lost or changed"),
        IncidentKind.INTRUSION: _("Intrusion or attack"),
        IncidentKind.OUTAGE: _("The system was down"),
        IncidentKind.MISUSE: _("Used for something that it was not decided for"),
        IncidentKind.OTHER: _("Something else"),
    },
    IncidentState: {
        IncidentState.OPEN: _("Under way"),
        IncidentState.HANDLED: _("Handled, not closed"),
        IncidentState.CLOSED: _("Closed"),
    },
    NotificationState: {
        NotificationState.OPEN: _("Not sent"),
        NotificationState.SENT: _("Sent"),
        NotificationState.NOT_NEEDED: _("Decided that it is not needed"),
    },
    PutRight: {
        PutRight.CORRECTED: _("The decision was corrected"),
        PutRight.RECONSIDERED: _("The decision was reconsidered"),
        PutRight.COMPENSATED: _("Compensation was given"),
        PutRight.NOTHING_NEEDED: _("Nothing was needed"),
    },
}
_LISTS = {
    "recipient": Recipient,
    "order": OrderState,
    "how": How,
    "incident_kind": IncidentKind,
    "incident": IncidentState,
    "notification": NotificationState,
    "put_right": PutRight,
}


def word(words: str, value: object) -> str:
    """What a stored word is called; the word itself when the list no longer has it."""
    return str(LABELS[_LISTS[words]].get(str(value), value))


def choices(words: type[StrEnum], *, leave_out: tuple[str, ...] = ()) -> list[tuple[str, Promise]]:
    """The list for a form."""
    return [(str(value), text) for value, text in LABELS[words].items() if value not in leave_out]
