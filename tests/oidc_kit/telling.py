"""What the provider tells of a user: the claims of the person."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from .persons import PERSONS


class Telling(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, str]:
        return PERSONS[request.user.username].claims
