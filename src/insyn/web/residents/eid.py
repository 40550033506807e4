"""Sign-in by e-ID: OpenID Connect with the code flow and PKCE. What comes out is an identity number, for the next question and nothing else.

1. ``begin``: read what the provider says of itself; make state, nonce and verifier; they wait in a signed cookie, not in any session.
2. ``finish``: the state that comes back is the browser's own, young, and used for the first time.
3. The code is exchanged for an ID token, whose signature, issuer, audience, time and nonce are checked.
4. The number is in a claim of the token, or else in what the provider says of the user; it must be a number that somebody can have.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from insyn.core.subject import is_persons_number
from insyn.web import clock

from .eid_net import SECONDS, careful
from .eid_settings import EidSettings
from .models import UsedSignIn

PATIENCE = timedelta(minutes=10)
_SALT = "insyn.residents.eid"
#: Signatures with a key pair only: with a shared secret the signature would prove less, and "none" proves nothing.
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LEEWAY = 60


class Problem(StrEnum):
    """Why nobody was signed in."""

    DOWN = "down"
    CANCELLED = "cancelled"
    NOT_BEGUN = "not_begun"
    TOO_OLD = "too_old"
    USED = "used"
    UNTRUE = "untrue"
    NO_NUMBER = "no_number"
    NOT_A_NUMBER = "not_a_number"


class SignInFailed(Exception):
    """Nobody was signed in; ``problem`` says why. Holds nothing of what the provider said."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and what it keeps meanwhile."""

    address: str
    cookie: str


def begin(provider: EidSettings, *, callback: str, language: str) -> Begun:
    """Raises :class:`SignInFailed` when the provider does not answer."""
    known = _about(provider)
    kept = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "at": clock.now().timestamp(),
    }
    with _client(provider, callback) as client:
        address, _state = client.create_authorization_url(
            _place(provider, known, "authorization_endpoint"),
            state=kept["state"],
            code_verifier=kept["verifier"],
            nonce=kept["nonce"],
            ui_locales=language,
            prompt="login",  # on a shared computer nobody comes in as whoever was there before
        )
    return Begun(address=address, cookie=signing.dumps(kept, salt=_SALT))


def finish(provider: EidSettings, *, callback: str, cookie: str, answer: Mapping[str, str]) -> str:
    """The identity number of whoever came back. Raises :class:`SignInFailed`."""
    kept = _kept(cookie, answer.get("state", ""))
    if answer.get("error") or not answer.get("code"):
        raise SignInFailed(Problem.CANCELLED)
    _use_up(str(kept["state"]))
    known = _about(provider)
    _is_from(provider, known, answer)
    with _client(provider, callback) as client:
        try:
            token = client.fetch_token(
                _place(provider, known, "token_endpoint"), code=answer["code"], code_verifier=str(kept["verifier"]), timeout=SECONDS
            )
            claims = _checked(provider, known, token, str(kept["nonce"]))
            number = _claimed(provider, claims) or _claimed(provider, _said_of_user(client, provider, known, claims))
        except (requests.ConnectionError, requests.Timeout) as error:
            raise SignInFailed(Problem.DOWN) from error
        except (
            JoseError,
            AuthlibBaseError,
            requests.RequestException,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RecursionError,
        ) as error:
            raise SignInFailed(Problem.UNTRUE) from error
    if not number:
        raise SignInFailed(Problem.NO_NUMBER)
    if not is_persons_number(number, on=clock.today()):
        raise SignInFailed(Problem.NOT_A_NUMBER)
    return number


def _kept(cookie: str, state: str) -> dict[str, object]:
    """What waited in the browser, if it began this sign-in and did so not too long ago."""
    try:
        kept = signing.loads(cookie, salt=_SALT)
    except signing.BadSignature as error:
        raise SignInFailed(Problem.NOT_BEGUN) from error
    if not constant_time_compare(str(kept["state"]), state):
        raise SignInFailed(Problem.NOT_BEGUN)
    if datetime.fromtimestamp(kept["at"], UTC) + PATIENCE < clock.now():
        raise SignInFailed(Problem.TOO_OLD)
    return dict(kept)


def _use_up(state: str) -> None:
    """Each sign-in comes back once, whatever the provider thinks of its codes."""
    UsedSignIn.objects.filter(at__lt=clock.now() - 2 * PATIENCE).delete()
    hashed = salted_hmac(_SALT, state, algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            UsedSignIn.objects.create(state_hash=hashed, at=clock.now())
    except IntegrityError as error:
        raise SignInFailed(Problem.USED) from error


def _about(provider: EidSettings) -> dict[str, Any]:
    """What the provider says of itself; it must be the one that we asked for."""
    try:
        known = _fetched(provider, f"{provider.issuer}/.well-known/openid-configuration")
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise SignInFailed(Problem.DOWN) from error
    if not isinstance(known, dict) or str(known.get("issuer", "")).rstrip("/") != provider.issuer:
        raise SignInFailed(Problem.UNTRUE)
    return known


def _is_from(provider: EidSettings, known: Mapping[str, Any], answer: Mapping[str, str]) -> None:
    """Where the answer says from whom it comes (RFC 9207), it is from the provider that we asked."""
    told = answer.get("iss", "")
    if (told or known.get("authorization_response_iss_parameter_supported") is True) and told.rstrip("/") != provider.issuer:
        raise SignInFailed(Problem.UNTRUE)


def _fetched(provider: EidSettings, address: str) -> Any:
    with careful(requests.Session(), https=_https(provider)) as session:
        answer = session.get(address, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()


def _client(provider: EidSettings, callback: str) -> OAuth2Session:
    client = OAuth2Session(
        provider.client, provider.secret, scope=provider.scope, redirect_uri=callback, code_challenge_method="S256", leeway=_LEEWAY
    )
    return careful(client, https=_https(provider))


def _checked(provider: EidSettings, known: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> CodeIDToken:
    """The claims of the ID token, checked. Raises :class:`JoseError`, or :class:`KeyError` without an ID token."""
    keys = _fetched(provider, _place(provider, known, "jwks_uri"))
    opened = jwt.decode(
        token["id_token"],
        key=KeySet.import_key_set(keys),
        registry=JWSRegistry(algorithms=_SIGNATURES, strict_check_header=False),
    )
    demands = {"iss": {"essential": True, "value": known["issuer"]}, "aud": {"essential": True, "value": provider.client}}
    params = {"nonce": nonce, "client_id": provider.client, "access_token": token.get("access_token", "")}
    claims = CodeIDToken(opened.claims, opened.header, demands, params)
    claims.validate(now=int(clock.now().timestamp()), leeway=_LEEWAY)
    return claims


def _said_of_user(client: OAuth2Session, provider: EidSettings, known: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the provider says of the user when asked; of another user it counts as nothing."""
    if "userinfo_endpoint" not in known:
        return {}
    answer = client.get(_place(provider, known, "userinfo_endpoint"), timeout=SECONDS)
    answer.raise_for_status()
    said = answer.json()
    return said if isinstance(said, dict) and said.get("sub") == claims["sub"] else {}


def _claimed(provider: EidSettings, claims: Mapping[str, Any]) -> str:
    return next((found for name in provider.claims if isinstance(found := claims.get(name), str) and found), "")


def _https(provider: EidSettings) -> bool:
    return provider.issuer.startswith("https://")


def _place(provider: EidSettings, known: Mapping[str, Any], name: str) -> str:
    """An address that the provider names; over HTTPS, if the provider is."""
    found = known.get(name)
    if not isinstance(found, str) or not found.startswith("https://" if _https(provider) else ("https://", "http://")):
        raise SignInFailed(Problem.UNTRUE)
    return found
