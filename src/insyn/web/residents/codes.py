"""One-time codes: made, written in groups, read with a kind eye, stored only as a keyed hash. Pure, but for the randomness."""

from __future__ import annotations

import ipaddress
import secrets

from django.utils.crypto import salted_hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O or U
LENGTH = 20  # 100 bits
GROUP = 4
_SALT = "insyn.residents.code"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A random code in groups of four, such as ``7K2M-…``."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(text[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def plain_code(typed: str) -> str:
    """What was meant: capitals, no spaces or dashes, O read as 0 and I and L as 1. Other signs stay, and then no code fits."""
    return "".join(sign for sign in typed.upper().translate(_READ_AS) if sign not in " -\u2010\u2011\u2013\u2014\u00a0\t")


def code_hash(typed: str) -> str:
    """Keyed hash of a code (hex). The register's file alone does not let anybody try codes against it."""
    return salted_hmac(_SALT, plain_code(typed)[: 4 * LENGTH], algorithm="sha256").hexdigest()


def address_hash(address: str, scope: str = "") -> str:
    """Keyed hash of a network address, for the rate limit only. Of IPv6 its network: one household has billions of addresses there."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        found = None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        address = str(ipaddress.ip_network((found, 64), strict=False))
    return salted_hmac(f"insyn.residents.address{scope}", address, algorithm="sha256").hexdigest()[:32]
