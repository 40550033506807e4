"""What a decision leaves behind: the public fields, the sealed groups, the facts row. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from insyn.core.explained import to_seal
from insyn.core.messages import Asked, Historical, Outcome, Receipt, Recorded, Release
from insyn.core.passes import Pass
from insyn.core.permit import Permit
from insyn.core.terms import DisclosureGroup, Stage
from insyn.evidence.records import Fact

MAX_SEALED_BYTES = 256 * 1024
_encode = msgspec.json.Encoder().encode
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept under an idempotency key: the receipt, and the request's words to judge a repeated one by.

    ``held``: the pass that it was asked on, without its person, who stands in the sealed record alone.
    """

    asked: Asked
    stage: str
    epoch: int
    receipt: Receipt
    held: Pass | None = None


_kept = msgspec.json.Decoder(Kept)


def encode_kept(asked: Asked, recorded: Recorded, person: Pass | None = None) -> bytes:
    held = msgspec.structs.replace(person, person="") if person else None
    return _encode(Kept(asked=asked, stage=recorded.stage, epoch=recorded.epoch, receipt=recorded.receipt, held=held))


def decode_kept(data: bytes) -> Kept:
    return _kept.decode(data)


def digest_of(*parts: msgspec.Struct) -> bytes:
    """SHA-256 over what is asked; the order of names in a payload does not matter, everything else does."""
    return hashlib.sha256(_canonical(parts)).digest()


def decision_public(permit: Permit, asked: Asked, stage: Stage, about: str) -> dict[str, object]:
    return {
        "system": asked.system,
        "version": asked.version,
        "purpose": asked.purpose,
        "verdict": stage.value,
        "epoch": permit.epoch,
        "packs": permit.packs,
        "about": about,
    }


def decision_private(
    asked: Asked, outcome: Outcome, *, client: str, at: str, person: str = "", dropped: int = 0
) -> dict[DisclosureGroup, bytes]:
    """The sealed groups. ``at`` is UTC, RFC 3339; only the day stands in public. ``person``: who asked, through an assistant.

    ``dropped``: how many fields of the payload were not kept.
    """
    return {
        DisclosureGroup.INPUT: _encode(outcome.payload),
        DisclosureGroup.OUTPUT: _encode({"outcome": outcome.outcome, "score": outcome.score, "base": outcome.base}),
        DisclosureGroup.FACTORS: _encode(to_seal(outcome)),
        DisclosureGroup.CASE: _encode(
            {
                "case": outcome.case,
                "subject": outcome.subject,
                "at": at,
                "client": client,
                "matter_type": asked.matter_type,
                "purpose": asked.purpose,
                "categories": asked.categories,
                "mode": asked.mode,
                "notice": outcome.notice,
                **({"person": person} if person else {}),
                **({"population": outcome.population} if outcome.population else {}),
                **({"dropped": dropped} if dropped else {}),
            }
        ),
    }


def released_private(message: Release, *, client: str, at: str, person: str) -> dict[DisclosureGroup, bytes]:
    """One part of an answer that leaves before the whole is recorded. The first part holds what was asked."""
    asked = {DisclosureGroup.INPUT: _encode(message.request)} if message.request else {}
    case = {"case": message.case, "subject": message.subject, "at": at, "client": client, "person": person}
    return {
        **asked,
        DisclosureGroup.OUTPUT: _encode({"part": message.part, "text": message.text}),
        DisclosureGroup.CASE: _encode(case),
    }


def size_of(private: Mapping[DisclosureGroup, bytes]) -> int:
    return sum(map(len, private.values()))


def decision_fact(asked: Asked, outcome: Outcome, stage: Stage, day: str) -> Fact:
    return Fact(
        month=day[:7],
        system=asked.system,
        version=asked.version,
        stage=stage.value,
        outcome=outcome.outcome,
        score_bin=score_bin(outcome.score),
        groups=outcome.groups,
    )


def score_bin(score: float | None) -> int | None:
    """Tenths of a score between 0 and 1 (0-9); a score in another unit has no bin."""
    return None if score is None or not 0.0 <= score <= 1.0 else min(9, int(score * 10))


def historical_private(message: Historical, *, client: str, at: str) -> dict[DisclosureGroup, bytes]:
    return {
        DisclosureGroup.OUTPUT: _encode({"outcome": message.outcome}),
        DisclosureGroup.CASE: _encode({"case": message.case, "decided": message.decided, "at": at, "client": client}),
    }


def historical_fact(message: Historical, about: str) -> Fact:
    return Fact(
        month=message.decided[:7],
        system=message.system,
        version="",
        stage=Stage.HISTORICAL.value,
        outcome=message.outcome,
        groups=message.groups,
        about=about,
    )
