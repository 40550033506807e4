"""Receipts that can be followed, and the keys that open one's own text. Pure, but for the randomness and the site's secret."""

from __future__ import annotations

import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

from insyn.web.residents.codes import ALPHABET, GROUP, plain_code

_LENGTH = 12  # 60 bits: nobody meets another's by guessing
_KEY_LENGTH = 16
_SALT = "insyn.feedback.key"


def new_receipt() -> str:
    """A random number in groups of four. It says nothing of when or about what, and stands in no entry of the log."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(_LENGTH)))


def read_receipt(typed: str) -> str:
    """What was meant, as it is stored; other lengths fit none."""
    plain = plain_code(typed[:60])
    return _grouped(plain) if len(plain) == _LENGTH and set(plain) <= set(ALPHABET) else ""


def key_of(token: str) -> str:
    """The sender's key, made from the form's random number and the site's secret: it is stored nowhere, and the same form gives the same."""
    digest = salted_hmac(_SALT, token, algorithm="sha256").digest()
    return _grouped("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:_KEY_LENGTH]))


def opens(token: str, typed: str) -> bool:
    return constant_time_compare(plain_code(key_of(token)), plain_code(typed[:60]))


def _grouped(text: str) -> str:
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))
