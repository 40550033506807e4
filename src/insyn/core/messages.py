"""One protocol between the planes: what may be asked of the sequencer and what it answers.

Two sockets. The *decide* socket takes what callers ask (:data:`DecideMessage`), each message with the caller's client key. The *control*
socket takes what the register and the stop holders ask (:data:`ControlMessage`), each as a :class:`~insyn.core.signing.Signed` body.
Framing and encoding stand in :mod:`insyn.core.wire`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from .refusals import Refusal, RefusalCode
from .signing import Signed
from .terms import DisclosureGroup, Mode, Population, ReviewVerdict, StopScope, StopStatus, Tristate, UnknownFields
from .text import Text

#: The end of the text: ``$`` alone also matches before a last line break. In this form Python and ECMA (OpenAPI) agree.
_END = r"(?![\s\S])"
Slug = Annotated[str, Meta(min_length=1, max_length=64, pattern=rf"^[a-z0-9][a-z0-9_.-]*{_END}")]
SlugOrNone = Annotated[str, Meta(max_length=64, pattern=rf"^([a-z0-9][a-z0-9_.-]*)?{_END}")]
NameOrNone = Annotated[str, Meta(max_length=64)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
HexId = Annotated[str, Meta(pattern=rf"^[0-9a-f]{{32}}{_END}")]
IdempotencyKey = Annotated[str, Meta(min_length=8, max_length=128, pattern=rf"^[\x21-\x7e]+{_END}")]
ClientSecret = Annotated[str, Meta(min_length=16, max_length=200)]
#: A personal pass (:mod:`insyn.core.passes`), empty where a program asks for itself.
PersonPass = Annotated[str, Meta(max_length=1000)]

#: Whether the person belongs to a group for which a system may be said not to be used. Silence counts as unknown.
PersonFacts = Annotated[dict[Population, Tristate], Meta(extra_json_schema={"propertyNames": {"enum": list(Population)}})]

MAX_FACTORS = 200
MAX_BATCH = 256


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller wants to do: the same words in a clearance and in a decision."""

    system: Slug
    version: Name
    purpose: Slug
    categories: Annotated[tuple[Slug, ...], Meta(max_length=100)] = ()
    matter_type: Slug
    mode: Mode = Mode.SUPPORT


class Factor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A feature's value and its contribution to the score, in the score's own unit."""

    feature: Name
    value: str | int | float | bool | None
    contribution: float


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model said, about whom, from what, and why.

    ``score`` and ``base`` are in the unit in which contributions add up: base + sum of contributions = score (checked). ``payload`` is the
    input as the model saw it; ``case`` the case number and ``subject`` the person, both sealed and matched only by keyed hash. ``groups`` are
    the groups declared for supervision. ``notice`` says how the person was told that AI is used. ``population`` says whether the person is
    one of those for whom a system may be said not to be used; silence counts as unknown.
    """

    outcome: Name
    payload: dict[str, Any]
    case: Short
    score: float | None = None
    base: float = 0.0
    factors: Annotated[tuple[Factor, ...], Meta(max_length=MAX_FACTORS)] = ()
    groups: dict[Name, Name] = {}
    subject: Annotated[str, Meta(max_length=64)] = ""
    notice: Annotated[str, Meta(max_length=200)] = ""
    population: PersonFacts | msgspec.UnsetType = msgspec.UNSET  # unset: not sent, so old digests stand


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="op", forbid_unknown_fields=True):
    """``id`` comes back in the reply, so that a connection can have many requests under way."""

    id: int


class Clear(Message, frozen=True, tag="clear"):
    """May I? The answer decides nothing; it may live for the minutes that a model takes. ``person``: on whose pass it is asked."""

    key: ClientSecret
    asked: Asked
    person: PersonPass = ""


class Record(Message, frozen=True, tag="record"):
    """Here is what the model said, under that clearance. Judged again at the instant of commit."""

    key: ClientSecret
    clearance: HexId
    outcome: Outcome
    idempotency: IdempotencyKey | None = None


class Decide(Message, frozen=True, tag="decide"):
    """Clearance and record in one call."""

    key: ClientSecret
    asked: Asked
    outcome: Outcome
    idempotency: IdempotencyKey | None = None
    person: PersonPass = ""


class Release(Message, frozen=True, tag="release"):
    """May this part of an answer leave, before the whole is recorded? Judged as a record is, and durable before it leaves.

    ``part`` counts from 1 under its clearance, and each part is asked for once; ``text`` is what leaves. ``request`` is what the model was
    asked, sent with the first part, so that the log holds it also when the rest never comes. Part 0 without text asks only whether the
    clearance still stands, and leaves no entry when it does.
    """

    key: ClientSecret
    system: Slug
    clearance: HexId
    part: Annotated[int, Meta(ge=0, le=1_000_000)]
    text: Annotated[str, Meta(max_length=65_536)] = ""
    request: dict[str, Any] = {}
    case: Annotated[str, Meta(max_length=200)] = ""
    subject: Annotated[str, Meta(max_length=64)] = ""
    population: dict[Population, Tristate] = {}


class Withhold(Message, frozen=True, tag="withhold"):
    """Whoever held the clearance lets nothing more of the answer out, and says why. The clearance is used up."""

    key: ClientSecret
    system: Slug
    clearance: HexId
    code: RefusalCode


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    outcome: Outcome
    idempotency: IdempotencyKey | None = None


class Batch(Message, frozen=True, tag="batch"):
    """Many decisions of one system. Each is judged and answered by itself; a stop may fall between two of them."""

    key: ClientSecret
    asked: Asked
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=MAX_BATCH)]
    person: PersonPass = ""


class NotUsed(Message, frozen=True, tag="not_used"):
    """An answer that the caller dropped (too old)."""

    key: ClientSecret
    system: Slug
    rid: HexId


class Historical(Message, frozen=True, tag="historical"):
    """A decision made before Insyn (never counted as a review). ``about`` is the proposal on the same case, if there is one."""

    key: ClientSecret
    system: Slug
    case: Short
    outcome: Name
    decided: Annotated[str, Meta(pattern=rf"^[0-9]{{4}}(-[0-9]{{2}}(-[0-9]{{2}})?)?{_END}")]
    groups: dict[Name, Name] = {}
    about: HexId | None = None
    idempotency: IdempotencyKey | None = None


class AskReceipt(Message, frozen=True, tag="receipt"):
    """The receipt of an entry: an offline proof once a checkpoint covers it."""

    key: ClientSecret
    system: Slug
    index: Annotated[int, Meta(ge=0)]


class Ping(Message, frozen=True, tag="ping"):
    """Is the sequencer there, and does it answer?"""


DecideMessage = Clear | Record | Decide | Release | Withhold | Batch | NotUsed | Historical | AskReceipt | Ping


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A named human, and the office acted in. ``person`` is the register's own id for the person, never an identity number."""

    person: Name
    name: Short
    role: str
    office: str = ""


class HoldChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A legal hold: on a record (``rid``), on a case (``case``, now and later), or on the whole system. ``lifts``: the act whose hold ends."""

    case: Annotated[str, Meta(max_length=200)] = ""
    rid: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{_END}")] = ""
    lifts: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{_END}")] = ""


class SubmitAct(Message, frozen=True, tag="act"):
    """From the relay: an act's entry, byte for byte as the register committed it, and what it loosens.

    ``permit`` is a signed permit; ``resume_of`` the index of the stop to lift; ``hold`` a legal hold put or lifted, in force with this
    commit. Appended exactly once per ``act``.
    """

    act: HexId
    system: str
    entry: bytes
    permit: Signed | None = None
    resume_of: int | None = None
    hold: HoldChange | msgspec.UnsetType = msgspec.UNSET  # unset: not sent, so the digests of older acts stand


class Narrow(Message, frozen=True, tag="narrow"):
    """A permit that only tightens, in force at once; its act is created from the log by ``act`` afterwards.

    ``commitment`` (hex) binds the act's text, which stays in the register.
    """

    act: HexId
    permit: Signed
    commitment: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{64}}{_END}")] | msgspec.UnsetType = msgspec.UNSET


class StopOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order to stop. Written and flushed to the spool before it is sent. ``ordered_at`` is UTC, RFC 3339.

    ``scope`` and the names say what it is of (:mod:`insyn.core.scope`). ``via`` is ``paper`` for an order that was given by hand or voice:
    ``ordered_at`` is then its true time and ``entered_by`` who enters it. ``exercise``: the stop is given to measure it; it holds like any.
    """

    order: HexId
    system: SlugOrNone = ""
    actor: Actor
    reason: Annotated[str, Meta(max_length=2000)]
    ordered_at: str
    via: str
    scope: StopScope = StopScope.SYSTEM
    version: NameOrNone = ""
    purpose: SlugOrNone = ""
    supplier: SlugOrNone = ""
    entered_by: Actor | None = None
    exercise: bool = False


class Stop(Message, frozen=True, tag="stop"):
    """A stop order, signed in context ``stop`` by the register's key or by the holder's personal stop key."""

    order: Signed


class StopState(Message, frozen=True, tag="stop_state"):
    """How far the newest stop has come that is of exactly this: a system alone, or what ``scope`` and the names say."""

    system: SlugOrNone = ""
    scope: StopScope = StopScope.SYSTEM
    version: NameOrNone = ""
    purpose: SlugOrNone = ""
    supplier: SlugOrNone = ""


class KeepStopHolders(Message, frozen=True, tag="keep_stop_holders"):
    """Who may stop a supplier or everything: the register's list, signed in context ``stop_holders``. A lower number changes nothing."""

    holders: Signed


class Review(Message, frozen=True, tag="review"):
    """A person's decision on a proposal, bound to the exact entry by its leaf hash (hex)."""

    system: Slug
    rid: HexId
    proposal: str
    verdict: ReviewVerdict
    outcome: Name
    reasons: Annotated[str, Meta(max_length=10_000)]
    heard_party: bool
    actor: Actor


class Waiting(Message, frozen=True, tag="waiting"):
    """Ids of proposals that wait for a person. No payload, so no entry."""

    system: Slug
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class Open(Message, frozen=True, tag="open"):
    """Open disclosure groups of a record for a named actor and purpose; leaves one entry.

    ``system``: the system that the actor may read. A record of another one is unknown, and nothing is opened. Empty: whichever it is.
    """

    rid: HexId
    groups: tuple[DisclosureGroup, ...]
    actor: Actor
    purpose: Short
    system: Annotated[str, Meta(max_length=64)] = ""


class FindCase(Message, frozen=True, tag="find_case"):
    """Record ids of a case number, by keyed hash. Leaves one entry."""

    system: Slug
    case: Short
    actor: Actor
    purpose: Short


class Erase(Message, frozen=True, tag="erase"):
    """Destroy key, payload and facts of a record on a decision that allows it; leaves a shred entry.

    ``basis`` names the ground (GDPR Art. 17 or a disposal decision), ASCII, public.
    """

    rid: HexId
    basis: Annotated[str, Meta(min_length=1, max_length=200)]
    actor: Actor


class Dispose(Message, frozen=True, tag="dispose"):
    """Destroy the key and everything sealed of one system, retention class and month, under a disposal decision; leaves a shred entry.

    ``act`` is the shred entry's rid. ``decision`` is the act that decided it; ``text`` and ``salt`` are what its entry commits to, so that the
    sequencer itself sees what was decided.
    """

    act: HexId
    decision: HexId
    text: Annotated[bytes, Meta(max_length=100_000)]
    salt: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{64}}{_END}")]
    system: Slug
    retention: Annotated[str, Meta(min_length=1, max_length=32)]
    month: Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}{_END}")]
    actor: Actor


class OpenBundle(Message, frozen=True, tag="open_bundle"):
    """Everything about one record, for whoever checks it away from here: exact bytes, salts and receipts. Leaves one entry.

    ``acts``: acts of that system that belong to it, such as the decision to use it. Answered only when every entry is under a checkpoint.
    """

    rid: HexId
    actor: Actor
    purpose: Short
    system: Annotated[str, Meta(max_length=64)] = ""
    acts: Annotated[tuple[HexId, ...], Meta(max_length=20)] = ()


class ConfirmClock(Message, frozen=True, tag="confirm_clock"):
    """A named person has checked the clock after a jump."""

    actor: Actor


class EntriesOf(Message, frozen=True, tag="entries_of"):
    """Entries of one kind from an index on, for the relay (stops and narrowings become acts)."""

    kinds: tuple[str, ...]
    start: int
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class OpenOrder(Message, frozen=True, tag="open_order"):
    """The sealed text of a stop order, for the act that the register creates from it. Leaves no entry: it goes to its own register."""

    rid: HexId


ControlMessage = (
    KeepStopHolders
    | SubmitAct
    | Narrow
    | Stop
    | StopState
    | Review
    | Waiting
    | Open
    | FindCase
    | Erase
    | Dispose
    | OpenBundle
    | ConfirmClock
    | EntriesOf
    | OpenOrder
    | Ping
)


# ------------------------------------------------------------------------------------------------------------------- answers


class Receipt(msgspec.Struct, frozen=True):
    """Where the entry stands. ``leaf`` is the hex leaf hash. An inclusion proof is out once a checkpoint covers the index."""

    log: str
    index: int
    leaf: str
    rid: str
    day: str


class Cleared(msgspec.Struct, frozen=True, tag="cleared"):
    clearance: str
    epoch: int
    receipt: Receipt
    human_review: bool
    notice_due: bool
    explanation_due: bool
    max_age_ms: int
    population_due: tuple[Population, ...] = ()
    unknown_fields: UnknownFields = UnknownFields.LET_THROUGH


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """``stage`` is ``proposal`` until a person has decided (mode support). Usable for ``max_age_ms`` from before the caller asked.

    ``replayed`` marks an old answer for a repeated idempotency key: its receipt stands, its use was judged now. ``dropped``: fields of the
    payload that were not kept, because no decided use of data names them. ``since``: index of the newest decision to resume that covers the
    system, -1 without one; a fence at the place of the effect refuses what lies before it.
    """

    stage: str
    epoch: int
    receipt: Receipt
    max_age_ms: int
    replayed: bool = False
    dropped: tuple[str, ...] = ()
    since: int = -1


class Released(msgspec.Struct, frozen=True, tag="released"):
    """The part may leave within ``max_age_ms`` from before the caller asked. No receipt: only asked whether the clearance stands."""

    max_age_ms: int
    receipt: Receipt | None = None


class Denied(msgspec.Struct, frozen=True, tag="denied"):
    """A refusal, and where it stands in the log (refusals of unknown systems are counted, not logged).

    ``receipt`` of a replayed answer whose release is refused now is the old receipt.
    """

    refusal: Refusal
    receipt: Receipt | None = None


class Batched(msgspec.Struct, frozen=True, tag="batched"):
    answers: tuple[Recorded | Denied, ...]


class Done(msgspec.Struct, frozen=True, tag="done"):
    receipt: Receipt
    repeated: bool = False


class Proof(msgspec.Struct, frozen=True, tag="proof"):
    """``text`` is a c2sp.org/tlog-proof@v1, empty until a checkpoint covers the entry."""

    text: str
    entry: bytes


class StopReport(msgspec.Struct, frozen=True, tag="stop_report"):
    """``committed_boottime_ns`` and ``drained_boottime_ns`` are CLOCK_BOOTTIME of this host; the times UTC, RFC 3339.

    ``systems``: whom a stop of a supplier holds at present.
    """

    system: str
    status: StopStatus
    index: int = -1
    rid: str = ""
    committed_at: str = ""
    drained_at: str = ""
    committed_boottime_ns: int = 0
    drained_boottime_ns: int = 0
    scope: StopScope = StopScope.SYSTEM
    version: str = ""
    purpose: str = ""
    supplier: str = ""
    systems: tuple[str, ...] = ()


class WaitingItem(msgspec.Struct, frozen=True):
    rid: str
    index: int
    day: str
    leaf: str
    outcome: str


class WaitingList(msgspec.Struct, frozen=True, tag="waiting_list"):
    items: tuple[WaitingItem, ...]
    total: int


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """``groups``: decoded JSON of each opened group; ``salts``: its salt (hex), for whoever checks the commitment.

    ``followers``: rids of entries about this record, with their kind, oldest first.
    """

    rid: str
    index: int
    leaf: str
    system: str
    version: str
    day: str
    groups: dict[str, Any]
    salts: dict[str, str]
    followers: tuple[tuple[str, str], ...] = ()


class BundledEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with its receipt (c2sp.org/tlog-proof@v1) and its opened groups, byte for byte, each with the salt of its commitment."""

    index: int
    entry: bytes
    proof: str
    groups: dict[str, bytes] = {}
    salts: dict[str, str] = {}


class Bundled(msgspec.Struct, frozen=True, tag="bundled"):
    """The record first, then entries about it, oldest first, and the entry of the permit that it was judged by."""

    entries: tuple[BundledEntry, ...]


class Found(msgspec.Struct, frozen=True, tag="found"):
    rids: tuple[str, ...]


class LogEntry(msgspec.Struct, frozen=True):
    index: int
    entry: bytes


class Entries(msgspec.Struct, frozen=True, tag="entries"):
    entries: tuple[LogEntry, ...]
    size: int


class Order(msgspec.Struct, frozen=True, tag="order"):
    order: StopOrder


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """``ready`` false: everything is refused, for the ``refusal`` given. ``counters``: counts since start, by name."""

    log: str
    size: int
    ready: bool
    max_age_ms: int
    refusal: Refusal | None = None
    counters: dict[str, int] = {}
    note: Text | None = None


Answer = (
    Cleared
    | Recorded
    | Released
    | Denied
    | Batched
    | Done
    | Proof
    | StopReport
    | WaitingList
    | Opened
    | Bundled
    | Found
    | Entries
    | Order
    | Pong
)


class Reply(msgspec.Struct, frozen=True):
    id: int
    answer: Answer
