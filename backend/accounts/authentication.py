"""How a request proves who sends it: a personal token, or the session of a signed-in browser."""

from datetime import timedelta

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from backend.accounts.models import Token, User
from backend.accounts.secrets import hash_of
from backend.foundation.clock import now

SCHEME = "Bearer"
# Written at most this often, so that a program's thousand requests are not a thousand writes.
LAST_USED_GRAIN = timedelta(minutes=1)


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer cyt_…`"""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = Token.objects.select_related("user").filter(secret_hash=hash_of(secret.strip())).first()
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed("This token is not known, or was withdrawn.")
        self._remember_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME

    def _remember_use(self, token: Token) -> None:
        if token.last_used_at is None or token.last_used_at < now() - LAST_USED_GRAIN:
            Token.objects.filter(pk=token.pk).update(last_used_at=now())


class SessionAuthentication(authentication.SessionAuthentication):
    """The signed-in browser. Django's, with the CSRF check."""
