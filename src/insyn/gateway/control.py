"""The desk of the control socket: who speaks, and which desk answers.

The register's key may ask everything. A stop holder's personal key opens stop, stop state and ping, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from insyn.core import messages as m
from insyn.core.errors import SignatureInvalid
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.signing import Signed, verify
from insyn.core.wire import CONTROL_CONTEXT

from . import acts, bundling, disposing, judging, orders, reading, reconsidering, reviewing, wide
from .books import Books
from .clock import Reading
from .step import Step

_PERSONAL = (m.Stop, m.StopState, m.Ping)


def check_sender(books: Books, signed: Signed, message: m.ControlMessage, now: Reading) -> Refusal | None:
    """Whether this key may send this message, and did."""
    if signed.key == orders.REGISTER:
        keys = [books.settings.register_public]
    else:
        keys = orders.personal_key(books.state, signed.key, books.today(now))
        if not keys:
            return refuse(RefusalCode.NOT_STOP_HOLDER, place="key")
    if not any(_holds(signed, key) for key in keys):
        return refuse(RefusalCode.SIGNATURE_INVALID, place="signature")
    if signed.key != orders.REGISTER and not isinstance(message, _PERSONAL):
        return refuse(RefusalCode.NOT_STOP_HOLDER, place="op")
    return None


def _holds(signed: Signed, public: bytes) -> bool:
    try:
        verify(signed, context=CONTROL_CONTEXT, public=public)
    except SignatureInvalid:
        return False
    return True


def answer_control(books: Books, message: m.ControlMessage, now: Reading) -> m.Answer:
    """Answer a message that is not about a stop. Raises what the store and the desks raise."""
    if isinstance(message, m.Erase):
        return disposing.erase(books, message, now)
    if isinstance(message, m.Dispose):
        return disposing.dispose(books, message, now)
    if isinstance(message, m.ConfirmClock):
        return _confirm_clock(books, message)
    return books.transact(lambda step: _answer(step, message), now)


#: Which desk answers what, in a transaction of its own.
_DESKS: Mapping[type[m.ControlMessage], Callable[[Step, Any], m.Answer]] = {
    m.KeepStopHolders: wide.keep,
    m.SubmitAct: acts.submit,
    m.Narrow: acts.narrow,
    m.Judge: judging.judge_blind,
    m.Review: reviewing.review,
    m.Reconsider: reconsidering.reconsider,
    m.OpenBundle: bundling.open_bundle,
    m.Open: reading.open_record,
    m.FindCase: reading.find_case,
    m.FindSubject: reading.find_subject,
    m.Waiting: reading.waiting,
    m.EntriesOf: reading.entries_of,
    m.OpenOrder: reading.open_order,
}


def _answer(step: Step, message: m.ControlMessage) -> m.Answer:
    desk = _DESKS.get(type(message))
    return desk(step, message) if desk else step.invalid("this is asked elsewhere", place="op")


def _confirm_clock(books: Books, message: m.ConfirmClock) -> m.Answer:
    if not books.time.closed:
        return m.Denied(refuse(RefusalCode.INVALID_REQUEST, place="op"))
    now = books.time.read_unchecked()
    return m.Done(receipt=books.transact(lambda step: books.time.enter_opening(step, message.actor), now))
