"""One protocol between the planes: what may be asked of the sequencer and what it answers.

Two sockets. The *decide* socket takes what callers ask (:data:`DecideMessage`), each message with the caller's client key. The *control*
socket takes what the register and the stop holders ask (:data:`ControlMessage`), each as a :class:`~insyn.core.signing.Signed` body.
Framing and encoding stand in :mod:`insyn.core.wire`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from .answers import (
    Answer as Answer,
    Batched as Batched,
    Bundled as Bundled,
    BundledEntry as BundledEntry,
    Cleared as Cleared,
    Denied as Denied,
    Done as Done,
    Entries as Entries,
    Found as Found,
    FoundSubject as FoundSubject,
    LogEntry as LogEntry,
    Opened as Opened,
    Order as Order,
    Pong as Pong,
    Proof as Proof,
    Receipt as Receipt,
    Recorded as Recorded,
    Released as Released,
    Reply as Reply,
    StopReport as StopReport,
    SubjectRecord as SubjectRecord,
    WaitingItem as WaitingItem,
    WaitingList as WaitingList,
)
from .refusals import RefusalCode
from .said import (
    END,
    Actor as Actor,
    ClientSecret as ClientSecret,
    HexId as HexId,
    IdempotencyKey as IdempotencyKey,
    Name as Name,
    NameOrNone as NameOrNone,
    PersonPass as PersonPass,
    Short as Short,
    Slug as Slug,
    SlugOrNone as SlugOrNone,
    StopOrder as StopOrder,
)
from .signing import Signed
from .terms import (
    DisclosureGroup,
    Mode,
    NoticeChannel,
    Population,
    ReconsiderationGround,
    ReviewVerdict,
    StopScope,
    Tristate,
)

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


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What would have had to be different: this feature, had it been ``needed``. All changes of one counterfactual hold together."""

    feature: Name
    value: str | int | float | bool | None
    needed: str | int | float | bool | None


class Counterfactual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With these changes the model would have said ``outcome``."""

    outcome: Name
    changes: Annotated[tuple[Change, ...], Meta(min_length=1, max_length=10)]


class Citation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The place in a field of the payload that a text system rests on: characters ``start`` to ``end``, which read ``text``."""

    field: Name
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=1)]
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class Outcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the model said, about whom, from what, and why.

    ``score`` and ``base`` are in the unit in which contributions add up: base + sum of contributions = score (checked). ``payload`` is the
    input as the model saw it; ``case`` the case number and ``subject`` the person, both sealed and matched only by keyed hash. ``groups`` are
    the groups declared for supervision. ``notice`` says how the person was told that AI is used. ``population`` says whether the person is
    one of those for whom a system may be said not to be used; silence counts as unknown. ``counterfactual`` and ``citations`` belong to the
    explanation.
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
    counterfactual: Counterfactual | msgspec.UnsetType = msgspec.UNSET
    citations: Annotated[tuple[Citation, ...], Meta(max_length=50)] | msgspec.UnsetType = msgspec.UNSET


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
    decided: Annotated[str, Meta(pattern=rf"^[0-9]{{4}}(-[0-9]{{2}}(-[0-9]{{2}})?)?{END}")]
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


class HoldChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A legal hold: on a record (``rid``), on a case (``case``, now and later), or on the whole system. ``lifts``: the act whose hold ends."""

    case: Annotated[str, Meta(max_length=200)] = ""
    rid: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{END}")] = ""
    lifts: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{END}")] = ""


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
    commitment: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{64}}{END}")] | msgspec.UnsetType = msgspec.UNSET


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


class NoticeGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The trace of a notice that AI helped: where it was given, in which step of the work, and what was said."""

    channel: NoticeChannel
    step: Annotated[str, Meta(min_length=1, max_length=200)]
    words: Annotated[str, Meta(max_length=2000)] = ""


class Judge(Message, frozen=True, tag="judge"):
    """What a person would decide, of a case in the blind share, before the proposal is shown. Bound to the entry by its leaf hash (hex).

    ``opened``: the entry by which this person opened the material.
    """

    system: Slug
    rid: HexId
    proposal: str
    opened: HexId
    outcome: Name
    reasons: Annotated[str, Meta(max_length=10_000)]
    actor: Actor


class Review(Message, frozen=True, tag="review"):
    """A person's decision on a proposal, bound to the exact entry by its leaf hash (hex).

    ``opened``: the entry by which this person opened the case; a decision counts for twelve hours from it. ``notice``: how the person
    concerned is told, where the record itself holds no trace of it. ``letter``: the text of the decision letter, kept with the decision.
    """

    system: Slug
    rid: HexId
    proposal: str
    verdict: ReviewVerdict
    outcome: Name
    reasons: Annotated[str, Meta(max_length=10_000)]
    heard_party: bool
    actor: Actor
    opened: HexId | msgspec.UnsetType = msgspec.UNSET
    notice: NoticeGiven | None = None
    letter: Annotated[str, Meta(max_length=20_000)] = ""


class Reconsider(Message, frozen=True, tag="reconsider"):
    """A person looks again at what was decided (Förvaltningslagen 36-38), or at a decision that no person took.

    ``replaces``: rid of the newest decision of a person about the record, empty where only the system has decided. ``outcome`` is what holds
    from now on, the same as before where nothing changes. ``about``: rid of the act that asked for it, empty without one. ``notice``: how the
    person concerned is told that AI helped, where neither the record nor an earlier decision holds a trace of it.
    """

    system: Slug
    rid: HexId
    replaces: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{END}")]
    opened: HexId
    ground: ReconsiderationGround
    outcome: Name
    reasons: Annotated[str, Meta(max_length=10_000)]
    heard_party: bool
    actor: Actor
    about: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{END}")] = ""
    letter: Annotated[str, Meta(max_length=20_000)] = ""
    notice: NoticeGiven | None = None


class FindSubject(Message, frozen=True, tag="find_subject"):
    """Records of a person over all systems, by keyed hash. Leaves one entry.

    ``subject`` is the identity number as it was written, or ``token`` the keyed hash (hex) that an earlier answer gave: exactly one of them.
    """

    actor: Actor
    purpose: Short
    subject: Annotated[str, Meta(max_length=64)] = ""
    token: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{32}})?{END}")] = ""


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
    salt: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{64}}{END}")]
    system: Slug
    retention: Annotated[str, Meta(min_length=1, max_length=32)]
    month: Annotated[str, Meta(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}{END}")]
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
    | Judge
    | Review
    | Reconsider
    | FindSubject
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
