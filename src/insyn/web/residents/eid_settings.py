"""Where residents sign in by e-ID: read from the environment, refused where a part is missing. Knows no Django but its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: The claims of the Swedish OIDC profile. The first that the provider gives counts.
CLAIMS = "https://id.oidc.se/claim/personalIdentityNumber,https://id.oidc.se/claim/coordinationNumber"
_NEEDED = ("INSYN_EID_ISSUER", "INSYN_EID_CLIENT", "INSYN_EID_SECRET_FILE")


@dataclass(frozen=True)
class EidSettings:
    """The provider, and who we are there. ``claims``: names of the claims that may hold the identity number."""

    issuer: str
    client: str
    secret: str = field(repr=False)
    claims: tuple[str, ...]
    scope: str
    name: str


def eid_settings(environ: Mapping[str, str], *, https: bool) -> EidSettings | None:
    """The settings, or None where nothing is set. Half of them, or a provider without HTTPS, stops the start and says why."""
    given = [name for name in _NEEDED if environ.get(name)]
    if not given:
        return None
    if missing := [name for name in _NEEDED if name not in given]:
        raise ImproperlyConfigured(f"e-ID is half set up: {', '.join(missing)} is missing.")
    issuer = environ["INSYN_EID_ISSUER"].rstrip("/")
    if https and not issuer.startswith("https://"):
        raise ImproperlyConfigured("INSYN_EID_ISSUER must begin with https://. Whoever sits between could sign in as anybody.")
    return EidSettings(
        issuer=issuer,
        client=environ["INSYN_EID_CLIENT"],
        secret=_secret(Path(environ["INSYN_EID_SECRET_FILE"])),
        claims=tuple(claim.strip() for claim in environ.get("INSYN_EID_CLAIM", CLAIMS).split(",") if claim.strip()),
        scope=environ.get("INSYN_EID_SCOPE", "openid"),
        name=environ.get("INSYN_EID_NAME", "e-legitimation"),
    )


def _secret(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"INSYN_EID_SECRET_FILE: {path} cannot be read ({error.strerror}).") from error
    if not secret:
        raise ImproperlyConfigured(f"INSYN_EID_SECRET_FILE: {path} is empty.")
    return secret
