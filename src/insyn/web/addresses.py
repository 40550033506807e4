"""E-mail addresses as people write them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput


def checked_address(email: str) -> str:
    """The address as it may be stored, empty for none. Raises :class:`InvalidInput`."""
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise InvalidInput(_("This is no e-mail address."), place="email") from error
    return email
