"""The desk of the control socket: who speaks, and which desk answers.

The register's key may ask everything. A stop holder's personal key opens stop, stop state and ping, and nothing else.
"""

from __future__ import annotations

from insyn.core import messages as m
from insyn.core.errors import SignatureInvalid
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.signing import Signed, verify
from insyn.core.wire import CONTROL_CONTEXT

from . import acts, bundling, disposing, orders, reading, reviewing, wide
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


def _answer(step: Step, message: m.ControlMessage) -> m.Answer:
    match message:
        case m.KeepStopHolders():
            return wide.keep(step, message)
        case m.SubmitAct():
            return acts.submit(step, message)
        case m.Narrow():
            return acts.narrow(step, message)
        case m.Review():
            return reviewing.review(step, message)
        case m.OpenBundle():
            return bundling.open_bundle(step, message)
        case m.Open():
            return reading.open_record(step, message)
        case m.FindCase():
            return reading.find_case(step, message)
        case m.Waiting():
            return reading.waiting(step, message)
        case m.EntriesOf():
            return reading.entries_of(step, message)
        case m.OpenOrder():
            return reading.open_order(step, message)
        case _:
            return step.invalid("this is asked elsewhere", place="op")


def _confirm_clock(books: Books, message: m.ConfirmClock) -> m.Answer:
    if not books.time.closed:
        return m.Denied(refuse(RefusalCode.INVALID_REQUEST, place="op"))
    now = books.time.read_unchecked()
    return m.Done(receipt=books.transact(lambda step: books.time.enter_opening(step, message.actor), now))
