"""What may stand about a supplier: a number with a right check digit, and a contact that is no private person. Pure."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number

SWEDEN = "SE"
_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\.[a-z]{2,24}")
#: Words that name a function. A mailbox of two words without any of them is most often somebody's name.
_FUNCTIONS = [
    "accessib",
    "ai",
    "avtal",
    "contact",
    "contract",
    "customer",
    "data",
    "desk",
    "driftstod",
    "dpo",
    "help",
    "info",
    "inkop",
    "it",
    "kontakt",
    "kund",
    "legal",
    "mail",
    "myndighet",
    "offentlig",
    "office",
    "order",
    "order",
    "privacy",
    "public",
    "reception",
    "registrator",
    "sakerhet",
    "sales",
    "security",
    "server",
    "service",
    "stod",
    "support",
    "team",
    "teknik",
    "trust",
    "upphandling",
]


def organisation_number(text: str, country: str) -> str:
    """The number as it is kept: a Swedish one as 556036-0793. Raises :class:`InvalidInput`, also for a personal identity number."""
    text = text.strip()
    if not text or country != SWEDEN:
        return text
    digits = re.sub(r"[\s\u2010-\u2015-]", "", text)
    if len(digits) == 12 and digits.startswith("16"):
        digits = digits[2:]
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise InvalidInput(_("An organisation number has ten digits, such as 556036-0793."), place="organisation_number")
    if digits[2] < "2":
        raise InvalidInput(
            _("This is, or looks like, a personal identity number, and the register keeps none."),
            place="organisation_number",
            mend=_("Leave the number empty for a sole trader."),
        )
    if not _check_digit_is_right(digits):
        raise InvalidInput(_("The check digit is wrong: some digit is mistyped."), place="organisation_number")
    return f"{digits[:6]}-{digits[6:]}"


def _check_digit_is_right(digits: str) -> bool:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def country_code(text: str) -> str:
    """Two capital letters. Raises :class:`InvalidInput`."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise InvalidInput(_("Write the country as two letters, such as SE."), place="country")
    return code


def contact_address(text: str) -> str:
    """The address of a function. Raises :class:`InvalidInput` for what is none, or looks like a person's own."""
    address = text.strip().lower()
    if not address:
        return ""
    if not _ADDRESS.fullmatch(address):
        raise InvalidInput(_("Not an e-mail address."), place="contact_address")
    box = address.partition("@")[0]
    if len(re.split(r"[._-]", box)) > 1 and not any(word in box for word in _FUNCTIONS):
        raise InvalidInput(
            _("This looks like the address of a private person."),
            place="contact_address",
            mend=_("Write the address of a function, such as support@ or privacy@."),
        )
    return address


def no_identity_number(place: str, text: str) -> str:
    """The text without blanks around it. Raises :class:`InvalidInput` where a personal identity number stands in it."""
    if holds_identity_number(text):
        raise InvalidInput(_("A personal identity number stands here. Take it away."), place=place)
    return text.strip()
