"""Who may sign in: active people with a password; demo accounts only where the demo is allowed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.accounts.services import is_locked


def may_sign_in(user: User) -> bool:
    """Active, a person, and not a demo account in production."""
    return user.is_active and user.role != Role.SYSTEM and (settings.DEMO_ALLOWED or not user.is_demo)


class ActivePeopleBackend(ModelBackend):
    """Django's password check with our rule on who may sign in; sessions of others end at once."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        if username and is_locked(username):
            return None
        return super().authenticate(request, username=username, password=password, **kwargs)

    def user_can_authenticate(self, user: Any) -> bool:
        return may_sign_in(user)


class PersonTokenAuthentication(TokenAuthentication):
    """`Authorization: Token …`, under the same rule as the sign-in page."""

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        user, token = super().authenticate_credentials(key)
        if not may_sign_in(user):
            raise AuthenticationFailed("This account may not sign in.")
        return user, token


class PersonTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names the token in the OpenAPI document."""

    target_class = PersonTokenAuthentication
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "Token made on the account page or by POST /api/v1/token/: `Token 0123…`",
        }  # fmt: skip
