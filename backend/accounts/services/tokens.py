"""Personal tokens, with which programs act for a person."""

from backend.accounts.models import Token, User
from backend.accounts.secrets import TOKEN_PREFIX, hash_of, new_token

HINT_CHARACTERS = len(TOKEN_PREFIX) + 4


def create(*, user: User, name: str) -> tuple[Token, str]:
    """A new token and its secret, which is not kept and cannot be shown again."""
    secret = new_token()
    token = Token.objects.create(
        user=user, name=name.strip(), secret_hash=hash_of(secret), hint=secret[:HINT_CHARACTERS]
    )
    return token, secret


def revoke(*, token: Token) -> None:
    """Programs with this token are strangers from now on."""
    token.delete()
